/// Finds the name that somebody most likely meant.
enum NearestName {
    /// The name that differs in case and hyphens only, else the one with the fewest letters changed, else the only one
    /// that begins so.
    ///
    /// - Returns: `nil` when more than a third of the letters would have to change.
    static func nearest(to name: String, in names: [String]) -> String? {
        let plain = plain(name)
        guard !plain.isEmpty, plain.count <= 64 else { return nil }
        if let same = names.first(where: { self.plain($0) == plain }) { return same }
        let limit = max(1, plain.count / 3)
        let near = names.map { ($0, distance(plain, self.plain($0))) }
            .filter { $0.1 <= limit }
            .min { $0.1 < $1.1 }?.0
        if let near { return near }
        let longer = names.filter { plain.count > 2 && self.plain($0).starts(with: plain) }
        return longer.count == 1 ? longer[0] : nil
    }

    /// `maxTurns`, `max-turns` and `MAX_TURNS` are the same word.
    static func plain(_ name: String) -> [Character] {
        name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
    }

    /// Levenshtein's distance with neighbours that changed places counted once.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var cost = min(
                    last[column] + (left[row] == right[column] ? 0 : 1),
                    last[column + 1] + 1,
                    current[column] + 1
                )
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
