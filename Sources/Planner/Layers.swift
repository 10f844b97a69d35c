/// How deep each node of a graph lies, and how much hangs on it.
struct Layers {
    /// Nodes that are on a cycle or wait for one that is.
    private(set) var isHeld: [Bool]
    /// The length of the longest way to the node from one that waits for nothing; 0 for held ones.
    private(set) var level: [Int]
    /// The number of nodes on the longest way from the node to one that nothing waits for; held ones
    /// count only for each other, members of cycles never.
    private(set) var chain: [Int]

    init(_ waitsFor: Adjacency, _ dependants: Adjacency, isInCycle: [Bool]) {
        let count = waitsFor.count
        isHeld = isInCycle
        level = Array(repeating: 0, count: count)
        chain = Array(repeating: 1, count: count)

        // Without the members of cycles there is an order in which blockers come first.
        var missing = [Int](repeating: 0, count: count)
        for node in 0..<count {
            missing[node] = waitsFor[node].reduce(0) { $0 + (isInCycle[$1] ? 0 : 1) }
        }
        var order = (0..<count).filter { !isInCycle[$0] && missing[$0] == 0 }
        order.reserveCapacity(count)
        var next = 0
        while next < order.count {
            let node = order[next]
            next += 1
            for dependant in dependants[node] where !isInCycle[dependant] {
                missing[dependant] -= 1
                if missing[dependant] == 0 { order.append(dependant) }
            }
        }
        for node in order {
            for blocker in waitsFor[node] {
                if isHeld[blocker] { isHeld[node] = true }
                level[node] = max(level[node], level[blocker] + 1)
            }
            if isHeld[node] { level[node] = 0 }
        }
        for node in order.reversed() {
            for dependant in dependants[node]
            where !isInCycle[dependant] && isHeld[dependant] == isHeld[node] {
                chain[node] = max(chain[node], chain[dependant] + 1)
            }
        }
    }
}
