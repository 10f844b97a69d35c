/// For each node the nodes that it points at, in one array.
struct Adjacency: Equatable, Sendable {
    private var starts: [Int]
    private var targets: [Int]

    /// - Parameters:
    ///   - count: how many nodes there are.
    ///   - edges: in any order; those of one node keep theirs.
    init(count: Int, edges: [(from: Int, to: Int)]) {
        starts = Array(repeating: 0, count: count + 1)
        targets = Array(repeating: 0, count: edges.count)
        for edge in edges { starts[edge.from + 1] += 1 }
        for node in 0..<count { starts[node + 1] += starts[node] }
        var next = starts
        for edge in edges {
            targets[next[edge.from]] = edge.to
            next[edge.from] += 1
        }
    }

    /// How many nodes there are.
    var count: Int { starts.count - 1 }

    subscript(node: Int) -> ArraySlice<Int> { targets[starts[node]..<starts[node + 1]] }
}
