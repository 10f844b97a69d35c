internal import YAML

/// A kind of value: how it is read, how the JSON Schema states it, and what messages call it.
struct Kind<Value> {
    /// As in "it takes …".
    var expected: String
    /// The schema's members, without description, default and examples.
    var schema: [(String, JSONValue)]
    /// A value as the schema's `default` shows it; `nil` for what it can't show.
    var json: (Value) -> JSONValue?
    /// The value, or `nil` after it was reported why there is none.
    ///
    /// The text is the key's example.
    var read: (YAMLNode, String?, inout Reading) -> Value?
    /// A value as a file would hold it, where `json` shows none.
    var write: ((Value) -> JSONValue?)?
    /// What becomes of a value of the defaults when a workflow has one too; it is replaced when `nil`.
    var merge: ((_ inherited: Value, _ own: Value) -> Value)?
}

extension Kind {
    /// A kind for one scalar, from what `convert` makes of its value.
    static func scalar(
        _ expected: String,
        schema: [(String, JSONValue)],
        json: @escaping (Value) -> JSONValue?,
        convert: @escaping (YAMLScalar.Value) -> Value?
    ) -> Kind {
        Kind(expected: expected, schema: schema, json: json) { node, example, reading in
            guard let value = node.scalar.flatMap(convert) else {
                reading.refuse(node, expected: expected, example: example)
                return nil
            }
            return value
        }
    }

    /// The `json` of a kind whose default depends on where the file is, or is none.
    static func unshown(_: Value) -> JSONValue? { nil }

    /// The same kind with a further check, that reports what it finds and says whether the value will do.
    func checked(_ check: @escaping (Value, YAMLNode, inout Reading) -> Bool) -> Kind {
        var result = self
        result.read = { [read] node, example, reading in
            guard let value = read(node, example, &reading), check(value, node, &reading) else {
                return nil
            }
            return value
        }
        return result
    }
}

extension Kind where Value == Bool {
    static var boolean: Kind {
        scalar("true or false", schema: [("type", .string("boolean"))], json: JSONValue.bool) {
            guard case .boolean(let value) = $0 else { return nil }
            return value
        }
    }
}

extension Kind where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Kind {
        let schema: [(String, JSONValue)] = [
            ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
            ("maximum", .integer(range.upperBound)),
        ]
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return scalar(expected, schema: schema, json: JSONValue.integer) {
            let value: Int? =
                switch $0 {
                case .integer(let value): value
                // 4.0 is a whole number to JSON Schema.
                case .float(let value): Int(exactly: value)
                case .null, .boolean, .hugeInteger, .string: nil
                }
            return value.flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Kind where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> Kind {
        let low = JSONValue.number(range.lowerBound)
        let high = JSONValue.number(range.upperBound)
        let schema = [("type", .string("number")), ("minimum", low), ("maximum", high)]
        return scalar(
            "a number from \(low.text) to \(high.text)",
            schema: schema,
            json: { .number($0) },
            convert: {
                let value: Double? =
                    switch $0 {
                    case .integer(let value): Double(value)
                    case .float(let value): value
                    case .null, .boolean, .hugeInteger, .string: nil
                    }
                return value.flatMap { range.contains($0) ? $0 : nil }
            }
        )
    }
}

extension Kind where Value == String {
    /// No control characters, and one character at least that isn't white.
    private static let linePattern =
        #"^[^\u0000-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u001F\u007F-\u009F]*$"#

    /// Text of one line that isn't empty.
    static func text(_ expected: String = "text") -> Kind {
        let schema: [(String, JSONValue)] = [
            ("type", .string("string")), ("pattern", .string(linePattern)),
        ]
        return scalar(expected, schema: schema, json: JSONValue.string) {
            guard case .string(let text) = $0,
                text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }),
                text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { return nil }
            return text
        }
    }

    /// Lines for a shell.
    static var shell: Kind {
        let schema: [(String, JSONValue)] = [
            ("type", .string("string")), ("pattern", .string(#"\S"#)),
        ]
        return scalar("a shell command", schema: schema, json: JSONValue.string) {
            guard case .string(let text) = $0, !text.utf8.contains(0),
                text.unicodeScalars.contains(where: { !$0.properties.isWhitespace })
            else { return nil }
            return text
        }
    }

    /// A word made of ASCII characters; the schema's pattern and `allows` say the same.
    static func word(
        _ expected: String,
        pattern: String,
        allows: @escaping (String) -> Bool
    ) -> Kind {
        let schema: [(String, JSONValue)] = [
            ("type", .string("string")), ("pattern", .string(pattern)),
        ]
        return scalar(expected, schema: schema, json: JSONValue.string) {
            guard case .string(let text) = $0, allows(text) else { return nil }
            return text
        }
    }

    /// One of a few words.
    static func oneOf(_ words: [String]) -> Kind { Kind.choice(words, of: { $0 }, name: { $0 }) }
}

extension Kind where Value: RawRepresentable, Value: CaseIterable, Value.RawValue == String {
    /// One of an enum's raw values.
    static var choice: Kind {
        choice(Value.allCases.map(\.rawValue), of: { Value(rawValue: $0) }, name: { $0.rawValue })
    }
}

extension Kind where Value: RawRepresentable & Hashable, Value.RawValue == String {
    /// One of some of an enum's raw values.
    static func choice(of values: [Value]) -> Kind {
        choice(
            values.map(\.rawValue),
            of: { word in values.first { $0.rawValue == word } },
            name: { $0.rawValue }
        )
    }
}

extension Kind {
    fileprivate static func choice(
        _ words: [String],
        of make: @escaping (String) -> Value?,
        name: @escaping (Value) -> String
    ) -> Kind {
        let expected = "one of " + words.joined(separator: ", ")
        return Kind(
            expected: expected,
            schema: [("enum", .array(words.map { .string($0) }))],
            json: { .string(name($0)) },
            read: { node, _, reading in
                if case .string(let text) = node.scalar {
                    if words.contains(text), let value = make(text) { return value }
                    reading.report(
                        node.place,
                        "'\(reading.name)' is \(reading.described(node)); it takes \(expected)",
                        hint: NearestName.nearest(to: text, in: words).map {
                            "did you mean '\($0)'?"
                        }
                    )
                } else {
                    reading.refuse(node, expected: expected, example: nil)
                }
                return nil
            }
        )
    }

    /// A list whose items are of one kind.
    static func list<Item>(of item: Kind<Item>, _ expected: String, minimum: Int = 0) -> Kind<
        [Item]
    > {
        var schema: [(String, JSONValue)] = [
            ("type", .string("array")), ("items", .object(item.schema)),
        ]
        if minimum > 0 { schema.append(("minItems", .integer(minimum))) }
        return Kind<[Item]>(
            expected: expected,
            schema: schema,
            json: { .array($0.compactMap(item.write ?? item.json)) },
            read: { node, example, reading in
                guard case .sequence(let nodes) = node.content, nodes.count >= minimum else {
                    reading.refuse(node, expected: expected, example: example)
                    return nil
                }
                let items = nodes.map { node in
                    reading.standingAlone { item.read(node, nil, &$0) }
                }
                return items.contains { $0 == nil } ? nil : items.compactMap { $0 }
            }
        )
    }

    /// A mapping from names of the team's own to values of one kind.
    static func dictionary<Item>(of item: Kind<Item>, _ expected: String) -> Kind<[String: Item]> {
        Kind<[String: Item]>(
            expected: expected,
            schema: [("type", .string("object")), ("additionalProperties", .object(item.schema))],
            json: { $0.isEmpty ? .object([]) : nil },
            read: { node, example, reading in
                guard case .mapping(let entries) = node.content else {
                    reading.refuse(node, expected: expected, example: example)
                    return nil
                }
                var result: [String: Item] = [:]
                for entry in entries {
                    reading.descend(into: entry) { reading in
                        result[entry.key] = item.read(entry.value, nil, &reading)
                    }
                }
                return result.count == entries.count ? result : nil
            },
            write: { values in
                .object(
                    values.sorted { $0.key < $1.key }.compactMap { name, value in
                        item.json(value).map { (name, $0) }
                    }
                )
            },
            merge: { inherited, own in inherited.merging(own) { $1 } }
        )
    }
}
