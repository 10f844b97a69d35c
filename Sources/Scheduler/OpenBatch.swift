import Domain

/// A batch that hasn't come to its end, and where its members stand.
struct OpenBatch: Sendable {
    /// How many members of each phase later ones wait for.
    private struct Ahead: Sendable {
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
    /// The place of each member's ticket, by its id.
    private var places: [String: Int]
    /// The place of each phase, by its name.
    private var phases: [String: Int]
    /// What later phases wait for, by what the workflow's branches are built upon.
    private var ahead: [PlanSettings.Base: Ahead] = [:]
    private var openMembers: Int

    init(_ batch: Batch) {
        record = batch
        places = Dictionary(
            batch.tickets.enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        phases = Dictionary(
            batch.phases.enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        openMembers = batch.tickets.count { !$0.isOver }
        for base in PlanSettings.Base.allCases { ahead[base] = Ahead(phases: batch.phases.count) }
        for member in batch.tickets { count(member, 1) }
    }

    /// Whether nothing can follow for any of its members.
    var isOver: Bool { openMembers == 0 }

    func member(ofTicket id: String) -> Batch.Member? { places[id].map { record.tickets[$0] } }

    /// The place of a ticket's phase; `nil` when it's in none.
    func phase(ofTicket id: String) -> Int? { member(ofTicket: id).flatMap { phases[$0.phase] } }

    /// The first phase that later ones wait for; the number of phases when they wait for none.
    func openPhase(_ base: PlanSettings.Base) -> Int {
        ahead[base]?.first ?? record.phases.count
    }

    /// Takes over what became of a member's run; whether the record is another one now.
    mutating func take(_ run: Run) -> Bool {
        guard let place = places[run.ticket.id] else { return false }
        let before = record.tickets[place]
        let isChanged = record.take(run, at: place)
        recount(before, record.tickets[place])
        return isChanged
    }

    /// Takes a member out that gets no run.
    mutating func leave(_ id: String, _ state: String, _ reason: String, at now: Moment) {
        guard let place = places[id] else { return }
        let before = record.tickets[place]
        record.tickets[place].leave(state, reason, at: now.wall)
        recount(before, record.tickets[place])
    }

    private mutating func recount(_ before: Batch.Member, _ after: Batch.Member) {
        openMembers += (after.isOver ? 0 : 1) - (before.isOver ? 0 : 1)
        count(before, -1)
        count(after, 1)
    }

    private mutating func count(_ member: Batch.Member, _ step: Int) {
        guard let phase = phases[member.phase] else { return }
        for base in PlanSettings.Base.allCases where !member.isBehind(base) {
            ahead[base]?.count(step, in: phase)
        }
    }
}
