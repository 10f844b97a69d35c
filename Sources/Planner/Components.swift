/// Tarjan's strongly connected components, without recursion: chains may be long.
struct Components {
    private let edges: Adjacency
    private var index: [Int]
    private var low: [Int]
    private var isOnStack: [Bool]
    private var stack: [Int] = []
    private var entered = 0
    private var found: [[Int]] = []

    /// The components that contain a cycle, each in no order; one node alone when it points at itself.
    static func cycles(in edges: Adjacency) -> [[Int]] {
        var search = Components(edges)
        for start in 0..<edges.count where search.index[start] < 0 { search.visit(start) }
        return search.found
    }

    private init(_ edges: Adjacency) {
        self.edges = edges
        index = Array(repeating: -1, count: edges.count)
        low = index
        isOnStack = Array(repeating: false, count: edges.count)
    }

    private mutating func visit(_ start: Int) {
        var path: [(node: Int, next: Int)] = []
        enter(start, &path)
        while let (node, next) = path.last {
            let successors = edges[node]
            if next < successors.endIndex {
                path[path.count - 1].next += 1
                let successor = successors[next]
                if index[successor] < 0 {
                    enter(successor, &path)
                } else if isOnStack[successor] {
                    low[node] = min(low[node], index[successor])
                }
                continue
            }
            path.removeLast()
            if let parent = path.last?.node { low[parent] = min(low[parent], low[node]) }
            if low[node] == index[node] { close(node) }
        }
    }

    private mutating func enter(_ node: Int, _ path: inout [(node: Int, next: Int)]) {
        index[node] = entered
        low[node] = entered
        entered += 1
        stack.append(node)
        isOnStack[node] = true
        path.append((node, edges[node].startIndex))
    }

    private mutating func close(_ root: Int) {
        var component: [Int] = []
        while let node = stack.popLast() {
            isOnStack[node] = false
            component.append(node)
            if node == root { break }
        }
        if component.count > 1 || edges[root].contains(root) { found.append(component) }
    }
}
