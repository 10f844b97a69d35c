import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Scheduler {
    /// How often a delivery is tried before a person is asked.
    static let deliveryTries = 8

    mutating func deliver(_ place: Entries.Place, at now: Moment, _ commands: inout [Command]) {
        guard entries[place].activity == .idle, entries[place].run.state == .delivering
        else { return }
        if let closed = entries[place].run.base.stack?.first(where: { $0.fate == .closed }) {
            orphan(place, closed.ticket, at: now, &commands)
            return
        }
        if restack(place, &commands) { return }
        entries[place].activity = .delivering
        commands.append(.deliver(entries[place].record, entries[place].sharedWorkflow))
    }

    mutating func delivered(
        _ id: RunID,
        _ pullRequest: PullRequest,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let place = entries.place(of: id), entries[place].activity == .delivering else {
            return
        }
        let did = entries[place].run.pullRequest == nil ? "opened" : "found"
        entries.change(place) { entry in
            entry.activity = .idle
            entry.again = nil
            entry.run.pullRequest = pullRequest
        }
        enter(
            place,
            .inReview,
            "\(did) pull request #\(pullRequest.number)",
            nil,
            "Waits for a person to review the pull request.",
            now
        )
        save(place, &commands)
        tell(place, &commands)
        restack(place, &commands)
    }

    mutating func deliveryFailed(
        _ id: RunID,
        _ reason: String,
        _ isRetryable: Bool,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let place = entries.place(of: id), entries[place].activity == .delivering else {
            return
        }
        entries[place].activity = .idle
        if isRetryable, (entries[place].again?.tries ?? 0) + 1 < Self.deliveryTries {
            scheduleRepeat(place, at: now)
            entries[place].run.reason = reason
            entries[place].run.next = "The pull request is tried again in a while."
            save(place, &commands)
            return
        }
        enter(
            place,
            .needsHuman,
            "no pull request",
            reason,
            "The work is pushed as \(entries[place].run.branch). Mend the cause, then move the"
                + " ticket to \(entries[place].workflow.tickets.states.first ?? "Todo") for another"
                + " go.",
            now
        )
        save(place, &commands)
        tell(place, &commands)
    }

    /// Tells Linear of a state that it hasn't confirmed yet.
    mutating func tell(_ place: Entries.Place, _ commands: inout [Command]) {
        let state = entries[place].run.state
        guard !entries[place].isTelling, entries[place].run.tracker.told != state else { return }
        switch state {
        case .inReview, .needsHuman, .done, .failed, .cancelled:
            entries[place].isTelling = true
            commands.append(.tell(entries[place].record, entries[place].sharedWorkflow))
        case .queued, .waiting, .running, .backingOff, .parked, .delivering: break
        }
    }

    mutating func told(
        _ id: RunID,
        _ state: RunState,
        _ commented: Date?,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let place = entries.place(of: id), entries[place].isTelling else { return }
        entries.change(place) { entry in
            entry.isTelling = false
            entry.again = nil
            entry.run.tracker.told = state
            if state == .needsHuman, entry.run.tracker.asked == nil {
                entry.run.tracker.asked = commented
            }
        }
        let ticket = entries[place].run.ticket.id
        written[ticket] = now.uptime
        // Of one that was given up only a comment tells: where it stands is as it was.
        if state != .cancelled { dropCandidate(ticket) }
        if state == .done { finish(ticket, at: now) }
        lastChange = now.uptime
        save(place, &commands)
        if !settle(place) { tell(place, &commands) }
    }

    mutating func tellFailed(_ id: RunID, _ reason: String, at now: Moment) {
        guard let place = entries.place(of: id), entries[place].isTelling else { return }
        entries[place].isTelling = false
        scheduleRepeat(place, at: now)
        guard let workflow = workflows.place(of: entries[place].workflow.name) else { return }
        workflows[workflow].problem = "\(id): Linear wasn't told: \(reason)"
    }

    /// Draws the consequence of what became of a pull request.
    mutating func seen(
        _ id: RunID,
        _ pullRequest: PullRequest,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let place = entries.place(of: id), entries[place].run.state.waitsForPerson,
            entries[place].activity == .idle, entries[place].run.pullRequest != pullRequest
        else { return }
        // Those who build on it learn of it first: should this be cut short, it is seen again.
        switch pullRequest.state {
        case .open: break
        case .merged: markFate(.merged, of: id.ticket, at: now, &commands)
        case .closed: markFate(.closed, of: id.ticket, at: now, &commands)
        }
        entries[place].run.pullRequest = pullRequest
        switch pullRequest.state {
        case .open where entries[place].run.state == .needsHuman: save(place, &commands)
        case .open:
            entries[place].run.enter(
                .inReview,
                why: pullRequest.draft ? "draft again" : "ready for review",
                next: "Waits for a person to review the pull request.",
                at: now.wall
            )
            save(place, &commands)
        case .merged:
            enter(place, .done, "merged", nil, "Nothing: the work is in the base.", now)
            save(place, &commands)
            tell(place, &commands)
            clean(place, &commands)
            restackDependants(of: id.ticket, &commands)
        case .closed:
            let why = "pull request #\(pullRequest.number) was closed without merging"
            release(place, why, tellTracker: true, at: now, &commands)
        }
    }

    /// Asks for the worktree's removal once the work is in the base.
    mutating func clean(_ place: Entries.Place, _ commands: inout [Command]) {
        guard entries[place].run.state.isFinal, !entries[place].isCleaning,
            entries[place].run.pendingCleanup
        else { return }
        entries[place].isCleaning = true
        commands.append(.clean(entries[place].record, entries[place].sharedWorkflow))
    }

    mutating func cleaned(_ id: RunID, _ how: String, _ commands: inout [Command]) {
        guard let place = entries.place(of: id), entries[place].isCleaning else { return }
        entries.change(place) { entry in
            entry.isCleaning = false
            entry.run.cleanup = how
        }
        save(place, &commands)
        settle(place)
    }

    /// Draws the consequence of what a poll saw of a ticket that is held.
    mutating func observe(_ ticket: TrackedTicket, at now: Moment, _ commands: inout [Command]) {
        guard let id = entries.run(ofTicket: ticket.id), let place = entries.place(of: id),
            !entries[place].run.state.isFinal
        else { return }
        switch ticket.presence {
        case .gone:
            release(
                place,
                "the ticket was deleted or archived",
                tellTracker: false,
                at: now,
                &commands
            )
        case .present(let key, let state, let labels):
            // Neither words nor a move on the board raise a budget; who raises it wants the words heeded. Work that
            // succeeded needs no more money, and waits for something else.
            if entries[place].run.state == .needsHuman, !state.isFinished,
                entries[place].run.attempts.last?.outcome != .succeeded,
                exhaustion(of: entries[place]) != nil
            {
                keep(ticket.replies, on: place, at: now, &commands)
                return
            }
            if goOn(place, with: ticket.replies, in: state, at: now, &commands) { return }
            if let why = departure(entries[place], key, state, labels) {
                release(place, why, tellTracker: true, at: now, &commands)
            } else if entries[place].run.state.waitsForPerson, entries[place].activity == .idle,
                state.type == .completed
            {
                markFate(.merged, of: id.ticket, at: now, &commands)
                enter(place, .done, "moved to \(state.name)", nil, "Nothing.", now)
                entries[place].run.tracker.told = .done
                finish(ticket.id, at: now)
                save(place, &commands)
                clean(place, &commands)
                restackDependants(of: id.ticket, &commands)
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
            guard let place = entries.place(of: id) else { continue }
            switch entries[place].run.state {
            case .delivering: deliver(place, at: now, &commands)
            case .inReview:
                tell(place, &commands)
                restack(place, &commands)
            case .needsHuman, .done, .failed, .cancelled: tell(place, &commands)
            case .queued, .waiting, .running, .backingOff, .parked: break
            }
        }
    }

    /// Waits 5 s, then twice as long each time, at most 10 min.
    mutating func scheduleRepeat(_ place: Entries.Place, at now: Moment) {
        let tries = (entries[place].again?.tries ?? 0) + 1
        let wait = min(5 << min(tries - 1, 7), 600)
        entries[place].again = .init(after: now.uptime + .seconds(wait), tries: tries)
    }

    /// Forgets a run that is at rest.
    ///
    /// - Returns: Whether it did: then nothing lies at its place any more.
    @discardableResult
    mutating func settle(_ place: Entries.Place) -> Bool {
        guard entries[place].run.state.isFinal, entries[place].run.isAtRest else { return false }
        let id = entries.id(of: place)
        let (ticket, workflow) = (entries[place].run.ticket.id, entries[place].run.workflow)
        entries.remove(place)
        if openRuns[id.ticket] == id {
            openRuns[id.ticket] = nil
            free(ticket)
        }
        forgetIfGone(workflow)
        return true
    }
}
