/// How one path differs between two commits.
package struct FileChange: Equatable, Sendable {
    /// What is at the path in one of the commits.
    package struct Side: Hashable, Sendable {
        /// As git writes it: `100644`, `100755`, `120000` (a link), `160000` (a submodule).
        package var mode: String
        /// The hash of the content; a submodule's commit.
        package var blob: String

        package init(mode: String, blob: String) {
            self.mode = mode
            self.blob = blob
        }

        package var isRegularFile: Bool { mode.hasPrefix("100") }
    }
    /// From the root of the repository; what isn't UTF-8 in it is replaced.
    package var path: String
    /// `nil` for a new path.
    package var old: Side?
    /// `nil` for a path that is gone.
    package var new: Side?
    package var insertions: Int
    package var deletions: Int

    package init(path: String, old: Side?, new: Side?, insertions: Int = 0, deletions: Int = 0) {
        self.path = path
        self.old = old
        self.new = new
        self.insertions = insertions
        self.deletions = deletions
    }

    /// Whether nothing but the mode differs, such as whether it may be executed.
    package var isOfModeOnly: Bool {
        guard let old, let new else { return false }
        return old.blob == new.blob && old.isRegularFile == new.isRegularFile
    }
}

/// Two contents of a file.
package struct BlobPair: Hashable, Sendable {
    /// `nil` when all of the new one is new.
    package var old: String?
    package var new: String

    package init(old: String?, new: String) {
        self.old = old
        self.new = new
    }
}

extension Repository {
    /// Above it git takes a file for binary, which spares it the search for lines.
    static let largestText = ["-c", "core.bigFileThreshold=16m"]

    /// Every path in which two commits differ, by path as git sorts them; a file that was moved is
    /// one that is gone and a new one.
    ///
    /// Lines aren't counted in what git takes for binary, which is all that is longer than 16 MB.
    ///
    /// - Parameters:
    ///   - base: A full hash that the repository has.
    ///   - head: Another one.
    /// - Returns: The changes.
    /// - Throws: What every call of git may throw, `GitError.tooMuchOutput` for some 200,000 paths.
    package func changes(from base: String, to head: String) async throws -> [FileChange] {
        let output = try await call(
            Self.largestText + [
                "diff-tree", "-r", "--raw", "--numstat", "-z", "--no-renames", "--no-abbrev",
                "--no-ext-diff", "--no-textconv", base, head, "--",
            ],
            timeout: limits.checkout
        )
        var changes: [FileChange] = []
        // By the bytes of the path: two paths that aren't UTF-8 may look the same.
        var places: [ArraySlice<UInt8>: Int] = [:]
        var records = output.bytes.split(separator: 0).makeIterator()
        while let record = records.next() {
            if record.first == UInt8(ascii: ":") {
                guard let path = records.next(), let change = Self.change(record, path) else {
                    continue
                }
                places[path] = changes.count
                changes.append(change)
            } else {
                // `12\t3\tPATH`, or `-\t-\tPATH`.
                let fields = record.split(separator: UInt8(ascii: "\t"), maxSplits: 2)
                guard fields.count == 3, let place = places[fields[2]] else { continue }
                changes[place].insertions = Int(String(decoding: fields[0], as: UTF8.self)) ?? 0
                changes[place].deletions = Int(String(decoding: fields[1], as: UTF8.self)) ?? 0
            }
        }
        return changes
    }

    /// One path's record is `:100644 100755 HASH HASH M`.
    private static func change(
        _ record: ArraySlice<UInt8>,
        _ path: ArraySlice<UInt8>
    ) -> FileChange? {
        let fields = record.dropFirst().split(separator: UInt8(ascii: " "))
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 5 else { return nil }
        func side(_ mode: String, _ blob: String) -> FileChange.Side? {
            mode == "000000" ? nil : FileChange.Side(mode: mode, blob: blob)
        }
        return FileChange(
            path: String(decoding: path, as: UTF8.self),
            old: side(fields[0], fields[2]),
            new: side(fields[1], fields[3])
        )
    }

    /// The lines of each new content that the old one doesn't have, by their numbers from 1.
    ///
    /// All contents are taken as text, whatever an agent's `.gitattributes` says of them. The caller
    /// leaves long ones out: git holds both of a pair at once.
    ///
    /// - Parameter pairs: Hashes of blobs that the repository has.
    /// - Returns: The ranges of each pair in ascending order; none for a pair that git says nothing
    ///   of.
    /// - Throws: What every call of git may throw.
    package func addedLines(of pairs: [BlobPair]) async throws -> [BlobPair: [Range<Int>]] {
        let pairs = Set(pairs).filter { $0.old != $0.new }
            .sorted { ($0.new, $0.old ?? "") < ($1.new, $1.old ?? "") }
        guard !pairs.isEmpty else { return [:] }
        // Two trees whose files are named by numbers: no name of an agent's has to be read from a
        // difference, and no setting holds for it.
        let old = try await tree(
            pairs.enumerated().compactMap { ($0.element.old ?? "", $0.offset) }
        )
        let new = try await tree(pairs.enumerated().map { ($0.element.new, $0.offset) })
        var reader = HunkReader()
        let command = [
            "diff-tree", "-r", "-p", "--unified=0", "--inter-hunk-context=0", "--text",
            "--no-renames", "--no-ext-diff", "--no-textconv", "--src-prefix=a/",
            "--dst-prefix=b/", old, new, "--",
        ]
        let output = try await stream(command, in: place(), input: [], timeout: limits.checkout) {
            reader.take($0)
        }
        _ = try expectSuccess(output, of: command, in: path)
        var lines: [BlobPair: [Range<Int>]] = [:]
        for (number, ranges) in reader.ranges where pairs.indices.contains(number) {
            lines[pairs[number]] = ranges
        }
        return lines
    }

    /// Writes a tree of files whose names are numbers; nothing refers to it, so git drops it in time.
    private func tree(_ files: [(blob: String, name: Int)]) async throws -> String {
        let lines = files.lazy.filter { isHash($0.blob) }
            .map { "100644 blob \($0.blob)\t\($0.name)\0" }
        let command = ["mktree", "-z", "--missing"]
        let output = try await attempt(command, in: place(), input: Array(lines.joined().utf8))
        return try expectSuccess(output, of: command, in: path).line
    }

    /// The contents that the commits from `base` to `head` brought in, those included that a later one
    /// took out again, each with a path at which it was.
    ///
    /// - Parameters:
    ///   - base: A full hash that the repository has.
    ///   - head: Another one.
    /// - Returns: Of each blob the hash and a path.
    /// - Throws: What every call of git may throw.
    package func blobs(from base: String, to head: String) async throws -> [(
        blob: String, path: String
    )] {
        // The trees are listed too; they're skipped below, since no file has their hash.
        let output = try await call(
            ["rev-list", "--objects", "--filter=object:type=blob", "\(base)..\(head)", "--"],
            timeout: limits.checkout
        )
        return output.bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
            guard fields.count == 2 else { return nil }
            return (
                String(decoding: fields[0], as: UTF8.self),
                String(decoding: fields[1], as: UTF8.self)
            )
        }
    }
}

/// Takes apart a difference without context, in pieces of any size, and keeps where the new lines are.
///
/// The files in it are named by numbers. What the lines say is passed over, however long they are.
struct HunkReader {
    private enum State {
        /// At the start of a line or inside of it, between hunks.
        case head
        /// In a hunk, at the start of a line; so many lines are to come.
        case lineStart(left: Int)
        /// Inside of a line of a hunk; so many lines are to come after it.
        case line(left: Int)
    }
    private static let headLimit = 300

    private var state = State.head
    private var head: [UInt8] = []
    private var file = -1
    /// The new lines of each file, by its number.
    private(set) var ranges: [Int: [Range<Int>]] = [:]

    mutating func take(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let first = rest.first {
            switch state {
            case .head:
                let line = rest.prefix { $0 != UInt8(ascii: "\n") }
                head += line.prefix(max(0, Self.headLimit - head.count))
                rest = rest[line.endIndex...]
                guard !rest.isEmpty else { return }
                rest.removeFirst()
                readHead()
                head.removeAll(keepingCapacity: true)
            case .lineStart(let left):
                // `\ No newline at end of file` is no line of either content.
                state = .line(left: first == UInt8(ascii: "\\") ? left : left - 1)
            case .line(let left):
                guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return }
                rest = rest[(end + 1)...]
                state = left == 0 ? .head : .lineStart(left: left)
            }
        }
    }

    private mutating func readHead() {
        let line = String(decoding: head, as: UTF8.self)
        if line.hasPrefix("diff --git ") {
            file = line.split(separator: "/").last.flatMap { Int($0) } ?? -1
        } else if line.hasPrefix("@@ ") {
            // `@@ -12,2 +14,3 @@`; one line when no number follows.
            let words = line.split(separator: " ")
            guard words.count > 2, let old = Self.span(words[1]), let new = Self.span(words[2])
            else { return }
            if new.count > 0 {
                ranges[file, default: []].append(new.start..<(new.start + new.count))
            }
            let lines = old.count + new.count
            if lines > 0 { state = .lineStart(left: lines) }
        }
    }

    private static func span(_ word: Substring) -> (start: Int, count: Int)? {
        let numbers = word.dropFirst().split(separator: ",").map { Int($0) }
        guard let first = numbers.first, let start = first else { return nil }
        guard numbers.count > 1 else { return (start, 1) }
        return numbers[1].map { (start, max(0, $0)) }
    }
}
