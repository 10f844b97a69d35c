/// A regular file of a commit.
package struct TreeFile: Hashable, Sendable {
    /// From the root of the repository.
    package var path: String
    /// The hash of its content.
    package var blob: String
    /// In bytes; `nil` when a partial clone hasn't fetched it.
    package var size: Int?

    package init(path: String, blob: String, size: Int?) {
        self.path = path
        self.blob = blob
        self.size = size
    }
}

extension Repository {
    /// All regular files of a commit, by path as git sorts them.
    ///
    /// Links and submodules aren't in it, nor is a file whose name isn't UTF-8. Nothing is fetched.
    ///
    /// - Parameter commit: A full hash that the repository has.
    /// - Returns: The files.
    /// - Throws: What every call of git may throw.
    package func files(at commit: String) async throws -> [TreeFile] {
        let isPartial = try await isPartial()
        let command =
            ["ls-tree", "-r", "-z", "--full-tree"] + (isPartial ? [] : ["--long"]) + [commit]
        // A million files have some 120 MB of names and hashes.
        let output = try await attempt(
            command,
            in: place(),
            limitInBytes: max(limits.outputInBytes, 512 << 20)
        )
        var files = try expectSuccess(output, of: command, in: path).bytes
            .split(separator: 0)
            .compactMap(Self.file)
        if isPartial {
            let sizes = try await knownSizes(of: try await present(files.map(\.blob)))
            for index in files.indices { files[index].size = sizes[files[index].blob] }
        }
        return files
    }

    /// The contents of blobs, each handed to `body` as it comes, in the order asked for.
    ///
    /// One process reads them all, and no more than one of them is held at a time.
    ///
    /// - Parameters:
    ///   - blobs: Full hashes.
    ///   - limit: A blob longer than that isn't handed on.
    ///   - body: Is given the hash and the content; what it throws ends the reading.
    /// - Returns: The hashes of those that weren't handed on: the long ones, those that aren't
    ///   there or aren't blobs, and those that a partial clone hasn't fetched; nothing is fetched.
    /// - Throws: What `body` throws and what every call of git may throw.
    @discardableResult
    package func read(
        blobs: [String],
        limitInBytes limit: Int = 16 << 20,
        _ body: (String, [UInt8]) throws -> Void
    ) async throws -> [String] {
        guard !blobs.isEmpty else { return [] }
        var wanted = blobs.filter(isHash)
        // git ends at the first one that it would have to fetch.
        let present = try await isPartial() ? Set(present(wanted)) : nil
        if let present { wanted.removeAll { !present.contains($0) } }
        let left = blobs.filter { !isHash($0) || present?.contains($0) == false }
        var reader = BlobReader(limitInBytes: limit)
        let command = ["cat-file", "--batch", "--buffer"]
        let output = try await stream(
            command,
            in: place(),
            input: Self.lines(wanted),
            timeout: limits.checkout
        ) { bytes in
            try reader.take(bytes, body)
        }
        _ = try expectSuccess(output, of: command, in: path)
        return left + reader.skipped
    }

    /// Whether some objects may be on the remote only.
    ///
    /// Reading is no reason to fetch them: git would do so one by one.
    private func isPartial() async throws -> Bool {
        let command = ["config", "--get-regexp", #"^remote\..*\.(promisor|partialclonefilter)$"#]
        let output = try await attempt(command)
        return output.exit == 1
            ? false : !(try expectSuccess(output, of: command, in: path)).bytes.isEmpty
    }

    /// Those of the objects that are here.
    private func present(_ hashes: [String]) async throws -> [String] {
        try await list(
            [
                "rev-list", "--objects", "--no-object-names", "--no-walk", "--ignore-missing",
                "--missing=allow-any", "--stdin",
            ],
            of: hashes
        )
    }

    /// How long objects are, in bytes; those that aren't here are left out, and nothing is fetched.
    ///
    /// - Parameter hashes: Full ones.
    /// - Returns: By hash.
    /// - Throws: What every call of git may throw.
    package func sizes(of hashes: [String]) async throws -> [String: Int] {
        guard !hashes.isEmpty else { return [:] }
        return try await knownSizes(of: try await isPartial() ? present(hashes) : hashes)
    }

    private func knownSizes(of hashes: [String]) async throws -> [String: Int] {
        var sizes: [String: Int] = [:]
        let command = ["cat-file", "--buffer", "--batch-check=%(objectname) %(objectsize)"]
        for line in try await list(command, of: hashes) {
            let words = line.split(separator: " ")
            if words.count == 2 { sizes[String(words[0])] = Int(words[1]) }
        }
        return sizes
    }

    private func list(_ command: [String], of hashes: [String]) async throws -> [String] {
        let output = try await attempt(
            command,
            in: place(),
            input: Self.lines(hashes),
            limitInBytes: max(limits.outputInBytes, 512 << 20)
        )
        return try expectSuccess(output, of: command, in: path).text
            .split(separator: "\n").map(String.init)
    }

    private static func lines(_ words: [String]) -> [UInt8] {
        Array(words.lazy.map { "\($0)\n" }.joined().utf8)
    }

    /// `100644 blob HASH    SIZE\tPATH`, or the same without a size.
    private static func file(_ record: ArraySlice<UInt8>) -> TreeFile? {
        guard record.starts(with: "100".utf8), let tab = record.firstIndex(of: UInt8(ascii: "\t")),
            let path = String(validating: record[(tab + 1)...], as: UTF8.self)
        else { return nil }
        let fields = record[..<tab].split(separator: UInt8(ascii: " "))
        guard fields.count >= 3 else { return nil }
        return TreeFile(
            path: path,
            blob: String(decoding: fields[2], as: UTF8.self),
            size: fields.count > 3 ? Int(String(decoding: fields[3], as: UTF8.self)) : nil
        )
    }
}

/// Takes apart what `git cat-file --batch` puts out, in pieces of any size.
///
/// `HASH blob SIZE\n`, the content and `\n` for each, or `HASH missing\n`.
struct BlobReader {
    private enum State {
        /// Of the line before a content; then content, or line.
        case line
        /// So many bytes are to come, and the line's end; then line.
        case content(String, left: Int)
        /// The same, and none of them is wanted; then line.
        case passing(left: Int)
    }
    private let limit: Int
    private var state = State.line
    private var held: [UInt8] = []
    /// The hashes of what had no content to hand on.
    private(set) var skipped: [String] = []

    init(limitInBytes limit: Int) {
        self.limit = limit
    }

    mutating func take(_ bytes: [UInt8], _ body: (String, [UInt8]) throws -> Void) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch state {
            case .line:
                guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                    held += rest
                    return
                }
                held += rest[..<end]
                rest = rest[(end + 1)...]
                state = self.state(after: String(decoding: held, as: UTF8.self))
                held.removeAll(keepingCapacity: true)
            case .content(let hash, let left):
                let taken = rest.prefix(left)
                rest = rest.dropFirst(left)
                held += taken
                state = .content(hash, left: left - taken.count)
                if taken.count == left {
                    held.removeLast()
                    try body(hash, held)
                    held.removeAll(keepingCapacity: held.capacity < 1 << 20)
                    state = .line
                }
            case .passing(let left):
                let count = min(left, rest.count)
                rest = rest.dropFirst(count)
                state = count == left ? .line : .passing(left: left - count)
            }
        }
    }

    private mutating func state(after line: String) -> State {
        let words = line.split(separator: " ")
        let hash = words.first.map(String.init) ?? ""
        guard words.count == 3, let size = Int(words[2]) else {
            skipped.append(hash)
            return .line
        }
        guard words[1] == "blob", size <= limit else {
            skipped.append(hash)
            return .passing(left: size + 1)
        }
        held.reserveCapacity(size + 1)
        return .content(hash, left: size + 1)
    }
}
