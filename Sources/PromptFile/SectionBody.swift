/// What stands below a prompt's heading, by its sub-sections, with our blocks lifted out of the text.
struct SectionBody {
    /// Lines between two markers of ours, the markers included.
    struct Block: Equatable {
        /// How many lines of the part stand before it.
        var index: Int
        var lines: [Substring]
        /// Of a change nobody has decided on; else of context.
        var isChange: Bool
    }
    struct Part: Equatable {
        /// The heading in small letters, and how many of the same stand before it.
        struct Name: Hashable {
            var title: String
            var occurrence: Int
        }

        var name: Name
        /// The heading as written; `nil` for what stands above the first one.
        var title: String?
        /// With the heading's line, without the blocks.
        var lines: [Substring] = []
        var blocks: [Block] = []

        /// The number of lines without blank ones at the end.
        var length: Int { (lines.lastIndex { !$0.isBlankLine } ?? -1) + 1 }

        /// What is compared: the lines without their ends, without blank ones at the end.
        var content: [Substring] { lines[..<length].map(\.content) }

        /// For messages.
        var words: String { title ?? "the description" }

        var text: String {
            var result = ""
            for index in 0...lines.count {
                for block in blocks where block.index == index {
                    if !result.isEmpty, !result.endsLine { result += "\n" }
                    result += block.lines.joined()
                }
                if index < lines.count { result += lines[index] }
            }
            return result
        }
    }

    private(set) var parts: [Part]

    init(_ text: String) {
        let marked = MarkedLines(text)
        parts = [Part(name: Part.Name(title: "", occurrence: 0))]
        var seen: [String: Int] = [:]
        var index = 0
        while index < marked.lines.count {
            if let (range, isChange) = marked.block(at: index) {
                let block = Block(
                    index: parts[parts.count - 1].lines.count,
                    lines: Array(marked.lines[range]),
                    isChange: isChange
                )
                parts[parts.count - 1].blocks.append(block)
                index = range.upperBound
                continue
            }
            if case .heading(let level, let text) = marked.kinds[index], level <= 3 {
                let title = text.lowercased()
                let name = Part.Name(title: title, occurrence: seen[title, default: 0])
                seen[title, default: 0] += 1
                parts.append(Part(name: name, title: String(text)))
            }
            parts[parts.count - 1].lines.append(marked.lines[index])
            index += 1
        }
    }

    func part(_ name: Part.Name) -> Part? { parts.first { $0.name == name } }
}

/// The lines of a section, and which of them are between markers of ours.
struct MarkedLines {
    let lines: [Substring]
    let kinds: [MarkdownScanner.Kind]
    /// From the start marker to the end marker, and the blank line below where there is one above, too.
    private(set) var contexts: [Range<Int>] = []
    private(set) var changes: [Range<Int>] = []
    /// Whether a context's start marker has no end.
    private(set) var hasUnclosedContext = false

    init(_ text: String) {
        lines = Lines.split(text)
        var scanner = MarkdownScanner()
        kinds = lines.map { scanner.kind(of: $0) }
        var context: Int?
        var change: Int?
        for (index, kind) in kinds.enumerated() {
            switch Marker(kind) {
            case .contextStart where change == nil:
                hasUnclosedContext = hasUnclosedContext || context != nil
                context = index
            case .contextEnd:
                if let start = context { contexts.append(start..<end(of: start, index)) }
                context = nil
            case .changeStart where context == nil: change = index
            case .changeEnd:
                if let start = change { changes.append(start..<end(of: start, index)) }
                change = nil
            case .contextStart, .changeStart, nil: break
            }
        }
        hasUnclosedContext = hasUnclosedContext || context != nil
    }

    /// The block that begins with a line.
    func block(at index: Int) -> (Range<Int>, isChange: Bool)? {
        if let range = contexts.first(where: { $0.lowerBound == index }) { return (range, false) }
        if let range = changes.first(where: { $0.lowerBound == index }) { return (range, true) }
        return nil
    }

    private func end(of start: Int, _ last: Int) -> Int {
        let isSurrounded =
            start > 0 && lines[start - 1].isBlankLine && last + 1 < lines.count
            && lines[last + 1].isBlankLine
        return isSurrounded ? last + 2 : last + 1
    }
}

extension String {
    /// Whether the text ends with the end of a line.
    var endsLine: Bool { utf8.last == 0x0A || utf8.last == 0x0D }
}
