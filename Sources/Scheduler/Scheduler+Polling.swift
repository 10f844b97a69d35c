import Cron
import Domain
import Planner

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Scheduler {
    /// Takes over the workflows in force; one that is gone is tracked while a run of it is open.
    ///
    /// One that is the same as before isn't disturbed. One that was changed is polled anew: who was ready for
    /// the earlier version needn't be for this one. Runs keep the version that they were begun under.
    mutating func put(
        _ inForce: [WorkflowInForce],
        inForceAt now: Moment,
        _ commands: inout [Command]
    ) {
        let names = Set(inForce.map(\.workflow.name))
        for name in workflowNames where !names.contains(name) {
            guard workflows[name]?.isInForce == true else { continue }
            workflows[name]?.forgetCandidates()
            workflows[name]?.isInForce = false
            lastChange = now.uptime
            forgetIfGone(name)
        }
        for each in inForce {
            let name = each.workflow.name
            var polling =
                workflows[name]
                ?? Polling(
                    workflow: Shared(each.workflow),
                    isInForce: false,
                    next: now.uptime
                )
            let isSame =
                polling.workflow == each.workflow && polling.ticks?.schedule == each.cron
            if isSame && polling.isInForce { continue }
            let wasAway = !polling.isInForce
            if polling.workflow != each.workflow { polling.isOutdated = polling.isUnderWay }
            polling.workflow = each.workflow
            polling.follow(
                each.cron,
                mark: marks[name],
                wasAway: wasAway,
                at: now.wall
            )
            polling.isInForce = true
            polling.lag = .zero
            polling.next = now.uptime
            polling.forgetCandidates()
            workflows[name] = polling
            saveTick(of: name, &commands)
            lastChange = now.uptime
        }
    }

    /// Forgets a workflow whose file is gone, once no run of it is open and no poll of it under way.
    mutating func forgetIfGone(_ name: String) {
        guard let polling = workflows[name], !polling.isInForce, !polling.isUnderWay,
            !entries.holds(workflow: name)
        else { return }
        workflows[name] = nil
    }

    /// Makes every workflow poll now, as if its schedule said so.
    mutating func requestPolls(at now: Moment) {
        for name in workflowNames where workflows[name]?.isUnderWay == false {
            workflows[name]?.next = now.uptime
            workflows[name]?.lag = .zero
            workflows[name]?.isRequested = true
        }
    }

    /// Asks for the polls that are due.
    mutating func poll(at now: Moment, _ commands: inout [Command]) {
        for name in workflowNames {
            guard var polling = workflows[name], !polling.isUnderWay, polling.next <= now.uptime
            else { continue }
            let tracked = trackedTickets(of: name)
            var wantsCandidates = polling.isInForce && !isDraining
            if polling.ticks != nil {
                wantsCandidates = wantsCandidates && polling.takeTick(at: now)
                polling.next = now.uptime + untilNext(polling, hasTracked: !tracked.isEmpty, now)
                workflows[name] = polling
                saveTick(of: name, &commands)
            } else {
                polling.next = polling.nextBeat(at: now)
            }
            polling.isRequested = false
            if wantsCandidates || !tracked.isEmpty {
                polling.isUnderWay = true
                polling.asksForCandidates = wantsCandidates
                polling.began = now.uptime
                polling.beganAt = now.wall
                commands.append(
                    .poll(
                        workflow: polling.sharedWorkflow,
                        candidates: wantsCandidates,
                        tracked: tracked
                    )
                )
                lookAtPullRequests(of: name, &commands)
            }
            workflows[name] = polling
        }
    }

    /// Asks for the pull requests of a workflow's runs, each where the version that it was begun under has it.
    private mutating func lookAtPullRequests(of name: String, _ commands: inout [Command]) {
        var groups: [(workflow: Shared<Workflow>, runs: [Shared<Run>])] = []
        for id in entries.ids {
            guard let entry = entries[id], entry.run.workflow == name, entry.hasOpenPullRequest,
                !entry.isBeingLookedAt
            else { continue }
            entries[id]?.isBeingLookedAt = true
            if let index = groups.firstIndex(where: { $0.workflow == entry.sharedWorkflow }) {
                groups[index].runs.append(entry.record)
            } else {
                groups.append((entry.sharedWorkflow, [entry.record]))
            }
        }
        for group in groups { commands.append(.lookAtPullRequests(group.runs, group.workflow)) }
    }

    /// Takes over what a poll saw: first what became of held tickets, then who is ready.
    mutating func take(
        _ report: PollReport,
        of name: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard var polling = workflows[name], polling.isUnderWay, let began = polling.began else {
            return
        }
        polling.succeed(at: now.wall)
        polling.lastSuccess = began
        polling.lastPoll = polling.beganAt
        let isOutdated = polling.isOutdated
        if isOutdated {
            polling.lastSuccess = nil
            polling.repeatOutdated(at: now)
        } else {
            polling.answer(hasCandidates: report.candidates != nil, at: now)
        }
        if !isOutdated, let candidates = report.candidates, polling.isInForce {
            // What Linear confirmed after this poll began is newer than what the poll saw.
            polling.candidates = candidates.filter { isNews(of: $0.id, since: began) }
            polling.lastRuns = report.lastRuns
            finished = finished.filter { $0.value >= began }
            plansAreStale = true
        }
        workflows[name] = polling
        saveTick(of: name, &commands)
        if report.candidates != nil, !isOutdated { withdrawAbsent(of: name, at: now, &commands) }
        for ticket in report.tracked where isNews(of: ticket.id, since: began) {
            observe(ticket, at: now, &commands)
        }
        let oldest = workflows.values.compactMap { $0.isUnderWay ? $0.began : nil }.min() ?? began
        written = written.filter { $0.value >= oldest }
        forgetIfGone(name)
    }

    /// Whether a poll begun then knows more of a ticket than what Linear confirmed to us.
    private func isNews(of ticket: String, since began: Duration) -> Bool {
        written[ticket].map { $0 <= began } ?? true
    }

    /// Forgets a candidate that became a run.
    mutating func dropCandidate(_ id: String) {
        for name in workflowNames where workflows[name]?.drop(id) == false { plansAreStale = true }
    }

    /// Plans anew when something has changed that plans depend on, and forms the batches that are full.
    mutating func replan(at now: Moment, _ commands: inout [Command]) {
        if plansAreStale {
            plansAreStale = false
            for name in workflowNames { replan(name) }
            skipDependants(at: now, &commands)
        }
        formBatches(at: now, &commands)
    }

    /// Plans a workflow's tickets anew.
    mutating func replan(_ name: String) {
        guard let polling = workflows[name], polling.isInForce else { return }
        let plan = Plan(
            of: polling.candidates,
            settings: polling.workflow.plan,
            standing: standing(for: polling.workflow)
        )
        workflows[name]?.plan = plan
        workflows[name]?.queueIsStale = true
    }

    /// Takes note that a ticket's work is in the base, or needs no more: what waits for it may go on.
    mutating func finish(_ ticket: String, at now: Moment) {
        finished[ticket] = now.uptime
        for name in workflowNames where workflows[name]?.plan.names(ticket) == true {
            guard let freed = workflows[name]?.plan.finish(ticket) else {
                plansAreStale = true
                continue
            }
            for place in freed { queue(place, of: name) }
        }
    }

    /// Takes note that a ticket has failed, or offers its branch now, or doesn't any more.
    mutating func standingChanged(of ticket: String) {
        if workflows.values.contains(where: { $0.plan.names(ticket) }) { plansAreStale = true }
    }

    /// Lets a ticket wait for a slot that has become ready.
    mutating func queue(_ place: Int, of name: String) {
        guard let ticket = workflows[name]?.plan.ticket(at: place) else { return }
        guard batchOf[ticket.id] != nil, let workflow = workflows[name]?.workflow else {
            workflows[name]?.queueIsStale = true
            return
        }
        if openRuns[ticket.key] == nil { workflows[name]?.queue.insert(place, ticket, workflow) }
    }

    /// What is known here of tickets, beyond what Linear's last answer says.
    func standing(for workflow: Workflow) -> [String: Plan.Standing] {
        var standing: [String: Plan.Standing] = [:]
        for id in failed { standing[id] = .failed }
        for entry in entries.values where entry.isOffered(to: workflow) {
            standing[entry.run.ticket.id] = .offered
        }
        for id in finished.keys { standing[id] = .finished }
        return standing
    }

    private func trackedTickets(of workflow: String) -> TrackedQuestion {
        let held = entries.values
            .filter { $0.run.workflow == workflow && !$0.run.state.isFinal }
            .sorted { $0.run.ticket.id < $1.run.ticket.id }
        return TrackedQuestion(
            tickets: held.map(\.run.ticket.id),
            watches: held.compactMap(\.replyWatch)
        )
    }

    /// Takes note of a poll that saw nothing.
    mutating func pollFailed(
        _ name: String,
        _ reason: String,
        isRetryable: Bool,
        at now: Moment
    ) {
        guard var polling = workflows[name], polling.isUnderWay else { return }
        if polling.isOutdated {
            polling.succeed(at: now.wall)
            polling.repeatOutdated(at: now)
        } else {
            polling.fail(reason, isRetryable: isRetryable, at: now.wall)
            if isRetryable { polling.answer(hasCandidates: false, at: now) }
        }
        workflows[name] = polling
        forgetIfGone(name)
    }

    /// Asks for a schedule's mark to be written, if it isn't what was written last.
    private mutating func saveTick(of name: String, _ commands: inout [Command]) {
        guard let mark = workflows[name]?.ticks?.mark, marks[name] != mark else { return }
        marks[name] = mark
        commands.append(.saveTick(mark))
    }

    /// Notices that somebody set the clock by hours, which is no time that ticks were missed in.
    mutating func noticeClock(at now: Moment, _ commands: inout [Command]) {
        defer { lastSeen = now }
        guard let lastSeen else { return }
        let passed = now.uptime + now.slept - lastSeen.uptime - lastSeen.slept
        let jump = now.wall.timeIntervalSince(lastSeen.wall) - passed.inSeconds
        guard abs(jump) > Ticks.largestNudge else { return }
        for name in workflowNames {
            workflows[name]?.ticks?.setClock(to: now.wall)
            saveTick(of: name, &commands)
        }
    }

    private func untilNext(_ polling: Polling, hasTracked: Bool, _ now: Moment) -> Duration {
        // The clock may be set, or the machine sleep, so that no wait for a tick is long.
        var wait = hasTracked ? Self.trackingInterval : .seconds(60)
        guard polling.isInForce, !isDraining, let ticks = polling.ticks else { return wait }
        if !ticks.backlog.isEmpty { return .zero }
        if let tick = ticks.next {
            wait = min(wait, .seconds(max(0, tick.timeIntervalSince(now.wall))))
        }
        return wait
    }
}

extension Polling {
    /// Takes over the schedule of the version in force.
    mutating func follow(_ cron: Schedule?, mark: TickMark?, wasAway: Bool, at now: Date) {
        guard let cron else {
            ticks = nil
            return
        }
        guard ticks != nil else {
            // One that went by an interval until now has no ticks behind it.
            ticks = Ticks(cron, workflow, mark: wasAway ? mark : nil, at: now)
            return
        }
        let workflow = workflow
        ticks?.follow(cron, workflow, wasAway: wasAway, isUnderWay: isUnderWay, at: now)
    }

    /// Looks at the schedule.
    ///
    /// - Returns: Whether a poll for new tickets is due, or asked for.
    fileprivate mutating func takeTick(at now: Moment) -> Bool {
        var punctual = now.wall.addingTimeInterval(-Ticks.punctuality)
        // A tick that passed while a poll was under way isn't missed: the poll was as good as in time.
        if let beganAt, let endedAt, endedAt >= punctual { punctual = min(punctual, beganAt) }
        ticks?.look(at: now.wall, punctualFrom: punctual)
        return ticks?.take() == true || isRequested
    }

    /// When an interval polls next: the jitter puts each poll off, and doesn't add up.
    fileprivate mutating func nextBeat(at now: Moment) -> Duration {
        guard case .every(let duration) = workflow.schedule.trigger else { return now.uptime }
        let next = now.uptime - lag + duration
        lag = .zero
        if workflow.schedule.jitter > .zero, let interval = try? Interval(duration) {
            // Of the beats that the process counts, so that it can be foretold and tested.
            let beat = Int(next.inSeconds / duration.inSeconds) * interval.seconds
            lag = Schedule.every(interval).jitter(
                seed: workflow.name,
                upTo: workflow.schedule.jitter,
                at: beat
            )
        }
        return next + lag
    }

    /// Polls again under the version in force now, at the same tick if the poll was made at one.
    fileprivate mutating func repeatOutdated(at now: Moment) {
        isOutdated = false
        if asksForCandidates {
            ticks?.putBack()
            isRequested = true
        }
        asksForCandidates = false
        next = now.uptime
    }

    /// What the end of a poll means for the tick that it was made at.
    fileprivate mutating func answer(hasCandidates: Bool, at now: Moment) {
        guard asksForCandidates || hasCandidates else { return }
        asksForCandidates = false
        guard !hasCandidates else {
            ticks?.settle()
            return
        }
        guard ticks != nil else { return }
        ticks?.putBack()
        next = now.uptime + Scheduler.trackingInterval
        if let tick = ticks?.next {
            next = min(next, now.uptime + .seconds(max(0, tick.timeIntervalSince(now.wall))))
        }
    }
}
