/// A function, type or constant with its body: the smallest piece of code that is shown.
struct Definition: Equatable {
    var name: String
    /// Lines from 0, with the comments and attributes directly above it.
    var lines: ClosedRange<Int>
}

extension Definition {
    /// How a language marks where a definition ends.
    enum Style: Equatable {
        case braces
        case indentation
        /// By the word `end` at the same indentation.
        case end
    }

    /// By a file's extension; `nil` where definitions aren't known.
    static func style(of path: String) -> Style? {
        let dot = path.lastIndex(of: ".")
        switch dot.map({ path[$0...].dropFirst().lowercased() }) {
        case "swift", "ts", "tsx", "js", "jsx", "mjs", "cjs", "mts", "go", "rs", "java", "kt",
            "kts", "c", "h", "cc", "cpp", "cxx", "hpp", "m", "mm", "cs", "php", "scala", "dart",
            "sh", "bash", "zsh", "css", "scss", "proto", "zig":
            return .braces
        case "py", "pyi": return .indentation
        case "rb", "ex", "exs", "lua", "cr": return .end
        default: return nil
        }
    }

    /// All definitions of a file, those inside others included, in the order of their first lines.
    static func all(in lines: [Substring], path: String) -> [Definition] {
        guard let style = style(of: path) else { return [] }
        let found: [Definition]
        switch style {
        case .braces: found = Braces(lines, hasHashComments: path.hasSuffix("sh")).definitions()
        case .indentation: found = indented(lines)
        case .end: found = ended(lines)
        }
        return found.map { widened($0, lines) }
            .sorted {
                ($0.lines.lowerBound, $1.lines.upperBound) < (
                    $1.lines.lowerBound, $0.lines.upperBound
                )
            }
    }

    /// With the comments, attributes and decorators that stand directly above.
    private static func widened(_ definition: Definition, _ lines: [Substring]) -> Definition {
        var first = definition.lines.lowerBound
        let marks = ["//", "/*", "*", "#", "@", "--", "\"\"\""]
        while first > 0 {
            let above = lines[first - 1].drop { $0 == " " || $0 == "\t" }
            guard marks.contains(where: above.hasPrefix), !above.hasPrefix("#include"),
                !above.hasPrefix("#!"), definition.lines.lowerBound - first < 60
            else { break }
            first -= 1
        }
        return Definition(name: definition.name, lines: first...definition.lines.upperBound)
    }

    private static func indentation(_ line: Substring) -> Int? {
        let blank = line.prefix { $0 == " " || $0 == "\t" }
        return blank.endIndex == line.endIndex ? nil : blank.count
    }

    private static func indented(_ lines: [Substring]) -> [Definition] {
        var found: [Definition] = []
        var open: [(name: String, indentation: Int, line: Int)] = []
        var last = 0
        var string: String?
        func close(_ limit: Int) {
            while let top = open.last, top.indentation >= limit {
                found.append(Definition(name: top.name, lines: top.line...max(top.line, last)))
                open.removeLast()
            }
        }
        for (number, line) in lines.enumerated() {
            let wasInString = string != nil
            // A long string may hold anything at any indentation.
            for mark in ["\"\"\"", "'''"] where string == nil || string == mark {
                let count = line.ranges(of: mark).count
                if count.isMultiple(of: 2) { continue }
                string = string == nil ? mark : nil
            }
            guard let depth = indentation(line) else { continue }
            defer { last = number }
            if wasInString { continue }
            let text = line.dropFirst(depth)
            if text.hasPrefix("#") || text.hasPrefix(")") || text.hasPrefix("]") { continue }
            close(depth)
            let words = text.split(separator: " ", maxSplits: 3)
            let start = words.first == "async" ? 1 : 0
            guard words.count > start + 1, words[start] == "def" || words[start] == "class" else {
                continue
            }
            let name = words[start + 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            open.append((String(name), depth, number))
        }
        close(0)
        return found
    }

    private static func ended(_ lines: [Substring]) -> [Definition] {
        var found: [Definition] = []
        var open: [(name: String, indentation: Int, line: Int)] = []
        for (number, line) in lines.enumerated() {
            guard let depth = indentation(line) else { continue }
            let text = line.dropFirst(depth)
            let words = text.split(separator: " ", maxSplits: 2)
            if words.first == "end" || text.hasPrefix("end)") {
                guard let index = open.lastIndex(where: { $0.indentation == depth }) else {
                    continue
                }
                found.append(Definition(name: open[index].name, lines: open[index].line...number))
                open.removeSubrange(index...)
                continue
            }
            let isOpening = ["def", "defp", "class", "module", "defmodule", "function", "local"]
                .contains(words.first.map(String.init))
            guard isOpening, words.count > 1 else { continue }
            let source = words[0] == "local" && words.count > 2 ? words[2] : words[1]
            let name = source.prefix { $0.isLetter || $0.isNumber || "_.?!:".contains($0) }
            let plain = name.hasPrefix("self.") ? name.dropFirst(5) : name[...]
            open.append((String(plain), depth, number))
        }
        return found
    }
}
