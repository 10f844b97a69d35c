internal import YAML

/// The keys of one mapping: the parser and the JSON Schema are both made from it.
struct Table<Root> {
    /// What the mapping is for, in one sentence.
    let doc: String
    let keys: [Key<Root>]

    init(_ doc: String, _ keys: [Key<Root>]) {
        self.doc = doc
        self.keys = keys
    }

    /// Reads a mapping into `root`, whose values stay where the mapping has no key for them.
    func read(_ node: YAMLNode, into root: inout Root, _ reading: inout Reading) {
        let entries: [YAMLEntry]
        switch node.content {
        case .mapping(let found): entries = found
        case .scalar(let scalar) where scalar.value == .null: entries = []
        case .scalar, .sequence:
            reading.refuse(node, expected: "a mapping", example: nil)
            return
        }
        for entry in entries {
            if let key = keys.first(where: { $0.name == entry.key }) {
                reading.descend(into: entry) { reading in
                    key.read(entry.value, &root, &reading)
                }
            } else if !entry.key.hasPrefix("x-") {
                reading.unknownKeys.append(
                    UnknownKey(entry: entry, path: reading.path, keys: keys.map(\.name))
                )
            }
        }
        for key in keys
        where key.isRequired && !reading.isPartial
            && !entries.contains(where: { $0.key == key.name })
        {
            let name = (reading.path + [key.name]).joined(separator: ".")
            if reading.inherited?.sites[name] != nil {
                // What the defaults have of a section may lack what it needs.
                guard !key.innerNames.isEmpty else { continue }
                let nothing = YAMLNode(content: .mapping([]), place: node.place)
                reading.descend(intoMissing: key.name) { key.read(nothing, &root, &$0) }
                continue
            }
            let inside = reading.path.isEmpty ? "" : " in '\(reading.name)'"
            // An item of a list has no key of its own.
            let section = reading.sites[reading.name]?.node.place
            let isItem = section?.description != node.place.description
            reading.report(
                (isItem ? nil : reading.sites[reading.name]?.keyPlace) ?? node.place,
                "the key '\(key.name)' is missing\(inside)",
                hint: "add it, such as \(key.name): \(key.example)"
            )
        }
    }

    /// The schema of the mapping, with the values of `prototype` as defaults.
    ///
    /// - Parameters:
    ///   - prototype: The defaults.
    ///   - isPartial: Whether nothing is required, since something else may hold the rest.
    /// - Returns: The members.
    func schema(of prototype: Root, isPartial: Bool = false) -> [(String, JSONValue)] {
        let required = isPartial ? [] : keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        var members: [(String, JSONValue)] = [
            ("description", .string(doc)),
            // A mapping whose keys are all commented out is empty, which takes the defaults.
            (
                "type",
                required.isEmpty ? .array([.string("object"), .string("null")]) : .string("object")
            ),
        ]
        if !required.isEmpty { members.append(("required", .array(required))) }
        members.append(
            (
                "properties",
                .object(keys.map { ($0.name, .object($0.schema(prototype, isPartial))) })
            )
        )
        members.append(("patternProperties", .object([("^x-", .bool(true))])))
        members.append(("additionalProperties", .bool(false)))
        return members
    }

    /// All keys with the mappings around them, `agent.timeout`.
    var names: [String] {
        keys.flatMap { key in [key.name] + key.innerNames.map { "\(key.name).\($0)" } }
    }
}

/// One key of a mapping.
struct Key<Root> {
    let name: String
    let isRequired: Bool
    /// As it would stand behind the key.
    let example: String
    /// The keys inside it, when it is a mapping.
    let innerNames: [String]
    /// What the reference says of it, and of the keys inside it; the text is the mappings around it.
    let rows: (Root, String) -> [ReferenceRow]
    let schema: (_ prototype: Root, _ isPartial: Bool) -> [(String, JSONValue)]
    let read: (YAMLNode, inout Root, inout Reading) -> Void
    /// The value as a file would hold it; `nil` for none.
    let written: (Root) -> JSONValue?
    /// The value, or the keys of the section, with where they come from.
    let resolve: (Root, Reading, [String]) -> ResolvedKey.Content
    /// Whether another key makes it mean nothing, so that it isn't in force.
    var isIdle: (Root) -> Bool = { _ in false }
}

extension Key {
    /// The same key, which means nothing when `isIdle` says so.
    func idle(when isIdle: @escaping (Root) -> Bool) -> Key {
        var key = self
        key.isIdle = isIdle
        return key
    }

    /// A key with a value; its default is what the prototype holds.
    static func value<Value>(
        _ name: String,
        _ path: WritableKeyPath<Root, Value>,
        _ kind: Kind<Value>,
        required: Bool = false,
        example: JSONValue,
        _ doc: String
    ) -> Key {
        Key(
            name: name,
            isRequired: required,
            example: example.inline,
            innerNames: [],
            rows: { root, prefix in
                [
                    ReferenceRow(
                        name: prefix + name,
                        expected: kind.expected,
                        standard: required ? nil : kind.json(root[keyPath: path]),
                        isRequired: required,
                        doc: doc
                    )
                ]
            },
            schema: { root, _ in
                members(kind.schema, doc, required ? nil : kind.json(root[keyPath: path]), example)
            },
            read: { node, root, reading in
                if let value = kind.read(node, example.inline, &reading) {
                    root[keyPath: path] = kind.merge?(root[keyPath: path], value) ?? value
                }
            },
            written: { (kind.write ?? kind.json)($0[keyPath: path]) },
            resolve: { root, _, _ in .value((kind.write ?? kind.json)(root[keyPath: path])) }
        )
    }

    /// A key that may be left out and then has no value.
    ///
    /// A workflow takes a value of the defaults back by writing the key without one.
    static func optional<Value>(
        _ name: String,
        _ path: WritableKeyPath<Root, Value?>,
        _ kind: Kind<Value>,
        example: JSONValue,
        _ doc: String
    ) -> Key {
        Key(
            name: name,
            isRequired: false,
            example: example.inline,
            innerNames: [],
            rows: { root, prefix in
                [
                    ReferenceRow(
                        name: prefix + name,
                        expected: kind.expected,
                        standard: root[keyPath: path].flatMap(kind.json),
                        isRequired: false,
                        doc: doc
                    )
                ]
            },
            schema: { root, _ in
                members(kind.schema, doc, root[keyPath: path].flatMap(kind.json), example)
            },
            read: { node, root, reading in
                if node.scalar == .null, reading.inherited?.sites[reading.name] != nil {
                    root[keyPath: path] = nil
                } else if let value = kind.read(node, example.inline, &reading) {
                    let inherited = root[keyPath: path]
                    root[keyPath: path] = inherited.flatMap { kind.merge?($0, value) } ?? value
                }
            },
            written: { $0[keyPath: path].flatMap(kind.write ?? kind.json) },
            resolve: { root, reading, keys in
                guard let value = root[keyPath: path] else { return .value(nil) }
                return .value((kind.write ?? kind.json)(value))
            }
        )
    }

    /// A key with one value so far, which says what happens anyway.
    ///
    /// - Parameters:
    ///   - name: The key.
    ///   - value: The value that is taken.
    ///   - notYet: The values that a later version may take, each with what to do instead.
    ///   - doc: The key's sentence.
    /// - Returns: The key.
    static func only(_ name: String, _ value: String, notYet: [String: String], _ doc: String)
        -> Key
    {
        Key(
            name: name,
            isRequired: false,
            example: value,
            innerNames: [],
            rows: { _, prefix in
                [
                    ReferenceRow(
                        name: prefix + name,
                        expected: value,
                        standard: .string(value),
                        isRequired: false,
                        doc: doc
                    )
                ]
            },
            schema: { _, _ in
                members(
                    [("enum", .array([.string(value)]))],
                    doc,
                    .string(value),
                    .string(value)
                )
            },
            read: { node, _, reading in
                if case .string(value) = node.scalar { return }
                let text: String? = if case .string(let text) = node.scalar { text } else { nil }
                let known = text.flatMap { notYet[$0] }
                reading.report(
                    node.place,
                    "'\(reading.name)' is \(reading.described(node)); it takes \(value) only"
                        + (known == nil ? "" : ", this version can't do more yet"),
                    hint: known ?? Reading.mend(node, expected: value)
                        ?? text.flatMap { NearestName.nearest(to: $0, in: [value]) }
                        .map { "did you mean '\($0)'?" }
                )
            },
            written: { _ in .string(value) },
            resolve: { _, _, _ in .value(.string(value)) }
        )
    }

    /// A key whose value is a mapping with keys of its own.
    ///
    /// It's required where one of them is, or when `required` says so.
    static func section<Section>(
        _ name: String,
        _ path: WritableKeyPath<Root, Section>,
        _ table: Table<Section>,
        required isRequired: Bool = false
    ) -> Key {
        let required = table.keys.first { $0.isRequired } ?? (isRequired ? table.keys.first : nil)
        return Key(
            name: name,
            isRequired: required != nil,
            example: required.map { "{ \($0.name): \($0.example) }" } ?? "{}",
            innerNames: table.names,
            rows: { root, prefix in
                table.keys.flatMap { $0.rows(root[keyPath: path], "\(prefix)\(name).") }
            },
            schema: { table.schema(of: $0[keyPath: path], isPartial: $1) },
            read: { node, root, reading in table.read(node, into: &root[keyPath: path], &reading) },
            written: { table.written($0[keyPath: path]) },
            resolve: { .section(table.resolved($0[keyPath: path], $1, path: $2)) }
        )
    }

    private static func members(
        _ schema: [(String, JSONValue)],
        _ doc: String,
        _ standard: JSONValue?,
        _ example: JSONValue
    ) -> [(String, JSONValue)] {
        var members = [("description", JSONValue.string(doc))] + schema
        if let standard { members.append(("default", standard)) }
        members.append(("examples", .array([example])))
        return members
    }
}

extension JSONValue {
    /// In one line, as it would be written in a YAML file.
    var inline: String {
        switch self {
        case .string(let text):
            text.contains(where: { "{}[]:#\"'*&!%@`,>|".contains($0) }) ? text.quotedForYAML : text
        case .array(let items): "[\(items.map(\.inline).joined(separator: ", "))]"
        case .object(let members) where members.isEmpty: "{}"
        case .object(let members):
            "{ \(members.map { "\($0.0): \($0.1.inline)" }.joined(separator: ", ")) }"
        case .null, .bool, .integer, .number: text
        }
    }
}

extension String {
    fileprivate var quotedForYAML: String { contains("\"") ? "'\(self)'" : "\"\(self)\"" }
}
