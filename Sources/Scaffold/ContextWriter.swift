import Domain

/// Writes pieces of code as Markdown within a bound, the important ones first.
struct ContextWriter {
    /// The sections, in the order in which they stand.
    private enum Section: Int, CaseIterable {
        case patterns
        case documents
        case missing
        case named
        case related

        var heading: String {
            switch self {
            case .patterns: "Existing Pattern (follow exactly)"
            case .documents: "Contract documents"
            case .missing: "File to create"
            case .named: "Files that the ticket names"
            case .related: "Related code"
            }
        }
    }
    private var left: Int
    private let texts: [String: String]
    private var sections: [Section: [String]] = [:]
    private var shownFiles: Set<String> = []
    private(set) var notes: [String] = []

    /// Files up to so many lines are shown whole.
    private static let smallFile = 120
    /// A longer definition is shown in parts only.
    private static let longDefinition = 200

    init(budget: Int, texts: [String: String]) {
        left = budget
        self.texts = texts
    }

    // MARK: What is added

    mutating func addPattern(_ path: String, _ part: CodePattern.Part) {
        guard let lines = lines(of: path) else { return }
        switch part {
        case .whole: add(.patterns, path, 0...max(lines.count - 1, 0), lines, share: left)
        case .lines(let range):
            guard range.lowerBound <= lines.count else {
                notes.append(
                    "\(Self.shown(path)):\(range.lowerBound): the file has \(lines.count) lines"
                )
                return
            }
            add(
                .patterns,
                path,
                (range.lowerBound - 1)...(min(range.upperBound, lines.count) - 1),
                lines,
                share: left
            )
        case .symbol(let name):
            let all = Definition.all(in: lines, path: path)
            guard let found = all.first(where: { $0.name == name }) else {
                notes.append("\(Self.shown(path))#\(Self.shown(name)): no such definition")
                return
            }
            add(.patterns, path, found.lines, lines, share: left)
        }
    }

    mutating func addDocument(_ path: String) {
        guard let lines = lines(of: path), !shownFiles.contains(path) else { return }
        add(.documents, path, 0...max(lines.count - 1, 0), lines, share: left)
    }

    mutating func addNamed(_ paths: [String], words: Set<String>) {
        var rest = paths.count
        for path in paths {
            defer { rest -= 1 }
            guard let lines = lines(of: path), !shownFiles.contains(path) else { continue }
            let share = left / max(rest, 1)
            if lines.count <= Self.smallFile {
                add(.named, path, 0...max(lines.count - 1, 0), lines, share: share)
            } else {
                addBest(.named, path, lines, words, share: share)
            }
        }
    }

    mutating func addHits(_ hits: [CodeHit]) {
        let hits = hits.filter { texts[$0.path] != nil && !shownFiles.contains($0.path) }
        for (index, hit) in hits.enumerated() {
            guard let lines = lines(of: hit.path) else { continue }
            addBest(.related, hit.path, lines, hit.words, share: left / (hits.count - index))
        }
    }

    mutating func addMissing(_ paths: [String], among known: some Sequence<String>) {
        for path in paths.prefix(20) {
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
            let ending = path.lastIndex(of: ".").map { path[$0...] } ?? ""
            let siblings = known.filter {
                $0.hasPrefix(folder) && !$0.dropFirst(folder.count).contains("/")
            }
            let nearest = siblings.filter { $0.hasSuffix(ending) }.min() ?? siblings.min()
            let beside = nearest.map { ", beside \(Self.code($0))" } ?? ""
            sections[.missing, default: []].append("- \(Self.code(path))\(beside)")
        }
    }

    // MARK: How it is written

    /// The whole, with the commands that verify the work at its end.
    func markdown(verification: [String]) -> String {
        var parts: [String] = []
        for section in Section.allCases {
            guard let pieces = sections[section], !pieces.isEmpty else { continue }
            let separator = section == .missing ? "\n" : "\n\n"
            parts.append("#### \(section.heading)\n\n" + pieces.joined(separator: separator))
        }
        // Without code there is nothing that the workflow's own steps would add.
        guard !parts.isEmpty else { return "" }
        if !verification.isEmpty {
            parts.append(
                "#### Verification\n\n"
                    + Self.fenced(verification.joined(separator: "\n"), language: "sh")
            )
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private func lines(of path: String) -> [Substring]? {
        guard let text = texts[path], !text.isEmpty else { return nil }
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if lines.last?.isEmpty ?? false { lines.removeLast() }
        return lines.isEmpty ? nil : lines
    }

    /// The definitions that hold most of the words for their length, in the order of the file.
    private mutating func addBest(
        _ section: Section,
        _ path: String,
        _ lines: [Substring],
        _ words: Set<String>,
        share: Int
    ) {
        let lower = lines.map { $0.lowercased() }
        func score(_ range: ClosedRange<Int>) -> Double {
            let text = lower[range].joined(separator: "\n")
            let count = words.count { text.contains($0) }
            return Double(count) / Double(range.count + 10).squareRoot()
        }
        var candidates = Definition.all(in: lines, path: path).map(\.lines)
            .filter { $0.count <= Self.longDefinition }
        // Where there are no definitions, paragraphs are the next best whole.
        if candidates.isEmpty { candidates = Self.paragraphs(lines) }
        let ranked = candidates.map { (range: $0, score: score($0)) }
            .filter { $0.score > 0 }
            .sorted { ($1.score, $0.range.lowerBound) < ($0.score, $1.range.lowerBound) }
        var chosen: [ClosedRange<Int>] = []
        var room = min(share, left)
        for candidate in ranked.prefix(50) where !chosen.contains(where: candidate.range.overlaps) {
            let size =
                lines[candidate.range].reduce(0) { $0 + $1.utf8.count + 1 } + path.utf8.count + 60
            guard size <= room else { continue }
            room -= size
            chosen.append(candidate.range)
            if chosen.count == 5 { break }
        }
        for range in chosen.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            add(section, path, range, lines, share: left)
        }
        if chosen.isEmpty {
            notes.append("\(Self.shown(path)): no definition fits into what is left")
        }
    }

    private static func paragraphs(_ lines: [Substring]) -> [ClosedRange<Int>] {
        var found: [ClosedRange<Int>] = []
        var first: Int?
        for (number, line) in lines.enumerated() {
            if line.contains(where: { !$0.isWhitespace }) {
                if first == nil { first = number }
            } else if let start = first {
                found.append(start...(number - 1))
                first = nil
            }
        }
        if let start = first { found.append(start...(lines.count - 1)) }
        return found.filter { $0.count <= longDefinition }
    }

    /// Adds lines of a file, cut at whole lines where they don't fit.
    private mutating func add(
        _ section: Section,
        _ path: String,
        _ range: ClosedRange<Int>,
        _ lines: [Substring],
        share: Int
    ) {
        var last = range.lowerBound - 1
        var code = ""
        let room = min(share, left) - path.utf8.count - 100
        for number in range {
            let line = String(lines[number]).withHiddenCharactersShown
            if code.utf8.count + line.utf8.count + 1 > room { break }
            code += line + "\n"
            last = number
        }
        guard last >= range.lowerBound else {
            notes.append("\(Self.shown(path)): left out, the prompt's bytes are spent")
            return
        }
        shownFiles.insert(path)
        var piece =
            "\(Self.code(path)) lines \(range.lowerBound + 1)-\(last + 1)\n\n"
            + Self.fenced(code, language: Self.language(of: path))
        if last < range.upperBound {
            piece += "\n\n(cut here: \(range.upperBound - last) more lines)"
            notes.append("\(Self.shown(path)): cut after line \(last + 1)")
        }
        left -= piece.utf8.count + 2
        sections[section, default: []].append(piece)
    }

    /// A path as code in Markdown.
    private static func code(_ path: String) -> String {
        let shown = shown(path)
        return shown.contains("`") ? "`` \(shown) ``" : "`\(shown)`"
    }

    /// A path for a person.
    static func shown(_ path: String) -> String { path.inOneLine(limit: 300) }

    private static func fenced(_ code: String, language: String) -> String {
        var longest = 2
        var run = 0
        for byte in code.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence)\(language)\n\(code)\(code.hasSuffix("\n") ? "" : "\n")\(fence)"
    }

    private static func language(of path: String) -> String {
        guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return "" }
        let ending = path[dot...].dropFirst().lowercased()
        return ending.count <= 10
            && ending.utf8.allSatisfy { $0 < 0x80 && ($0 >= 0x61 || $0 < 0x3A) && $0 > 0x2F }
            ? ending : ""
    }
}
