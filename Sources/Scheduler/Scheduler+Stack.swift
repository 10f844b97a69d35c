import Domain

extension Scheduler {
    /// The branches that a ticket builds upon: those of its blockers that are in review.
    ///
    /// One that another of them builds upon itself comes with that one.
    func stack(for ticket: Ticket, _ workflow: Shared<Workflow>) -> [Run.StackedOn] {
        guard workflow.value.plan.base == .stacked else { return [] }
        var found: [Run] = []
        for blocker in ticket.blockers where !blocker.state.isFinished {
            guard let place = openRuns[blocker.key].flatMap(entries.place),
                entries[place].isOffered(to: workflow),
                !found.contains(where: { $0.id == entries.id(of: place) })
            else { continue }
            found.append(entries[place].run)
        }
        let below = Set(found.flatMap { $0.base.stack ?? [] }.map(\.ticket))
        return found.filter { !below.contains($0.ticket.key) }.compactMap { run in
            run.attempts.last?.pushed.map {
                Run.StackedOn(ticket: run.ticket.key, branch: run.branch, commit: $0)
            }
        }.sorted { $0.ticket < $1.ticket }
    }

    /// Whether a workflow's tickets may build upon branches that aren't merged yet.
    var buildsOnBranches: Bool {
        workflows.indices.contains { workflows[$0].workflow.plan.base == .stacked }
    }

    /// Tells the runs that build on one what became of its pull request.
    mutating func markFate(
        _ fate: Run.StackedOn.Fate,
        of blocker: TicketKey,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        for place in entries.above(blocker) {
            changeStack(of: place) { if $0.ticket == blocker { $0.fate = fate } }
            if fate == .closed, entries[place].run.state == .inReview,
                entries[place].activity == .idle
            {
                orphan(place, blocker, at: now, &commands)
            } else {
                save(place, &commands)
            }
        }
    }

    /// Puts what builds on a blocker on something else, now that the blocker has moved.
    mutating func restackDependants(of blocker: TicketKey, _ commands: inout [Command]) {
        for place in entries.above(blocker) { restack(place, &commands) }
    }

    private mutating func changeStack(
        of place: Entries.Place,
        _ change: (inout Run.StackedOn) -> Void
    ) {
        guard var stack = entries[place].run.base.stack else { return }
        for index in stack.indices { change(&stack[index]) }
        entries[place].run.base.stack = stack
    }

    /// Puts a delivered run on what is left of its blockers' branches, when these have changed.
    ///
    /// - Returns: Whether that is under way now.
    @discardableResult
    mutating func restack(_ place: Entries.Place, _ commands: inout [Command]) -> Bool {
        guard let stack = entries[place].run.base.stack, entries[place].run.base.hasChanged,
            entries[place].activity == .idle
        else { return false }
        let state = entries[place].run.state
        guard state == .inReview || state == .delivering else { return false }
        let left = stack.filter { $0.fate != .merged }.map { below in
            Run.StackedOn(
                ticket: below.ticket,
                branch: below.branch,
                commit: below.moved ?? below.commit
            )
        }
        entries[place].activity = .restacking
        commands.append(
            .restack(entries[place].record, entries[place].sharedWorkflow, onto: left)
        )
        return true
    }

    mutating func restacked(
        _ id: RunID,
        _ base: Run.Base,
        _ commit: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let place = entries.place(of: id), entries[place].activity == .restacking else {
            return
        }
        var entry = entries[place]
        entry.activity = .idle
        entry.again = nil
        // What happened to the blockers meanwhile isn't in the answer yet.
        var base = base
        for index in (base.stack ?? []).indices {
            guard
                let known = entry.run.base.stack?.first(where: {
                    $0.ticket == base.stack?[index].ticket
                })
            else { continue }
            base.stack?[index].fate = known.fate
            if let moved = known.moved, moved != base.stack?[index].commit {
                base.stack?[index].moved = moved
            }
        }
        if base.stack?.isEmpty ?? false { base.stack = nil }
        entry.run.base = base
        if !entry.run.attempts.isEmpty {
            entry.run.attempts[entry.run.attempts.count - 1].pushed = commit
        }
        entries[place] = entry
        lastChange = now.uptime
        for other in entries.above(id.ticket) {
            changeStack(of: other) { below in
                guard below.ticket == id.ticket else { return }
                below.moved = below.commit == commit ? nil : commit
            }
            save(other, &commands)
        }
        enter(
            place,
            entry.run.state,
            "rebased onto \(base.branch)",
            nil,
            entry.run.state == .inReview
                ? "Waits for a person to review the pull request." : "The pull request is opened.",
            now
        )
        save(place, &commands)
        restackDependants(of: id.ticket, &commands)
        deliver(place, at: now, &commands)
        restack(place, &commands)
    }

    mutating func restackFailed(
        _ id: RunID,
        _ reason: String,
        _ isRetryable: Bool,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let place = entries.place(of: id), entries[place].activity == .restacking else {
            return
        }
        entries[place].activity = .idle
        if isRetryable, (entries[place].again?.tries ?? 0) + 1 < Self.deliveryTries {
            scheduleRepeat(place, at: now)
            entries[place].run.reason = reason
            entries[place].run.next = "The branch is put on its new base again in a while."
            save(place, &commands)
            return
        }
        let entry = entries[place]
        let names = (entry.run.base.stack ?? []).map(\.ticket.rawValue).joined(separator: ", ")
        enter(
            place,
            .needsHuman,
            "not rebased",
            reason,
            "\(names) changed below this branch. Rebase \(entry.run.branch) by hand, or move the"
                + " ticket to \(entry.workflow.tickets.states.first ?? "Todo") for another run.",
            now
        )
        save(place, &commands)
        tell(place, &commands)
    }

    /// The blockers' branches don't fit together: the attempt ends before an agent was started.
    mutating func unstackable(
        _ id: RunID,
        _ number: Int,
        _ reason: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let place = entries.place(of: id), case .attempting = entries[place].activity,
            entries[place].liveNumber == number
        else { return }
        var entry = entries[place]
        entry.run.attempts[entry.run.attempts.count - 1].finish(
            with: AttemptResult(outcome: .conflict, reason: reason, ended: now.wall)
        )
        entry.activity = .idle
        entries[place] = entry
        enter(
            place,
            .needsHuman,
            "attempt \(number): the branches of its blockers conflict",
            reason,
            "Merge one of the blockers, then move the ticket to"
                + " \(entry.workflow.tickets.states.first ?? "Todo") for another run.",
            now
        )
        save(place, &commands)
        tell(place, &commands)
    }

    /// A run in review whose base was turned down.
    mutating func orphan(
        _ place: Entries.Place,
        _ blocker: TicketKey,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        let entry = entries[place]
        enter(
            place,
            .needsHuman,
            "\(blocker) was closed",
            "it builds on \(blocker), whose pull request was closed without merging",
            "Rebase \(entry.run.branch) without it, close the pull request too, or move the ticket to"
                + " \(entry.workflow.tickets.states.first ?? "Todo") for another run.",
            now
        )
        save(place, &commands)
        tell(place, &commands)
    }
}
