package import Domain

/// What waits for what among tickets, and which of them name the same files.
package struct TicketGraph: Equatable, Sendable {
    /// Each once, in the order given.
    package let tickets: [Ticket]
    /// Where dependencies were looked for.
    package let sources: [PlanSettings.Source]
    /// The tickets that wait for themselves: each group once, by its lowest key.
    ///
    /// A ring is named in the order in which each waits for the next; tickets that wait for each other
    /// in more than one way are named by their keys.
    package let cycles: [[TicketKey]]

    /// For each ticket, which of its blockers count and aren't finished.
    let open: [[Int]]
    /// For each ticket, those of the others that it waits for.
    let waitsFor: Adjacency
    /// For each ticket, those of the others that wait for it.
    let dependants: Adjacency
    /// For each ticket, the place in `cycles` of the one that it is a member of.
    let cycle: [Int?]
    /// Tickets that are members of a cycle or behind one.
    let isHeld: [Bool]
    /// How many tickets must be done before, at least, one after the other.
    let level: [Int]
    /// For each ticket its place in the queue.
    let place: [Int]
    private let chain: [Int]
    private let index: [String: Int]

    package init() { self.init([], sources: []) }

    /// - Parameters:
    ///   - tickets: in any order, each with its blockers; one that is there twice counts once.
    ///   - sources: the kinds of blockers that count; those of a prompt file's phases always do.
    ///   - isFinished: whether a blocker no longer holds anybody.
    package init(
        _ tickets: [Ticket],
        sources: [PlanSettings.Source],
        isFinished: (Blocker) -> Bool = { $0.state.isFinished }
    ) {
        var index: [String: Int] = [:]
        index.reserveCapacity(tickets.count)
        // Usually none is there twice, and they are taken over as they are.
        var kept = tickets
        for ticket in tickets.indices { index[tickets[ticket].id] = ticket }
        if index.count < tickets.count {
            index.removeAll(keepingCapacity: true)
            kept.removeAll(keepingCapacity: true)
            for ticket in tickets where index[ticket.id] == nil {
                index[ticket.id] = kept.count
                kept.append(ticket)
            }
        }
        var open: [[Int]] = []
        open.reserveCapacity(kept.count)
        var edges: [(from: Int, to: Int)] = []
        // By their places: a ticket is big, and each loop over them would copy every one.
        for ticket in kept.indices {
            var positions: [Int] = []
            for (position, blocker) in kept[ticket].blockers.enumerated()
            where Self.counts(blocker, sources) && !isFinished(blocker) {
                positions.append(position)
                if let other = index[blocker.id] { edges.append((ticket, other)) }
            }
            open.append(positions)
        }
        let edgesOut = Adjacency(count: kept.count, edges: edges)
        let edgesIn = Adjacency(count: kept.count, edges: edges.map { ($0.to, $0.from) })

        let groups = Components.cycles(in: edgesOut)
        let named = groups.map { (members: $0, keys: Self.ring($0, edgesOut, kept)) }
            .sorted { left, right in
                guard let first = left.keys.first, let second = right.keys.first else {
                    return false
                }
                return first < second
            }
        var cycle: [Int?] = Array(repeating: nil, count: kept.count)
        for (number, group) in named.enumerated() {
            for member in group.members { cycle[member] = number }
        }
        let layers = Layers(edgesOut, edgesIn, isInCycle: cycle.map { $0 != nil })

        self.tickets = kept
        self.sources = sources
        self.index = index
        self.open = open
        waitsFor = edgesOut
        dependants = edgesIn
        self.cycle = cycle
        cycles = named.map(\.keys)
        isHeld = layers.isHeld
        level = layers.level
        chain = layers.chain
        place = Self.places(kept, layers.chain)
    }

    /// Everything that one of these tickets waits for another one of them by, one for each cause.
    package var dependencies: [Batch.Dependency] {
        var result: [Batch.Dependency] = []
        for ticket in tickets.indices {
            var own: [Batch.Dependency] = []
            for blocker in open[ticket].map({ tickets[ticket].blockers[$0] }) {
                guard let on = index[blocker.id] else { continue }
                let dependency = Batch.Dependency(
                    ticket: tickets[ticket].key,
                    on: tickets[on].key,
                    cause: blocker.cause ?? .relation
                )
                if !own.contains(dependency) { own.append(dependency) }
            }
            result += own
        }
        return result
    }

    /// Pairs of these tickets that name the same file, or globs that overlap; none unless files count.
    ///
    /// Computed anew at each call, and bounded: what is beyond 20,000 pairs or 20 paths of a pair is left
    /// out. Whether two given tickets may run at once is asked of `TicketText.overlap`.
    package var overlaps: [Batch.Overlap] {
        let found = fileOverlaps
        guard !found.isEmpty else { return [] }
        // Thousands of pairs are sorted by numbers, not by keys.
        let parts = tickets.map { (team: $0.key.team, number: $0.key.number) }
        let byKey = tickets.indices.sorted { parts[$0] < parts[$1] }
        var rank = [Int](repeating: 0, count: tickets.count)
        for (index, ticket) in byKey.enumerated() { rank[ticket] = index }
        var pairs: [(first: Int, second: Int, paths: [String])] = []
        for (pair, paths) in found {
            let (first, second) = (rank[pair.first], rank[pair.second])
            pairs.append((min(first, second), max(first, second), paths.sorted()))
        }
        pairs.sort { ($0.first, $0.second) < ($1.first, $1.second) }
        return pairs.map { pair in
            let keys = [pair.first, pair.second].map { tickets[byKey[$0]].key }
            return Batch.Overlap(tickets: keys, paths: pair.paths)
        }
    }

    var fileOverlaps: [FileOverlaps.Pair: [String]] {
        guard sources.contains(.files) else { return [:] }
        return FileOverlaps(tickets.map { $0.paths ?? [] }).paths
    }

    /// The keys of all tickets that count as blockers of one, finished ones included, in order.
    package func blockers(of id: String) -> [TicketKey] {
        guard let blockers = index[id].map({ tickets[$0].blockers }), !blockers.isEmpty else {
            return []
        }
        return Set(blockers.filter { Self.counts($0, sources) }.map(\.key)).sorted()
    }

    /// The number of tickets on the longest chain of dependants that begins with this one.
    ///
    /// The ticket itself counts; members of cycles, and what is behind them, don't. 0 for a ticket that
    /// isn't here.
    package func chainLength(_ id: String) -> Int { index[id].map { chain[$0] } ?? 0 }

    /// The place of a ticket in `tickets`.
    func place(of id: String) -> Int? { index[id] }

    static func counts(_ blocker: Blocker, _ sources: [PlanSettings.Source]) -> Bool {
        switch blocker.cause ?? .relation {
        case .relation: sources.contains(.relations)
        case .subIssue: sources.contains(.parents)
        case .mention: sources.contains(.mentions)
        case .phase: true
        }
    }

    /// The keys of a cycle's members, from the lowest on.
    private static func ring(_ members: [Int], _ waitsFor: Adjacency, _ tickets: [Ticket])
        -> [TicketKey]
    {
        let keys = members.map { tickets[$0].key }.sorted()
        guard members.count > 2, let start = members.min(by: { tickets[$0].key < tickets[$1].key })
        else { return keys }
        let inside = Set(members)
        var walked = [start]
        while let last = walked.last {
            let next = Set(waitsFor[last].filter(inside.contains))
            guard next.count == 1, let only = next.first else { return keys }
            if only == start { break }
            walked.append(only)
        }
        return walked.map { tickets[$0].key }
    }

    private static func places(_ tickets: [Ticket], _ chain: [Int]) -> [Int] {
        // Each once, not at each comparison: a key's parts are cut out of its text.
        let parts = tickets.indices.map { ticket in
            (
                rank: tickets[ticket].priority.rank, created: tickets[ticket].created,
                team: tickets[ticket].key.team, number: tickets[ticket].key.number
            )
        }
        let order = tickets.indices.sorted { left, right in
            if parts[left].rank != parts[right].rank { return parts[left].rank < parts[right].rank }
            if chain[left] != chain[right] { return chain[left] > chain[right] }
            if parts[left].created != parts[right].created {
                return parts[left].created < parts[right].created
            }
            return (parts[left].team, parts[left].number) < (parts[right].team, parts[right].number)
        }
        var places = [Int](repeating: 0, count: tickets.count)
        for (place, ticket) in order.enumerated() { places[ticket] = place }
        return places
    }
}
