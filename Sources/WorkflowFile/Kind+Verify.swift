internal import Domain
internal import YAML

extension Kind where Value == String {
    /// A path inside the repository, or a glob for some.
    static var glob: Kind {
        var kind = repositoryPath
        kind.expected = "a path or glob inside the repository"
        return kind.checked { text, node, reading in
            guard text.utf8.count > 500 || text.hasPrefix("!") else { return true }
            reading.report(
                node.place,
                text.hasPrefix("!")
                    ? "'\(reading.name)' is \(ShownText.quoted(text)), and a glob can't take others back"
                    : "'\(reading.name)' has a glob of \(text.utf8.count) bytes; it takes up to 500",
                hint: "name what is meant, such as src/**/*.ts"
            )
            return false
        }
    }

    /// A statement as it stands in code.
    fileprivate static var statement: Kind {
        text("a statement as it stands in code").checked { text, node, reading in
            guard text.utf8.count > 100 else { return true }
            reading.report(
                node.place,
                "'\(reading.name)' has a statement of \(text.utf8.count) bytes; it takes up to 100",
                hint: "write its beginning, such as console.log("
            )
            return false
        }
    }
}

extension Kind where Value == [String] {
    static var globs: Kind {
        Kind<String>.list(of: .glob, "a list of paths and globs inside the repository")
    }

    fileprivate static var statements: Kind {
        Kind<String>.list(of: .statement, "a list of statements")
    }
}

extension Kind {
    /// One of a few words that stand for whole settings, a mapping with their keys, or a list.
    ///
    /// - Parameters:
    ///   - words: Each with what it stands for.
    ///   - table: The keys of the mapping, whose other values are those of `standard`; none when `nil`.
    ///   - standard: What a mapping starts from.
    ///   - list: How a list is read; none when `nil`.
    ///   - json: What the schema shows as the default.
    /// - Returns: The kind.
    fileprivate static func settings(
        words: [(String, Value)],
        table: Table<Value>?,
        standard: Value,
        list: (kind: Kind<[String]>, make: ([String]) -> Value?)?,
        json: @escaping (Value) -> JSONValue?
    ) -> Kind {
        let names = words.map(\.0)
        var expected = names.joined(separator: ", ")
        if let list { expected += ", or \(list.kind.expected)" }
        if let table {
            let keys = table.keys.map { "'\($0.name)'" }.joined(separator: " and ")
            expected += ", or a mapping with \(keys)"
        }
        var forms: [JSONValue] = [.object([("enum", .array(names.map { .string($0) }))])]
        if let list { forms.append(.object(list.kind.schema)) }
        if let table {
            // Nothing is neither a word nor a mapping, and says too little of what should be searched for.
            let schema = table.schema(of: standard).map { name, value in
                (name, name == "type" ? .string("object") : value)
            }
            forms.append(.object(schema))
        }
        return Kind(
            expected: expected,
            schema: [("anyOf", .array(forms))],
            json: json,
            read: { [expected] node, example, reading in
                switch node.content {
                case .sequence:
                    guard let list else { break }
                    return list.kind.read(node, example, &reading).flatMap(list.make)
                case .mapping:
                    guard let table else { break }
                    var value = standard
                    table.read(node, into: &value, &reading)
                    return value
                case .scalar(let scalar):
                    if case .string(let text) = scalar.value,
                        let word = words.first(where: { $0.0 == text })
                    {
                        return word.1
                    }
                }
                reading.refuse(node, expected: expected, example: example)
                return nil
            }
        )
    }
}

extension Kind where Value == DebugStatementSettings {
    static var debugStatements: Kind {
        settings(
            words: [
                (DebugStatementSettings.byLanguage, DebugStatementSettings()),
                ("off", DebugStatementSettings(statements: [])),
            ],
            table: WorkflowKeys.debugStatements,
            standard: DebugStatementSettings(),
            list: (.statements, { DebugStatementSettings(statements: $0) }),
            json: { settings in
                if settings == DebugStatementSettings() { return .string("default") }
                if settings.statements.isEmpty { return .string("off") }
                return WorkflowKeys.debugStatements.written(settings)
            }
        )
    }
}

extension Kind where Value == SecretSearchSettings {
    static var secrets: Kind {
        settings(
            words: [
                ("default", SecretSearchSettings()), ("off", SecretSearchSettings(isOn: false)),
            ],
            table: WorkflowKeys.secrets,
            standard: SecretSearchSettings(),
            list: nil,
            json: { settings in
                if settings == SecretSearchSettings() { return .string("default") }
                return settings.isOn ? WorkflowKeys.secrets.written(settings) : .string("off")
            }
        )
    }
}

extension Kind where Value == TouchSettings {
    static var touch: Kind {
        settings(
            words: [("described", .described), ("any", .any)],
            table: nil,
            standard: .described,
            list: (.globs, { .globs($0) }),
            json: { touch in
                switch touch {
                case .described: .string("described")
                case .any: .string("any")
                case .globs(let globs): .array(globs.map { .string($0) })
                }
            }
        )
    }
}

extension WorkflowKeys {
    fileprivate static var debugStatements: Table<DebugStatementSettings> {
        Table(
            "Which statements count, and where they may stand.",
            [
                .value(
                    "statements",
                    \.statements,
                    .statements,
                    example: .array([.string("default"), .string("trace(")]),
                    "Statements as they stand in code, with '(' for calls; default stands for those of each language."
                ),
                .value(
                    "allow",
                    \.allow,
                    .globs,
                    example: .array([.string("src/cli/**")]),
                    "Files that may hold any."
                ),
            ]
        )
    }

    fileprivate static var secrets: Table<SecretSearchSettings> {
        Table(
            "Where what looks like a secret may stand.",
            [
                .value(
                    "allow",
                    \.allow,
                    .globs,
                    example: .array([.string("tests/fixtures/**")]),
                    "Files that may hold any."
                )
            ]
        )
    }
}
