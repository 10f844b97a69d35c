#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The words of a text as the search weighs them.
struct CodeRankQuery: Sendable {
    /// Longer texts are pasted logs: their first words say what they're about.
    static let longest = 512

    /// Each once, in the text's order.
    let words: [String]
    /// How much each counts: words that the text repeats count more, up to about twice as much.
    let weights: [Double]
    let terms: CodeTerms
    /// Whether a word's term may be there, by the upper bits of the term's lower half.
    ///
    /// It answers for nearly every posting of an index, in 8 KB.
    let filter: [UInt64]

    init(_ text: String) {
        var words: [String] = []
        var counts: [String: Int] = [:]
        for word in CodeWords.words(of: text) {
            if counts[word] == nil {
                if words.count == Self.longest { continue }
                words.append(word)
            }
            counts[word, default: 0] += 1
        }
        let terms = words.map(CodeWords.term(of:))
        var filter = [UInt64](repeating: 0, count: 1024)
        for term in terms {
            let low = UInt32(truncatingIfNeeded: term)
            filter[Int(low >> 22)] |= 1 << UInt64(low >> 16 & 63)
        }
        self.words = words
        // BM25's factor for repetition in the query, with the same 1.2 as for documents.
        self.weights = words.map { word in
            let count = Double(counts[word] ?? 1)
            return 2.2 * count / (1.2 + count)
        }
        self.terms = CodeTerms(terms)
        self.filter = filter
    }
}

/// A file of the tree that has something to search in.
struct CodeRankCandidate: Sendable {
    var file: SourceFile
    var document: Int
}

/// Ranks files by BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009).
struct CodeRanking: Sendable {
    let query: CodeRankQuery
    let index: CodeIndex
    let candidates: [CodeRankCandidate]

    /// How fast a word's further occurrences lose worth.
    private static let saturation = 1.2
    /// How much a long file is held to be long by nature, 1 for all.
    private static let lengthShare = 0.75
    /// How often a word of the path counts.
    private static let pathWeight: UInt32 = 3

    /// The best files, best first.
    func best(_ limit: Int) async throws -> [CodeSearch.Hit] {
        let partial = try await inParts { part in sums(of: part) }
        var total = Sums(words: query.words.count)
        for sum in partial { total.add(sum) }
        let model = Model(total, query: query, files: candidates.count)
        let scored = try await inParts { part in scores(of: part, by: model) }.joined()
        let best = weighed(limit, of: scored.sorted(by: isBetter)).sorted(by: isBetter).prefix(
            limit
        )
        var counts = WordCounts(query)
        return best.map { scored in
            let file = candidates[scored.candidate].file
            count(candidates[scored.candidate], into: &counts)
            let words = Set(counts.found.map { query.words[$0] })
            return CodeSearch.Hit(file: file, score: scored.score, words: words)
        }
    }

    private func isBetter(_ first: Scored, _ second: Scored) -> Bool {
        if first.score != second.score { return first.score > second.score }
        return candidates[first.candidate].file.path < candidates[second.candidate].file.path
    }

    /// The files that may be among the best ones once tests and the like count less, which only lowers scores:
    /// so the paths of a few are looked at, not of all.
    private func weighed(_ limit: Int, of scored: [Scored]) -> [Scored] {
        var weighed: [Scored] = []
        var unchanged = 0
        for var scored in scored where unchanged < limit {
            if scored.isGenerated || CodeRank.isAside(candidates[scored.candidate].file.path) {
                scored.score *= CodeRank.asideWeight
            } else {
                unchanged += 1
            }
            weighed.append(scored)
        }
        return weighed
    }

    /// Does something with the candidates in four parts at once; the results are in their order.
    private func inParts<Result: Sendable>(
        _ body: @escaping @Sendable (Range<Int>) -> Result
    ) async throws -> [Result] {
        try Task.checkCancellation()
        let parts = 4
        return await withTaskGroup(of: (Int, Result).self) { group in
            for part in 0..<parts {
                let range =
                    candidates.count * part / parts..<candidates.count * (part + 1) / parts
                group.addTask { (part, body(range)) }
            }
            var results: [(Int, Result)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func sums(of part: Range<Int>) -> Sums {
        var sums = Sums(words: query.words.count)
        var counts = WordCounts(query)
        for place in part {
            count(candidates[place], into: &counts)
            sums.length += UInt64(counts.length)
            for word in counts.found { sums.filesWithWord[word] += 1 }
        }
        return sums
    }

    private func scores(of part: Range<Int>, by model: Model) -> [Scored] {
        var scores: [Scored] = []
        var counts = WordCounts(query)
        for place in part {
            let candidate = candidates[place]
            let isGenerated = count(candidate, into: &counts)
            if counts.found.isEmpty { continue }
            let share = Double(counts.length) / model.meanLength
            let damping =
                Self.saturation * (1 - Self.lengthShare + Self.lengthShare * share)
            var score = 0.0
            // By word, not as they were found: sums of fractions depend on their order.
            for word in counts.found.sorted() {
                let count = Double(counts.counts[word])
                score += model.worth[word] * count * (Self.saturation + 1) / (count + damping)
            }
            scores.append(Scored(candidate: place, score: score, isGenerated: isGenerated))
        }
        return scores
    }

    /// Counts the query's words in a file and its path.
    ///
    /// - Returns: whether the file is generated, to judge by its contents.
    @discardableResult
    private func count(_ candidate: CodeRankCandidate, into counts: inout WordCounts) -> Bool {
        counts.clear()
        var path = candidate.file.path
        path.withUTF8 { CodeWords.scan($0, into: &counts) }
        let length = index.count(candidate.document, query) { word, count in
            counts.add(word, count)
        }
        counts.length += length & ~CodeIndex.generated
        return length & CodeIndex.generated != 0
    }

    /// The query's words in one file.
    private struct WordCounts: CodeWordSink {
        let terms: CodeTerms
        var counts: [UInt32]
        /// The words that are there, each once.
        var found: [Int] = []
        var length: UInt32 = 0

        init(_ query: CodeRankQuery) {
            terms = query.terms
            counts = [UInt32](repeating: 0, count: query.words.count)
        }

        mutating func clear() {
            for word in found { counts[word] = 0 }
            found.removeAll(keepingCapacity: true)
            length = 0
        }

        mutating func add(_ word: Int, _ count: UInt32) {
            if counts[word] == 0 { found.append(word) }
            counts[word] += count
        }

        /// Takes a word of the path.
        mutating func add(_ term: UInt64, from start: Int, to end: Int) {
            length += CodeRanking.pathWeight
            if let word = terms.place(of: term) { add(word, CodeRanking.pathWeight) }
        }
    }

    /// What BM25 wants to know of all files.
    private struct Sums: Sendable {
        var length: UInt64 = 0
        var filesWithWord: [Int]

        init(words: Int) {
            filesWithWord = [Int](repeating: 0, count: words)
        }

        mutating func add(_ other: Sums) {
            length += other.length
            for word in filesWithWord.indices { filesWithWord[word] += other.filesWithWord[word] }
        }
    }

    private struct Model: Sendable {
        let meanLength: Double
        /// Of each word: the rarer, the more; times its weight in the query.
        let worth: [Double]

        init(_ sums: Sums, query: CodeRankQuery, files: Int) {
            meanLength = max(1, Double(sums.length) / Double(max(1, files)))
            worth = zip(sums.filesWithWord, query.weights).map { filesWithWord, weight in
                let with = Double(filesWithWord)
                let rarity = log(1 + (Double(files) - with + 0.5) / (with + 0.5))
                return weight * rarity
            }
        }
    }

    private struct Scored: Sendable {
        var candidate: Int
        var score: Double
        var isGenerated: Bool
    }
}

extension CodeIndex {
    /// Hands on the query's words that a document has.
    ///
    /// - Returns: the document's length, with the bit that says that it's generated.
    @inline(__always)
    fileprivate func count(
        _ document: Int,
        _ query: CodeRankQuery,
        _ body: (Int, UInt32) -> Void
    ) -> UInt32 {
        let range = range(of: document)
        let (lows, highs) = (layout.lows, layout.highs)
        return bytes.withUnsafeBytes { bytes in
            query.filter.withUnsafeBufferPointer { filter in
                for posting in range {
                    let low = bytes.loadUnaligned(
                        fromByteOffset: lows + 4 * posting,
                        as: UInt32.self
                    )
                    guard filter[Int(low >> 22)] & (1 << UInt64(low >> 16 & 63)) != 0 else {
                        continue
                    }
                    let high = bytes.loadUnaligned(
                        fromByteOffset: highs + 2 * posting,
                        as: UInt16.self
                    )
                    let term = UInt64(high >> 8) << 32 | UInt64(low)
                    if let word = query.terms.place(of: term) { body(word, UInt32(high & 255)) }
                }
            }
            return bytes.loadUnaligned(
                fromByteOffset: layout.lengths + 4 * document,
                as: UInt32.self
            )
        }
    }
}
