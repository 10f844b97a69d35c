/// A function, type or constant with its body: the smallest piece of code that is shown.
struct Definition: Equatable, Sendable {
    var name: String
    /// Lines from 0, with the comments and attributes directly above it.
    var lines: ClosedRange<Int>
    /// Whether it's more than a declaration.
    var hasBody: Bool
}

extension Definition {
    /// All definitions of a file, those inside others included, in the order of their first lines; none in a
    /// language that isn't known.
    ///
    /// In time that grows with the text only, whatever stands in it.
    static func all(in text: CodeText, path: String) -> [Definition] {
        guard let syntax = DefinitionSyntax.of(path) else { return [] }
        let code = DefinitionLexer.masked(text.bytes, syntax.marks)
        let found: [Definition] =
            switch syntax.shape {
            case .braces: DefinitionBraces.definitions(in: code, of: text, syntax)
            case .indentation: DefinitionLines(code, of: text).indented()
            case .end: DefinitionLines(code, of: text).ended(syntax.words)
            }
        return found.map { $0.widened(text, code) }
            .sorted {
                ($0.lines.lowerBound, $1.lines.upperBound, $0.name)
                    < ($1.lines.lowerBound, $0.lines.upperBound, $1.name)
            }
    }

    /// The definition of a name, `name` or `Outer.name`; one with a body rather than one without.
    static func named(_ name: String, in all: [Definition]) -> Definition? {
        var parts = name.split { $0 == "." || $0 == "#" || $0 == ":" }.map(String.init)
        let exact = all.filter { $0.name == name }
        if let found = exact.first(where: \.hasBody) ?? exact.first { return found }
        guard let last = parts.popLast(), !parts.isEmpty else { return nil }
        var outers = all
        for part in parts {
            let named = outers.filter { $0.name == part }
            outers = all.filter { inner in
                named.contains { $0 != inner && $0.lines.contains(inner.lines) }
            }
        }
        let found = outers.filter { $0.name == last }
        return found.first(where: \.hasBody) ?? found.first
    }

    /// The blocks of lines between blank ones, for texts in which no definitions are known.
    static func paragraphs(in text: CodeText) -> [Definition] {
        var found: [Definition] = []
        var first: Int?
        for number in 0..<text.lineCount {
            if !text.isBlank(number) {
                first = first ?? number
            } else if let start = first {
                found.append(Definition(name: "", lines: start...(number - 1), hasBody: true))
                first = nil
            }
        }
        if let start = first {
            found.append(Definition(name: "", lines: start...(text.lineCount - 1), hasBody: true))
        }
        return found
    }

    /// The most lines of comments that are taken along.
    private static let commentLimit = 60

    /// With the comments, and the attributes on lines of their own, directly above.
    private func widened(_ text: CodeText, _ code: [UInt8]) -> Definition {
        var first = lines.lowerBound
        while first > 0, lines.lowerBound - first < Self.commentLimit {
            let range = text.range(ofLine: first - 1)
            // What is blank only in the code was a comment.
            guard code[range].allSatisfy(\.isBlank), !text.isBlank(first - 1),
                !text.bytes[range].starts(with: Array("#!".utf8))
            else { break }
            first -= 1
        }
        var wide = self
        wide.lines = first...lines.upperBound
        return wide
    }
}
