import Domain

/// Which tickets wait for one that failed, and through which others.
struct Failures {
    private enum Source: Sendable {
        /// This blocker failed itself.
        case failed(TicketKey)
        /// The ticket at this place waits for one that failed.
        case through(Int)
    }
    private var source: [Source?]

    init(in graph: TicketGraph, _ standing: [String: Plan.Standing]) {
        source = Array(repeating: nil, count: graph.tickets.count)
        var queue: [Int] = []
        for index in graph.tickets.indices
        where !graph.open[index].isEmpty && graph.cycle[index] == nil {
            let failed = graph.open[index].map { graph.tickets[index].blockers[$0] }
                .filter { standing[$0.id] == .failed }
            guard let first = failed.min(by: { $0.key < $1.key }) else { continue }
            source[index] = .failed(first.key)
            queue.append(index)
        }
        // Breadth first, so that the nearest failure is the one that is named.
        queue.sort { graph.tickets[$0].key < graph.tickets[$1].key }
        var next = 0
        while next < queue.count {
            let index = queue[next]
            next += 1
            for dependant in graph.dependants[index]
            where source[dependant] == nil && graph.cycle[dependant] == nil {
                source[dependant] = .through(index)
                queue.append(dependant)
            }
        }
    }

    /// From the ticket that failed to the one that the ticket at `index` waits for; empty without a failure.
    func chain(to index: Int, in graph: TicketGraph) -> [TicketKey] {
        var chain: [TicketKey] = []
        var place = index
        while let source = source[place] {
            switch source {
            case .failed(let key): return (chain + [key]).reversed()
            case .through(let other):
                chain.append(graph.tickets[other].key)
                place = other
            }
        }
        return []
    }
}
