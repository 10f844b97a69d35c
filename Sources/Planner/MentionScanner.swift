import Domain

/// Reads a ticket's text line by line and keeps the tickets that it says this one waits for.
struct MentionScanner {
    private(set) var mentions: [TicketKey] = []
    private var known: Set<TicketKey> = []
    /// The paragraph, item or heading that is being read; a line goes on where the one before ended.
    private var tokens: [MentionToken] = []
    /// Whether that is an item of a list.
    private var isItem = false
    /// Whether the items of a list that comes next are meant.
    private var listIsMeant = false
    /// Whether the heading above is about tickets that this one doesn't wait for.
    private var isAside = false

    mutating func read(_ line: Prose.Line) {
        let bytes = line.bytes
        // In a table's row the columns say who waits for whom.
        guard let start = bytes.firstIndex(where: { $0 != 32 && $0 != 9 }),
            bytes[start] != UInt8(ascii: "|")
        else {
            finish()
            return
        }
        let heading = bytes[start...].prefix { $0 == UInt8(ascii: "#") }.count
        if (1...6).contains(heading), start + heading < bytes.count, bytes[start + heading] == 32 {
            finish()
            head(MentionTokens(bytes, from: start + heading).tokens)
        } else if let body = Self.item(bytes, start) {
            finish()
            item(bytes, body)
        } else {
            // What is indented goes on with the item above, also after an empty line.
            if tokens.isEmpty { isItem = listIsMeant && start > 0 }
            tokens += MentionTokens(bytes, from: start).tokens
        }
    }

    /// Takes what the paragraph or item says; to be called once more after the last line.
    mutating func finish() {
        guard !tokens.isEmpty else { return }
        let introducesList = MentionGrammar.introducesList(tokens)
        listIsMeant = introducesList || (isItem && listIsMeant)
        // What an item that begins with a ticket says is about that one.
        let isAboutOther = isItem && !MentionGrammar.leadingList(tokens).isEmpty
        if !isAboutOther { keep(MentionGrammar.mentions(in: tokens)) }
        tokens = []
        isItem = false
    }

    private mutating func head(_ tokens: [MentionToken]) {
        isAside = tokens.contains(where: MentionGrammar.isAside)
        listIsMeant = !isAside && MentionGrammar.isLabel(tokens)
        keep(MentionGrammar.mentions(in: tokens))
    }

    private mutating func item(_ bytes: [UInt8], _ start: Int) {
        let box = Self.box(bytes, start)
        tokens = MentionTokens(bytes, from: box == nil ? start : start + 3).tokens
        isItem = true
        let isMeant =
            switch box {
            case .empty: listIsMeant || !isAside
            case .ticked: false
            case nil: listIsMeant
            }
        if isMeant { keep(MentionGrammar.leadingList(tokens)) }
        if box == .ticked { tokens = [] }
    }

    private mutating func keep(_ keys: [TicketKey]) {
        for key in keys where known.insert(key).inserted { mentions.append(key) }
    }

    private enum Box { case empty, ticked }

    /// Where a list item's text begins, or `nil` when the line isn't one.
    static func item(_ bytes: [UInt8], _ start: Int) -> Int? {
        var end = start
        if [UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+")].contains(bytes[start]) {
            end = start + 1
        } else {
            while end < bytes.count, end - start < 9, (0x30...0x39).contains(bytes[end]) {
                end += 1
            }
            guard end > start, end < bytes.count,
                bytes[end] == UInt8(ascii: ".") || bytes[end] == UInt8(ascii: ")")
            else { return nil }
            end += 1
        }
        guard end < bytes.count, bytes[end] == 32 || bytes[end] == 9 else { return nil }
        return bytes[end...].firstIndex { $0 != 32 && $0 != 9 } ?? bytes.count
    }

    private static func box(_ bytes: [UInt8], _ start: Int) -> Box? {
        guard start + 2 < bytes.count, bytes[start] == UInt8(ascii: "["),
            bytes[start + 2] == UInt8(ascii: "]")
        else { return nil }
        switch bytes[start + 1] {
        case 32: return .empty
        case UInt8(ascii: "x"), UInt8(ascii: "X"): return .ticked
        default: return nil
        }
    }
}
