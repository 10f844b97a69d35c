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
    /// What waits for what; blockers that are finished, or offered where that is enough, count no more.
    ///
    /// As it was when the tickets were planned.
    package let graph: TicketGraph
    /// Whether a blocker was finished since the tickets were planned, so that the graph isn't up to date.
    package private(set) var isAmended = false

    private enum Place: Equatable, Sendable {
        case ready
        case waiting(Cause)
        /// It's no candidate any more.
        case gone
    }
    /// The tickets' places in the graph, in the order of the queue.
    private let order: [Int]
    /// By the place in the queue.
    private var places: [Place]
    /// For each ticket, which of its blockers count and aren't finished.
    private var open: [[Int]]
    /// By the id of a blocker that isn't finished in Linear, the tickets in the graph that name it.
    private let namedBy: [String: [Int]]

    package init() { self.init(of: []) }

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
        let graph = TicketGraph(tickets, sources: settings.dependencies) { blocker in
            if blocker.state.isFinished { return true }
            switch standing[blocker.id] {
            case .finished: return true
            case .offered: return settings.base == .stacked
            case .failed, nil: return false
            }
        }
        let failures = Failures(in: graph, standing)
        var order = Array(repeating: 0, count: graph.tickets.count)
        var named: [String: [Int]] = [:]
        for index in graph.tickets.indices {
            order[graph.place[index]] = index
            for blocker in graph.tickets[index].blockers
            where !blocker.state.isFinished && TicketGraph.counts(blocker, graph.sources) {
                if named[blocker.id]?.last != index { named[blocker.id, default: []].append(index) }
            }
        }
        self.graph = graph
        self.order = order
        open = graph.open
        namedBy = named
        places = order.map { index in
            graph.open[index].isEmpty
                ? .ready : .waiting(Self.cause(index, graph.open[index], graph, failures))
        }
    }

    /// Tickets that nothing blocks: by priority (no priority last), the length of the chain that waits for
    /// them, age, key.
    package var ready: [Ticket] {
        places.indices.filter { places[$0] == .ready }.map(ticket)
    }

    /// The others, in the same order.
    package var waiting: [Waiting] {
        places.indices.compactMap { place in
            guard case .waiting(let cause) = places[place] else { return nil }
            return Waiting(ticket: ticket(at: place), cause: cause)
        }
    }

    /// The ticket at a place of the queue.
    package func ticket(at place: Int) -> Ticket { graph.tickets[order[place]] }

    /// The places of the tickets that wait for blockers and nothing else, in an order in which blockers come first.
    package var waitingForBlockers: [Int] {
        graph.phases(size: nil).joined().map { graph.place[$0] }.filter { place in
            if case .waiting(.blockers) = places[place] { true } else { false }
        }
    }

    /// The ids of the blockers that hold the ticket at a place of the queue.
    package func openBlockers(ofTicketAt place: Int) -> [String] {
        let blockers = graph.tickets[order[place]].blockers
        return open[order[place]].map { blockers[$0].id }
    }

    package func id(at place: Int) -> String { graph.tickets[order[place]].id }

    package func key(at place: Int) -> TicketKey { graph.tickets[order[place]].key }

    /// The place in the queue of a ticket that is ready or waits; `nil` when it's neither.
    package func place(of id: String) -> Int? {
        guard let place = graph.place(of: id).map({ graph.place[$0] }), places[place] != .gone
        else {
            return nil
        }
        return place
    }

    /// The places of the tickets that nothing blocks, in order.
    package var readyPlaces: [Int] { places.indices.filter { places[$0] == .ready } }

    /// Whether nothing blocks the ticket at a place of the queue.
    package func isReady(_ place: Int) -> Bool { places[place] == .ready }

    /// Whether a ticket waits for this one, or did when it was planned.
    package func names(_ id: String) -> Bool { namedBy[id] != nil }

    /// Forgets a ticket that is no candidate any more.
    package mutating func remove(_ id: String) {
        guard let place = place(of: id) else { return }
        places[place] = .gone
    }

    /// Lets a blocker that is finished hold nobody any more; costs what it changes.
    ///
    /// - Parameter id: The blocker.
    /// - Returns: The places in the queue of the tickets that are ready now; `nil` when the tickets have to be planned
    ///   anew, because a cycle or a failure is among them.
    package mutating func finish(_ id: String) -> [Int]? {
        var freed: [Int] = []
        guard place(of: id) == nil else { return nil }
        for index in namedBy[id] ?? [] {
            let place = graph.place[index]
            guard case .waiting(let cause) = places[place] else { continue }
            guard case .blockers = cause, !graph.isHeld[index] else { return nil }
            let blockers = graph.tickets[index].blockers
            open[index].removeAll { blockers[$0].id == id }
            isAmended = true
            if open[index].isEmpty {
                places[place] = .ready
                freed.append(place)
            } else {
                places[place] = .waiting(.blockers(Self.keys(index, open[index], graph)))
            }
        }
        return freed.sorted()
    }

    private static func cause(
        _ index: Int,
        _ open: [Int],
        _ graph: TicketGraph,
        _ failures: Failures
    ) -> Cause {
        if let cycle = graph.cycle[index] { return .cycle(graph.cycles[cycle]) }
        let chain = failures.chain(to: index, in: graph)
        guard chain.isEmpty else { return .failed(chain: chain) }
        return .blockers(keys(index, open, graph))
    }

    private static func keys(_ index: Int, _ open: [Int], _ graph: TicketGraph) -> [TicketKey] {
        let blockers = graph.tickets[index].blockers
        return Set(open.map { blockers[$0].key }).sorted()
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
