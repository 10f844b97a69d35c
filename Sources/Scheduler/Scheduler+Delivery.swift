import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Scheduler {
    /// How often a delivery is tried before a person is asked.
    static let deliveryTries = 8

    mutating func deliver(_ id: RunID, at now: Moment, _ commands: inout [Command]) {
        guard let entry = entries[id], entry.activity == .idle, entry.run.state == .delivering
        else { return }
        if let closed = entry.run.base.stack?.first(where: { $0.fate == .closed }) {
            orphan(id, closed.ticket, at: now, &commands)
            return
        }
        if restack(id, &commands) { return }
        entries[id]?.activity = .delivering
        commands.append(.deliver(entry.record, entry.sharedWorkflow))
    }

    mutating func delivered(
        _ id: RunID,
        _ pullRequest: PullRequest,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id], entry.activity == .delivering else { return }
        entries[id]?.activity = .idle
        entries[id]?.again = nil
        entries[id]?.run.pullRequest = pullRequest
        enter(
            id,
            .inReview,
            "\(entry.run.pullRequest == nil ? "opened" : "found") pull request #\(pullRequest.number)",
            nil,
            "Waits for a person to review the pull request.",
            now
        )
        save(id, &commands)
        tell(id, &commands)
        restack(id, &commands)
    }

    mutating func deliveryFailed(
        _ id: RunID,
        _ reason: String,
        _ isRetryable: Bool,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id], entry.activity == .delivering else { return }
        entries[id]?.activity = .idle
        if isRetryable, (entry.again?.tries ?? 0) + 1 < Self.deliveryTries {
            scheduleRepeat(id, at: now)
            entries[id]?.run.reason = reason
            entries[id]?.run.next = "The pull request is tried again in a while."
            save(id, &commands)
            return
        }
        enter(
            id,
            .needsHuman,
            "no pull request",
            reason,
            "The work is pushed as \(entry.run.branch). Mend the cause, then move the ticket to"
                + " \(entry.workflow.tickets.states.first ?? "Todo") for another go.",
            now
        )
        save(id, &commands)
        tell(id, &commands)
    }

    /// Tells Linear of a state that it hasn't confirmed yet.
    mutating func tell(_ id: RunID, _ commands: inout [Command]) {
        guard let entry = entries[id], !entry.isTelling, entry.run.tracker.told != entry.run.state
        else { return }
        switch entry.run.state {
        case .inReview, .needsHuman, .done, .failed, .cancelled:
            entries[id]?.isTelling = true
            commands.append(.tell(entry.record, entry.sharedWorkflow))
        case .queued, .waiting, .running, .backingOff, .parked, .delivering: break
        }
    }

    mutating func told(
        _ id: RunID,
        _ state: RunState,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id], entry.isTelling else { return }
        entries[id]?.isTelling = false
        entries[id]?.again = nil
        entries[id]?.run.tracker.told = state
        written[entry.run.ticket.id] = now.uptime
        if state == .done { finish(entry.run.ticket.id, at: now) }
        lastChange = now.uptime
        save(id, &commands)
        settle(id)
        tell(id, &commands)
    }

    mutating func tellFailed(_ id: RunID, _ reason: String, at now: Moment) {
        guard entries[id]?.isTelling == true else { return }
        entries[id]?.isTelling = false
        scheduleRepeat(id, at: now)
        let name = entries[id]?.workflow.name ?? ""
        workflows[name]?.problem = "\(id): Linear wasn't told: \(reason)"
    }

    /// Draws the consequence of what became of a pull request.
    mutating func seen(
        _ id: RunID,
        _ pullRequest: PullRequest,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id], entry.run.state.waitsForPerson,
            entry.activity == .idle, entry.run.pullRequest != pullRequest
        else { return }
        // Those who build on it learn of it first: should this be cut short, it is seen again.
        switch pullRequest.state {
        case .open: break
        case .merged: markFate(.merged, of: entry.run, at: now, &commands)
        case .closed: markFate(.closed, of: entry.run, at: now, &commands)
        }
        entries[id]?.run.pullRequest = pullRequest
        switch pullRequest.state {
        case .open where entry.run.state == .needsHuman: save(id, &commands)
        case .open:
            entries[id]?.run.enter(
                .inReview,
                why: pullRequest.draft ? "draft again" : "ready for review",
                next: "Waits for a person to review the pull request.",
                at: now.wall
            )
            save(id, &commands)
        case .merged:
            enter(id, .done, "merged", nil, "Nothing: the work is in the base.", now)
            save(id, &commands)
            tell(id, &commands)
            clean(id, &commands)
            restackDependants(of: entry.run.ticket.key, &commands)
        case .closed:
            let why = "pull request #\(pullRequest.number) was closed without merging"
            release(id, why, tellTracker: true, at: now, &commands)
        }
    }

    /// Asks for the worktree's removal once the work is in the base.
    mutating func clean(_ id: RunID, _ commands: inout [Command]) {
        guard let entry = entries[id], entry.run.pendingCleanup, !entry.isCleaning else { return }
        entries[id]?.isCleaning = true
        commands.append(.clean(entry.record, entry.sharedWorkflow))
    }

    mutating func cleaned(_ id: RunID, _ how: String, _ commands: inout [Command]) {
        guard entries[id]?.isCleaning == true else { return }
        entries[id]?.isCleaning = false
        entries[id]?.run.cleanup = how
        save(id, &commands)
        settle(id)
    }

    /// Draws the consequence of what a poll saw of a ticket that is held.
    mutating func observe(_ ticket: TrackedTicket, at now: Moment, _ commands: inout [Command]) {
        guard let id = entries.run(ofTicket: ticket.id), let entry = entries[id],
            !entry.run.state.isFinal
        else { return }
        switch ticket.presence {
        case .gone:
            release(
                id,
                "the ticket was deleted or archived",
                tellTracker: false,
                at: now,
                &commands
            )
        case .present(let key, let state, let labels):
            // Neither words nor a move on the board raise a budget; who raises it wants the words heeded.
            if entry.run.state == .needsHuman, !state.isFinished, exhaustion(of: entry) != nil {
                keep(ticket.replies, on: id, at: now, &commands)
                return
            }
            if goOn(id, with: ticket.replies, in: state, at: now, &commands) { return }
            if let why = departure(entry, key, state, labels) {
                release(id, why, tellTracker: true, at: now, &commands)
            } else if entry.run.state.waitsForPerson, entry.activity == .idle,
                state.type == .completed
            {
                markFate(.merged, of: entry.run, at: now, &commands)
                enter(id, .done, "moved to \(state.name)", nil, "Nothing.", now)
                entries[id]?.run.tracker.told = .done
                finish(entry.run.ticket.id, at: now)
                save(id, &commands)
                clean(id, &commands)
                restackDependants(of: entry.run.ticket.key, &commands)
            }
        }
    }

    /// Why a ticket is no longer this run's business, or `nil` while it is.
    private func departure(
        _ entry: Entry,
        _ key: TicketKey,
        _ state: TicketState,
        _ labels: [String]
    ) -> String? {
        let selection = entry.workflow.tickets
        func holds(_ label: String) -> Bool {
            labels.contains { $0.lowercased() == label.lowercased() }
        }
        func isAny(_ names: [String]) -> Bool {
            names.contains { $0.lowercased() == state.name.lowercased() }
        }
        if entry.run.state.waitsForPerson {
            // Back in the queue's state: a person wants another run, on the same branch.
            if isAny(selection.states) { return "the ticket was moved back to \(state.name)" }
            return state.isFinished && state.type != .completed
                ? "the ticket was moved to \(state.name)" : nil
        }
        if entry.run.state == .delivering { return nil }
        if key.team != entry.run.ticket.key.team { return "the ticket moved to team \(key.team)" }
        if let missing = selection.allLabels.first(where: { !holds($0) }) {
            return "the label \(missing) was taken off"
        }
        if let unwanted = selection.noLabels.first(where: holds) {
            return "the label \(unwanted) was put on"
        }
        return isAny(selection.states + [selection.transitions.started])
            ? nil : "the ticket was moved to \(state.name)"
    }

    /// Tries again what Linear or the forge didn't take.
    mutating func repeatWrites(at now: Moment, _ commands: inout [Command]) {
        for id in entries.dueWrites(at: now) {
            guard let state = entries[id]?.run.state else { continue }
            switch state {
            case .delivering: deliver(id, at: now, &commands)
            case .inReview:
                tell(id, &commands)
                restack(id, &commands)
            case .needsHuman, .done, .failed, .cancelled: tell(id, &commands)
            case .queued, .waiting, .running, .backingOff, .parked: break
            }
        }
    }

    /// Waits 5 s, then twice as long each time, at most 10 min.
    mutating func scheduleRepeat(_ id: RunID, at now: Moment) {
        let tries = (entries[id]?.again?.tries ?? 0) + 1
        let wait = min(5 << min(tries - 1, 7), 600)
        entries[id]?.again = .init(after: now.uptime + .seconds(wait), tries: tries)
    }

    /// Forgets a run that is at rest.
    mutating func settle(_ id: RunID) {
        guard let run = entries[id]?.run, run.isAtRest else { return }
        entries[id] = nil
        if openRuns[run.ticket.key] == id {
            openRuns[run.ticket.key] = nil
            free(run.ticket.id)
        }
        lastRunEnded(run)
    }

    private mutating func lastRunEnded(_ run: Run) {
        for name in workflowNames where workflows[name]?.lastRuns[run.ticket.key] != nil {
            workflows[name]?.lastRuns[run.ticket.key] = run.run
        }
        forgetIfGone(run.workflow)
    }
}
