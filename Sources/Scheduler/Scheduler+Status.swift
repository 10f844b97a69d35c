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
    /// When the next one is due that looks for new tickets; `nil` for a fixed interval.
    package var nextTick: Date?
    /// How many tickets the last poll found that have no run.
    package var candidates: Int
    package var problem: String?
}

extension Scheduler {
    /// The runs that aren't at rest, by ticket.
    package var openRunRecords: [Run] { entries.keys.sorted().compactMap { entries[$0]?.run } }

    package func run(_ id: RunID) -> Run? { entries[id]?.run }

    /// How many attempts hold a slot.
    package var takenSlots: Int { entries.values.count { $0.slot != nil } }

    package var pollNotes: [PollNote] {
        workflows.values.sorted { $0.workflow.name < $1.workflow.name }.map { polling in
            PollNote(
                workflow: polling.workflow.name,
                lastPoll: polling.lastPoll,
                nextTick: polling.nextTick,
                candidates: polling.candidates.count,
                problem: polling.problem
            )
        }
    }

    /// Whether each workflow in force has been polled with success.
    package var hasPolledOnce: Bool {
        workflows.values.allSatisfy { polling in
            !polling.isInForce || (!polling.isUnderWay && polling.lastSuccess != nil)
        }
    }

    /// Tickets that have no run yet, with what holds each.
    package var queue: [WaitNote] {
        let slots = SlotUse(machine: machineSlots, entries: entries.values)
        var notes: [WaitNote] = []
        for polling in workflows.values.sorted(by: { $0.workflow.name < $1.workflow.name }) {
            for ticket in polling.plan.ready {
                let obstacle = slots.obstacle(
                    polling.workflow,
                    labels: ticket.labels,
                    state: ticket.state.name
                )
                let reason =
                    isDraining
                    ? "the service is stopping"
                    : openRuns[ticket.key].map { "run \($0) holds it" } ?? obstacle ?? "starts now"
                notes.append(WaitNote(ticket: ticket.key, title: ticket.title, reason: reason))
            }
            for waiting in polling.plan.waiting {
                notes.append(
                    WaitNote(
                        ticket: waiting.ticket.key,
                        title: waiting.ticket.title,
                        reason: reason(waiting)
                    )
                )
            }
        }
        return notes
    }

    private func reason(_ waiting: Plan.Waiting) -> String {
        switch waiting.cause {
        case .cycle(let members):
            return "waits for itself: \(members.map(\.rawValue).joined(separator: " → "));"
                + " remove one of these relations in Linear"
        case .blockers(let keys):
            let states = Dictionary(
                waiting.ticket.blockers.map { ($0.key, $0.state.name) },
                uniquingKeysWith: { first, _ in first }
            )
            let words = keys.map { key in
                let run = openRuns[key].flatMap { entries[$0]?.run }
                return "\(key) (\(run?.state.words ?? states[key] ?? "open"))"
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

    package var idleness: Idleness {
        for entry in entries.values {
            guard entry.activity == .idle, !entry.isTelling, !entry.isCleaning,
                !entry.isBeingLookedAt, entry.again == nil
            else { return .busy }
            if !isDraining, !entry.run.state.waitsForPerson { return .busy }
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
            if polling.plan.ready.contains(where: { openRuns[$0.key] == nil }) { return .busy }
            isConfirmed = isConfirmed && polling.lastSuccess.map { $0 >= lastChange } ?? false
        }
        return isConfirmed ? .idle : .unconfirmed
    }
}
