package import Disk
package import SystemPackage

/// The existing code that fits a text best.
///
/// Files are ranked by BM25 over the words of their identifiers and, three times as much, of their paths.
/// Tests, generated code, lock files and code from elsewhere count a fifth. Binary files and those over 1 MB
/// aren't searched, nor what is left of a repository after its first 800 MB.
package struct CodeSearch: Sendable {
    /// A file that fits.
    package struct Hit: Equatable, Sendable {
        package var file: SourceFile
        /// Above zero; to be compared within one answer only.
        package var score: Double
        /// The words of the text that the file or its path has, in lower case.
        package var words: Set<String>

        package init(file: SourceFile, score: Double, words: Set<String>) {
            self.file = file
            self.score = score
            self.words = words
        }
    }

    private let cache: FilePath?
    private let disk: any FileSystem

    /// - Parameters:
    ///   - cache: a folder of this repository's own, in which the index is kept from one search to the next;
    ///     it's made when it's missing. Without it every search reads every file.
    ///   - disk: where the folder is.
    package init(cache: FilePath?, disk: any FileSystem) {
        self.cache = cache
        self.disk = disk
    }

    /// The best files, best first, with the words of the text that each has.
    ///
    /// The same files give the same answer, with and without a cache; a cache that is damaged, or can't be
    /// read or written, costs time only. Of a text of more than 512 different words the first ones count.
    ///
    /// - Throws: What the tree throws, and `CancellationError`.
    package func best(
        _ limit: Int,
        for text: String,
        in tree: any SourceTree
    ) async throws -> [Hit] {
        let query = CodeRankQuery(text)
        guard limit > 0, !query.words.isEmpty else { return [] }
        let files = Self.searched(try await tree.files())
        let (index, places) = try await index(of: files, in: tree)
        let candidates = files.compactMap { searched -> CodeRankCandidate? in
            guard let document = places[searched.key], index.isText(document) else { return nil }
            return CodeRankCandidate(file: searched.file, document: document)
        }
        return try await CodeRanking(query: query, index: index, candidates: candidates).best(limit)
    }

    /// The words of a text as the search sees them, in the text's order and as often as they're there.
    ///
    /// In lower case; identifiers split at case and underscores, and then whole; without stop words, numbers
    /// and words of one letter.
    package static func words(of text: String) -> [String] {
        CodeWords.words(of: text)
    }
}

extension CodeSearch {
    private struct Searched: Sendable {
        var file: SourceFile
        var key: CodeIndex.Key
    }

    private static let mostBytes = 800_000_000

    /// What one task reads and counts at once.
    private static let batchBytes = 12_000_000
    private static let batchFiles = 5000
    private static let batchesAtOnce = 3

    /// The files that are worth reading; when that's too much, those that count less are left out first.
    private static func searched(_ files: [SourceFile]) -> [Searched] {
        var files = files.filter { (1...CodeIndex.largestFile).contains($0.size) }
        if files.reduce(0, { $0 + $1.size }) > mostBytes {
            let ranked = files.sorted { $0.path < $1.path }
            let aside = ranked.map { CodeRank.isAside($0.path) }
            var room = mostBytes
            files = (zip(ranked, aside).filter { !$1 } + zip(ranked, aside).filter { $1 })
                .prefix { file, _ in
                    room -= file.size
                    return room >= 0
                }.map(\.0)
        }
        return files.map { Searched(file: $0, key: CodeIndex.Key(blob: $0.blob)) }
    }

    /// An index that has these files as far as they can be read, and where in it each is.
    private func index(
        of files: [Searched],
        in tree: any SourceTree
    ) async throws -> (CodeIndex, [CodeIndex.Key: Int]) {
        let cached = readCache()
        let places = cached?.places() ?? [:]
        var missing: [Searched] = []
        var seen: Set<CodeIndex.Key> = []
        for searched in files
        where places[searched.key] == nil && seen.insert(searched.key).inserted {
            missing.append(searched)
        }
        if let cached, missing.isEmpty { return (cached, places) }
        let pieces = try await pieces(of: missing, in: tree)
        if let cached, pieces.isEmpty { return (cached, places) }
        let kept = cached.map { Self.kept(of: $0, places, for: files) } ?? []
        let index = CodeIndex(keeping: kept, of: cached, adding: pieces)
        writeCache(index)
        return (index, index.places())
    }

    /// Reads blobs and counts their words, in a few batches at a time.
    private func pieces(
        of missing: [Searched],
        in tree: any SourceTree
    ) async throws -> [CodeIndexPiece] {
        let keys = Dictionary(missing.map { ($0.file.blob, $0.key) }, uniquingKeysWith: { $1 })
        return try await withThrowingTaskGroup(of: (Int, CodeIndexPiece?).self) { group in
            var pieces: [(Int, CodeIndexPiece?)] = []
            var rest = missing[...]
            var number = 0
            while !rest.isEmpty {
                let batch = Self.nextBatch(&rest)
                // More at once would only fill memory.
                if number >= Self.batchesAtOnce, let piece = try await group.next() {
                    pieces.append(piece)
                }
                group.addTask { [number] in
                    (number, try await Self.piece(of: batch, by: keys, in: tree))
                }
                number += 1
            }
            for try await piece in group { pieces.append(piece) }
            return pieces.sorted { $0.0 < $1.0 }.compactMap(\.1)
        }
    }

    private static func piece(
        of batch: [SourceFile],
        by keys: [String: CodeIndex.Key],
        in tree: any SourceTree
    ) async throws -> CodeIndexPiece? {
        try Task.checkCancellation()
        var blobs: [(key: CodeIndex.Key, bytes: [UInt8])] = []
        try await tree.read(batch) { file, bytes in
            if let key = keys[file.blob] { blobs.append((key, bytes)) }
        }
        guard !blobs.isEmpty else { return nil }
        // Sorted, because a tree may hand them on in any order.
        blobs.sort { ($0.key.first, $0.key.second) < ($1.key.first, $1.key.second) }
        return CodeIndexPiece(of: blobs)
    }

    private static func nextBatch(_ rest: inout ArraySlice<Searched>) -> [SourceFile] {
        var batch: [SourceFile] = []
        var bytes = 0
        while let next = rest.first, batch.count < batchFiles,
            batch.isEmpty || bytes + next.file.size <= batchBytes
        {
            batch.append(next.file)
            bytes += next.file.size
            rest.removeFirst()
        }
        return batch
    }

    /// The documents that stay in the cache: all, so that going back and forth between two commits costs
    /// nothing, until those that this commit doesn't have are a third of all postings.
    private static func kept(
        of index: CodeIndex,
        _ places: [CodeIndex.Key: Int],
        for files: [Searched]
    ) -> [Int] {
        let used = Set(files.compactMap { places[$0.key] })
        let usedPostings = used.reduce(0) { $0 + index.range(of: $1).count }
        let isMostlyUsed = (index.postings - usedPostings) * 3 < index.postings
        return isMostlyUsed ? Array(0..<index.documents) : used.sorted()
    }

    private static let cacheName = "code-index"

    private func readCache() -> CodeIndex? {
        guard let cache else { return nil }
        // A cache that can't be read is as good as none: the answer is the same.
        guard let bytes = try? disk.read(cache.appending(Self.cacheName)) else { return nil }
        return CodeIndex(bytes: bytes)
    }

    private func writeCache(_ index: CodeIndex) {
        guard let cache else { return }
        do {
            try disk.makeFolder(cache)
            try disk.write(index.bytes, to: cache.appending(Self.cacheName))
        } catch {
            // The next search reads the files again; that it can answer this one matters more.
        }
    }
}
