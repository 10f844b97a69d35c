import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One part of a report: a batch with its runs, or the runs that belong to none.
struct BatchStory: Equatable, Sendable {
    let batch: Batch?
    let tickets: [TicketStory]
    let now: Date

    init(_ batch: Batch, runs: [RunID: Run], now: Date) {
        self.batch = batch
        self.now = now
        tickets = batch.tickets.map { member in
            let run = member.run.flatMap { runs[RunID(ticket: member.ticket, number: $0)] }
            return TicketStory(member, run: run, now: now)
        }
    }

    init(withoutBatch runs: [Run], now: Date) {
        batch = nil
        self.now = now
        tickets = runs.sorted { ($0.started, $0.id) < ($1.started, $1.id) }.map {
            TicketStory($0, phase: nil, now: now)
        }
    }

    /// All attempts, in the order of the tickets.
    var attempts: [AttemptSpan] { tickets.flatMap(\.attempts) }

    var cost: Double { tickets.map(\.cost).reduce(0, +) }

    /// Attempts beyond the first of each ticket.
    var retries: Int { tickets.map { max(0, $0.attempts.count - 1) }.reduce(0, +) }

    /// From the first start to the last end, or to now while something goes on; `nil` before the first start.
    var makespan: Double? {
        if let makespan = batch?.makespan { return makespan }
        let spans = attempts
        guard let first = spans.map(\.attempt.started).min(), let last = spans.map(\.end).max()
        else { return nil }
        let isOver = batch.map { $0.ended != nil } ?? true
        return max(0, (isOver ? last : max(last, now)).timeIntervalSince(first))
    }

    /// What the same attempts would have taken one after the other.
    var serial: Double { batch?.serial ?? tickets.map(\.seconds).reduce(0, +) }

    func count(of standing: Standing) -> Int { tickets.count { $0.standing == standing } }

    /// The chain of dependencies that took the longest, first ticket first; one ticket may outlast all chains.
    ///
    /// A ticket that hasn't run yet counts as long as those that have took on average. Members of a cycle, and
    /// what hangs on them, aren't in any chain.
    var criticalPath: [TicketKey] {
        let known = tickets.map(\.seconds).filter { $0 > 0 }
        let average = known.isEmpty ? 1 : known.reduce(0, +) / Double(known.count)
        let weights = Dictionary(
            tickets.map { ($0.key, $0.seconds > 0 ? $0.seconds : average) },
            uniquingKeysWith: { first, _ in first }
        )
        let blockers = self.blockers
        var dependants: [TicketKey: [TicketKey]] = [:]
        for (ticket, others) in blockers {
            for other in others { dependants[other, default: []].append(ticket) }
        }
        var open = blockers.mapValues(\.count)
        var ready = weights.keys.filter { open[$0] == nil }.sorted()
        var length: [TicketKey: Double] = [:]
        var before: [TicketKey: TicketKey] = [:]
        while let key = ready.popLast() {
            let longest = (blockers[key] ?? []).max { left, right in
                (length[left] ?? 0, right) < (length[right] ?? 0, left)
            }
            before[key] = longest
            length[key] = (weights[key] ?? 0) + (longest.flatMap { length[$0] } ?? 0)
            for dependant in dependants[key] ?? [] {
                open[dependant, default: 0] -= 1
                if open[dependant] == 0 { ready.append(dependant) }
            }
        }
        var end = length.keys.max { left, right in
            (length[left] ?? 0, right) < (length[right] ?? 0, left)
        }
        var path: [TicketKey] = []
        while let key = end {
            path.append(key)
            end = before[key]
        }
        return path.reversed()
    }

    /// For each ticket that waits for others of this batch, those others.
    private var blockers: [TicketKey: Set<TicketKey>] {
        let keys = Set(tickets.map(\.key))
        var blockers: [TicketKey: Set<TicketKey>] = [:]
        for edge in batch?.dependencies ?? []
        where edge.ticket != edge.on && keys.contains(edge.ticket) && keys.contains(edge.on) {
            blockers[edge.ticket, default: []].insert(edge.on)
        }
        return blockers
    }
}
