/// One entry of `patterns` or `documents`, with the files that it means.
struct CodePattern {
    /// Which part of a file is meant.
    enum Part: Equatable {
        case whole
        /// From 1.
        case lines(ClosedRange<Int>)
        case symbol(String)
    }
    /// As it was written, for notes.
    var text: String
    var files: [SourceFile]
    var part: Part

    /// The most files that one glob brings in.
    private static let limit = 20

    /// - Parameters:
    ///   - text: `path`, `path:21`, `path:21-82`, `path#symbol`, or a glob.
    ///   - tree: All files.
    ///   - notes: Gets why there is none, when nothing is meant.
    init?(_ text: String, in tree: [SourceFile], _ notes: inout [String]) {
        let shown = ContextWriter.shown(text)
        self.text = shown
        let text = text.hasPrefix("./") ? String(text.dropFirst(2)) : text
        // A file may be named so itself.
        let named = tree.filter { $0.path == text }
        let (path, part) = named.isEmpty ? Self.split(text) : (text, .whole)
        self.part = part
        guard Self.isInside(path) else {
            notes.append("\(shown): only paths inside the repository are taken")
            return nil
        }
        if !named.isEmpty {
            files = named
        } else if Glob(path).isGlob {
            files = Self.files(path, tree, limit: Self.limit + 1)
            if files.count > Self.limit {
                files.removeLast()
                notes.append("\(shown) means more than \(Self.limit) files; the first are taken")
            }
        } else {
            files = tree.filter { $0.path == path }
        }
        guard !files.isEmpty else {
            notes.append(shown + Self.whyNone(path, tree))
            return nil
        }
    }

    /// What is wrong with a path that no file has.
    private static func whyNone(_ path: String, _ tree: [SourceFile]) -> String {
        let folder = path.hasSuffix("/") ? path : path + "/"
        if tree.contains(where: { $0.path.hasPrefix(folder) }) {
            return " is a folder; write \(ContextWriter.shown(folder))** for all in it"
        }
        if let mark = path.lastIndex(where: { $0 == ":" || $0 == "#" }),
            tree.contains(where: { $0.path == path[..<mark] })
        {
            return ": write :21 or :21-82 for lines, #name for a definition"
        }
        return ": no such file at the base commit"
    }

    /// Whether a path can't leave the repository.
    static func isInside(_ path: String) -> Bool {
        !path.hasPrefix("/") && !path.split { $0 == "/" || $0 == "\\" }.contains("..")
    }

    /// The files that a glob means, by path.
    static func files(_ glob: String, _ tree: [SourceFile], limit: Int) -> [SourceFile] {
        let pattern = Glob(glob)
        return Array(
            tree.filter { pattern.matches($0.path) }.sorted { $0.path < $1.path }.prefix(limit)
        )
    }

    private static func split(_ text: String) -> (path: String, part: Part) {
        if let mark = text.lastIndex(of: "#"), text.index(after: mark) < text.endIndex {
            return (String(text[..<mark]), .symbol(String(text[mark...].dropFirst())))
        }
        guard let mark = text.lastIndex(of: ":") else { return (text, .whole) }
        let numbers = text[mark...].dropFirst().split(
            separator: "-",
            omittingEmptySubsequences: false
        ).map { Int($0) }
        let path = String(text[..<mark])
        if numbers.count == 1, let line = numbers[0], line > 0 {
            return (path, .lines(line...line))
        }
        if numbers.count == 2, let first = numbers[0], let last = numbers[1], 0 < first,
            first <= last
        {
            return (path, .lines(first...last))
        }
        return (text, .whole)
    }
}
