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
            case .patterns: "#### Existing Pattern (follow exactly)\n\n"
            case .documents: "#### Contract documents\n\n"
            case .missing: "#### File to create\n\n"
            case .named: "#### Files that the ticket names\n\n"
            case .related: "#### Related code\n\n"
            }
        }
    }
    /// What may still be written, in bytes.
    private var left: Int
    private let texts: [String: CodeText]
    private var sections: [Section: [String]] = [:]
    /// The lines that are shown already, from 0.
    private var shownLines: [String: [ClosedRange<Int>]] = [:]
    /// The last section; empty without commands.
    private let verification: String
    private(set) var notes: [String] = []

    /// Files up to so many lines are shown whole.
    private static let smallFile = 120
    /// The most definitions of one file that are shown.
    private static let mostDefinitions = 5
    /// Of more definitions in one file only the first ones are looked at.
    private static let mostCandidates = 5000
    /// How many lines of a file are shown when none of its definitions fits.
    private static let headLines = 60
    /// What a place, a language and a mark of a cut take at most, beyond the code, its fences and the path.
    private static let frameInBytes = 120
    /// The most files to create that are listed.
    private static let mostMissing = 20

    /// - Parameters:
    ///   - budget: The most that all of it may take, in bytes.
    ///   - texts: The files that may be shown.
    ///   - verification: The commands that verify the work; they come before any code.
    init(budget: Int, texts: [String: CodeText], verification: [String]) {
        self.texts = texts
        // A line end closes the text.
        left = budget - 1
        let commands = verification.joined(separator: "\n").withHiddenCharactersShown
        let section = "#### Verification\n\n" + Self.fenced(commands, language: "sh")
        if verification.isEmpty {
            self.verification = ""
        } else if section.utf8.count + 2 > left {
            self.verification = ""
            notes.append("the commands that verify don't fit into the prompt's bytes")
        } else {
            self.verification = section
            left -= section.utf8.count + 2
        }
    }

    // MARK: What is added

    mutating func addPattern(_ pattern: CodePattern) {
        var isFound = false
        for file in pattern.files {
            guard let text = text(of: file.path) else {
                // A note says why.
                isFound = true
                continue
            }
            switch pattern.part {
            case .whole:
                add(.patterns, file.path, 0...(text.lineCount - 1), text)
                isFound = true
            case .lines(let range):
                isFound = true
                if range.upperBound > text.lineCount {
                    notes.append("\(pattern.text): the file has \(text.lineCount) lines")
                }
                guard range.lowerBound <= text.lineCount else { continue }
                let last = min(range.upperBound, text.lineCount)
                add(.patterns, file.path, (range.lowerBound - 1)...(last - 1), text)
            case .symbol(let name):
                let all = Definition.all(in: text, path: file.path)
                guard let found = Definition.named(name, in: all) else { continue }
                isFound = true
                add(.patterns, file.path, found.lines, text)
            }
        }
        if !isFound { notes.append("\(pattern.text): no such definition") }
    }

    mutating func addDocument(_ path: String) {
        guard let text = text(of: path) else { return }
        add(.documents, path, 0...(text.lineCount - 1), text)
    }

    mutating func addNamed(_ paths: [String], words: Set<String>) {
        for (index, path) in paths.enumerated() {
            guard let text = text(of: path) else { continue }
            let share = left / (paths.count - index)
            if text.lineCount <= Self.smallFile {
                add(.named, path, 0...(text.lineCount - 1), text, share: share)
            } else {
                addBest(.named, path, text, words, share: share)
            }
        }
    }

    mutating func addHits(_ hits: [CodeHit]) {
        var seen = Set(shownLines.keys)
        let hits = hits.filter { texts[$0.path] != nil && seen.insert($0.path).inserted }
        for (index, hit) in hits.enumerated() {
            guard let text = text(of: hit.path) else { continue }
            addBest(.related, hit.path, text, hit.words, share: left / (hits.count - index))
        }
    }

    mutating func addMissing(_ paths: [String], among known: some Sequence<String>) {
        var listed = 0
        for path in paths.prefix(Self.mostMissing) {
            let beside = CodeSibling.nearest(to: path, among: known)
                .map { ", beside \(Self.code($0))" }
            let line = "- \(Self.code(path))\(beside ?? "")"
            guard line.utf8.count + 2 <= room(in: .missing) else { break }
            append(line, to: .missing)
            listed += 1
        }
        if listed < paths.count {
            notes.append("files to create that aren't listed: \(paths.count - listed)")
        }
    }

    // MARK: How it is written

    /// The whole, with the commands that verify the work at its end.
    var markdown: String {
        var parts: [String] = []
        for section in Section.allCases {
            guard let pieces = sections[section], !pieces.isEmpty else { continue }
            let separator = section == .missing ? "\n" : "\n\n"
            parts.append(section.heading + pieces.joined(separator: separator))
        }
        // Without code there is nothing that the workflow's own steps would add.
        guard !parts.isEmpty else { return "" }
        if !verification.isEmpty { parts.append(verification) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// What a section's next piece may take, with the empty line after it.
    private func room(in section: Section, share: Int? = nil) -> Int {
        let heading = sections[section] == nil ? section.heading.utf8.count + 2 : 0
        return min(share ?? left, left - heading)
    }

    private mutating func append(_ piece: String, to section: Section) {
        if sections[section] == nil { left -= section.heading.utf8.count + 2 }
        left -= piece.utf8.count + 2
        sections[section, default: []].append(piece)
    }

    private func text(of path: String) -> CodeText? {
        guard let text = texts[path], text.lineCount > 0 else { return nil }
        return text
    }

    /// The definitions that hold most of the words for their length, in the order of the file.
    private mutating func addBest(
        _ section: Section,
        _ path: String,
        _ text: CodeText,
        _ words: Set<String>,
        share: Int
    ) {
        var candidates = Definition.all(in: text, path: path)
        // Where there are no definitions, paragraphs are the next best whole.
        if candidates.isEmpty { candidates = Definition.paragraphs(in: text) }
        let shown = shownLines[path] ?? []
        let ranges = Self.distinct(candidates.map(\.lines))
            .filter { range in !shown.contains { $0.overlaps(range) } }
            .prefix(Self.mostCandidates)
        let scores = DefinitionRank(text, words: words).scores(of: Array(ranges))
        let ranked = zip(ranges, scores).filter { $0.1 > 0 }
            .sorted { ($1.1, $0.0.lowerBound) < ($0.1, $1.0.lowerBound) }
            .map(\.0)
        var chosen: [ClosedRange<Int>] = []
        var room = room(in: section, share: share)
        for range in ranked.prefix(100) where !chosen.contains(where: range.overlaps) {
            // A type that is all of its file says no more than the parts of it that fit.
            if range.count > Self.smallFile * 2, ranked.count > 1 { continue }
            let size =
                text.bytes(of: range) + Self.code(path).utf8.count + Self.frameInBytes
            guard size <= room else { continue }
            room -= size
            chosen.append(range)
            if chosen.count == Self.mostDefinitions { break }
        }
        for range in chosen.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            add(section, path, range, text)
        }
        guard chosen.isEmpty else { return }
        guard let best = ranked.first else {
            // None of its definitions has a word of the task; how it begins says most.
            if section == .named, shown.isEmpty {
                let all = 0...(text.lineCount - 1)
                add(section, path, all, text, share: share, limit: Self.headLines)
                notes.append("\(Self.shown(path)): none of its definitions fits the task's words")
            }
            return
        }
        add(section, path, best, text, share: share)
    }

    private static func distinct(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var seen: Set<ClosedRange<Int>> = []
        return ranges.filter { seen.insert($0).inserted }
    }

    /// Adds lines of a file, cut at whole lines where they don't fit.
    private mutating func add(
        _ section: Section,
        _ path: String,
        _ range: ClosedRange<Int>,
        _ text: CodeText,
        share: Int? = nil,
        limit: Int = .max
    ) {
        if shownLines[path]?.contains(where: { $0.contains(range) }) ?? false { return }
        let place = Self.code(path)
        let room = room(in: section, share: share) - place.utf8.count - Self.frameInBytes
        var lines: [String] = []
        var size = 0
        // The fences are longer than any run of backticks in the code.
        var fence = 3
        for number in range.prefix(limit) {
            // What is so long can't fit, whatever it's like when it's shown.
            guard text.range(ofLine: number).count <= room else { break }
            let line = text.shown(number)
            fence = max(fence, Self.longestRun(in: line) + 1)
            size += line.utf8.count + 1
            if size + 2 * fence > room { break }
            lines.append(line)
        }
        if lines.count < range.count {
            lines.removeLast(lines.count - Self.wholeLines(lines.count, of: range, text, path))
        }
        let last = range.lowerBound + lines.count - 1
        guard !lines.isEmpty else {
            notes.append("\(Self.shown(path)): left out, it doesn't fit into the prompt's bytes")
            return
        }
        shownLines[path, default: []].append(range.lowerBound...last)
        var piece =
            "\(place) lines \(range.lowerBound + 1)-\(last + 1)\n\n"
            + Self.fenced(
                lines.joined(separator: "\n"),
                language: Self.language(of: path)
            )
        if last < range.upperBound {
            piece += "\n\n(cut here: \(range.upperBound - last) more lines)"
            notes.append("\(Self.shown(path)): cut after line \(last + 1)")
        }
        append(piece, to: section)
    }

    /// How many of the first lines of a range are shown, so that no definition or paragraph is cut that
    /// needn't be: at least half of those for which there is room.
    private static func wholeLines(
        _ count: Int,
        of range: ClosedRange<Int>,
        _ text: CodeText,
        _ path: String
    ) -> Int {
        var all = Definition.all(in: text, path: path)
        if all.isEmpty { all = Definition.paragraphs(in: text) }
        let end = range.lowerBound + count
        let starts = all.map(\.lines)
            .filter { $0.lowerBound < end && $0.upperBound >= end }
            .map { $0.lowerBound - range.lowerBound }
            .filter { $0 * 2 >= count }
        var whole = starts.min() ?? count
        while whole > 1, text.isBlank(range.lowerBound + whole - 1) { whole -= 1 }
        return whole
    }

    /// A path as code in Markdown.
    private static func code(_ path: String) -> String {
        let shown = shown(path)
        let mark = String(repeating: "`", count: longestRun(in: shown) + 1)
        return mark.count == 1 ? "`\(shown)`" : "\(mark) \(shown) \(mark)"
    }

    /// A path for a person.
    static func shown(_ path: String) -> String { path.inOneLine(limit: 300) }

    private static func longestRun(in text: String) -> Int {
        var longest = 0
        var run = 0
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    private static func fenced(_ code: String, language: String) -> String {
        let fence = String(repeating: "`", count: max(longestRun(in: code) + 1, 3))
        return "\(fence)\(language)\n\(code)\(code.hasSuffix("\n") ? "" : "\n")\(fence)"
    }

    private static func language(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else {
            return ["Dockerfile", "Makefile"].contains(name) ? name.lowercased() : ""
        }
        let ending = name[dot...].dropFirst().lowercased()
        return ending.count <= 10 && ending.utf8.allSatisfy { $0.isLetter || $0.isDigit }
            ? ending : ""
    }
}
