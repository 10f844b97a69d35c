import Domain

/// Finds, among many lists of paths, those that meet.
///
/// Equal paths are found by their hash. The others are sorted by what they begin with, so that a folder or
/// a glob is compared with those only that begin like it.
struct FileOverlaps {
    // What is beyond these bounds is left out. Nothing relies on all being found: before a ticket is begun
    // it's compared with each that is under way.
    static let pairsLimit = 20_000
    static let comparisonsLimit = 500_000
    static let pathsLimit = 20

    struct Pair: Hashable, Sendable {
        var first: Int
        var second: Int
    }

    private struct Entry {
        var pattern: PathPattern
        var owners: [Int]
    }

    private(set) var paths: [Pair: [String]] = [:]

    /// - Parameter lists: One list for each ticket; pairs name them by their places.
    init(_ lists: [[String]]) {
        var places: [String: Int] = [:]
        var entries: [Entry] = []
        for (owner, list) in lists.enumerated() {
            for path in list {
                if let place = places[path] {
                    if entries[place].owners.last != owner { entries[place].owners.append(owner) }
                } else {
                    places[path] = entries.count
                    entries.append(Entry(pattern: PathPattern(path), owners: [owner]))
                }
            }
        }
        entries.sort { left, right in
            let (first, second) = (left.pattern, right.pattern)
            if first.literal != second.literal {
                return first.literal.lexicographicallyPrecedes(second.literal)
            }
            // A glob before the path that it may stand for: only what follows is looked at.
            if first.isGlob != second.isGlob { return first.isGlob }
            return first.text < second.text
        }
        find(entries)
    }

    private mutating func find(_ entries: [Entry]) {
        var left = Self.comparisonsLimit
        for (index, entry) in entries.enumerated() {
            note(entry.owners, entry.owners, entry.pattern.text)
            var prefix = entry.pattern.literal
            var next = index + 1
            if !entry.pattern.isGlob, prefix.last != UInt8(ascii: "/") {
                prefix.append(UInt8(ascii: "/"))
                next = Self.firstIndex(of: prefix, in: entries, from: next)
            }
            while next < entries.count, entries[next].pattern.literal.starts(with: prefix) {
                guard left > 0, paths.count < Self.pairsLimit else { return }
                left -= 1
                let other = entries[next]
                next += 1
                let isSameOwner = entry.owners.count == 1 && entry.owners == other.owners
                guard !isSameOwner, entry.pattern.meets(other.pattern) else { continue }
                note(entry.owners, other.owners, entry.pattern.moreExact(other.pattern))
            }
        }
    }

    private mutating func note(_ owners: [Int], _ others: [Int], _ path: String) {
        guard owners.count > 1 || owners != others else { return }
        for owner in owners {
            for other in others where other != owner {
                guard paths.count < Self.pairsLimit else { return }
                let pair = Pair(first: min(owner, other), second: max(owner, other))
                var known = paths[pair] ?? []
                guard known.count < Self.pathsLimit, !known.contains(path) else { continue }
                known.append(path)
                paths[pair] = known
            }
        }
    }

    /// The first entry that doesn't come before `prefix`.
    private static func firstIndex(of prefix: [UInt8], in entries: [Entry], from: Int) -> Int {
        var (low, high) = (from, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].pattern.literal.lexicographicallyPrecedes(prefix) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
