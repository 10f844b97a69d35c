/// Finds the file beside which a new one is to stand.
enum CodeSibling {
    /// The existing file in the nearest folder, of the same name or ending if there is one.
    ///
    /// - Parameters:
    ///   - path: The new file's.
    ///   - known: All existing ones, in any order.
    /// - Returns: `nil` when no folder of the path exists yet, or nothing there ends so.
    static func nearest(to path: String, among known: some Sequence<String>) -> String? {
        let new = Array(path.utf8)
        let nameStart = (new.lastIndex(of: slash) ?? -1) + 1
        let name = new[nameStart...]
        guard !name.isEmpty else { return nil }
        let folders = new[..<nameStart].count { $0 == slash }
        let ending = ending(of: name)
        var best: (path: String, score: Score)?
        for other in known {
            var other = other
            // Every path of the tree comes by here, so nothing is allocated for most of them.
            let score = other.withUTF8 { bytes -> Score? in
                let shared = sharedFolders(new, bytes)
                let start = (bytes.lastIndex(of: slash) ?? -1) + 1
                let otherFolders = bytes[..<start].count { $0 == slash }
                let isSameFolder = shared == folders && shared == otherFolders
                guard isSameFolder || shared > 0 else { return nil }
                let otherName = bytes[start...]
                let hasSameName = otherName.elementsEqual(name)
                let isAlike = hasSameName || Self.ending(of: otherName).elementsEqual(ending)
                guard isSameFolder || isAlike else { return nil }
                return (
                    isSameFolder && isAlike ? 1 : 0, shared, hasSameName ? 1 : 0, isAlike ? 1 : 0,
                    -otherFolders, zip(name, otherName).prefix { $0 == $1 }.count
                )
            }
            guard let score else { continue }
            if let best, score < best.score || (score == best.score && best.path <= other) {
                continue
            }
            best = (other, score)
        }
        return best?.path
    }

    /// Compared from the left: a file like it in its own folder, the folders that both are in, the same name,
    /// the same ending, the fewer folders, and the longer common start of the names.
    private typealias Score = (Int, Int, Int, Int, Int, Int)

    private static let slash = UInt8(ascii: "/")

    /// Behind the first dot but one at the start: `test.ts` of `a.test.ts`.
    private static func ending<Name: Collection<UInt8>>(of name: Name) -> Name.SubSequence {
        let rest = name.dropFirst()
        return rest[(rest.firstIndex(of: UInt8(ascii: ".")) ?? rest.endIndex)...]
    }

    private static func sharedFolders(_ left: [UInt8], _ right: UnsafeBufferPointer<UInt8>) -> Int {
        var folders = 0
        for (one, other) in zip(left, right) {
            guard one == other else { break }
            if one == slash { folders += 1 }
        }
        return folders
    }
}
