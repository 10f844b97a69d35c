import Domain

/// A batch that hasn't come to its end, and where its members stand.
struct OpenBatch: Sendable {
    /// What of a member's state others ask for; the record has it as a word.
    private struct Standing: Equatable, Sendable {
        var isOver: Bool
        var isInReview: Bool

        init(_ member: Batch.Member) {
            isOver = member.isOver
            isInReview = member.state == RunState.inReview.rawValue
        }

        init(_ state: RunState) {
            isOver = state.isFinal
            isInReview = state == .inReview
        }

        func isBehind(_ base: PlanSettings.Base) -> Bool {
            isOver || (base == .stacked && isInReview)
        }
    }
    /// How many members of each phase later ones wait for.
    struct Ahead: Sendable {
        private var counts: [Int]
        /// The first phase with such a member.
        private(set) var first: Int

        init(phases: Int) {
            counts = Array(repeating: 0, count: phases)
            first = phases
        }

        mutating func count(_ step: Int, in phase: Int) {
            counts[phase] += step
            if counts[phase] > 0 { first = min(first, phase) }
            while first < counts.count, counts[first] == 0 { first += 1 }
        }
    }
    private(set) var record: Batch
    /// Of each member, in the record's order.
    private var standings: [Standing]
    /// The place of each member's ticket, by its id.
    private var places: [String: Int]
    /// The place of each phase, by its name.
    private var phases: [String: Int]
    /// What later phases wait for, by what the workflow's branches are built upon.
    private(set) var ahead: [PlanSettings.Base: Ahead] = [:]
    /// How many members something can follow for; none when the batch is over.
    private(set) var openMembers: Int

    init(_ batch: Batch) {
        record = batch
        standings = batch.tickets.map(Standing.init)
        places = Dictionary(
            batch.tickets.enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        phases = Dictionary(
            batch.phases.enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        openMembers = standings.count { !$0.isOver }
        for base in PlanSettings.Base.allCases { ahead[base] = Ahead(phases: batch.phases.count) }
        for place in standings.indices {
            guard let phase = phases[batch.tickets[place].phase] else { continue }
            for base in PlanSettings.Base.allCases where !standings[place].isBehind(base) {
                ahead[base]?.count(1, in: phase)
            }
        }
    }

    func member(ofTicket id: String) -> Batch.Member? { places[id].map { record.tickets[$0] } }

    /// The place of a ticket's phase; `nil` when it's in none.
    func phase(ofTicket id: String) -> Int? { member(ofTicket: id).flatMap { phases[$0.phase] } }

    /// The first phase that later ones wait for; the number of phases when they wait for none.
    func openPhase(_ base: PlanSettings.Base) -> Int {
        ahead[base]?.first ?? record.phases.count
    }

    /// Takes over what became of a member's run.
    ///
    /// - Returns: Whether nothing can follow for the member; `nil` when the record is the same as before.
    mutating func take(_ run: CopiedOnWrite<Run>) -> Bool? {
        guard let place = places[run.value.ticket.id] else { return nil }
        let (attempts, timeline) = (run.value.attempts, run.value.timeline)
        let isNews = record.tickets[place].take(
            run: run.value.run,
            run.value.state,
            reason: run.value.reason,
            started: attempts.isEmpty ? nil : attempts[0].started,
            seconds: run.value.totals.seconds,
            last: timeline.isEmpty ? nil : timeline[timeline.count - 1].at
        )
        guard isNews else { return nil }
        recount(place, Standing(run.value.state))
        return standings[place].isOver
    }

    /// Takes a member out that gets no run.
    mutating func leave(_ id: String, _ state: String, _ reason: String, at now: Moment) {
        guard let place = places[id] else { return }
        record.tickets[place].leave(state, reason, at: now.wall)
        recount(place, Standing(record.tickets[place]))
    }

    private mutating func recount(_ place: Int, _ standing: Standing) {
        let before = standings[place]
        guard before != standing else { return }
        openMembers += (standing.isOver ? 0 : 1) - (before.isOver ? 0 : 1)
        standings[place] = standing
        guard let phase = phases[record.tickets[place].phase] else { return }
        for base in PlanSettings.Base.allCases
        where before.isBehind(base) != standing.isBehind(base) {
            ahead[base]?.count(standing.isBehind(base) ? -1 : 1, in: phase)
        }
    }
}
