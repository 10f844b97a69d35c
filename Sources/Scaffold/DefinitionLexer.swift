/// Blanks out what stands in strings and comments, so that braces and words that are left are code.
///
/// The result has a byte for each byte of the source. Comments become spaces (their line ends stay), strings
/// `"` (their line ends too, since no statement ends there), lines for a preprocessor `noise`. One pass, and
/// what is nested lies on a stack of its own.
struct DefinitionLexer {
    /// Neither code nor a comment.
    static let noise: UInt8 = 1

    private enum Frame {
        case string(Quote)
        /// Code inside a string, until its closing mark at depth 0.
        case insertion(open: UInt8, close: UInt8, depth: Int)
    }
    private struct Quote {
        var byte: UInt8
        var count = 1
        /// How many `#` stand around it.
        var hashes = 0
        var escapes = true
        /// A quote inside is written twice.
        var isDoubled = false
        var isOpen = false
        /// What starts code inside it.
        var insertions: DefinitionSyntax.Marks = []
    }

    private let bytes: [UInt8]
    private let marks: DefinitionSyntax.Marks
    private var masked: [UInt8]
    private var index = 0
    private var frames: [Frame] = []
    /// The lowest frame that can't go on behind the end of its line.
    private var firstBound: Int?
    /// The end of the line in which a quote was looked for in vain.
    private var quoteless = -1
    /// Marks that end the texts which begin behind this line.
    private var heredocs: [ArraySlice<UInt8>] = []
    private var hasHeredocs: Bool
    /// The last byte of code that isn't blank, and its offset.
    private var previous: (byte: UInt8, offset: Int) = (0, -1)
    /// The depth of braces, and what it was at each `#if` that is open.
    private var depth = 0
    private var conditions: [Int] = []

    static func masked(_ bytes: [UInt8], _ marks: DefinitionSyntax.Marks) -> [UInt8] {
        var lexer = DefinitionLexer(bytes, marks)
        lexer.run()
        return lexer.masked
    }

    private init(_ bytes: [UInt8], _ marks: DefinitionSyntax.Marks) {
        self.bytes = bytes
        self.marks = marks
        masked = bytes
        hasHeredocs = marks.contains(.heredocs)
    }

    private mutating func run() {
        if marks.contains(.islands) { skipIsland() }
        while index < bytes.count {
            if case .string(let quote) = frames.last {
                takeString(quote)
            } else {
                takeCode()
            }
        }
    }

    // MARK: Bytes

    private func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    private func starts(_ mark: StaticString, at offset: Int) -> Bool {
        guard bytes.count - offset >= mark.utf8CodeUnitCount else { return false }
        for place in 0..<mark.utf8CodeUnitCount where bytes[offset + place] != mark.utf8Start[place]
        {
            return false
        }
        return true
    }

    /// How often a byte stands from an offset on.
    private func run(of byte: UInt8, at offset: Int, limit: Int = 255) -> Int {
        var end = offset
        while end < bytes.count, end - offset < limit, bytes[end] == byte { end += 1 }
        return end - offset
    }

    private mutating func mask(to end: Int, as fill: UInt8, keepingLines: Bool = false) {
        let end = min(end, bytes.count)
        while index < end {
            if !keepingLines || bytes[index] != UInt8(ascii: "\n") { masked[index] = fill }
            index += 1
        }
    }

    private func lineEnd(_ offset: Int) -> Int {
        var end = offset
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return end
    }

    private mutating func push(_ quote: Quote, length: Int) {
        if !quote.isOpen, firstBound == nil { firstBound = frames.count }
        frames.append(.string(quote))
        mask(to: index + length, as: UInt8(ascii: "\""))
    }

    private mutating func pop() {
        frames.removeLast()
        if let bound = firstBound, frames.count <= bound { firstBound = nil }
        if frames.isEmpty { previous = (UInt8(ascii: "\""), index) }
    }

    // MARK: Strings

    private mutating func takeString(_ quote: Quote) {
        let byte = bytes[index]
        let fill = UInt8(ascii: "\"")
        if byte == UInt8(ascii: "\n"), !quote.isOpen {
            return endLine()
        }
        if byte == UInt8(ascii: "\\"), quote.escapes {
            let hashes = run(of: UInt8(ascii: "#"), at: index + 1, limit: quote.hashes)
            guard hashes == quote.hashes else { return mask(to: index + 1, as: fill) }
            let next = index + 1 + hashes
            if quote.insertions.contains(.swiftInsertions), self.byte(next) == UInt8(ascii: "(") {
                return insert(UInt8(ascii: "("), UInt8(ascii: ")"), length: hashes + 2)
            }
            return mask(to: next + 1, as: fill)
        }
        if byte == UInt8(ascii: "$") || byte == UInt8(ascii: "#"), opensInsertion(quote) {
            return insert(
                bytes[index + 1],
                bytes[index + 1] == UInt8(ascii: "(") ? UInt8(ascii: ")") : UInt8(ascii: "}"),
                length: 2
            )
        }
        guard byte == quote.byte, run(of: byte, at: index, limit: quote.count) == quote.count,
            run(of: UInt8(ascii: "#"), at: index + quote.count, limit: quote.hashes)
                == quote.hashes
        else { return mask(to: index + 1, as: fill) }
        if quote.isDoubled, self.byte(index + 1) == quote.byte {
            return mask(to: index + 2, as: fill)
        }
        mask(to: index + quote.count + quote.hashes, as: fill)
        pop()
    }

    private func opensInsertion(_ quote: Quote) -> Bool {
        let next = byte(index + 1)
        if bytes[index] == UInt8(ascii: "#") {
            return quote.insertions.contains(.rubyInsertions) && next == UInt8(ascii: "{")
        }
        if quote.insertions.contains(.shellInsertions), next == UInt8(ascii: "(") { return true }
        return next == UInt8(ascii: "{")
            && !quote.insertions.isDisjoint(with: [.dollarInsertions, .shellInsertions])
    }

    private mutating func insert(_ open: UInt8, _ close: UInt8, length: Int) {
        frames.append(.insertion(open: open, close: close, depth: 0))
        mask(to: index + length, as: UInt8(ascii: "\""))
    }

    private mutating func endLine() {
        if let bound = firstBound {
            frames.removeSubrange(bound...)
            firstBound = nil
        }
        if frames.isEmpty {
            index += 1
            skipHeredocs()
        } else {
            mask(to: index + 1, as: UInt8(ascii: "\""))
        }
    }

    // MARK: Code

    private mutating func takeCode() {
        let byte = bytes[index]
        if byte == UInt8(ascii: "\n") { return endLine() }
        if byte.isBlank {
            if !frames.isEmpty { masked[index] = UInt8(ascii: "\"") }
            index += 1
            return
        }
        if takeComment(byte) || takeQuote(byte) { return }
        if byte == UInt8(ascii: "\\") {
            // Outside of strings it takes the meaning from the next character, as in a shell.
            return mask(to: index + 2, as: UInt8(ascii: " "), keepingLines: true)
        }
        if marks.contains(.shellInsertions), frames.isEmpty, byte == UInt8(ascii: "$"),
            self.byte(index + 1) == UInt8(ascii: "{")
        {
            return insert(UInt8(ascii: "{"), UInt8(ascii: "}"), length: 2)
        }
        if case .insertion(let open, let close, let depth) = frames.last {
            masked[index] = UInt8(ascii: "\"")
            index += 1
            guard byte == open || byte == close else { return }
            if byte == close, depth == 0 { return pop() }
            frames[frames.count - 1] = .insertion(
                open: open,
                close: close,
                depth: byte == open ? depth + 1 : depth - 1
            )
            return
        }
        if byte == UInt8(ascii: "{") { depth += 1 }
        if byte == UInt8(ascii: "}") { depth -= 1 }
        previous = (byte, index)
        index += 1
    }

    private var isAtWordStart: Bool {
        guard index > 0 else { return true }
        let before = bytes[index - 1]
        return before.isBlank || before == UInt8(ascii: "\n") || before == UInt8(ascii: ";")
            || before == UInt8(ascii: "(") || before == UInt8(ascii: "{")
    }

    private mutating func takeComment(_ byte: UInt8) -> Bool {
        let space = UInt8(ascii: " ")
        switch byte {
        case UInt8(ascii: "/") where marks.contains(.slashComments):
            let next = self.byte(index + 1)
            // An address in the text of a page is no comment.
            if next == UInt8(ascii: "/"), index == 0 || bytes[index - 1] != UInt8(ascii: ":") {
                mask(to: lineEnd(index), as: space)
                return true
            }
            guard next == UInt8(ascii: "*") else { return false }
            mask(to: blockCommentEnd(), as: space, keepingLines: true)
            return true
        case UInt8(ascii: "#") where marks.contains(.preprocessor) && frames.isEmpty:
            return takeDirective()
        case UInt8(ascii: "#") where marks.contains(.hashComments):
            if marks.contains(.shellInsertions), !isAtWordStart { return false }
            if marks.contains(.islands), self.byte(index + 1) == UInt8(ascii: "[") { return false }
            mask(to: lineEnd(index), as: space)
            return true
        case UInt8(ascii: "-") where marks.contains(.dashComments) && starts("--", at: index):
            mask(to: lineEnd(index), as: space)
            return true
        case UInt8(ascii: "=")
        where marks.contains(.rubyInsertions) && marks.contains(.heredocs)
            && starts("=begin", at: index) && (index == 0 || bytes[index - 1] == 0x0A):
            repeat {
                mask(to: lineEnd(index), as: space)
                index += 1
            } while index < bytes.count && !starts("=end", at: index)
            mask(to: lineEnd(index), as: space)
            return true
        case UInt8(ascii: "?") where marks.contains(.islands) && starts("?>", at: index):
            skipIsland()
            return true
        default: return false
        }
    }

    private func blockCommentEnd() -> Int {
        var place = index + 2
        var depth = 1
        while place < bytes.count, depth > 0 {
            if bytes[place] == UInt8(ascii: "*"), byte(place + 1) == UInt8(ascii: "/") {
                depth -= 1
                place += 2
            } else if marks.contains(.nestedComments), bytes[place] == UInt8(ascii: "/"),
                byte(place + 1) == UInt8(ascii: "*")
            {
                depth += 1
                place += 2
            } else {
                place += 1
            }
        }
        return place
    }

    /// A line for the preprocessor; of branches that open braces differently the first one counts.
    private mutating func takeDirective() -> Bool {
        guard previousInLineIsBlank else { return false }
        var word = index + 1
        while byte(word).isBlank { word += 1 }
        var end = lineEnd(index)
        while end > index, end < bytes.count,
            bytes[end - 1] == UInt8(ascii: "\\") || starts("\\\r", at: max(end - 2, 0))
        {
            end = lineEnd(end + 1)
        }
        if starts("if", at: word) {
            conditions.append(depth)
        } else if starts("endif", at: word) {
            if !conditions.isEmpty { conditions.removeLast() }
        } else if starts("el", at: word), let before = conditions.last, before != depth {
            end = endOfConditions(from: end)
        }
        mask(to: end, as: Self.noise)
        return true
    }

    private var previousInLineIsBlank: Bool {
        guard previous.offset >= 0 else { return true }
        var place = index - 1
        while place > previous.offset, bytes[place] != UInt8(ascii: "\n") { place -= 1 }
        return place > previous.offset
    }

    /// The start of the `#endif` that closes the open condition.
    private func endOfConditions(from start: Int) -> Int {
        var place = start
        var open = 0
        while place < bytes.count {
            place += 1
            var word = place
            while byte(word).isBlank { word += 1 }
            if byte(word) == UInt8(ascii: "#") {
                word += 1
                while byte(word).isBlank { word += 1 }
                if starts("if", at: word) { open += 1 }
                if starts("endif", at: word) {
                    if open == 0 { return place }
                    open -= 1
                }
            }
            place = lineEnd(word)
        }
        return bytes.count
    }

    private mutating func skipIsland() {
        while index < bytes.count, !starts("<?", at: index) {
            if bytes[index] != UInt8(ascii: "\n") { masked[index] = Self.noise }
            index += 1
        }
        if starts("<?php", at: index) { return mask(to: index + 5, as: Self.noise) }
        mask(to: index + (starts("<?=", at: index) ? 3 : 2), as: Self.noise)
    }
}

// MARK: What opens a string

extension DefinitionLexer {
    private mutating func takeQuote(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""): takeDoubleQuote()
        case UInt8(ascii: "'"): return takeSingleQuote()
        case UInt8(ascii: "`"):
            if marks.contains(.templates) {
                push(
                    Quote(byte: byte, isOpen: true, insertions: .dollarInsertions),
                    length: 1
                )
            } else if marks.contains(.rawBackticks) {
                push(Quote(byte: byte, escapes: false, isOpen: true), length: 1)
            } else {
                return false
            }
        case UInt8(ascii: "#") where marks.contains(.hashedStrings):
            let hashes = run(of: byte, at: index)
            guard self.byte(index + hashes) == UInt8(ascii: "\"") else { return false }
            let isLong = starts("\"\"\"", at: index + hashes)
            push(
                Quote(
                    byte: UInt8(ascii: "\""),
                    count: isLong ? 3 : 1,
                    hashes: hashes,
                    isOpen: isLong,
                    insertions: .swiftInsertions
                ),
                length: hashes + (isLong ? 3 : 1)
            )
        case UInt8(ascii: "/") where marks.contains(.regexes): return takeRegex()
        case UInt8(ascii: "<") where hasHeredocs && frames.isEmpty:
            noteHeredoc()
            return false
        default: return false
        }
        return true
    }

    private mutating func takeDoubleQuote() {
        let quote = UInt8(ascii: "\"")
        let before = index > 0 ? bytes[index - 1] : 0
        if marks.contains(.rawStrings) {
            var hashes = 0
            while index > hashes, bytes[index - 1 - hashes] == UInt8(ascii: "#"), hashes < 255 {
                hashes += 1
            }
            let letter = index > hashes ? bytes[index - 1 - hashes] : 0
            if letter == UInt8(ascii: "r") {
                return push(
                    Quote(byte: quote, hashes: hashes, escapes: false, isOpen: true),
                    length: 1
                )
            }
        }
        if marks.contains(.markedStrings), before == UInt8(ascii: "R"), takeMarkedString() {
            return
        }
        if marks.contains(.tripleQuotes), starts("\"\"\"", at: index) {
            return push(
                Quote(byte: quote, count: 3, isOpen: true, insertions: marks),
                length: 3
            )
        }
        if marks.contains(.verbatimStrings),
            before == UInt8(ascii: "@")
                || (before == UInt8(ascii: "$") && index > 1 && bytes[index - 2] == 0x40)
        {
            return push(
                Quote(byte: quote, escapes: false, isDoubled: true, isOpen: true),
                length: 1
            )
        }
        push(
            Quote(byte: quote, isOpen: marks.contains(.openStrings), insertions: marks),
            length: 1
        )
    }

    /// `R"mark(…)mark"`.
    private mutating func takeMarkedString() -> Bool {
        var open = index + 1
        while open < bytes.count, open - index <= 17, bytes[open] != UInt8(ascii: "(") {
            open += 1
        }
        guard byte(open) == UInt8(ascii: "(") else { return false }
        let close = [UInt8(ascii: ")")] + bytes[(index + 1)..<open] + [UInt8(ascii: "\"")]
        var end = open
        while end < bytes.count, !bytes[end...].starts(with: close) { end += 1 }
        mask(to: end + close.count, as: UInt8(ascii: "\""))
        previous = (UInt8(ascii: "\""), index - 1)
        return true
    }

    private mutating func takeSingleQuote() -> Bool {
        let quote = UInt8(ascii: "'")
        guard marks.contains(.singleQuotes) else { return takeCharacter() }
        if marks.contains(.tripleQuotes), starts("'''", at: index) {
            push(Quote(byte: quote, count: 3, isOpen: true, insertions: marks), length: 3)
            return true
        }
        if marks.contains(.openStrings) {
            // Ruby, PHP and shells; only in a shell a backslash means itself.
            push(
                Quote(byte: quote, escapes: !marks.contains(.shellInsertions), isOpen: true),
                length: 1
            )
            return true
        }
        // An apostrophe in the text of a page is none.
        if marks.contains(.regexes), index > 0, bytes[index - 1].isInName, !followsKeyword {
            return false
        }
        guard index > quoteless else { return false }
        var end = index + 1
        while end < bytes.count, bytes[end] != quote, bytes[end] != UInt8(ascii: "\n") {
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard byte(end) == quote else {
            quoteless = min(end, bytes.count)
            return false
        }
        mask(to: end + 1, as: UInt8(ascii: "\""))
        previous = (UInt8(ascii: "\""), end)
        return true
    }

    /// A character in single quotes; a lifetime or a separator of digits is none.
    private mutating func takeCharacter() -> Bool {
        var end = index + 1
        if byte(end) == UInt8(ascii: "\\") {
            end += 2
            while end - index < 14, byte(end) != UInt8(ascii: "'"), byte(end) != 0x0A { end += 1 }
        } else {
            end += 1
            while byte(end) & 0xC0 == 0x80, end - index < 5 { end += 1 }
        }
        guard byte(end) == UInt8(ascii: "'"), byte(index + 1) != 0x0A else { return false }
        mask(to: end + 1, as: UInt8(ascii: "\""))
        previous = (UInt8(ascii: "\""), end)
        return true
    }

    /// Whether the word before is one behind which a value begins.
    private var followsKeyword: Bool {
        guard previous.byte.isInName else { return false }
        var start = previous.offset
        while start > 0, bytes[start - 1].isInName, previous.offset - start < 12 { start -= 1 }
        return ["return", "case", "typeof", "in", "of", "yield", "await", "throw"].contains {
            bytes[start...previous.offset].elementsEqual($0.utf8)
        }
    }

    /// `/…/` where a value may stand.
    private mutating func takeRegex() -> Bool {
        let next = byte(index + 1)
        guard next != UInt8(ascii: ">"), next != UInt8(ascii: "/"), next != UInt8(ascii: "*"),
            previous.offset < 0 || "(,=:[!&|?{;+~^%".utf8.contains(previous.byte)
                || followsKeyword,
            index > quoteless
        else { return false }
        var end = index + 1
        var isInClass = false
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n"),
            isInClass || bytes[end] != UInt8(ascii: "/")
        {
            switch bytes[end] {
            case UInt8(ascii: "\\"): end += 1
            case UInt8(ascii: "["): isInClass = true
            case UInt8(ascii: "]"): isInClass = false
            default: break
            }
            end += 1
        }
        guard byte(end) == UInt8(ascii: "/") else {
            quoteless = min(end, bytes.count)
            return false
        }
        mask(to: end + 1, as: UInt8(ascii: "\""))
        previous = (UInt8(ascii: "\""), end)
        return true
    }

    /// `<<WORD`, `<<-'WORD'`, `<<~WORD` or `<<<WORD`: a text that begins behind this line.
    private mutating func noteHeredoc() {
        var place = index + run(of: UInt8(ascii: "<"), at: index)
        let isPHP = marks.contains(.islands)
        guard place - index == (isPHP ? 3 : 2), heredocs.count < 8,
            index == 0 || bytes[index - 1] != UInt8(ascii: "<")
        else { return }
        let isShell = marks.contains(.shellInsertions)
        if byte(place) == UInt8(ascii: "-") || byte(place) == UInt8(ascii: "~") { place += 1 }
        while isShell || isPHP, byte(place).isBlank { place += 1 }
        if "'\"\\".utf8.contains(byte(place)) { place += 1 }
        var end = place
        while end < bytes.count, end - place < 80, bytes[end].isInName { end += 1 }
        guard end > place, !byte(place).isDigit else { return }
        // `a <<b` of Ruby is no text.
        if !isShell, !isPHP, !(0x41...0x5A).contains(byte(place)) { return }
        heredocs.append(bytes[place..<end])
    }

    /// Skips the texts that begin at this line's start.
    private mutating func skipHeredocs() {
        guard !heredocs.isEmpty else { return }
        let marks = heredocs
        heredocs = []
        for mark in marks {
            var line = index
            while line < bytes.count {
                var start = line
                while byte(start).isBlank { start += 1 }
                let end = lineEnd(start)
                if bytes[start..<end].starts(with: mark), !byte(start + mark.count).isInName {
                    mask(to: start, as: UInt8(ascii: "\""))
                    mask(to: start + mark.count, as: Self.noise)
                    break
                }
                line = end + 1
            }
            if line >= bytes.count {
                // There is no such text; to look for others again and again would take too long.
                hasHeredocs = false
                return
            }
        }
    }
}
