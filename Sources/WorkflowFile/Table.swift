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
        for key in keys where key.isRequired && !entries.contains(where: { $0.key == key.name }) {
            let inside = reading.path.isEmpty ? "" : " in '\(reading.name)'"
            // An item of a list has no key of its own.
            let isItem = reading.place(of: reading.name)?.description != node.place.description
            reading.report(
                (isItem ? nil : reading.place(ofKey: reading.name)) ?? node.place,
                "the key '\(key.name)' is missing\(inside)",
                hint: "add it, such as \(key.name): \(key.example)"
            )
        }
    }

    /// The schema of the mapping, with the values of `prototype` as defaults.
    func schema(of prototype: Root) -> [(String, JSONValue)] {
        let required = keys.filter(\.isRequired).map { JSONValue.string($0.name) }
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
            ("properties", .object(keys.map { ($0.name, .object($0.schema(prototype))) }))
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
    let schema: (Root) -> [(String, JSONValue)]
    let read: (YAMLNode, inout Root, inout Reading) -> Void
}

extension Key {
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
            schema: { root in
                members(kind.schema, doc, required ? nil : kind.json(root[keyPath: path]), example)
            },
            read: { node, root, reading in
                if let value = kind.read(node, example.inline, &reading) {
                    root[keyPath: path] = value
                }
            }
        )
    }

    /// A key that may be left out and then has no value.
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
            schema: { root in
                members(kind.schema, doc, root[keyPath: path].flatMap(kind.json), example)
            },
            read: { node, root, reading in
                if let value = kind.read(node, example.inline, &reading) {
                    root[keyPath: path] = value
                }
            }
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
            schema: { table.schema(of: $0[keyPath: path]) },
            read: { node, root, reading in table.read(node, into: &root[keyPath: path], &reading) }
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
