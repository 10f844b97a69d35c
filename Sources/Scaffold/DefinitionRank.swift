/// Tells which pieces of a file hold most of some words for their length.
struct DefinitionRank {
    /// The places, among the words, of those that each line has.
    private let places: [[Int]]
    private let count: Int

    private struct Sink: CodeWordSink {
        let table: [UInt64: Int]
        let text: CodeText
        var places: [[Int]]

        mutating func add(_ term: UInt64, from start: Int, to end: Int) {
            guard let place = table[term] else { return }
            let line = text.line(at: start)
            if !places[line].contains(place) { places[line].append(place) }
        }
    }

    /// Looks for words as the search has them; of more than 512 some count.
    init(_ text: CodeText, words: Set<String>) {
        let sorted = words.sorted().prefix(512)
        count = sorted.count
        var table: [UInt64: Int] = [:]
        for (place, word) in sorted.enumerated() { table[CodeWords.term(of: word)] = place }
        let empty = [[Int]](repeating: [], count: text.lineCount)
        var sink = Sink(table: table, text: text, places: empty)
        text.bytes.withUnsafeBufferPointer { CodeWords.scan($0, into: &sink) }
        places = sink.places
    }

    /// For each range how well it fits, 0 when none of the words is in it.
    ///
    /// A word counts less the more of the ranges have it, and a range less the longer it is.
    func scores(of ranges: [ClosedRange<Int>]) -> [Double] {
        let held = ranges.map { range in
            var has = [Bool](repeating: false, count: count)
            for line in range { for place in places[line] { has[place] = true } }
            return has.indices.filter { has[$0] }
        }
        var often = [Int](repeating: 0, count: count)
        for places in held { for place in places { often[place] += 1 } }
        return zip(ranges, held).map { range, places in
            let weight = places.reduce(0) { sum, place in
                // 1 for a word of one range only, 1/2 for one that is in all of a few ranges.
                sum + 1 / (1 + Double(often[place] - 1) / Double(max(ranges.count, 1)))
            }
            return weight / Double(range.count + 10).squareRoot()
        }
    }
}
