/// Collects the files that a ticket's text lists as the work: under a heading or behind a label such as
/// "Files to create".
///
/// A path that a text merely mentions is a hint. What counts stands where a list of the files to work on
/// stands, at the beginning of a paragraph, of an item or of a fence.
struct WorkScanner {
    private var scanner = PathScanner()
    /// Whether the heading above is such a list's.
    private var isUnderHeading = false
    /// Whether a label such as "Files to change:" ended the paragraph above.
    private var isUnderLabel = false
    /// Whether an empty line may still come between the label and its list.
    private var awaitsList = false

    static func paths(in text: String) -> [String] {
        var work = WorkScanner()
        let prose = Prose(text, keepsCode: true)
        for line in prose.lines { work.read(line, prose) }
        return work.scanner.paths
    }

    private mutating func read(_ line: Prose.Line, _ prose: Prose) {
        if let fence = line.fence {
            if isUnderHeading || isUnderLabel { scanner.read(fence: prose.fences[fence]) }
            return
        }
        guard let start = line.bytes.firstIndex(where: { $0 != 32 && $0 != 9 }) else {
            if isUnderLabel, !awaitsList { isUnderLabel = false }
            return
        }
        if line.bytes[start] == UInt8(ascii: "#") {
            let title = line.bytes[start...].drop { $0 == UInt8(ascii: "#") }
            isUnderLabel = false
            isUnderHeading = WorkLabel.isOne(title)
            readBehindColon(line, start)
            return
        }
        let item = MentionScanner.item(line.bytes, start)
        if readBehindColon(line, item ?? start) { return }
        guard isUnderHeading || isUnderLabel else { return }
        if isUnderLabel, item == nil, start == 0, !awaitsList {
            isUnderLabel = false
            guard isUnderHeading else { return }
        }
        awaitsList = false
        scanner.readList(line, from: item ?? start)
    }

    /// Reads `File to create: path`, and notes a label that has nothing behind it.
    ///
    /// - Returns: Whether the line is a label.
    @discardableResult
    private mutating func readBehindColon(_ line: Prose.Line, _ start: Int) -> Bool {
        // In code a colon is a place in a file.
        let limit = line.code.first?.lowerBound ?? line.bytes.count
        guard let colon = line.bytes[start..<limit].firstIndex(of: UInt8(ascii: ":")),
            WorkLabel.isOne(line.bytes[start..<colon])
                || WorkLabel.isVerb(line.bytes[start..<colon])
        else { return false }
        let rest = line.bytes[(colon + 1)...].firstIndex { !"*_ \t".utf8.contains($0) }
        if let rest {
            scanner.readList(line, from: rest)
        } else {
            isUnderLabel = true
            awaitsList = true
        }
        return true
    }
}

/// Words that say that a list of the files to work on follows.
enum WorkLabel {
    private static let verbs: Set = [
        "create", "add", "change", "modify", "edit", "update", "touch", "write", "delete", "remove",
        "rename", "extend", "refactor", "implement",
    ]
    private static let adjectives: Set = [
        "new", "created", "changed", "changes", "modified", "updated",
    ]
    private static let nouns: Set = ["file", "files", "path", "paths"]
    private static let others: Set = [
        "to", "be", "and", "or", "the", "must", "should", "these", "this", "following", "a", "for",
        "ticket", "in", "of", "all", "expected", "required", "which", "that", "you", "will",
        "existing", "target", "need",
    ]

    /// "Files to create", "New files", "Create this file"; not "Files to read", "Don't touch these files".
    static func isOne(_ bytes: ArraySlice<UInt8>) -> Bool {
        let words = words(bytes)
        guard (2...10).contains(words.count), words.contains(where: nouns.contains),
            words.contains(where: { verbs.contains($0) || adjectives.contains($0) })
        else { return false }
        return words.allSatisfy {
            nouns.contains($0) || verbs.contains($0) || adjectives.contains($0)
                || others.contains($0)
        }
    }

    /// "Create", "Modify", as a label of its own.
    static func isVerb(_ bytes: ArraySlice<UInt8>) -> Bool {
        let words = words(bytes)
        return words.count == 1 && verbs.contains(words[0])
    }

    private static func words(_ bytes: ArraySlice<UInt8>) -> [String] {
        // What is longer is a sentence.
        guard bytes.count <= 120 else { return [] }
        return bytes.split { byte in
            !((0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte >= 0x80
                || byte == UInt8(ascii: "'"))
        }
        .map { String(decoding: $0, as: UTF8.self).lowercased() }
    }
}
