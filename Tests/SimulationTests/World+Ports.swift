import Domain
import Executor
import RunStore
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension World {
    // MARK: Linear

    func ready(for workflow: Workflow) -> [Ticket] {
        tickets.filter { ticket in
            !ticket.isDeleted && ticket.column == .todo && ticket.key.team == workflow.tickets.team
                && ticket.labels.isSuperset(of: workflow.tickets.allLabels)
        }.map(ticket)
    }

    private func ticket(_ ticket: SimulatedTicket) -> Ticket {
        Ticket(
            id: ticket.id,
            key: ticket.key,
            title: "Ticket \(ticket.key)",
            url: "https://linear/\(ticket.key)",
            created: ticket.created,
            updated: ticket.created,
            state: ticket.column.state,
            labels: ticket.labels.sorted(),
            blockers: ticket.blockers.compactMap { id in
                tickets.first { $0.id == id && !$0.isDeleted }.map {
                    Blocker(id: $0.id, key: $0.key, state: $0.column.state)
                }
            }
        )
    }

    func presence(of id: String, _ watch: ReplyWatch?) -> TrackedTicket {
        guard let ticket = tickets.first(where: { $0.id == id }), !ticket.isDeleted else {
            return TrackedTicket(id: id, presence: .gone)
        }
        return TrackedTicket(
            id: id,
            presence: .present(
                key: ticket.key,
                state: ticket.column.state,
                labels: ticket.labels.sorted()
            ),
            replies: ticket.replies.filter { reply in watch.map { reply.at > $0.since } ?? false }
        )
    }

    func claim(_ id: String) -> Ticket? {
        guard let index = tickets.firstIndex(where: { $0.id == id && !$0.isDeleted }) else {
            return nil
        }
        if look(at: layout.open(tickets[index].key)) == nil {
            violate("\(tickets[index].key): was claimed before its record was written")
        }
        note("\(tickets[index].key) is claimed")
        claims[id, default: []].append(machine.uptime)
        move(index, to: .inProgress, byPerson: false)
        return ticket(tickets[index])
    }

    /// What `tell` does, one after the other.
    enum Telling: CaseIterable {
        case move
        case comment
    }

    /// Linear begins to be told: of the state that the run is in, or was in until this moment.
    func beginTelling(_ run: Run) {
        if records[run.id]?.state != run.state, left[run.id] != machine.uptime {
            violate("\(run.id): Linear is told \(run.state.rawValue) although the run has gone on")
        }
    }

    func tell(_ run: Run, _ step: Telling) {
        // Linear is slow, so that the run may have gone on since; but nothing is told that wasn't written, nor
        // after what came later.
        if records[run.id]?.story.starts(with: run.story) != true {
            violate("\(run.id): Linear was told \(run.state.rawValue) before it was written")
        }
        if run.timeline.count < toldSteps[run.id] ?? 0 {
            violate("\(run.id): Linear was told \(run.state.rawValue) after what came later")
        }
        toldSteps[run.id] = run.timeline.count
        guard let index = tickets.firstIndex(where: { $0.id == run.ticket.id && !$0.isDeleted })
        else { return }
        switch step {
        case .move:
            let column: Column? =
                switch run.state {
                case .inReview: .inReview
                case .failed: .backlog
                case .done: .done
                case .needsHuman, .cancelled, .queued, .waiting, .running, .backingOff, .parked,
                    .delivering:
                    nil
                }
            if let column { move(index, to: column, byPerson: false) }
        case .comment:
            tickets[index].told = (run.id, run.state)
            tickets[index].answered = nil
            guard run.state != .done, run.state != .cancelled || !run.attempts.isEmpty else {
                return
            }
            tickets[index].comments[run.run, default: []].insert(run.tracker.comment)
            if tickets[index].comments[run.run]?.count != 1 {
                violate("\(run.id): made a second comment")
            }
        }
    }

    func move(_ index: Int, to column: Column, byPerson: Bool) {
        tickets[index].column = column
        tickets[index].isWherePersonPutIt = byPerson
        if byPerson, column == .todo {
            moves[tickets[index].id, default: []].append(machine.uptime)
        }
    }

    // MARK: The forge

    func open(_ run: Run) -> PullRequest {
        if records[run.id]?.state != .delivering {
            violate("\(run.id): a pull request was opened before that was written")
        }
        if let there = pulls.last(where: { $0.branch == run.branch && $0.state == .open }) {
            return there.pullRequest
        }
        let pull = SimulatedPull(
            number: pulls.count + 1,
            ticket: run.ticket.key,
            branch: run.branch
        )
        if let other = pulls.first(where: { $0.ticket == pull.ticket && $0.state == .open }) {
            violate("\(run.id): a second pull request beside #\(other.number)")
        }
        if pulls.contains(where: { $0.ticket == pull.ticket && $0.state == .merged }),
            !hasRunSinceMerge(run)
        {
            violate("\(run.id): a second pull request after the merge")
        }
        note("pull request #\(pull.number) for \(run.id)")
        pulls.append(pull)
        return pull.pullRequest
    }

    /// Whether a person asked for this run after the merge of the one before.
    private func hasRunSinceMerge(_ run: Run) -> Bool {
        !records.values.contains {
            $0.ticket.key == run.ticket.key && $0.run >= run.run
                && $0.pullRequest?.state == .merged
        }
    }

    // MARK: The machine

    /// A worktree is removed, and all that is in it.
    func clean(_ run: Run) {
        if records[run.id]?.state != .done { violate("\(run.id): cleaned too soon") }
        for other in live where other.run.ticket == run.ticket.key {
            violate("\(run.id): cleaned while attempt \(other.number) of \(other.run) lives")
        }
    }

    func waitForEnd(of folder: FilePath) async throws {
        guard attempts[folder]?.isAlive == true else { return }
        let number = chance.int(0...Int.max - 1)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard !Task.isCancelled, attempts[folder]?.isAlive == true else {
                    continuation.resume()
                    return
                }
                attempts[folder]?.waiting[number] = continuation
            }
        } onCancel: {
            self.attempts[folder]?.waiting.removeValue(forKey: number)?
                .resume(throwing: CancellationError())
        }
    }
}

/// `@unchecked Sendable`: the simulation has one thread (see `VirtualMachine`).
extension World: @unchecked Sendable {}
