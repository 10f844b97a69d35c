internal import YAML

extension Kind where Value == String {
    /// A branch as git takes it.
    static var branch: Kind {
        text("the name of a branch").checked { text, node, reading in
            guard let flaw = RefName.flaw(in: text) else { return true }
            reading.report(
                node.place,
                "'\(reading.name)' is \(ShownText.quoted(text)); git allows no branch \(flaw)"
            )
            return false
        }
    }

    /// A template of a branch's name.
    static var branchTemplate: Kind {
        text("a template for the name of a branch").checked { text, node, reading in
            guard let filled = NameTemplate.checked(text, node, &reading) else { return false }
            guard let flaw = RefName.flaw(in: filled) else { return true }
            reading.report(
                node.place,
                "'\(reading.name)' would name a branch \(ShownText.quoted(filled)); git allows none"
                    + " \(flaw)"
            )
            return false
        }
    }

    /// A template of a worktree's folder, with `~` and `$NAME` expanded.
    static var worktreeTemplate: Kind {
        let text = Kind.text("a template for the path of a folder")
        return Kind(expected: text.expected, schema: text.schema, json: text.json) {
            node,
            example,
            reading in
            guard let text = text.read(node, example, &reading),
                NameTemplate.checked(text, node, &reading) != nil
            else { return nil }
            return PathText.expanded(text, at: node.place, &reading)
        }
    }
}

/// Templates of branches and folders: text with `{{ ticket.key }}` in it.
enum NameTemplate {
    /// The placeholders, each with a value to try a template with.
    static let placeholders: [(name: String, sample: String)] = [
        ("ticket.key", "FRE-69"), ("ticket.slug", "a-title"), ("ticket.number", "69"),
        ("repository.name", "portfolio"),
    ]

    /// The template filled in with samples, or `nil` after it was reported what is wrong with it.
    static func checked(_ text: String, _ node: YAMLNode, _ reading: inout Reading) -> String? {
        var result = ""
        var used: Set<String> = []
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            result += rest[..<open.lowerBound]
            let offset = text[..<open.lowerBound].unicodeScalars.count
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                reading.report(
                    reading.place(inside: node, offset: offset, length: 2),
                    "'{{' is never closed in '\(reading.name)'",
                    hint: "end the placeholder with '}}'"
                )
                return nil
            }
            let inner = rest[open.upperBound..<close.lowerBound]
            let name = String(inner.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            guard let known = placeholders.first(where: { $0.name == name }) else {
                let length = text[open.lowerBound..<close.upperBound].unicodeScalars.count
                let names = placeholders.map(\.name)
                reading.report(
                    reading.place(inside: node, offset: offset, length: length),
                    "no placeholder \(ShownText.quoted(name)) in '\(reading.name)'; allowed are"
                        + " \(names.joined(separator: ", "))",
                    hint: NearestName.nearest(to: name, in: names).map { "did you mean '\($0)'?" }
                )
                return nil
            }
            used.insert(name)
            result += known.sample
            rest = rest[close.upperBound...]
        }
        guard used.contains("ticket.key") || used.contains("ticket.number") else {
            reading.report(
                node.place,
                "'\(reading.name)' would be the same for every ticket",
                hint: "put {{ ticket.key }} into it"
            )
            return nil
        }
        return result + rest
    }
}

/// What git asks of the name of a branch (git-check-ref-format(1)).
enum RefName {
    /// What is wrong, as in "git allows no branch …".
    static func flaw(in name: String) -> String? {
        if name.hasPrefix("-") { return "that starts with '-'" }
        if let bad = name.unicodeScalars.first(where: { " ~^:?*[\\".unicodeScalars.contains($0) }) {
            return "with \(bad == " " ? "a space" : "'\(bad)'") in it"
        }
        if name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            return "with a control character in it"
        }
        for part in ["..", "@{", "//"] where name.contains(part) { return "with '\(part)' in it" }
        if name.hasPrefix("/") || name.hasSuffix("/") { return "that starts or ends with '/'" }
        if name.hasSuffix(".") { return "that ends with '.'" }
        if name == "@" || name == "HEAD" { return "of that name" }
        for part in name.split(separator: "/") {
            if part.hasPrefix(".") { return "with a part that starts with '.'" }
            if part.hasSuffix(".lock") { return "with a part that ends with '.lock'" }
        }
        return nil
    }
}

extension Reading {
    /// The place of a part of a scalar, when the scalar stands in the file as it is, else the scalar's.
    func place(inside node: YAMLNode, offset: Int, length: Int) -> SourcePlace {
        place(inside: node, of: source, offset: offset, length: length)
    }

    /// The same for a key's value, wherever it stands.
    func place(inside site: KeySite, offset: Int, length: Int) -> SourcePlace {
        let source = site.isInherited ? inherited?.source ?? source : source
        return place(inside: site.node, of: source, offset: offset, length: length)
    }

    private func place(
        inside node: YAMLNode,
        of source: SourceText,
        offset: Int,
        length: Int
    ) -> SourcePlace {
        guard case .scalar(let scalar) = node.content else { return node.place }
        let line = source.line(node.place.line).unicodeScalars.dropFirst(node.place.column - 1)
        for quote in [0, 1] where line.dropFirst(quote).starts(with: scalar.text.unicodeScalars) {
            return SourcePlace(
                line: node.place.line,
                column: node.place.column + quote + offset,
                length: length
            )
        }
        return node.place
    }
}
