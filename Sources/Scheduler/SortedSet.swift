/// A set that is kept in order.
///
/// Its elements lie in chunks of bounded length, so that each operation is two binary searches and the move of
/// one chunk's rest at most: a tree of two levels, flat in memory.
struct SortedSet<Element: Comparable & Sendable>: Sendable {
    /// Each with an element at least, in order.
    private var chunks: [[Element]] = []
    private static var longest: Int { 256 }

    var isEmpty: Bool { chunks.isEmpty }
    var first: Element? { chunks.first?.first }

    /// Does nothing when it's there already.
    mutating func insert(_ element: Element) {
        guard !chunks.isEmpty else {
            chunks = [[element]]
            return
        }
        let chunk = max(0, Self.firstIndex(in: chunks) { $0[0] > element } - 1)
        let place = Self.firstIndex(in: chunks[chunk]) { $0 >= element }
        if place < chunks[chunk].count, chunks[chunk][place] == element { return }
        chunks[chunk].insert(element, at: place)
        guard chunks[chunk].count > Self.longest else { return }
        let half = chunks[chunk].count / 2
        let rest = Array(chunks[chunk][half...])
        chunks[chunk].removeSubrange(half...)
        chunks.insert(rest, at: chunk + 1)
    }

    /// Does nothing when it isn't there.
    mutating func remove(_ element: Element) {
        let chunk = Self.firstIndex(in: chunks) { $0[0] > element } - 1
        guard chunk >= 0 else { return }
        let place = Self.firstIndex(in: chunks[chunk]) { $0 >= element }
        guard place < chunks[chunk].count, chunks[chunk][place] == element else { return }
        chunks[chunk].remove(at: place)
        if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
    }

    /// The first element for which a condition holds that holds for all after it, too.
    func first(where holds: (Element) -> Bool) -> Element? {
        guard let (chunk, place) = start(holds) else { return nil }
        if place < chunks[chunk].count { return chunks[chunk][place] }
        return chunk + 1 < chunks.count ? chunks[chunk + 1].first : nil
    }

    /// The elements from the first one on for which `isInside` holds, up to the first for which `isOver` does; each
    /// holds for all after it, too.
    func elements(from isInside: (Element) -> Bool, upTo isOver: (Element) -> Bool) -> [Element] {
        var found: [Element] = []
        guard var (chunk, place) = start(isInside) else { return [] }
        while chunk < chunks.count {
            while place < chunks[chunk].count {
                guard !isOver(chunks[chunk][place]) else { return found }
                found.append(chunks[chunk][place])
                place += 1
            }
            chunk += 1
            place = 0
        }
        return found
    }

    /// The elements at the front for which a condition holds.
    func prefix(while holds: (Element) -> Bool) -> [Element] {
        var found: [Element] = []
        scan: for chunk in chunks {
            for element in chunk {
                guard holds(element) else { break scan }
                found.append(element)
            }
        }
        return found
    }

    var elements: [Element] { chunks.flatMap(\.self) }

    /// Where the first element lies for which a condition holds; at the end of its chunk when it's in the next one.
    private func start(_ holds: (Element) -> Bool) -> (chunk: Int, place: Int)? {
        guard !chunks.isEmpty else { return nil }
        let chunk = max(0, Self.firstIndex(in: chunks) { holds($0[0]) } - 1)
        return (chunk, Self.firstIndex(in: chunks[chunk], where: holds))
    }

    private static func firstIndex<Item>(in items: [Item], where holds: (Item) -> Bool) -> Int {
        var (low, high) = (0, items.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(items[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
