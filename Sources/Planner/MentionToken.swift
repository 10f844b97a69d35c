import Domain

/// What a line of a ticket's text is made of, as far as it matters to who waits for whom.
enum MentionToken: Equatable {
    /// In lower case, without marks of emphasis.
    case word(String)
    case key(TicketKey)
    /// A ticket named by the target of a link with other words as its text.
    case linked(TicketKey)
    /// Between the members of a list: `,`, `&`, `+`, `/`.
    case separator
    case colon
    case opening
    case closing
    /// The end of a sentence, or something that no sentence goes on after.
    case end
}

/// Cuts a line into tokens.
struct MentionTokens {
    private(set) var tokens: [MentionToken] = []
    private let bytes: [UInt8]
    private var index: Int

    init(_ bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        index = start
        while index < bytes.count { step() }
    }

    private mutating func step() {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "&"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            tokens.append(.separator)
            index += 1
        case UInt8(ascii: ":"):
            tokens.append(.colon)
            index += 1
        case UInt8(ascii: "("):
            tokens.append(.opening)
            index += 1
        case UInt8(ascii: ")"):
            tokens.append(.closing)
            index += 1
        case UInt8(ascii: "."), UInt8(ascii: ";"), UInt8(ascii: "!"), UInt8(ascii: "?"),
            UInt8(ascii: "|"), UInt8(ascii: "="), UInt8(ascii: ">"), Prose.mask:
            tokens.append(.end)
            index += 1
        case UInt8(ascii: "["): link()
        case UInt8(ascii: "]"): skipTarget()
        case UInt8(ascii: "<"): tag()
        case 0xE2 where index + 1 < bytes.count && bytes[index + 1] == 0x80: punctuation()
        case _ where Self.isWord(byte) || byte >= 0x80: word()
        case UInt8(ascii: "#"), UInt8(ascii: "@"), UInt8(ascii: "\\"), UInt8(ascii: "$"):
            // The word after it isn't one of a sentence.
            tokens.append(.end)
            index += 1
            skipWord()
        default: index += 1
        }
    }

    /// The marks of general punctuation, three bytes each: dashes end a thought, the others are nothing.
    private mutating func punctuation() {
        let last = index + 2 < bytes.count ? bytes[index + 2] : 0
        index += 3
        if (0x92...0x95).contains(last) || last == 0xA6 { tokens.append(.end) }
    }

    private mutating func word() {
        let start = index
        while index < bytes.count, isInWord(index) {
            index += Self.isApostrophe(bytes, index) ? 3 : 1
        }
        let raw = bytes[start..<index]
        if raw.starts(with: Self.http), index < bytes.count, bytes[index] == UInt8(ascii: ":"),
            bytes[index...].starts(with: Self.schemeEnd)
        {
            url(from: start)
            return
        }
        let slice = Self.trimmed(raw)
        guard !slice.isEmpty else { return }
        // A name with a point in it, such as a file's or a host's.
        if index + 1 < bytes.count, bytes[index] == UInt8(ascii: "."), Self.isWord(bytes[index + 1])
        {
            skipWord()
            tokens.append(.word("."))
            return
        }
        if let key = Self.key(slice), !Self.isStandard(key) {
            let isPath =
                index + 1 < bytes.count && bytes[index] == UInt8(ascii: "/")
                && Self.key(leading: bytes[(index + 1)...]) == nil
            if isPath {
                skipWord()
                tokens.append(.word("/"))
            } else {
                tokens.append(.key(key))
            }
            return
        }
        var word = Array(slice.prefix(40))
        if word.contains(0xE2) {
            while let mark = word.indices.first(where: { Self.isApostrophe(word, $0) }) {
                word.replaceSubrange(mark...(mark + 2), with: [UInt8(ascii: "'")])
            }
        }
        tokens.append(.word(String(decoding: word, as: UTF8.self).lowercased()))
    }

    private mutating func skipWord() {
        while index < bytes.count, isInWord(index) || Self.joins.contains(bytes[index]) {
            index += 1
        }
    }

    private mutating func url(from start: Int) {
        while index < bytes.count, bytes[index] > 32, !Self.urlEnds.contains(bytes[index]) {
            index += 1
        }
        if let key = Self.linearKey(bytes[start..<index]) {
            tokens.append(.key(key))
        } else {
            tokens.append(.word("://"))
        }
    }

    /// `[text](target)`: a ticket when the text begins with one, or when the target is one of Linear's.
    private mutating func link() {
        var close = index + 1
        while close < bytes.count, bytes[close] != UInt8(ascii: "]"),
            bytes[close] != UInt8(ascii: "[")
        {
            close += 1
        }
        guard close + 1 < bytes.count, bytes[close] == UInt8(ascii: "]"),
            bytes[close + 1] == UInt8(ascii: "(")
        else {
            index += 1
            return
        }
        let text = bytes[(index + 1)..<close].drop { $0 == 32 || $0 == UInt8(ascii: "*") }
        let target = target(from: close + 2)
        if let key = Self.key(leading: text) {
            tokens.append(.key(key))
        } else if let key = Self.linearKey(bytes[target]) {
            let isBare = text.starts(with: Self.http)
            tokens.append(isBare ? .key(key) : .linked(key))
        } else {
            index += 1
            return
        }
        index = target.upperBound
        if index < bytes.count, bytes[index] == UInt8(ascii: ")") { index += 1 }
    }

    private mutating func skipTarget() {
        index += 1
        guard index < bytes.count, bytes[index] == UInt8(ascii: "(") else { return }
        index = target(from: index + 1).upperBound
        if index < bytes.count, bytes[index] == UInt8(ascii: ")") { index += 1 }
    }

    private func target(from start: Int) -> Range<Int> {
        var end = start
        while end < bytes.count, bytes[end] > 32, !Self.targetEnds.contains(bytes[end]) { end += 1 }
        return start..<end
    }

    private mutating func tag() {
        index += 1
        guard index < bytes.count,
            bytes[index] == UInt8(ascii: "/") || Self.isLetter(bytes[index]),
            !bytes[index...].starts(with: Self.http)
        else { return }
        while index < bytes.count, bytes[index] != UInt8(ascii: "<"),
            bytes[index] != UInt8(ascii: ">")
        {
            index += 1
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ">") { index += 1 }
    }

    /// The ticket that a link to Linear leads to: `https://linear.app/WORKSPACE/issue/FRE-12/…`.
    private static func linearKey(_ url: ArraySlice<UInt8>) -> TicketKey? {
        let parts = url.split(separator: UInt8(ascii: "/"), maxSplits: 6)
        guard parts.count >= 5, parts[0].starts(with: http),
            parts[1].elementsEqual("linear.app".utf8),
            parts[3].elementsEqual("issue".utf8)
        else { return nil }
        return key(parts[4].prefix { isWord($0) }, anyCase: true)
    }

    private static func key(leading bytes: ArraySlice<UInt8>) -> TicketKey? {
        key(trimmed(bytes.prefix { isWord($0) }))
    }

    /// In capitals, as people write keys; `utf-8` and `node-18` aren't any.
    private static func key(_ bytes: ArraySlice<UInt8>, anyCase: Bool = false) -> TicketKey? {
        guard bytes.count <= 34, let dash = bytes.firstIndex(of: UInt8(ascii: "-")),
            dash + 1 < bytes.endIndex, bytes[dash + 1] != UInt8(ascii: "0"),
            let first = bytes.first, isLetter(first),
            anyCase || !bytes.contains(where: { (0x61...0x7A).contains($0) })
        else { return nil }
        return TicketKey(String(decoding: bytes, as: UTF8.self))
    }

    /// Names of standards and products have the form of a key; Linear has no such teams as a rule, and
    /// asking it for each would cost.
    private static func isStandard(_ key: TicketKey) -> Bool {
        switch key.team {
        case "AES", "CVE", "CWE", "ECMA", "ES", "GPT", "HTTP", "IEEE", "IPV", "ISO", "MD", "PEP",
            "RFC",
            "RSA", "SHA", "TLS", "UTF":
            true
        default: false
        }
    }

    /// Without the marks of emphasis, apostrophes and dashes around it.
    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isMark(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "'")
        }
        var slice = bytes.drop(while: isMark)
        while let last = slice.last, isMark(last) { slice.removeLast() }
        return slice
    }

    private func isInWord(_ index: Int) -> Bool {
        let byte = bytes[index]
        if Self.isWord(byte) || byte == UInt8(ascii: "'") { return true }
        guard byte >= 0x80 else { return false }
        let isMark = byte == 0xE2 && index + 1 < bytes.count && bytes[index + 1] == 0x80
        return !isMark || Self.isApostrophe(bytes, index)
    }

    private static func isApostrophe(_ bytes: [UInt8], _ index: Int) -> Bool {
        index + 2 < bytes.count && bytes[index] == 0xE2 && bytes[index + 1] == 0x80
            && bytes[index + 2] == 0x99
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }

    private static let http = Array("http".utf8)
    private static let schemeEnd = Array("://".utf8)
    private static let joins = Array("./\\@#".utf8)
    private static let urlEnds = Array("<>()[]\"|`,".utf8)
    private static let targetEnds = Array("()[]<>".utf8)
}
