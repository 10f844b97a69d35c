import Domain
import Planner

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Scheduler {
    /// Puts the runs back to where they were before the daemon ended.
    mutating func recover(
        _ runs: [RecoveredRun],
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) {
        for recovered in runs where entries[recovered.run.id] == nil {
            let id = recovered.run.id
            var entry = Entry(run: recovered.run, workflow: Shared(recovered.workflow))
            entry.ticket = recovered.ticket.map { Shared($0) }
            entry.written = recovered.written
            entry.ticketLabels = recovered.ticket?.labels ?? []
            entry.takenFrom = recovered.ticket?.state.name
            if let ticket = recovered.ticket { entry.chooseAgent(for: ticket) }
            entries[id] = entry
            openRuns[recovered.run.ticket.key] = id
            recoverParking(of: id)
            for attempt in recovered.run.attempts { count(attempt, under: recovered.workflow) }
            if recovered.run.state == .failed { failed.insert(recovered.run.ticket.id) }
            if workflows[recovered.workflow.name] == nil {
                workflows[recovered.workflow.name] = Polling(
                    workflow: Shared(recovered.workflow),
                    isInForce: false,
                    next: now.uptime
                )
            }
            resume(id, recovered.fate, at: now, using: &generator, &commands)
        }
        lastChange = now.uptime
    }

    /// Takes note of the break that a parked run was told of before the restart, so that no other run asks.
    private mutating func recoverParking(of id: RunID) {
        guard let entry = entries[id], entry.run.state == .parked, let retry = entry.run.retry,
            let last = entry.run.attempts.last, let outcome = last.outcome
        else { return }
        let profiles = entry.profiles
        let agent = profiles.last { $0.kind == last.agent?.kind } ?? profiles[0]
        parking.park(agent, for: outcome, until: retry.at)
    }

    private mutating func resume(
        _ id: RunID,
        _ fate: AttemptFate,
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id] else { return }
        if entry.run.isAtRest {
            // Killed between its last record and the removal of its entry: written again, it's out of the way.
            save(id, &commands)
            settle(id)
            return
        }
        if let attempt = entry.run.liveAttempt {
            switch fate {
            case .alive(let slot): entries[id]?.activity = .attempting(slot: slot, stop: nil)
            case .ended(let result):
                entries[id]?.activity = .attempting(slot: 0, stop: nil)
                ended(id, attempt.number, result, at: now, using: &generator, &commands)
            case .lost:
                let result = AttemptResult(
                    outcome: .lost,
                    reason: "the attempt's process died without a result",
                    ended: now.wall
                )
                entries[id]?.activity = .attempting(slot: 0, stop: nil)
                let wasSeen = false
                ended(id, attempt.number, result, wasSeen, at: now, using: &generator, &commands)
            case .none, .notStarted: break  // dispatch starts it under its number
            }
            return
        }
        switch entry.run.state {
        case .delivering: deliver(id, at: now, &commands)
        case .queued, .waiting, .running, .backingOff, .parked, .inReview: break
        case .needsHuman, .done, .failed, .cancelled: tell(id, &commands)
        }
        if entry.run.state == .inReview {
            tell(id, &commands)
            restack(id, &commands)
        }
        clean(id, &commands)
    }

    mutating func claimed(
        _ id: RunID,
        _ ticket: Ticket,
        _ written: WrittenPrompt?,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard case .claiming(let slot)? = entries[id]?.activity else { return }
        self.written[ticket.id] = now.uptime
        var whole = ticket
        if let name = entries[id]?.takenFrom { whole.state.name = name }
        whole.paths = TicketText.paths(in: ticket.title + "\n\n" + (ticket.description ?? ""))
        entries[id]?.run.ticket.paths = whole.paths
        entries[id]?.ticket = Shared(whole)
        entries[id]?.written = written
        entries[id]?.ticketLabels = ticket.labels
        entries[id]?.chooseAgent(for: whole)
        entries[id]?.run.ticket.title = ticket.title
        if entries[id]?.run.tracker.told == nil { entries[id]?.run.tracker.told = .running }
        if let entry = entries[id],
            let obstacle = parking.obstacle(to: entry.profiles) ?? diskObstacle(entry.workflow)
                ?? breakerObstacle(entry.workflow, id)
        {
            // It came up while Linear was asked.
            entries[id]?.activity = .idle
            guard entry.run.liveAttempt == nil else { return }
            enter(id, .waiting, obstacle, obstacle, "Starts as soon as that is over.", now)
            save(id, &commands)
            return
        }
        launch(id, slot, at: now, &commands)
    }

    mutating func claimFailed(
        _ id: RunID,
        _ reason: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard case .claiming? = entries[id]?.activity else { return }
        entries[id]?.activity = .idle
        scheduleRepeat(id, at: now)
        guard entries[id]?.run.reason != reason else { return }
        entries[id]?.run.reason = reason
        entries[id]?.run.next = "Linear is asked again in a while."
        save(id, &commands)
    }

    mutating func launched(
        _ id: RunID,
        _ number: Int,
        base: String,
        _ commands: inout [Command]
    ) {
        guard let run = entries[id]?.run, run.liveAttempt?.number == number,
            run.base.commit == nil
        else { return }
        entries[id]?.run.base.commit = base
        save(id, &commands)
    }

    /// Draws the consequence of an attempt's end.
    ///
    /// One that died with the daemon (`wasSeen` is false) says nothing of attempts that are started now: the
    /// machine may have lost its power.
    mutating func ended(
        _ id: RunID,
        _ number: Int,
        _ result: AttemptResult,
        _ wasSeen: Bool = true,
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) {
        guard var entry = entries[id], case .attempting(_, let stop) = entry.activity,
            entry.run.liveAttempt?.number == number
        else { return }
        entry.run.attempts[entry.run.attempts.count - 1].finish(with: result)
        entry.activity = .idle
        entry.lastFailure = lastFailure(result, entry.workflow.retry.on)
        entries[id] = entry
        count(entry.run.attempts.last, under: entry.workflow)
        if wasSeen { noteEnd(id, of: entry.workflow, result, at: now, &commands) }
        lastChange = now.uptime
        let what =
            "attempt \(number): \(result.outcome.words)"
            + (result.reason.map { ": \($0)" } ?? "")
        if result.outcome == .cancelled, stop == .service {
            enter(id, .waiting, what, "the service was stopped", "The next start goes on.", now)
            save(id, &commands)
            return
        }
        if case .ticket(let why)? = stop, result.outcome != .succeeded {
            release(id, why, tellTracker: true, at: now, &commands)
            return
        }
        let consequence = entry.workflow.retry.on[result.outcome]
        switch consequence {
        case .deliver, .fail, .cancel: break
        // Without another attempt it has failed, and money is of no help.
        case .retry where !entry.hasAttemptsLeft: break
        case .retry, .park, .askPerson:
            if stopSpending(id, what, at: now, &commands) { return }
        }
        switch consequence {
        case .deliver:
            enter(id, .delivering, what, nil, "The pull request is opened.", now)
            save(id, &commands)
            deliver(id, at: now, &commands)
        case .retry: retry(id, result, what, at: now, using: &generator, &commands)
        case .park: park(id, result, what, at: now, &commands)
        case .askPerson:
            enter(id, .needsHuman, what, result.words, question(entry), now)
            save(id, &commands)
            tell(id, &commands)
        case .fail:
            enter(id, .failed, what, result.words, advice(entry), now)
            save(id, &commands)
            tell(id, &commands)
        case .cancel:
            release(
                id,
                result.reason ?? "a person stopped it",
                tellTracker: true,
                at: now,
                &commands
            )
        }
    }

    private mutating func retry(
        _ id: RunID,
        _ result: AttemptResult,
        _ what: String,
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id] else { return }
        let policy = entry.workflow.retry
        guard let exact = policy.wait(afterAttempt: entry.spentAttempts) else {
            enter(id, .failed, what, result.words, advice(entry), now)
            save(id, &commands)
            tell(id, &commands)
            return
        }
        let wait = policy.scattered(exact, using: &generator)
        let at = now.wall.addingTimeInterval(wait.inSeconds)
        let number = entry.run.attempts.count + 1
        entries[id]?.run.retry = Run.Retry(
            attempt: number,
            at: at,
            seconds: (wait.inSeconds * 10).rounded() / 10
        )
        enter(
            id,
            .backingOff,
            what,
            result.words,
            "Attempt \(number) starts at \(clock(at)) in the same worktree.",
            now
        )
        save(id, &commands)
    }

    /// How often in a row a run is parked before a person is asked: about ten hours of an overloaded provider,
    /// or a wrong address that looks like one.
    static let parkings = 24

    private mutating func park(
        _ id: RunID,
        _ result: AttemptResult,
        _ what: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id] else { return }
        let profiles = entry.profiles
        let parkings = entry.run.attempts.reversed()
            .prefix { $0.outcome.map { entry.workflow.retry.on[$0] } == .park }.count
        // Where there are fallbacks, each of them adds one.
        let streak = max(1, parkings / profiles.count)
        guard streak < Self.parkings else {
            let why = "\(result.words), \(streak) times in a row"
            enter(id, .needsHuman, what, why, question(entry), now)
            save(id, &commands)
            tell(id, &commands)
            return
        }
        // A provider that is down again and again is asked ever more seldom: 2 min, 4 min … half an hour.
        let pause = TimeInterval(min(120 << min(streak - 1, 4), 1800))
        // Where a limit comes without a time, half an hour is what its users report to be enough.
        let named = result.retryAt ?? now.wall.addingTimeInterval(1800)
        let end =
            result.outcome == .overloaded
            ? max(named, now.wall.addingTimeInterval(pause)) : max(named, now.wall)
        parking.park(entry.workflow.agent, for: result.outcome, until: end)
        let number = entry.run.attempts.count + 1
        if let other = parking.first(of: profiles) {
            let next = "Attempt \(number) starts with \(other.name) as soon as a slot is free."
            enter(id, .waiting, "\(what); falls back to \(other.name)", result.words, next, now)
            save(id, &commands)
            return
        }
        let until = profiles.compactMap(parking.end).min() ?? end
        entries[id]?.run.retry = Run.Retry(
            attempt: number,
            at: until,
            seconds: until.timeIntervalSince(now.wall).rounded()
        )
        enter(
            id,
            .parked,
            what,
            result.words,
            "Goes on at \(clock(until)); this spends none of the attempts.",
            now
        )
        save(id, &commands)
    }

    /// Ends a run because of its ticket: stops a live attempt first, keeps the work.
    mutating func release(
        _ id: RunID,
        _ why: String,
        tellTracker: Bool,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id] else { return }
        if case .attempting(let slot, nil) = entry.activity, let attempt = entry.run.liveAttempt {
            entries[id]?.activity = .attempting(slot: slot, stop: .ticket(why))
            commands.append(.stop(id, attempt: attempt.number))
            return
        }
        guard entry.activity == .idle, !entry.run.state.isFinal else { return }
        let kept =
            entry.run.attempts.isEmpty
            ? "Nothing was begun." : "The work is kept on the branch \(entry.run.branch)."
        enter(id, .cancelled, why, why, kept, now)
        if !tellTracker { entries[id]?.run.tracker.told = .cancelled }
        save(id, &commands)
        if tellTracker { tell(id, &commands) } else { settle(id) }
    }

    /// Stops what runs so that the next start goes on from it.
    mutating func interrupt(_ commands: inout [Command]) {
        isDraining = true
        for id in entries.ids {
            guard let entry = entries[id], case .attempting(let slot, nil) = entry.activity,
                let attempt = entry.run.liveAttempt
            else { continue }
            entries[id]?.activity = .attempting(slot: slot, stop: .service)
            commands.append(.stop(id, attempt: attempt.number))
        }
    }

    mutating func enter(
        _ id: RunID,
        _ state: RunState,
        _ why: String,
        _ reason: String?,
        _ next: String,
        _ now: Moment
    ) {
        let wasOffered = entries[id]?.isOffered ?? false
        entries[id]?.run.enter(state, why: why, reason: reason, next: next, at: now.wall)
        lastChange = now.uptime
        // Dependants learn of a failure, and in a stack of a review that begins or ends.
        guard let entry = entries[id] else { return }
        let isNews = entry.isOffered != wasOffered && buildsOnBranches
        guard state == .failed || isNews else { return }
        if state == .failed { failed.insert(entry.run.ticket.id) }
        standingChanged(of: entry.run.ticket.id)
    }

    private func lastFailure(_ result: AttemptResult, _ table: FailureTable) -> String? {
        guard table[result.outcome] == .retry else { return nil }
        guard let output = result.failureOutput, !output.isEmpty else { return result.words }
        return result.words + "\n\n" + output
    }

    private func question(_ entry: Entry) -> String {
        let state = entry.workflow.tickets.states.first ?? "Todo"
        return "Answer with a comment on the ticket, or move it to \(state), and the agent goes on."
    }

    private func advice(_ entry: Entry) -> String {
        let state = entry.workflow.tickets.states.first ?? "Todo"
        return "Move the ticket to \(state) for another run on the same branch."
    }
}

extension AttemptResult {
    /// Outcome and reason in one clause.
    var words: String { reason.map { "\(outcome.words): \($0)" } ?? outcome.words }
}

extension Entry {
    var hasAttemptsLeft: Bool { workflow.retry.wait(afterAttempt: spentAttempts) != nil }

    /// The attempts that count against the limit; a person's answer gives them all back.
    var spentAttempts: Int {
        let table = workflow.retry.on
        let asked = run.attempts.lastIndex { $0.outcome.map { table[$0] } == .askPerson }
        return run.attempts[(asked.map { $0 + 1 } ?? 0)...].count { attempt in
            switch attempt.outcome.map({ table[$0] }) {
            case .deliver, .retry, .askPerson, .fail: true
            case .park, .cancel, nil: false
            }
        }
    }
}

/// A time of day in UTC for sentences, `19:40:02 UTC`.
func clock(_ date: Date) -> String {
    let seconds = Int(date.timeIntervalSince1970.rounded()) % 86_400
    func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(pad(seconds / 3600)):\(pad(seconds / 60 % 60)):\(pad(seconds % 60)) UTC"
}
