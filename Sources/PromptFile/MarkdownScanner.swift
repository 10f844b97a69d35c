/// Reads Markdown line by line, as far as it takes to tell a heading from what only looks like one.
///
/// Code fences and HTML comments follow CommonMark 0.31 (sections 4.5 and 4.6), also for a fence that begins
/// on the line of a list's marker.
struct MarkdownScanner {
    /// What a line is.
    enum Kind: Equatable {
        case blank
        /// `#` to `######` with its text.
        case heading(level: Int, text: Substring)
        /// A fence's first or last line, or code within.
        case code
        /// Within a comment of several lines, its first and last included.
        case hidden
        /// A line that is one comment, and what the comment says.
        case comment(Substring)
        case text
    }
    /// What isn't ended yet.
    enum Open: Equatable {
        /// `indent` is where the text of the list item begins that the fence is in.
        case fence(Fence, indent: Int)
        case comment
    }
    struct Fence: Equatable {
        var byte: UInt8
        var length: Int

        /// The line that ends it.
        var end: String { String(repeating: Character(Unicode.Scalar(byte)), count: length) }
    }

    private(set) var open: Open?
    /// Off for text in which comments aren't to be ones.
    private let readsComments: Bool

    init(readsComments: Bool = true) { self.readsComments = readsComments }

    /// The state after the last line of a text.
    static func state(after text: String) -> Open? {
        var scanner = MarkdownScanner()
        for line in Lines.split(text) { _ = scanner.kind(of: line) }
        return scanner.open
    }

    /// The line that ends what a text leaves open; `nil` when it leaves nothing open.
    static func end(of text: String) -> String? {
        switch state(after: text) {
        case .fence(let fence, let indent): String(repeating: " ", count: indent) + fence.end
        case .comment: "-->"
        case nil: nil
        }
    }

    mutating func kind(of line: Substring) -> Kind {
        let line = line.content
        switch open {
        case .comment:
            if line.range(of: "-->") != nil { open = nil }
            return .hidden
        case .fence(let fence, let indent):
            let leavesItem = indent > 0 && !line.isBlankLine && line.indentation < indent
            if leavesItem {
                open = nil
                return start(line)
            }
            if Self.ends(fence, line, indent: indent) { open = nil }
            return .code
        case nil: return start(line)
        }
    }

    private mutating func start(_ line: Substring) -> Kind {
        guard !line.isBlankLine else { return .blank }
        if line.indentation > 3 { return .text }
        if let heading = Self.heading(line) { return heading }
        if let (fence, indent) = Self.fence(line) {
            open = .fence(fence, indent: indent)
            return .code
        }
        let text = line.trimmed
        guard readsComments, text.utf8.starts(with: "<!--".utf8) else { return .text }
        guard let end = text.range(of: "-->") else {
            open = .comment
            return .hidden
        }
        guard end.upperBound == text.endIndex, text.utf8.count >= 7 else { return .hidden }
        return .comment(Substring(text.utf8.dropFirst(4).dropLast(3)).trimmed)
    }

    private static func heading(_ line: Substring) -> Kind? {
        let text = line.trimmed
        let level = text.utf8.prefix { $0 == UInt8(ascii: "#") }.count
        guard (1...6).contains(level) else { return nil }
        let rest = Substring(text.utf8.dropFirst(level))
        guard rest.utf8.first?.isBlank ?? true else { return nil }
        // `## Title ##` is the same heading as `## Title`.
        var title = rest.utf8
        while title.last == UInt8(ascii: "#") { title.removeLast() }
        let isClosed = title.count < rest.utf8.count && title.last?.isBlank ?? true
        return .heading(level: level, text: (isClosed ? Substring(title) : rest).trimmed)
    }

    /// The fence that a line begins, and where the text of its list item begins.
    private static func fence(_ line: Substring) -> (Fence, indent: Int)? {
        var rest = line.utf8
        var column = 0
        var indent = 0
        while true {
            let spaces = rest.prefix { $0 == 0x20 }.count
            guard spaces <= 3 || column > 0 else { return nil }
            column += spaces
            rest = rest.dropFirst(spaces)
            if column > spaces { indent = column }
            guard let first = rest.first else { return nil }
            if first == UInt8(ascii: "`") || first == UInt8(ascii: "~") {
                let length = rest.prefix { $0 == first }.count
                let info = rest.dropFirst(length)
                guard length >= 3, first == UInt8(ascii: "~") || !info.contains(first) else {
                    return nil
                }
                return (Fence(byte: first, length: length), indent)
            }
            let marker = markerLength(rest)
            guard marker > 0 else { return nil }
            column += marker
            rest = rest.dropFirst(marker)
        }
    }

    /// The length of a list's marker, `-` or `12.`, with a space after it.
    static func markerLength(_ text: Substring.UTF8View) -> Int {
        let digits = text.prefix(10).prefix(while: \.isDigit).count
        let rest = text.dropFirst(digits)
        guard digits < 10, let first = rest.first, rest.dropFirst().first == 0x20 else { return 0 }
        switch first {
        case UInt8(ascii: "."), UInt8(ascii: ")"): return digits > 0 ? digits + 1 : 0
        case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"): return digits == 0 ? 1 : 0
        default: return 0
        }
    }

    private static func ends(_ fence: Fence, _ line: Substring, indent: Int) -> Bool {
        guard line.indentation - indent <= 3 else { return false }
        let text = line.trimmed.utf8
        return text.count >= fence.length && text.allSatisfy { $0 == fence.byte }
    }
}

extension Substring {
    /// Where `text` (of ASCII) stands first.
    func range(of text: StaticString) -> Range<Index>? {
        let wanted = Array(text.description.utf8)
        var rest = utf8
        while let start = rest.firstIndex(of: wanted[0]) {
            let found = rest[start...].prefix(wanted.count)
            if found.elementsEqual(wanted) { return found.startIndex..<found.endIndex }
            rest = rest[start...].dropFirst()
        }
        return nil
    }
}
