import Domain

/// Markdown that somebody else wrote, made fit to stand inside a section.
///
/// It stays as readable as it was, and nothing in it reaches beyond itself: headings are lower than those of
/// the section, code blocks end, rules and underlines can't be taken for front matter or headings, and what
/// would be hidden from a reader of the page (comments, tags, definitions of links) is shown as text.
struct ContainedText {
    enum Item: Equatable {
        case heading(level: Int, text: Substring)
        /// Taken over as it is.
        case code(Substring)
        case text(Substring)
        case rule
        case blank
    }

    private(set) var items: [Item] = []

    /// Reads Markdown.
    init(_ text: String) {
        var scanner = MarkdownScanner(readsComments: false)
        var paragraph = Paragraph.none
        for line in Lines.split(text) {
            let line = line.content
            if case .fence(let fence, _) = scanner.open, let indent = fenceIndent, indent > 0,
                !line.isBlankLine, line.indentation < indent
            {
                // The list that the code is in ends here, and the code with it.
                let end = Substring(String(repeating: " ", count: indent) + fence.end)
                _ = scanner.kind(of: end)
                items.append(.code(end))
            }
            let wasOpen = scanner.open != nil
            switch scanner.kind(of: line) {
            case .blank:
                items.append(.blank)
                paragraph = .none
            case .heading(let level, let text):
                items.append(.heading(level: level, text: text))
                paragraph = .none
            case .code:
                if !wasOpen { fenceIndent = line.indentation }
                items.append(.code(line))
                paragraph = .none
            case .text, .hidden, .comment: appendText(line, &paragraph)
            }
        }
        if case .fence(let fence, let indent) = scanner.open {
            items.append(.code(Substring(String(repeating: " ", count: indent) + fence.end)))
        }
    }

    init(items: [Item]) { self.items = items }

    /// The column in which the last fence began.
    private var fenceIndent: Int?

    /// How much of a paragraph stands above a line.
    private enum Paragraph {
        case none
        /// One plain line, which an underline makes a heading.
        case line
        case other
    }

    private mutating func appendText(_ line: Substring, _ paragraph: inout Paragraph) {
        if line.indentation <= 3, let level = Self.underlineLevel(line) {
            switch paragraph {
            case .line:
                if case .text(let title) = items.last {
                    items[items.count - 1] = .heading(level: level, text: title.trimmed)
                }
                paragraph = .none
                return
            case .none, .other:
                if level == 2, line.trimmed.utf8.count >= 3 {
                    items.append(.rule)
                    paragraph = .none
                    return
                }
                if paragraph == .other {
                    items.append(.text("\\" + line.trimmed))
                    return
                }
            }
        }
        items.append(.text(line))
        let isPlain = line.indentation <= 3 && Self.containerLength(line.utf8) == 0
        paragraph = paragraph == .none && isPlain ? .line : .other
    }

    /// 1 for `===`, 2 for `---`.
    private static func underlineLevel(_ line: Substring) -> Int? {
        let marks = line.trimmed.utf8
        if marks.allSatisfy({ $0 == UInt8(ascii: "=") }) { return 1 }
        return marks.allSatisfy { $0 == UInt8(ascii: "-") } ? 2 : nil
    }

    /// The length of the marks of quotes and lists that a line begins with, spaces included.
    static func containerLength(_ line: Substring.UTF8View) -> Int {
        var rest = line
        var length = 0
        while true {
            let spaces = rest.prefix(while: \.isBlank).count
            rest = rest.dropFirst(spaces)
            let marker =
                rest.first == UInt8(ascii: ">") ? 1 : MarkdownScanner.markerLength(rest)
            guard marker > 0 else { return length == 0 ? 0 : length + spaces }
            length += spaces + marker
            rest = rest.dropFirst(marker)
        }
    }
}

extension ContainedText {
    /// The text, without blank lines around it and without a line end at its end.
    ///
    /// - Parameter highest: The level that its highest heading may have.
    /// - Returns: Markdown.
    func text(highest: Int) -> String {
        let levels = items.compactMap { item -> Int? in
            if case .heading(let level, _) = item { level } else { nil }
        }
        let shift = max(0, highest - (levels.min() ?? highest))
        var lines: [String] = []
        for item in items {
            switch item {
            case .blank: lines.append("")
            case .rule: lines.append("***")
            case .code(let line): lines.append(String(line))
            case .heading(let level, let text):
                let marks = String(repeating: "#", count: min(6, level + shift))
                lines.append(text.isEmpty ? marks : marks + " " + Self.escaped(text))
            case .text(let line): lines.append(Self.escaped(Self.withoutDefinition(line)[...]))
            }
        }
        let kept = lines.drop(while: \.isEmpty)
        return kept.prefix(
            (kept.lastIndex { !$0.isEmpty } ?? kept.startIndex - 1) + 1 - kept.startIndex
        )
        .joined(separator: "\n")
    }

    /// Whether nothing is there to be read.
    var isEmpty: Bool { items.allSatisfy { $0 == .blank || $0 == .rule } }

    /// A line in which no link is defined: a definition can't be seen, and it holds for the whole file.
    private static func withoutDefinition(_ line: Substring) -> String {
        let marks = containerLength(line.utf8)
        let rest = line.utf8.dropFirst(marks)
        let spaces = rest.prefix(while: \.isBlank).count
        let label = rest.dropFirst(spaces)
        guard label.first == UInt8(ascii: "[") else { return String(line) }
        let end = label.firstIndex(of: UInt8(ascii: "]"))
        let isDefinition =
            end.map {
                label[$0...].dropFirst().first == UInt8(ascii: ":") || label[..<$0].last == 0x5C
            }
            ?? true
        guard isDefinition else { return String(line) }
        return String(line.utf8.prefix(marks + spaces)).map { $0 + "\\" + String(Substring(label)) }
            ?? String(line)
    }

    /// A line in which tags and comments are seen; links in angle brackets and code stay.
    static func escaped(_ line: Substring) -> String {
        var result: [UInt8] = []
        var rest = line.utf8
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "\\"):
                result += rest.prefix(2)
                rest = rest.dropFirst(2)
                continue
            case UInt8(ascii: "`"):
                let length = codeLength(rest)
                result += rest.prefix(length)
                rest = rest.dropFirst(length)
                continue
            case UInt8(ascii: "<") where isTag(rest.dropFirst()): result += [0x5C, byte]
            default: result.append(byte)
            }
            rest = rest.dropFirst()
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The length of the code that a text begins with, or of its backticks when they don't end.
    private static func codeLength(_ text: Substring.UTF8View) -> Int {
        let length = text.prefix { $0 == UInt8(ascii: "`") }.count
        var total = length
        var rest = text.dropFirst(length)
        while !rest.isEmpty {
            let before = rest.prefix { $0 != UInt8(ascii: "`") }.count
            rest = rest.dropFirst(before)
            let marks = rest.prefix { $0 == UInt8(ascii: "`") }.count
            total += before + marks
            if marks == length { return total }
            rest = rest.dropFirst(marks)
        }
        return length
    }

    private static func isTag(_ text: Substring.UTF8View) -> Bool {
        guard let first = text.first else { return false }
        switch first {
        case UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: "/"): return true
        case 0x41...0x5A, 0x61...0x7A:
            // A name and its end; <https://…> and <mailto:…> are links.
            let end = text.first {
                !(0x41...0x5A).contains($0) && !(0x61...0x7A).contains($0) && !$0.isDigit
                    && $0 != UInt8(ascii: "-")
            }
            return end.map { $0.isBlank || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "/") }
                ?? true
        default: return false
        }
    }

    /// The text as code within a line, whatever backticks it holds.
    static func code(_ text: String) -> String {
        var longest = 0
        var current = 0
        for byte in text.utf8 {
            current = byte == UInt8(ascii: "`") ? current + 1 : 0
            longest = max(longest, current)
        }
        let marks = String(repeating: "`", count: longest + 1)
        let space = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
        return marks + space + text + space + marks
    }
}
