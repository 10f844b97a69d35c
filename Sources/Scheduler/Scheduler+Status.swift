package import Domain
import Planner

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What waits, and for what, as `status` and `run --until-idle` say it.
package struct WaitNote: Codable, Equatable, Sendable {
    package var ticket: TicketKey
    package var title: String
    package var reason: String

    package init(ticket: TicketKey, title: String, reason: String) {
        self.ticket = ticket
        self.title = title
        self.reason = reason
    }
}

/// How one workflow's polls go.
package struct PollNote: Equatable, Sendable {
    package var workflow: String
    /// When the last successful poll was begun.
    package var lastPoll: Date?
    /// The newest tick that a poll was made at, and what was missed last; `nil` for a fixed interval.
    package var tick: TickMark?
    /// When the next one is due that looks for new tickets; `nil` for a fixed interval.
    package var nextTick: Date?
    /// How many tickets the last poll found that have no run.
    package var candidates: Int
    package var problem: String?
    /// Whether it takes up new tickets; one whose file is gone is kept while a run of it is open.
    package var isInForce: Bool
}

extension Scheduler {
    /// The runs that aren't at rest, by ticket.
    package var openRunRecords: [Run] { entries.ids.compactMap { entries[$0]?.run } }

    package func run(_ id: RunID) -> Run? { entries[id]?.run }

    /// How many attempts hold a slot.
    package var takenSlots: Int { entries.slots.attempts }

    package var pollNotes: [PollNote] {
        workflows.values.map { polling in
            PollNote(
                workflow: polling.workflow.name,
                lastPoll: polling.lastPoll,
                tick: polling.ticks?.mark,
                nextTick: polling.ticks?.next,
                candidates: polling.candidates.count,
                problem: polling.problem,
                isInForce: polling.isInForce
            )
        }
    }

    /// Whether each workflow in force has been polled with success.
    package var hasPolledOnce: Bool {
        workflows.values.allSatisfy { polling in
            !polling.isInForce || (!polling.isUnderWay && polling.lastSuccess != nil)
        }
    }

    /// The reason of a ticket that nothing holds.
    package static let startsNow = "starts now"

    /// Tickets that have no run yet, with what holds each.
    package var queue: [WaitNote] {
        var notes: [WaitNote] = []
        func note(_ ticket: Ticket, _ reason: String) {
            notes.append(WaitNote(ticket: ticket.key, title: ticket.title, reason: reason))
        }
        for polling in workflows.values {
            for ticket in polling.plan.ready {
                note(ticket, obstacle(to: ticket, polling)?.words ?? Self.startsNow)
            }
            for waiting in polling.plan.waiting { note(waiting.ticket, reason(waiting, polling)) }
        }
        return notes
    }

    func reason(_ waiting: Plan.Waiting, _ polling: Polling) -> String {
        switch waiting.cause {
        case .cycle(let members):
            return "waits for itself: \(members.map(\.rawValue).joined(separator: " → "));"
                + " remove one of these relations in Linear"
        case .failed(let chain):
            let words = Self.words(of: chain)
            let isSkipped = polling.workflow.plan.onFailedBlocker == .skip
            return isSkipped
                ? "skipped: \(words)" : "held: \(words); see to \(chain.first?.rawValue ?? "it")"
        case .blockers(let keys):
            let states = Dictionary(
                waiting.ticket.blockers.map { ($0.key, $0) },
                uniquingKeysWith: { first, _ in first }
            )
            let words = keys.map { key in
                let run = openRuns[key].flatMap { entries[$0]?.run }
                let state = run?.state.words ?? states[key]?.state.name ?? "open"
                return "\(key) (\((states[key]?.cause ?? .relation).words)\(state))"
            }
            return "blocked by \(words.joined(separator: ", "))"
        }
    }

    /// Whether nothing can go on without a person, as far as a poll begun after the last change shows.
    package enum Idleness: Equatable, Sendable {
        case busy
        /// Seems so; a poll has to confirm it.
        case unconfirmed
        case idle
        /// Linear can't be asked, for this reason, and nothing else is under way.
        case stuck(String, isRetryable: Bool)
    }

    package var idleness: Idleness { idleness(waitingForBatches: true) }

    /// Whether nothing can go on without a person, with or without the tickets that are held for a batch.
    ///
    /// - Parameter waitingForBatches: Whether tickets that are held until their batch is full count as work to
    ///   come.
    /// - Returns: As above.
    package func idleness(waitingForBatches: Bool) -> Idleness {
        for entry in entries.values {
            guard entry.activity == .idle, !entry.isTelling, !entry.isCleaning,
                !entry.isBeingLookedAt, entry.again == nil
            else { return .busy }
            if !isDraining, !entry.run.state.waitsForPerson, !waitsForMoney(entry),
                !waitsForDisk(entry)
            {
                return .busy
            }
        }
        if isDraining { return .idle }
        var isConfirmed = true
        for polling in workflows.values where polling.isInForce {
            if polling.isUnderWay { return .busy }
            if polling.failures > 0 {
                guard polling.isHopeless else { return .busy }
                return .stuck(
                    "workflow \(polling.workflow.name): \(polling.problem ?? "the poll failed")",
                    isRetryable: polling.isRetryable
                )
            }
            let goesOn = polling.plan.ready.contains {
                willStart($0, polling, waitingForBatches)
            }
            if goesOn { return .busy }
            isConfirmed = isConfirmed && polling.lastSuccess.map { $0 >= lastChange } ?? false
        }
        return isConfirmed ? .idle : .unconfirmed
    }

    /// Whether a run waits for a budget: more money is a person's to give, and what a day gives back is too far.
    private func waitsForMoney(_ entry: Entry) -> Bool {
        entry.run.state == .waiting && budgetObstacle(entry.sharedWorkflow) != nil
    }

    /// Whether a run waits for room on a disk, which is a person's to make.
    private func waitsForDisk(_ entry: Entry) -> Bool {
        entry.run.state == .waiting && diskObstacle(entry.workflow.repository) != nil
    }

    /// Whether a ready ticket will be begun without a person's doing.
    private func willStart(
        _ ticket: Ticket,
        _ polling: Polling,
        _ waitingForBatches: Bool
    ) -> Bool {
        switch obstacle(to: ticket, polling) {
        case nil, .provider, .breaker, .slots: true
        case .batch: waitingForBatches
        // Who works on these files, or at an earlier phase, is busy itself or waits for a person.
        case .run, .stopping, .phase, .files, .disk, .budget: false
        }
    }
}

extension DependencyCause {
    /// Before the state of a blocker: `sub-issue, ` or nothing for what is usual.
    fileprivate var words: String {
        switch self {
        case .relation: ""
        case .subIssue: "sub-issue, "
        case .mention: "named in its text, "
        case .phase: "earlier phase, "
        }
    }
}
