internal import Domain
internal import SystemPackage
internal import YAML

extension Kind where Value == Duration {
    /// A duration with its unit.
    static func duration(_ range: ClosedRange<Duration>) -> Kind {
        let low = DurationText.text(of: range.lowerBound)
        let high = DurationText.text(of: range.upperBound)
        let expected = "a duration from \(low) to \(high)"
        let schema: [(String, JSONValue)] = [
            ("type", .string("string")), ("pattern", .string(DurationText.pattern)),
        ]
        let json = { (duration: Duration) in JSONValue.string(DurationText.text(of: duration)) }
        return Kind(expected: expected, schema: schema, json: json) { node, example, reading in
            let value: Duration? =
                if case .string(let text) = node.scalar { DurationText.duration(of: text) } else {
                    nil
                }
            guard let value, range.contains(value) else {
                reading.report(
                    node.place,
                    "'\(reading.name)' is \(reading.described(node)); it takes \(expected)"
                        + (example.map { ", such as \($0)" } ?? ""),
                    hint: unitHint(node)
                )
                return nil
            }
            return value
        }
    }

    private static func unitHint(_ node: YAMLNode) -> String? {
        guard case .scalar(let scalar) = node.content else { return nil }
        return switch scalar.value {
        case .null: "give it a value or remove the key"
        case .integer(let number) where number >= 0:
            "add the unit: \(number)s, \(number)m or \(number)h"
        case .boolean, .integer, .hugeInteger, .float, .string: nil
        }
    }
}

extension Kind where Value == Duration? {
    /// A duration with its unit, or the word off, which is none.
    static func durationOrOff(_ range: ClosedRange<Duration>) -> Kind {
        let duration = Kind<Duration>.duration(range)
        let expected = "\(duration.expected), or off"
        return Kind(
            expected: expected,
            schema: [
                (
                    "anyOf",
                    .array([
                        .object([("enum", .array([.string("off")]))]), .object(duration.schema),
                    ])
                )
            ],
            json: { $0.flatMap(duration.json) ?? .string("off") },
            read: { node, example, reading in
                if case .string("off") = node.scalar { return .some(nil) }
                return duration.read(node, example, &reading).map { .some($0) }
            }
        )
    }
}

extension Kind where Value == Int? {
    /// A whole number, or the word off, which is none.
    static func integerOrOff(_ range: ClosedRange<Int>) -> Kind {
        .orOff(Kind<Int>.integer(range))
    }

    /// A size in bytes with its unit, or the word off, which is none.
    static func sizeOrOff(_ range: ClosedRange<Int>) -> Kind { .orOff(Kind<Int>.size(range)) }

    private static func orOff(_ kind: Kind<Int>) -> Kind {
        let expected = "\(kind.expected), or off"
        let off = JSONValue.object([("enum", .array([.string("off")]))])
        return Kind(
            expected: expected,
            schema: [("anyOf", .array([off, .object(kind.schema)]))],
            json: { $0.flatMap(kind.json) ?? .string("off") },
            read: { node, example, reading in
                if case .string("off") = node.scalar { return .some(nil) }
                return kind.read(node, example, &reading).map { .some($0) }
            }
        )
    }
}

extension Kind where Value == Int {
    /// A size in bytes with its unit.
    static func size(_ range: ClosedRange<Int>) -> Kind {
        let low = SizeText.text(of: range.lowerBound)
        let high = SizeText.text(of: range.upperBound)
        let schema: [(String, JSONValue)] = [
            ("type", .string("string")), ("pattern", .string(SizeText.pattern)),
        ]
        return scalar(
            "a size from \(low) to \(high)",
            schema: schema,
            json: { .string(SizeText.text(of: $0)) },
            convert: {
                guard case .string(let text) = $0, let bytes = SizeText.bytes(of: text),
                    range.contains(bytes)
                else { return nil }
                return bytes
            }
        )
    }
}

extension Kind where Value == Int {
    /// A whole number, which may be written with `k` or `M`.
    static func count(_ range: ClosedRange<Int>) -> Kind {
        let low = CountText.text(of: range.lowerBound)
        let high = CountText.text(of: range.upperBound)
        let schema: [(String, JSONValue)] = [
            (
                "anyOf",
                .array([
                    .object([
                        ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
                        ("maximum", .integer(range.upperBound)),
                    ]),
                    .object([
                        ("type", .string("string")), ("pattern", .string(CountText.pattern)),
                    ]),
                ])
            )
        ]
        return scalar(
            "a number from \(low) to \(high), such as 500k or 2M",
            schema: schema,
            json: { .string(CountText.text(of: $0)) },
            convert: {
                let count: Int?
                switch $0 {
                case .integer(let number): count = number
                case .string(let text): count = CountText.count(of: text)
                case .null, .boolean, .hugeInteger, .float: count = nil
                }
                return count.flatMap { range.contains($0) ? $0 : nil }
            }
        )
    }
}

extension Kind where Value == FilePath {
    private static func shown(_ path: FilePath) -> JSONValue? { .string(path.string) }

    /// A path, relative to the file that it stands in, with `~` and `$NAME` expanded.
    static func path(_ expected: String) -> Kind {
        let text = Kind<String>.text(expected)
        return Kind(expected: expected, schema: text.schema, json: Self.shown) {
            node,
            example,
            reading in
            guard let text = text.read(node, example, &reading),
                let path = PathText.expanded(text, at: node.place, &reading)
            else { return nil }
            return reading.folder.pushing(FilePath(path)).lexicallyNormalized()
        }
    }
}

extension Kind where Value == SecretReference {
    /// Where a secret is to be found.
    ///
    /// A literal one is covered wherever its line is shown.
    static var secret: Kind {
        let expected = "$NAME of a variable or file:PATH"
        let schema: [(String, JSONValue)] = [
            ("type", .string("string")),
            ("pattern", .string(#"^(\$[A-Za-z_][A-Za-z0-9_]*|file:.+)$"#)),
        ]
        let json = { (secret: SecretReference) in JSONValue.string(secret.description) }
        return Kind(expected: expected, schema: schema, json: json) { node, _, reading in
            guard case .scalar(let scalar) = node.content, scalar.value != .null else {
                reading.refuse(node, expected: expected, example: nil)
                return nil
            }
            if scalar.text.hasPrefix("$"), VariableName.isValid(scalar.text.dropFirst()) {
                return .environment(String(scalar.text.dropFirst()))
            }
            if scalar.text.hasPrefix("file:"), scalar.text.utf8.count > 5 {
                let path = PathText.expanded(
                    String(scalar.text.dropFirst(5)),
                    at: node.place,
                    &reading
                )
                return path.map {
                    .file(reading.folder.pushing(FilePath($0)).lexicallyNormalized())
                }
            }
            reading.hide(node.place)
            reading.report(
                node.place,
                "'\(reading.name)' holds a literal value, which is not shown here; it takes \(expected)",
                hint:
                    "put the secret into a variable or a file and name that, and renew it if others"
                    + " have seen this file"
            )
            return nil
        }
    }
}

extension Kind where Value == String {
    /// The name of a variable; a value behind it is covered.
    static var variableName: Kind {
        let expected = "the name of a variable"
        let schema: [(String, JSONValue)] = [
            ("type", .string("string")), ("pattern", .string("^[A-Za-z_][A-Za-z0-9_]*$")),
        ]
        return Kind(expected: expected, schema: schema, json: JSONValue.string) {
            node,
            _,
            reading in
            guard case .string(let text) = node.scalar else {
                reading.refuse(node, expected: expected, example: "ANTHROPIC_API_KEY")
                return nil
            }
            guard !VariableName.isValid(text[...]) else { return text }
            reading.hide(node.place)
            reading.report(
                node.place,
                "'\(reading.name)' holds something that isn't the name of a variable; it takes names"
                    + " alone, such as ANTHROPIC_API_KEY",
                hint: "the value comes from the environment that the service runs in"
            )
            return nil
        }
    }

    /// A path inside the repository.
    static var repositoryPath: Kind {
        text("a path inside the repository").checked { text, node, reading in
            let path = FilePath(text)
            let leaves =
                path.isAbsolute || text.hasPrefix("~")
                || path.components.contains { $0.kind == .parentDirectory }
            if leaves {
                reading.report(
                    node.place,
                    "'\(reading.name)' is \(ShownText.quoted(text)), which isn't inside the repository",
                    hint: "write it relative to the repository, without '..'"
                )
            }
            return !leaves
        }
    }

    /// An address of an API.
    static var endpoint: Kind {
        let expected = "an address that starts with https://"
        let schema: [(String, JSONValue)] = [
            ("type", .string("string")), ("pattern", .string("^https?://[!-.0-?A-~][!-?A-~]*$")),
        ]
        return Kind(expected: expected, schema: schema, json: JSONValue.string) {
            node,
            example,
            reading in
            guard case .string(let text) = node.scalar,
                let scheme = ["https://", "http://"].first(where: text.hasPrefix),
                let host = text.dropFirst(scheme.count).split(
                    whereSeparator: { "/?#".contains($0) }
                ).first,
                !text.dropFirst(scheme.count).hasPrefix("/"),
                text.unicodeScalars.allSatisfy({ (0x21...0x7E).contains($0.value) && $0 != "@" })
            else {
                if case .string(let text) = node.scalar, text.contains("@") {
                    reading.hide(node.place)
                }
                let shown =
                    node.scalar.map { "\($0)".contains("@") } == true
                    ? "an address with a name or password in it" : reading.described(node)
                reading.report(
                    node.place,
                    "'\(reading.name)' is \(shown); it takes \(expected)"
                        + (example.map { ", such as \($0)" } ?? ""),
                    hint: Reading.mend(node, expected: expected)
                )
                return nil
            }
            let name = host.split(separator: ":").first.map(String.init) ?? ""
            let isLocal = name == "localhost" || name.hasPrefix("127.") || host.hasPrefix("[::1]")
            if scheme == "http://", !isLocal {
                reading.report(
                    node.place,
                    "'\(reading.name)' is not encrypted: the token would cross the network readable",
                    hint: "write https://",
                    severity: .warning
                )
            }
            return text
        }
    }
}

/// Names of environment variables.
enum VariableName {
    static func isValid(_ name: some StringProtocol) -> Bool {
        let isLetter = { (byte: UInt8) in (0x41...0x5A).contains(byte & 0xDF) || byte == 0x5F }
        guard let first = name.utf8.first, isLetter(first) else { return false }
        return name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
    }
}

/// `~` and `$NAME` in paths.
enum PathText {
    /// The path with `~`, `$NAME` and `${NAME}` replaced, or `nil` after it was reported why it can't be.
    static func expanded(_ text: String, at place: SourcePlace, _ reading: inout Reading) -> String?
    {
        var result = ""
        var rest = Substring(text)
        if rest == "~" || rest.hasPrefix("~/") {
            guard let home = reading.context.home else {
                reading.report(
                    place,
                    "'\(reading.name)' starts with '~', and it isn't known where your home folder is",
                    hint: "set the variable HOME, or write the path out"
                )
                return nil
            }
            result = home.string
            rest = rest.dropFirst()
        } else if rest.hasPrefix("~") {
            reading.report(
                place,
                "'\(reading.name)' is \(ShownText.quoted(text)); only your own home folder can be"
                    + " written with '~'",
                hint: "write ~/… or the whole path"
            )
            return nil
        }
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            let isBraced = rest.hasPrefix("{")
            if isBraced { rest = rest.dropFirst() }
            let name = rest.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
            rest = rest.dropFirst(name.count)
            guard VariableName.isValid(name), !isBraced || rest.hasPrefix("}") else {
                reading.report(
                    place,
                    "'\(reading.name)' has a '$' without the name of a variable",
                    hint: "write $NAME or ${NAME}"
                )
                return nil
            }
            if isBraced { rest = rest.dropFirst() }
            guard let value = reading.context.environment[String(name)], !value.isEmpty else {
                reading.report(
                    place,
                    "'\(reading.name)' names the variable $\(name), which isn't set",
                    hint: "set it where the service is started, or write the path out"
                )
                return nil
            }
            result += value
        }
        return result + rest
    }
}
