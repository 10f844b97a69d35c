package import Domain

/// Which tickets may start now, in which order, and why the others may not.
package struct Plan: Equatable, Sendable {
    /// Why a ticket waits for other tickets.
    package enum Cause: Equatable, Sendable {
        /// These block it and aren't finished.
        case blockers([TicketKey])
        /// It waits for itself, through these tickets in this order; only a person can undo that.
        case cycle([TicketKey])
    }
    package struct Waiting: Equatable, Sendable {
        package var ticket: Ticket
        package var cause: Cause
    }
    /// Tickets that nothing blocks: by priority (no priority last), age, key.
    package var ready: [Ticket] = []
    /// The others, in the same order.
    package var waiting: [Waiting] = []

    package init() {}

    /// Plans the tickets that a poll found.
    ///
    /// - Parameters:
    ///   - tickets: in any order; each with its blockers as Linear told them.
    ///   - finished: ids of tickets known to be finished since Linear was asked.
    package init(of tickets: [Ticket], finished: Set<String> = []) {
        let sorted = tickets.sorted(by: Self.comesFirst)
        var blockedBy: [String: [Blocker]] = [:]
        for ticket in sorted {
            let blockers = ticket.unfinishedBlockers.filter { !finished.contains($0.id) }
            if blockers.isEmpty { ready.append(ticket) } else { blockedBy[ticket.id] = blockers }
        }
        let cycles = Self.cycles(blockedBy)
        for ticket in sorted {
            guard let blockers = blockedBy[ticket.id] else { continue }
            let cause: Cause
            if let cycle = cycles[ticket.id] {
                cause = .cycle(cycle)
            } else {
                cause = .blockers(blockers.map(\.key).sorted())
            }
            waiting.append(Waiting(ticket: ticket, cause: cause))
        }
    }

    /// The order of the queue.
    package static func comesFirst(_ left: Ticket, _ right: Ticket) -> Bool {
        if left.priority.rank != right.priority.rank {
            return left.priority.rank < right.priority.rank
        }
        if left.created != right.created { return left.created < right.created }
        return left.key < right.key
    }

    /// For each ticket that lies on a cycle, the cycle's members from its lowest key on.
    ///
    /// Tarjan's strongly connected components, without recursion: chains may be long.
    private static func cycles(_ blockedBy: [String: [Blocker]]) -> [String: [TicketKey]] {
        var keys: [String: TicketKey] = [:]
        for blockers in blockedBy.values {
            for blocker in blockers { keys[blocker.id] = blocker.key }
        }
        var search = ComponentSearch(edges: blockedBy.mapValues { $0.map(\.id) })
        var result: [String: [TicketKey]] = [:]
        for component in search.components() {
            let selfBlocked =
                component.count == 1
                && blockedBy[component[0], default: []].contains { $0.id == component[0] }
            guard component.count > 1 || selfBlocked else { continue }
            let members = component.compactMap { keys[$0] }.sorted()
            for id in component { result[id] = members }
        }
        return result
    }
}

/// Tarjan's algorithm over ids.
private struct ComponentSearch {
    let edges: [String: [String]]
    private var index: [String: Int] = [:]
    private var low: [String: Int] = [:]
    private var onStack: Set<String> = []
    private var stack: [String] = []
    private var found: [[String]] = []

    init(edges: [String: [String]]) { self.edges = edges }

    mutating func components() -> [[String]] {
        for start in edges.keys.sorted() where index[start] == nil { visit(start) }
        return found
    }

    private mutating func visit(_ start: String) {
        var path: [(node: String, next: Int)] = []
        enter(start, &path)
        while let (node, next) = path.last {
            let successors = edges[node] ?? []
            if next < successors.count {
                path[path.count - 1].next += 1
                let successor = successors[next]
                if index[successor] == nil {
                    enter(successor, &path)
                } else if onStack.contains(successor) {
                    low[node] = min(low[node, default: 0], index[successor, default: 0])
                }
                continue
            }
            path.removeLast()
            if let parent = path.last?.node {
                low[parent] = min(low[parent, default: 0], low[node, default: 0])
            }
            if low[node] == index[node] { close(node) }
        }
    }

    private mutating func enter(_ node: String, _ path: inout [(node: String, next: Int)]) {
        index[node] = index.count
        low[node] = index[node]
        stack.append(node)
        onStack.insert(node)
        path.append((node, 0))
    }

    private mutating func close(_ root: String) {
        var component: [String] = []
        while let node = stack.popLast() {
            onStack.remove(node)
            component.append(node)
            if node == root { break }
        }
        found.append(component)
    }
}
