/// Finds the file beside which a new one is to stand.
enum CodeSibling {
    /// The existing file in the nearest folder, of the same name or ending if there is one.
    ///
    /// - Parameters:
    ///   - path: The new file's.
    ///   - known: All existing ones, in any order.
    /// - Returns: `nil` when no folder of the path exists yet, or nothing there ends so.
    static func nearest(to path: String, among known: some Sequence<String>) -> String? {
        let parts = path.split(separator: "/")
        guard let name = parts.last else { return nil }
        let ending = ending(of: name)
        var best: (path: String, score: [Int])?
        for other in known {
            let shared = sharedFolders(path, other)
            let others = other.split(separator: "/")
            guard shared > 0 || others.count == 1 || parts.count == 1, let otherName = others.last
            else { continue }
            let isSameFolder = shared == parts.count - 1 && shared == others.count - 1
            let isAlike = otherName == name || Self.ending(of: otherName) == ending
            guard isSameFolder || (isAlike && shared > 0) else { continue }
            let score = [
                isSameFolder && isAlike ? 1 : 0, shared, otherName == name ? 1 : 0,
                isAlike ? 1 : 0, -others.count, sharedStart(name, otherName),
            ]
            if let best,
                score.lexicographicallyPrecedes(best.score)
                    || (score == best.score && best.path <= other)
            {
                continue
            }
            best = (other, score)
        }
        return best?.path
    }

    /// Behind the first dot but one at the start: `test.ts` of `a.test.ts`.
    private static func ending(of name: Substring) -> Substring {
        name.dropFirst().drop { $0 != "." }
    }

    private static func sharedFolders(_ left: String, _ right: String) -> Int {
        var folders = 0
        for (one, other) in zip(left.utf8, right.utf8) {
            guard one == other else { break }
            if one == UInt8(ascii: "/") { folders += 1 }
        }
        return folders
    }

    private static func sharedStart(_ left: Substring, _ right: Substring) -> Int {
        zip(left.utf8, right.utf8).prefix { $0 == $1 }.count
    }
}
