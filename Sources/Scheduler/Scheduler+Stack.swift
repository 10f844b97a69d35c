import Domain

extension Scheduler {
    /// The branches that a ticket builds upon: those of its blockers that are in review.
    ///
    /// One that another of them builds upon itself comes with that one.
    func stack(for ticket: Ticket, _ workflow: Workflow) -> [Run.StackedOn] {
        guard workflow.plan.base == .stacked else { return [] }
        var found: [Run] = []
        for blocker in ticket.blockers where !blocker.state.isFinished {
            guard let entry = openRuns[blocker.key].flatMap({ entries[$0] }),
                entry.isOffered(to: workflow), !found.contains(where: { $0.id == entry.run.id })
            else { continue }
            found.append(entry.run)
        }
        let below = Set(found.flatMap { $0.base.stack ?? [] }.map(\.ticket))
        return found.filter { !below.contains($0.ticket.key) }.compactMap { run in
            run.attempts.last?.pushed.map {
                Run.StackedOn(ticket: run.ticket.key, branch: run.branch, commit: $0)
            }
        }.sorted { $0.ticket < $1.ticket }
    }

    /// Whether a workflow's tickets may build upon branches that aren't merged yet.
    var buildsOnBranches: Bool { workflows.values.contains { $0.workflow.plan.base == .stacked } }

    /// Tells the runs that build on one what became of its pull request.
    mutating func markFate(
        _ fate: Run.StackedOn.Fate,
        of blocker: Run,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        for id in entries.above(blocker.ticket.key) {
            changeStack(of: id) { if $0.ticket == blocker.ticket.key { $0.fate = fate } }
            if fate == .closed, entries[id]?.run.state == .inReview,
                entries[id]?.activity == .idle
            {
                orphan(id, blocker.ticket.key, at: now, &commands)
            } else {
                save(id, &commands)
            }
        }
    }

    /// Puts what builds on a blocker on something else, now that the blocker has moved.
    mutating func restackDependants(of blocker: TicketKey, _ commands: inout [Command]) {
        for id in entries.above(blocker) { restack(id, &commands) }
    }

    private mutating func changeStack(
        of id: RunID,
        _ change: (inout Run.StackedOn) -> Void
    ) {
        guard var stack = entries[id]?.run.base.stack else { return }
        for index in stack.indices { change(&stack[index]) }
        entries[id]?.run.base.stack = stack
    }

    /// Puts a delivered run on what is left of its blockers' branches, when these have changed.
    ///
    /// - Returns: Whether that is under way now.
    @discardableResult
    mutating func restack(_ id: RunID, _ commands: inout [Command]) -> Bool {
        guard let entry = entries[id], entry.activity == .idle,
            entry.run.state == .inReview || entry.run.state == .delivering,
            let stack = entry.run.base.stack, entry.run.base.hasChanged
        else { return false }
        let left = stack.filter { $0.fate != .merged }.map { below in
            Run.StackedOn(
                ticket: below.ticket,
                branch: below.branch,
                commit: below.moved ?? below.commit
            )
        }
        entries[id]?.activity = .restacking
        commands.append(.restack(entry.record, entry.sharedWorkflow, onto: left))
        return true
    }

    mutating func restacked(
        _ id: RunID,
        _ base: Run.Base,
        _ commit: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard var entry = entries[id], entry.activity == .restacking else { return }
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
        entries[id] = entry
        lastChange = now.uptime
        for other in entries.above(entry.run.ticket.key) {
            changeStack(of: other) { below in
                guard below.ticket == entry.run.ticket.key else { return }
                below.moved = below.commit == commit ? nil : commit
            }
            save(other, &commands)
        }
        enter(
            id,
            entry.run.state,
            "rebased onto \(base.branch)",
            nil,
            entry.run.state == .inReview
                ? "Waits for a person to review the pull request." : "The pull request is opened.",
            now
        )
        save(id, &commands)
        restackDependants(of: entry.run.ticket.key, &commands)
        deliver(id, at: now, &commands)
        restack(id, &commands)
    }

    mutating func restackFailed(
        _ id: RunID,
        _ reason: String,
        _ isRetryable: Bool,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id], entry.activity == .restacking else { return }
        entries[id]?.activity = .idle
        if isRetryable, (entry.again?.tries ?? 0) + 1 < Self.deliveryTries {
            scheduleRepeat(id, at: now)
            entries[id]?.run.reason = reason
            entries[id]?.run.next = "The branch is put on its new base again in a while."
            save(id, &commands)
            return
        }
        let names = (entry.run.base.stack ?? []).map(\.ticket.rawValue).joined(separator: ", ")
        enter(
            id,
            .needsHuman,
            "not rebased",
            reason,
            "\(names) changed below this branch. Rebase \(entry.run.branch) by hand, or move the"
                + " ticket to \(entry.workflow.tickets.states.first ?? "Todo") for another run.",
            now
        )
        save(id, &commands)
        tell(id, &commands)
    }

    /// The blockers' branches don't fit together: the attempt ends before an agent was started.
    mutating func unstackable(
        _ id: RunID,
        _ number: Int,
        _ reason: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard var entry = entries[id], case .attempting = entry.activity,
            entry.run.liveAttempt?.number == number
        else { return }
        entry.run.attempts[entry.run.attempts.count - 1].finish(
            with: AttemptResult(outcome: .conflict, reason: reason, ended: now.wall)
        )
        entry.activity = .idle
        entries[id] = entry
        enter(
            id,
            .needsHuman,
            "attempt \(number): the branches of its blockers conflict",
            reason,
            "Merge one of the blockers, then move the ticket to"
                + " \(entry.workflow.tickets.states.first ?? "Todo") for another run.",
            now
        )
        save(id, &commands)
        tell(id, &commands)
    }

    /// A run in review whose base was turned down.
    mutating func orphan(
        _ id: RunID,
        _ blocker: TicketKey,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id] else { return }
        enter(
            id,
            .needsHuman,
            "\(blocker) was closed",
            "it builds on \(blocker), whose pull request was closed without merging",
            "Rebase \(entry.run.branch) without it, close the pull request too, or move the ticket to"
                + " \(entry.workflow.tickets.states.first ?? "Todo") for another run.",
            now
        )
        save(id, &commands)
        tell(id, &commands)
    }
}
