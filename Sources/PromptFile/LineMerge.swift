/// Merges two edits of the same lines.
enum LineMerge {
    /// Beyond so many pairs of lines nothing is compared: what differs is one change.
    private static let pairLimit = 4_000_000

    /// The lines with both edits, `nil` when they touch the same lines or neighbours.
    static func merge(
        base: [Substring],
        ours: [Substring],
        theirs: [Substring]
    ) -> [Substring]? {
        let inOurs = matches(base, ours)
        let inTheirs = matches(base, theirs)
        var result: [Substring] = []
        var (start, ourStart, theirStart) = (0, 0, 0)
        while true {
            // The next line that both have kept.
            let stable = base.indices[start...].first { inOurs[$0] != nil && inTheirs[$0] != nil }
            let end = stable ?? base.count
            let ourEnd = stable.flatMap { inOurs[$0] } ?? ours.count
            let theirEnd = stable.flatMap { inTheirs[$0] } ?? theirs.count
            let old = base[start..<end]
            let our = ours[ourStart..<ourEnd]
            let their = theirs[theirStart..<theirEnd]
            if our == their || their == old {
                result += our
            } else if our == old {
                result += their
            } else {
                return nil
            }
            guard let stable else { return result }
            result.append(ours[ourEnd])
            (start, ourStart, theirStart) = (stable + 1, ourEnd + 1, theirEnd + 1)
        }
    }

    /// For each old line the new one that it has become, by a longest common subsequence.
    private static func matches(_ oldLines: [Substring], _ newLines: [Substring]) -> [Int?] {
        // Numbers for lines, because they are compared many times.
        var numbers: [Substring: Int] = [:]
        func number(_ line: Substring) -> Int {
            if let number = numbers[line] { return number }
            numbers[line] = numbers.count
            return numbers.count - 1
        }
        let old = oldLines.map(number)
        let new = newLines.map(number)
        var result = [Int?](repeating: nil, count: old.count)
        var head = 0
        while head < min(old.count, new.count), old[head] == new[head] {
            result[head] = head
            head += 1
        }
        var tail = 0
        while tail < min(old.count, new.count) - head,
            old[old.count - 1 - tail] == new[new.count - 1 - tail]
        {
            tail += 1
            result[old.count - tail] = new.count - tail
        }
        let left = old[head..<(old.count - tail)]
        let right = new[head..<(new.count - tail)]
        guard !left.isEmpty, !right.isEmpty, left.count <= pairLimit / right.count else {
            return result
        }
        let width = right.count + 1
        var lengths = [Int32](repeating: 0, count: (left.count + 1) * width)
        for row in (0..<left.count).reversed() {
            for column in (0..<right.count).reversed() {
                lengths[row * width + column] =
                    left[head + row] == right[head + column]
                    ? lengths[(row + 1) * width + column + 1] + 1
                    : max(lengths[(row + 1) * width + column], lengths[row * width + column + 1])
            }
        }
        var (row, column) = (0, 0)
        while row < left.count, column < right.count {
            if left[head + row] == right[head + column] {
                result[head + row] = head + column
                (row, column) = (row + 1, column + 1)
            } else if lengths[(row + 1) * width + column] >= lengths[row * width + column + 1] {
                row += 1
            } else {
                column += 1
            }
        }
        return result
    }
}
