/// What the index keeps of some documents, column by column.
struct CodeIndexPiece: Sendable {
    var keys: [CodeIndex.Key] = []
    /// How many different terms each document has.
    var counts: [UInt32] = []
    /// How many words each document has; the highest bit says that the document is generated.
    var lengths: [UInt32] = []
    /// The lower 32 bits of each document's terms.
    var lows: [UInt32] = []
    /// The upper 8 bits of the terms, and how often the document has them (at most 255) below.
    var highs: [UInt16] = []

    /// Counts the words of some blobs.
    init(of blobs: [(key: CodeIndex.Key, bytes: [UInt8])]) {
        var counter = WordCounter()
        for (key, bytes) in blobs {
            bytes.withUnsafeBufferPointer { append($0, key: key, counter: &counter) }
        }
    }

    private mutating func append(
        _ bytes: UnsafeBufferPointer<UInt8>,
        key: CodeIndex.Key,
        counter: inout WordCounter
    ) {
        keys.append(key)
        guard bytes.count <= CodeIndex.largestFile, !bytes.prefix(8192).contains(0) else {
            // Nothing to search in, which is worth to be remembered as well.
            counts.append(0)
            lengths.append(0)
            return
        }
        CodeWords.scan(bytes, into: &counter)
        let before = lows.count
        var length: UInt32 = 0
        counter.drain { term, count in
            length += count
            lows.append(UInt32(truncatingIfNeeded: term))
            highs.append(UInt16(term >> 32) << 8 | UInt16(min(count, 255)))
        }
        counts.append(UInt32(lows.count - before))
        lengths.append(length | (Self.isGenerated(bytes) ? CodeIndex.generated : 0))
    }

    /// Whether a document says at its top that a program wrote it, or has lines that no person writes.
    private static func isGenerated(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let top = bytes.prefix(1024)
        let marks = [
            "@generated", "DO NOT EDIT", "Do not edit", "Code generated", "auto-generated",
        ]
        if marks.contains(where: { contains(top, Array($0.utf8)) }) { return true }
        guard bytes.count > 4096 else { return false }
        var lines = 1
        for byte in bytes where byte == UInt8(ascii: "\n") { lines += 1 }
        return bytes.count / lines > 400
    }

    private static func contains(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ mark: [UInt8])
        -> Bool
    {
        guard bytes.count >= mark.count else { return false }
        return (bytes.startIndex...bytes.endIndex - mark.count).contains { start in
            bytes[start] == mark[0]
                && mark.indices.allSatisfy { bytes[start + $0] == mark[$0] }
        }
    }
}

/// Counts the words of one document after the other; stop words aren't counted.
private struct WordCounter: CodeWordSink {
    private let stopWords = CodeTerms.stopWords
    /// Open addressing, half full at most.
    private var terms = [UInt64](repeating: Self.free, count: 1024)
    private var counts = [UInt32](repeating: 0, count: 1024)
    private var usedSlots: [Int] = []

    @inline(__always)
    mutating func add(_ term: UInt64, from start: Int, to end: Int) {
        let slot = slot(of: term)
        if terms[slot] == term {
            counts[slot] += 1
            return
        }
        terms[slot] = term
        counts[slot] = 1
        usedSlots.append(slot)
        if usedSlots.count * 2 > terms.count { grow() }
    }

    /// Hands on what was counted, in the order of first use, and starts anew.
    mutating func drain(_ body: (UInt64, UInt32) -> Void) {
        for slot in usedSlots {
            if stopWords.place(of: terms[slot]) == nil { body(terms[slot], counts[slot]) }
            terms[slot] = Self.free
        }
        usedSlots.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private func slot(of term: UInt64) -> Int {
        var slot = Int(term) & (terms.count - 1)
        while terms[slot] != term, terms[slot] != Self.free {
            slot = (slot + 1) & (terms.count - 1)
        }
        return slot
    }

    private mutating func grow() {
        let (oldTerms, oldCounts) = (terms, counts)
        terms = [UInt64](repeating: Self.free, count: oldTerms.count * 2)
        counts = [UInt32](repeating: 0, count: oldTerms.count * 2)
        usedSlots = usedSlots.map { old in
            let new = slot(of: oldTerms[old])
            terms[new] = oldTerms[old]
            counts[new] = oldCounts[old]
            return new
        }
    }

    private static let free = UInt64.max
}
