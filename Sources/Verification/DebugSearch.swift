import Domain
import Scaffold

/// Finds statements that are left behind from debugging.
///
/// What stands in strings and comments isn't code, as far as a lexer can tell that doesn't parse.
struct DebugSearch: Sendable {
    /// What was found in one file.
    struct Found: Equatable {
        var findings: [CheckFinding] = []
        /// The lines with a statement that a comment allows.
        var allowed: [Int] = []
    }
    /// In a comment in the same line or in the one above it, it lets a statement stand.
    static let marker = Array("linecook:allow".utf8)

    private let findsKnown: Bool
    private let own: [DebugStatement]

    /// - Parameter statements: Of the settings, not empty.
    init(_ statements: [String]) {
        findsKnown = statements.contains(DebugStatementSettings.byLanguage)
        own = statements.filter { $0 != DebugStatementSettings.byLanguage }
            .map(DebugStatement.init(written:))
    }

    /// Whether there is anything to find in a file of that name.
    func concerns(_ path: String) -> Bool {
        guard !Self.isOthers(path) else { return false }
        return !own.isEmpty || (findsKnown && DebugLanguage.of(path) != nil)
    }

    /// The statements in some lines of a file.
    ///
    /// - Parameters:
    ///   - bytes: All of the file.
    ///   - path: The file's.
    ///   - lines: Numbers from 1, ascending.
    /// - Returns: At most one statement of each line.
    func found(in bytes: [UInt8], path: String, lines: [Range<Int>]) -> Found {
        guard !lines.isEmpty else { return Found() }
        let language = findsKnown ? DebugLanguage.of(path) : nil
        let code = SourceCode.masked(bytes, path: path) ?? bytes
        var statements = own + (language?.statements ?? [])
        if let language, language.talks(path, bytes, code: code) {
            statements.removeAll { $0.isPrint }
        }
        guard !statements.isEmpty else { return Found() }
        let text = Lines(bytes)
        var found = Found()
        for number in lines.joined() {
            guard let range = text.range(of: number), range.count <= Self.lineLimit else {
                continue
            }
            let line = Array(code[range])
            guard
                let statement = statements.first(where: {
                    Self.has(line, $0, raw: bytes[range])
                })
            else { continue }
            let above = text.range(of: number - 1) ?? 0..<0
            let isAllowed =
                Self.isMarked(bytes, code, range)
                // Behind other code, the comment is about that.
                || (code[above].allSatisfy { $0.isBlank } && Self.isMarked(bytes, code, above))
            if isAllowed {
                found.allowed.append(number)
            } else {
                found.findings.append(
                    CheckFinding(file: path, line: number, what: statement.name)
                )
            }
        }
        return found
    }

    /// What is longer was written by a program.
    private static let lineLimit = 4096

    /// Code that came from elsewhere or out of a program.
    private static func isOthers(_ path: String) -> Bool {
        let name = path.lowercased()
        return name.hasSuffix(".min.js") || name.hasSuffix(".d.ts")
            || name.split(separator: "/").dropLast().contains {
                ["node_modules", "vendor", "third_party", "pods", ".yarn"].contains($0)
            }
    }

    private static func isMarked(_ bytes: [UInt8], _ code: [UInt8], _ range: Range<Int>) -> Bool {
        let line = bytes[range]
        guard line.count >= marker.count, line.count <= lineLimit else { return false }
        for start in range.lowerBound...(range.upperBound - marker.count)
        where bytes[start] == marker[0] && bytes[start...].starts(with: marker) {
            // In a comment, of which nothing is left.
            return code[start..<(start + marker.count)].allSatisfy { $0 == UInt8(ascii: " ") }
        }
        return false
    }

    private static func has(
        _ line: [UInt8],
        _ statement: DebugStatement,
        raw: ArraySlice<UInt8>
    ) -> Bool {
        let text = statement.text
        guard line.count >= text.count, let first = text.first else { return false }
        if let unless = statement.unless, line.filter({ !$0.isBlank }).holds(unless) {
            return false
        }
        for start in 0...(line.count - text.count)
        where line[start] == first && line[start...].starts(with: text) {
            guard startsName(line, start, statement), isArgued(line, start + text.count, statement)
            else { continue }
            if statement.needsWord, !saysDebug(raw.dropFirst(start + text.count)) { continue }
            return true
        }
        return false
    }

    /// Whether a name begins there that is used as the statement is.
    private static func startsName(
        _ line: [UInt8],
        _ start: Int,
        _ statement: DebugStatement
    ) -> Bool {
        guard statement.text[0].isInWord else { return true }
        let before = line[..<start]
        if let last = before.last {
            if last.isInWord || last == UInt8(ascii: "$") { return false }
            let isPart =
                ".@#".utf8.contains(last) || before.suffix(2).elementsEqual("->".utf8)
                || before.suffix(2).elementsEqual("::".utf8)
            // `window.console.log` is the same, `logger.print` is not.
            if isPart, !statement.text.contains(UInt8(ascii: ".")) { return false }
        }
        if statement.isCommand, !isAtStart(before) { return false }
        return !declares(before)
    }

    private static func isAtStart(_ before: ArraySlice<UInt8>) -> Bool {
        var rest = before
        while let last = rest.last, last.isBlank { rest.removeLast() }
        guard let last = rest.last else { return true }
        if ";{})|>&".utf8.contains(last) { return true }
        let word = rest.reversed().prefix { $0.isInWord }.reversed()
        return ["do", "then", "else", "and", "begin"].contains(
            String(decoding: word, as: UTF8.self)
        )
    }

    /// Whether what begins there is being declared: `func print(`.
    private static func declares(_ before: ArraySlice<UInt8>) -> Bool {
        for word in before.split(whereSeparator: { !$0.isInWord }) {
            let name = String(decoding: word, as: UTF8.self)
            guard ["func", "def", "fn", "fun", "function"].contains(name) else { continue }
            return !before[word.endIndex...].contains { "{=;".utf8.contains($0) }
                && !before[word.endIndex...].suffix(2).contains(UInt8(ascii: ":"))
        }
        return false
    }

    private static func isArgued(
        _ line: [UInt8],
        _ end: Int,
        _ statement: DebugStatement
    ) -> Bool {
        let next = end < line.count ? line[end] : 0
        if next.isInWord { return false }
        let rest = line[end...].drop { $0.isBlank }
        if statement.isCall { return rest.first == UInt8(ascii: "(") }
        guard statement.isCommand else { return rest.first != UInt8(ascii: "=") }
        guard let first = rest.first else { return statement.name != "p" }
        if ";}".utf8.contains(first) { return true }
        if first == UInt8(ascii: "(") { return true }
        guard next.isBlank else { return false }
        let word = String(decoding: rest.prefix { $0.isInWord }, as: UTF8.self)
        let isModifier = ["if", "unless", "while", "until"].contains(word)
        // `p if x` says nothing of what it prints, `puts if x` does.
        if isModifier { return statement.name != "p" }
        return !["and", "or", "in", "do", "end", "of", "is"].contains(word)
            && (first.isInWord || "\"@:[$".utf8.contains(first))
    }

    /// Whether the first text in a line tells of debugging.
    private static func saysDebug(_ raw: ArraySlice<UInt8>) -> Bool {
        guard let quote = raw.firstIndex(of: UInt8(ascii: "\"")) else { return false }
        let text = String(decoding: raw[(quote + 1)...].prefix(40), as: UTF8.self).lowercased()
            .drop { $0 == " " || $0 == "[" || $0 == "(" || $0 == "\\" }
        return ["debug", "dbg", "here", "xxx", "***", ">>>", "===", "###", "got here"]
            .contains(where: text.hasPrefix)
    }
}

/// Where the lines of a file are.
struct Lines {
    /// The offset of each line's first byte.
    private let starts: [Int]
    private let end: Int

    init(_ bytes: [UInt8]) {
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            starts.append(offset + 1)
        }
        self.starts = starts
        end = bytes.count
    }

    /// The offsets of a line's bytes without its end, `nil` when there is no such line; numbers from 1.
    func range(of number: Int) -> Range<Int>? {
        guard number >= 1, number <= starts.count else { return nil }
        let start = starts[number - 1]
        return start..<(number < starts.count ? starts[number] - 1 : end)
    }
}

extension UInt8 {
    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == 0x0D }
    /// Letters, digits, the underscore, and whatever isn't ASCII.
    var isInWord: Bool {
        self >= 0x80 || self == UInt8(ascii: "_") || (0x30...0x39).contains(self)
            || (0x41...0x5A).contains(self & 0xDF)
    }
}
