/// Finds the definitions of languages in which lines and their indentation tell where one ends.
struct DefinitionLines {
    private struct Open {
        var name: String
        var indentation: Int
        var line: Int
        var isFunction: Bool
    }

    private let code: [UInt8]
    private let text: CodeText

    init(_ code: [UInt8], of text: CodeText) {
        self.code = code
        self.text = text
    }

    /// The code of a line behind its indentation; `nil` when there is none.
    private func line(_ number: Int) -> (indentation: Int, code: ArraySlice<UInt8>)? {
        let range = text.range(ofLine: number)
        // What begins inside a string is no line of code.
        if range.lowerBound > 0, code[range.lowerBound - 1] != UInt8(ascii: "\n") { return nil }
        let blank = code[range].prefix { $0.isBlank }
        guard blank.endIndex < range.upperBound else { return nil }
        return (blank.count, code[blank.endIndex..<range.upperBound])
    }

    private func words(_ code: ArraySlice<UInt8>, _ limit: Int) -> [String] {
        code.prefix(400).split(maxSplits: limit, whereSeparator: \.isBlank).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private func isName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// Functions and classes, and what is assigned to a name outside of functions.
    func indented() -> [Definition] {
        var found: [Definition] = []
        var open: [Open] = []
        var last = 0
        var depth = 0
        /// The line of the first decorator of what follows.
        var decorated: Int?
        func close(_ limit: Int) {
            while let top = open.last, top.indentation >= limit {
                found.append(
                    Definition(name: top.name, lines: top.line...max(top.line, last), hasBody: true)
                )
                open.removeLast()
            }
        }
        for number in 0..<text.lineCount {
            guard let (indentation, line) = line(number) else {
                // A string's lines belong to what it stands in.
                if !text.isBlank(number), isInString(number) { last = number }
                continue
            }
            defer {
                for byte in line {
                    switch byte {
                    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                        depth = max(depth - 1, 0)
                    default: break
                    }
                }
                last = number
            }
            let words = words(line, 3)
            let start = words.first == "async" ? 1 : 0
            let isDeclared =
                words.count > start + 1 && (words[start] == "def" || words[start] == "class")
            if depth > 0 {
                // Brackets that were never closed don't hide the rest of the file.
                guard isDeclared, indentation <= open.last?.indentation ?? 0 else { continue }
                depth = 0
            }
            close(indentation)
            if line.first == UInt8(ascii: "@") {
                decorated = decorated ?? number
                continue
            }
            let first = decorated ?? number
            decorated = nil
            if isDeclared {
                open.append(
                    Open(
                        name: String(words[start + 1].prefix(while: isName)),
                        indentation: indentation,
                        line: first,
                        isFunction: words[start] == "def"
                    )
                )
            } else if open.last.map({ !$0.isFunction }) ?? true, let name = assigned(line) {
                open.append(
                    Open(name: name, indentation: indentation, line: first, isFunction: true)
                )
            }
        }
        close(0)
        return found
    }

    private func isInString(_ number: Int) -> Bool {
        let start = text.range(ofLine: number).lowerBound
        return start > 0 && code[start - 1] == UInt8(ascii: "\"")
    }

    /// The name to which a line assigns: `NAME = …`, `name: Type = …`.
    private func assigned(_ line: ArraySlice<UInt8>) -> String? {
        let name = line.prefix { $0.isInName }
        guard let first = name.first, !first.isDigit else { return nil }
        var rest = line[name.endIndex...].drop { $0.isBlank }
        if rest.first == UInt8(ascii: ":") {
            rest = rest.drop { $0 != UInt8(ascii: "=") }
        }
        guard rest.first == UInt8(ascii: "="), rest.dropFirst().first != UInt8(ascii: "=") else {
            return nil
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// What ends with `end` at the indentation at which it began.
    func ended(_ words: DefinitionSyntax.Words) -> [Definition] {
        let openings = words.types.union(words.functions)
        var found: [Definition] = []
        var open: [Open] = []
        /// Up to which line brackets were looked for in vain.
        var unclosed = 0
        for number in 0..<text.lineCount {
            guard let (indentation, line) = line(number) else { continue }
            let first = line.prefix { $0.isInName }
            if first.elementsEqual("end".utf8) {
                while let top = open.last, top.indentation > indentation { open.removeLast() }
                guard let top = open.last, top.indentation == indentation else { continue }
                found.append(Definition(name: top.name, lines: top.line...number, hasBody: true))
                open.removeLast()
                continue
            }
            var parts = self.words(line, 5)
            while parts.count > 1,
                ["private", "local", "public", "protected", "private_class_method"]
                    .contains(parts[0])
            {
                parts.removeFirst()
            }
            guard parts.count > 1, openings.contains(parts[0]) else {
                if indentation == (open.last.map { $0.indentation + 2 } ?? 0),
                    let name = assigned(line), name.first?.isUppercase ?? false
                {
                    let last = constantEnd(from: number, limit: number < unclosed ? 1 : 200)
                    if last == nil { unclosed = max(unclosed, number + 200) }
                    found.append(
                        Definition(name: name, lines: number...(last ?? number), hasBody: true)
                    )
                }
                continue
            }
            let opened = Open(
                name: declared(parts[1]),
                indentation: indentation,
                line: number,
                isFunction: words.functions.contains(parts[0])
            )
            if isOneLine(line, parts) {
                found.append(
                    Definition(name: opened.name, lines: number...number, hasBody: true)
                )
            } else {
                open.append(opened)
            }
        }
        return found
    }

    /// The name itself in `self.name(…)`, `Module::Name`, `receiver.name` and `receiver:name`.
    private func declared(_ word: String) -> String {
        let whole = word.prefix { isName($0) || "?!.:=<>+-*/[]".contains($0) }
        let last = whole.split { $0 == "." || $0 == ":" }.last ?? whole
        let name = last.prefix { isName($0) || "?!".contains($0) }
        return String(name.isEmpty ? last : name)
    }

    /// Whether it ends in its line: `def name = …`, `def name(…), do: …`, `class A < B; end`.
    private func isOneLine(_ line: ArraySlice<UInt8>, _ parts: [String]) -> Bool {
        // Most lines have nothing of it.
        guard
            line.contains(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") })
                || line.reversed().drop(while: { $0 <= 0x20 }).starts(with: "dne".utf8)
        else { return false }
        let trimmed = String(decoding: line.suffix(400), as: UTF8.self)
            .split(separator: " ").joined(separator: " ")
        if trimmed.hasSuffix("; end") || trimmed.hasSuffix(" end") { return true }
        if trimmed.contains(", do: ") { return true }
        return parts[0] == "def" && trimmed.contains(" = ")
            && !trimmed.prefix { $0 != "=" }.contains("(")
            || trimmed.contains(") = ")
    }

    /// A constant ends where the brackets that it opens are closed.
    private func constantEnd(from first: Int, limit: Int) -> Int? {
        var depth = 0
        for number in first..<min(first + limit, text.lineCount) {
            for byte in code[text.range(ofLine: number)] {
                switch byte {
                case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                default: break
                }
            }
            if depth <= 0 { return number }
        }
        return nil
    }
}
