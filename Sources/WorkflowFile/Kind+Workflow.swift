internal import Domain
internal import SystemPackage
internal import YAML

extension Kind where Value == String {
    /// A workflow's name.
    static var name: Kind {
        word(
            "a name of letters, digits, '-', '_' and '.' that starts with a letter or digit",
            pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
        ) { isWord($0, and: "._-", limit: 64) }
    }

    /// The name of a verification step, of which its log's name is made.
    static var stepName: Kind {
        word(
            "a name of letters, digits, '-' and '_' that starts with a letter or digit",
            pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"
        ) { isWord($0, and: "_-", limit: 40) }
    }

    /// A team's key; Linear has them in capitals.
    static var team: Kind {
        var kind = word("the key of a team", pattern: "^[A-Za-z0-9][A-Za-z0-9_]{0,23}$") {
            isWord($0, and: "_", limit: 24)
        }
        kind.read = { [read = kind.read] in read($0, $1, &$2)?.uppercased() }
        return kind
    }

    /// A remote's name; it must not look like an option.
    static var remote: Kind {
        word("the name of a remote", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$") {
            isWord($0, and: "._-", limit: 64)
        }
    }

    /// A program: a name along `PATH`, or a path relative to the file.
    static var program: Kind {
        let text = Kind.text("a program, as a path or a name along PATH")
        return Kind(expected: text.expected, schema: text.schema, json: text.json) {
            node,
            example,
            reading in
            guard let text = text.read(node, example, &reading) else { return nil }
            if text.contains("/") || text.hasPrefix("~") {
                return PathText.expanded(text, at: node.place, &reading).map {
                    reading.folder.pushing(FilePath($0)).lexicallyNormalized().string
                }
            }
            guard !text.contains(where: \.isWhitespace), !text.hasPrefix("-") else {
                reading.report(
                    node.place,
                    "'\(reading.name)' is \(ShownText.quoted(text)); it takes the program alone",
                    hint: "write its arguments under 'arguments'"
                )
                return nil
            }
            return text
        }
    }

    private static func isWord(_ text: String, and marks: String, limit: Int) -> Bool {
        let isPlain = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80
        }
        guard let first = text.utf8.first, isPlain(first), text.utf8.count <= limit else {
            return false
        }
        return text.utf8.allSatisfy { isPlain($0) || marks.utf8.contains($0) }
    }
}

extension Kind where Value == [VerificationSettings.Step] {
    /// The checks, each name once.
    static var steps: Kind {
        let step = Kind<VerificationSettings.Step>(
            expected: "a mapping with 'name' and 'run'",
            schema: WorkflowKeys.step.schema(of: VerificationSettings.Step(name: "", run: "")),
            json: { WorkflowKeys.step.written($0) },
            read: { node, _, reading in
                var step = VerificationSettings.Step(name: "", run: "")
                guard case .mapping = node.content else {
                    reading.refuse(
                        node,
                        expected: "steps with 'name' and 'run'",
                        example: "{ name: build, run: npm run build }"
                    )
                    return nil
                }
                WorkflowKeys.step.read(node, into: &step, &reading)
                return step
            }
        )
        return Kind<VerificationSettings.Step>.list(of: step, "a list of steps").checked {
            steps,
            node,
            reading in
            guard case .sequence(let nodes) = node.content else { return true }
            var seen: Set<String> = [""]
            for (step, node) in zip(steps, nodes)
            where !step.name.isEmpty && !seen.insert(step.name).inserted {
                reading.report(
                    node["name"]?.place ?? node.place,
                    "two steps are called '\(step.name)', and their logs would have one name",
                    hint: "rename one of them"
                )
            }
            return true
        }
    }
}
