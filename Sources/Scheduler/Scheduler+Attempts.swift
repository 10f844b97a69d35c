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
        for recovered in runs where entries.place(of: recovered.run.id) == nil {
            var entry = Entry(run: recovered.run, workflow: Shared(recovered.workflow))
            entry.ticket = recovered.ticket.map { Shared($0) }
            entry.written = recovered.written
            entry.ticketLabels = recovered.ticket?.labels ?? []
            entry.takenFrom = recovered.ticket?.state.name
            if let ticket = recovered.ticket { entry.chooseAgent(for: ticket) }
            if let agent = recovered.agent { entry.take(agent) }
            let place = entries.insert(entry)
            openRuns[recovered.run.ticket.key] = recovered.run.id
            let workflow = Shared(recovered.workflow)
            for attempt in recovered.run.attempts { count(attempt, under: workflow) }
            if recovered.run.state == .failed { failed.insert(recovered.run.ticket.id) }
            if workflows.place(of: recovered.workflow.name) == nil {
                let polling = Polling(
                    workflow: Shared(recovered.workflow),
                    isInForce: false,
                    next: now.uptime
                )
                workflows.put(polling, as: recovered.workflow.name)
            }
            resume(place, recovered.fate, at: now, using: &generator, &commands)
        }
        lastChange = now.uptime
    }

    private mutating func resume(
        _ place: Entries.Place,
        _ fate: AttemptFate,
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) {
        let entry = entries[place]
        if entry.run.isAtRest {
            // Killed between its last record and the removal of its entry: written again, it's out of the way.
            save(place, &commands)
            settle(place)
            return
        }
        let id = entry.run.id
        if let attempt = entry.liveNumber {
            switch fate {
            case .alive(let slot): entries[place].activity = .attempting(slot: slot, stop: nil)
            case .ended(let result):
                entries[place].activity = .attempting(slot: 0, stop: nil)
                ended(id, attempt, result, at: now, using: &generator, &commands)
            case .lost:
                let result = AttemptResult(
                    outcome: .lost,
                    reason: "the attempt's process died without a result",
                    ended: now.wall
                )
                entries[place].activity = .attempting(slot: 0, stop: nil)
                let wasSeen = false
                ended(id, attempt, result, wasSeen, at: now, using: &generator, &commands)
            case .none, .notStarted: break  // dispatch starts it under its number
            }
            return
        }
        switch entry.run.state {
        case .delivering: deliver(place, at: now, &commands)
        case .queued, .waiting, .running, .backingOff, .parked, .inReview: break
        case .needsHuman, .done, .failed, .cancelled: tell(place, &commands)
        }
        if entry.run.state == .inReview {
            tell(place, &commands)
            restack(place, &commands)
        }
        clean(place, &commands)
    }

    mutating func claimed(
        _ id: RunID,
        _ ticket: Ticket,
        _ written: WrittenPrompt?,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let place = entries.place(of: id),
            case .claiming(let slot) = entries[place].activity
        else { return }
        self.written[ticket.id] = now.uptime
        // What polls saw before is no news of it any more.
        dropCandidate(ticket.id)
        var whole = ticket
        if let name = entries[place].takenFrom { whole.state.name = name }
        whole.paths = TicketText.paths(in: ticket.title + "\n\n" + (ticket.description ?? ""))
        entries.change(place) { entry in
            entry.run.ticket.paths = whole.paths
            entry.run.ticket.title = ticket.title
            if entry.run.tracker.told == nil { entry.run.tracker.told = .running }
            entry.ticket = Shared(whole)
            entry.written = written
            entry.ticketLabels = ticket.labels
            entry.chooseAgent(for: whole)
        }
        let workflow = entries[place].sharedWorkflow
        let obstacle =
            parking.obstacle(to: entries[place].profiles)
            ?? diskObstacle(workflow.value.repository)
            ?? breakerObstacle(workflow.value.name, id)
        if let obstacle {
            // It came up while Linear was asked.
            entries[place].activity = .idle
            guard entries[place].liveNumber == nil else { return }
            enter(place, .waiting, obstacle, obstacle, "Starts as soon as that is over.", now)
            save(place, &commands)
            return
        }
        launch(place, slot, at: now, &commands)
    }

    mutating func claimFailed(
        _ id: RunID,
        _ reason: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let place = entries.place(of: id), case .claiming = entries[place].activity
        else { return }
        entries[place].activity = .idle
        scheduleRepeat(place, at: now)
        guard entries[place].run.reason != reason else { return }
        entries[place].run.reason = reason
        entries[place].run.next = "Linear is asked again in a while."
        save(place, &commands)
    }

    mutating func launched(
        _ id: RunID,
        _ number: Int,
        base: String,
        _ commands: inout [Command]
    ) {
        guard let place = entries.place(of: id), entries[place].run.base.commit == nil,
            entries[place].liveNumber == number
        else { return }
        entries[place].run.base.commit = base
        save(place, &commands)
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
        guard let place = entries.place(of: id),
            case .attempting(_, let stop) = entries[place].activity,
            entries[place].liveNumber == number
        else { return }
        let workflow = entries[place].sharedWorkflow
        let consequence = workflow.value.retry.on[result.outcome]
        let failure = consequence == .retry ? result.lastFailure : nil
        let last = entries[place].run.attempts.count - 1
        entries.change(place) { entry in
            entry.run.attempts[last].finish(with: result)
            entry.activity = .idle
            entry.lastFailure = failure
        }
        count(entries[place].run.attempts[last], under: workflow)
        if wasSeen { noteEnd(id, of: workflow.value.name, result, at: now, &commands) }
        lastChange = now.uptime
        // The provider's other runs heed it, whatever becomes of this one.
        if consequence == .park { heedBreak(place, result, at: now, &commands) }
        let what =
            "attempt \(number): \(result.outcome.words)"
            + (result.reason.map { ": \($0)" } ?? "")
        if result.outcome == .cancelled, stop == .service {
            enter(place, .waiting, what, "the service was stopped", "The next start goes on.", now)
            save(place, &commands)
            return
        }
        if case .ticket(let why)? = stop, result.outcome != .succeeded {
            release(place, why, tellTracker: true, at: now, &commands)
            return
        }
        switch consequence {
        case .deliver, .fail, .cancel: break
        // Without another attempt it has failed, and money is of no help.
        case .retry where !entries[place].hasAttemptsLeft: break
        case .retry, .park, .askPerson:
            if stopSpending(place, what, at: now, &commands) { return }
        }
        switch consequence {
        case .deliver:
            enter(place, .delivering, what, nil, "The pull request is opened.", now)
            save(place, &commands)
            deliver(place, at: now, &commands)
        case .retry: retry(place, result, what, at: now, using: &generator, &commands)
        case .park: park(place, result, what, at: now, &commands)
        case .askPerson:
            enter(place, .needsHuman, what, result.words, question(entries[place]), now)
            save(place, &commands)
            tell(place, &commands)
        case .fail:
            enter(place, .failed, what, result.words, advice(entries[place]), now)
            save(place, &commands)
            tell(place, &commands)
        case .cancel:
            release(
                place,
                result.reason ?? "a person stopped it",
                tellTracker: true,
                at: now,
                &commands
            )
        }
    }

    private mutating func retry(
        _ place: Entries.Place,
        _ result: AttemptResult,
        _ what: String,
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) {
        let policy = entries[place].workflow.retry
        guard let exact = policy.wait(afterAttempt: entries[place].spentAttempts) else {
            enter(place, .failed, what, result.words, advice(entries[place]), now)
            save(place, &commands)
            tell(place, &commands)
            return
        }
        let wait = policy.scattered(exact, using: &generator)
        let at = now.wall.addingTimeInterval(wait.inSeconds)
        let number = entries[place].run.attempts.count + 1
        entries[place].run.retry = Run.Retry(
            attempt: number,
            at: at,
            seconds: (wait.inSeconds * 10).rounded() / 10
        )
        enter(
            place,
            .backingOff,
            what,
            result.words,
            "Attempt \(number) starts at \(clock(at)) in the same worktree.",
            now
        )
        save(place, &commands)
    }

    /// How often in a row a run is parked before a person is asked: about ten hours of an overloaded provider,
    /// or a wrong address that looks like one.
    static let parkings = 24

    /// How often in a row a run's provider has asked for a break.
    private func breaks(of entry: Entry) -> Int {
        let attempts = entry.run.attempts.reversed()
            .prefix { $0.outcome.map { entry.workflow.retry.on[$0] } == .park }.count
        // Where there are fallbacks, each of them adds one.
        return max(1, attempts / entry.profiles.count)
    }

    /// Takes note of the break that an attempt's provider has asked for.
    private mutating func heedBreak(
        _ place: Entries.Place,
        _ result: AttemptResult,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        let streak = breaks(of: entries[place])
        // A provider that is down again and again is asked ever more seldom: 2 min, 4 min … half an hour.
        let pause = TimeInterval(min(120 << min(streak - 1, 4), 1800))
        // Where a limit comes without a time, half an hour is what its users report to be enough.
        let named = result.retryAt ?? now.wall.addingTimeInterval(1800)
        let end =
            result.outcome == .overloaded
            ? max(named, now.wall.addingTimeInterval(pause)) : max(named, now.wall)
        parking.park(entries[place].workflow.agent, for: result.outcome, until: end)
        // Before the run's own record, so that no crash leaves a run that knows of a break which nobody else heeds.
        saveBreaker(&commands)
    }

    private mutating func park(
        _ place: Entries.Place,
        _ result: AttemptResult,
        _ what: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        let entry = entries[place]
        let profiles = entry.profiles
        let streak = breaks(of: entry)
        guard streak < Self.parkings else {
            let why = "\(result.words), \(streak) times in a row"
            enter(place, .needsHuman, what, why, question(entry), now)
            save(place, &commands)
            tell(place, &commands)
            return
        }
        let number = entry.run.attempts.count + 1
        if let other = parking.first(of: profiles) {
            let next = "Attempt \(number) starts with \(other.name) as soon as a slot is free."
            let why = "\(what); falls back to \(other.name)"
            enter(place, .waiting, why, result.words, next, now)
            save(place, &commands)
            return
        }
        let until = profiles.compactMap(parking.end).min() ?? now.wall
        entries[place].run.retry = Run.Retry(
            attempt: number,
            at: until,
            seconds: until.timeIntervalSince(now.wall).rounded()
        )
        enter(
            place,
            .parked,
            what,
            result.words,
            "Goes on at \(clock(until)), or with 'linecook retry \(entry.run.ticket.key)'; this spends none of"
                + " the attempts.",
            now
        )
        save(place, &commands)
    }

    /// Ends a run because of its ticket: stops a live attempt first, keeps the work.
    mutating func release(
        _ place: Entries.Place,
        _ why: String,
        tellTracker: Bool,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        if case .attempting(let slot, nil) = entries[place].activity,
            let attempt = entries[place].liveNumber
        {
            entries[place].activity = .attempting(slot: slot, stop: .ticket(why))
            commands.append(.stop(entries.id(of: place), attempt: attempt))
            return
        }
        guard entries[place].activity == .idle, !entries[place].run.state.isFinal else { return }
        let kept =
            entries[place].run.attempts.isEmpty
            ? "Nothing was begun." : "The work is kept on the branch \(entries[place].run.branch)."
        enter(place, .cancelled, why, why, kept, now)
        if !tellTracker { entries[place].run.tracker.told = .cancelled }
        save(place, &commands)
        if tellTracker { tell(place, &commands) } else { settle(place) }
    }

    /// Stops what runs so that the next start goes on from it.
    mutating func interrupt(_ commands: inout [Command]) {
        isDraining = true
        for place in entries.inOrder {
            guard case .attempting(let slot, nil) = entries[place].activity,
                let attempt = entries[place].liveNumber
            else { continue }
            entries[place].activity = .attempting(slot: slot, stop: .service)
            commands.append(.stop(entries.id(of: place), attempt: attempt))
        }
    }

    mutating func enter(
        _ place: Entries.Place,
        _ state: RunState,
        _ why: String,
        _ reason: String?,
        _ next: String,
        _ now: Moment
    ) {
        let isBuiltUpon = buildsOnBranches
        let wasOffered = isBuiltUpon && entries[place].isOffered
        entries[place].run.enter(state, why: why, reason: reason, next: next, at: now.wall)
        lastChange = now.uptime
        // Dependants learn of a failure, and in a stack of a review that begins or ends.
        let isNews = isBuiltUpon && entries[place].isOffered != wasOffered
        guard state == .failed || isNews else { return }
        let ticket = entries[place].run.ticket.id
        if state == .failed { failed.insert(ticket) }
        standingChanged(of: ticket)
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

    /// What the next attempt is told of it.
    fileprivate var lastFailure: String {
        guard let output = failureOutput, !output.isEmpty else { return words }
        return words + "\n\n" + output
    }
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
