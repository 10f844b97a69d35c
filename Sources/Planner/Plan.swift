package import Domain

/// Which tickets may start now, in which order, and why the others may not.
package struct Plan: Equatable, Sendable {
    /// What Linecook itself knows of a ticket, beyond what Linear says.
    package enum Standing: Equatable, Sendable {
        /// Its work is merged, or needs no more.
        case finished
        /// Its branch is pushed and verified; whoever builds upon branches may start.
        case offered
        /// Its run failed: what waits for it waits for a person.
        case failed
    }
    /// Why a ticket waits for other tickets.
    package enum Cause: Equatable, Sendable {
        /// These block it and aren't finished.
        case blockers([TicketKey])
        /// It waits for itself, through these tickets; only a person can undo that.
        case cycle([TicketKey])
        /// The nearest ticket that failed, and those after it of which each waits for the one before; this
        /// ticket waits for the last.
        case failed(chain: [TicketKey])
    }
    package struct Waiting: Equatable, Sendable {
        package var ticket: Ticket
        package var cause: Cause
    }
    /// Tickets that nothing blocks: by priority (no priority last), the length of the chain that waits for
    /// them, age, key.
    package var ready: [Ticket] = []
    /// The others, in the same order.
    package var waiting: [Waiting] = []
    /// What waits for what; blockers that are finished, or offered where that is enough, count no more.
    package let graph: TicketGraph

    package init() { graph = TicketGraph() }

    /// Plans the tickets that a poll found.
    ///
    /// - Parameters:
    ///   - tickets: in any order; each with its blockers as Linear told them.
    ///   - settings: which blockers count, and when they hold nobody any more.
    ///   - standing: what is known of tickets by their ids, of ones that aren't planned too.
    package init(
        of tickets: [Ticket],
        settings: PlanSettings = PlanSettings(),
        standing: [String: Standing] = [:]
    ) {
        graph = TicketGraph(tickets, sources: settings.dependencies) { blocker in
            if blocker.state.isFinished { return true }
            switch standing[blocker.id] {
            case .finished: return true
            case .offered: return settings.base == .stacked
            case .failed, nil: return false
            }
        }
        let failures = Failures(in: graph, standing)
        for index in graph.tickets.indices.sorted(by: { graph.place[$0] < graph.place[$1] }) {
            let ticket = graph.tickets[index]
            if graph.open[index].isEmpty {
                ready.append(ticket)
            } else {
                waiting.append(Waiting(ticket: ticket, cause: cause(index, failures)))
            }
        }
    }

    private func cause(_ index: Int, _ failures: Failures) -> Cause {
        if let cycle = graph.cycle[index] { return .cycle(graph.cycles[cycle]) }
        let chain = failures.chain(to: index, in: graph)
        guard chain.isEmpty else { return .failed(chain: chain) }
        let ticket = graph.tickets[index]
        return .blockers(Set(graph.open[index].map { ticket.blockers[$0].key }).sorted())
    }

    /// The order of the queue.
    ///
    /// - Parameters:
    ///   - left: one ticket.
    ///   - leftChain: its `TicketGraph.chainLength`.
    ///   - right: another ticket, which may be of another plan.
    ///   - rightChain: its `TicketGraph.chainLength`.
    /// - Returns: Whether `left` goes first.
    package static func comesFirst(
        _ left: Ticket,
        chain leftChain: Int,
        _ right: Ticket,
        chain rightChain: Int
    ) -> Bool {
        if left.priority.rank != right.priority.rank {
            return left.priority.rank < right.priority.rank
        }
        if leftChain != rightChain { return leftChain > rightChain }
        if left.created != right.created { return left.created < right.created }
        return left.key < right.key
    }
}
