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
        for name in workflows.names where !names.contains(name) {
            guard let place = workflows.place(of: name), workflows[place].isInForce else {
                continue
            }
            workflows[place].forgetCandidates()
            workflows[place].isInForce = false
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
            workflows.put(polling, as: name)
            if let place = workflows.place(of: name) { saveTick(of: place, &commands) }
            lastChange = now.uptime
        }
    }

    /// Forgets a workflow whose file is gone, once no run of it is open and no poll of it under way.
    mutating func forgetIfGone(_ name: String) {
        guard let place = workflows.place(of: name), !workflows[place].isInForce,
            !workflows[place].isUnderWay, !entries.holds(workflow: name)
        else { return }
        workflows.remove(at: place)
    }

    /// Makes every workflow poll now, as if its schedule said so.
    mutating func requestPolls(at now: Moment) {
        for place in workflows.indices where !workflows[place].isUnderWay {
            workflows[place].next = now.uptime
            workflows[place].lag = .zero
            workflows[place].isRequested = true
        }
    }

    /// Asks for the polls that are due.
    mutating func poll(at now: Moment, _ commands: inout [Command]) {
        for place in workflows.indices {
            guard !workflows[place].isUnderWay, workflows[place].next <= now.uptime else {
                continue
            }
            let tracked = trackedTickets(of: workflows.names[place])
            var wantsCandidates = workflows[place].isInForce && !isDraining
            if workflows[place].ticks != nil {
                wantsCandidates = wantsCandidates && workflows[place].takeTick(at: now)
                let wait = untilNext(workflows[place], hasTracked: !tracked.isEmpty, now)
                workflows[place].next = now.uptime + wait
                saveTick(of: place, &commands)
            } else {
                workflows[place].next = workflows[place].nextBeat(at: now)
            }
            workflows[place].isRequested = false
            guard wantsCandidates || !tracked.isEmpty else { continue }
            workflows[place].isUnderWay = true
            workflows[place].asksForCandidates = wantsCandidates
            workflows[place].began = now.uptime
            workflows[place].beganAt = now.wall
            commands.append(
                .poll(
                    workflow: workflows[place].sharedWorkflow,
                    candidates: wantsCandidates,
                    tracked: tracked
                )
            )
            lookAtPullRequests(of: workflows.names[place], &commands)
        }
    }

    /// Asks for the pull requests of a workflow's runs, each where the version that it was begun under has it.
    private mutating func lookAtPullRequests(of name: String, _ commands: inout [Command]) {
        var groups: [(workflow: Shared<Workflow>, runs: [CopiedOnWrite<Run>])] = []
        for place in entries.inOrder {
            guard entries[place].hasOpenPullRequest, entries[place].run.workflow == name,
                !entries[place].isBeingLookedAt
            else { continue }
            entries[place].isBeingLookedAt = true
            let (record, workflow) = (entries[place].record, entries[place].sharedWorkflow)
            if let index = groups.firstIndex(where: { $0.workflow == workflow }) {
                groups[index].runs.append(record)
            } else {
                groups.append((workflow, [record]))
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
        guard let place = workflows.place(of: name), workflows[place].isUnderWay,
            let began = workflows[place].began
        else { return }
        workflows[place].succeed(at: now.wall)
        workflows[place].lastSuccess = began
        workflows[place].lastPoll = workflows[place].beganAt
        let isOutdated = workflows[place].isOutdated
        if isOutdated {
            workflows[place].lastSuccess = nil
            workflows[place].repeatOutdated(at: now)
        } else {
            workflows[place].answer(hasCandidates: report.candidates != nil, at: now)
        }
        if !isOutdated, let candidates = report.candidates, workflows[place].isInForce {
            // What Linear confirmed after this poll began is newer than what the poll saw.
            let isOld = candidates.indices.filter { !isNews(of: candidates[$0].id, since: began) }
            workflows[place].candidates =
                isOld.isEmpty
                ? candidates : candidates.filter { isNews(of: $0.id, since: began) }
            workflows[place].lastRuns = report.lastRuns
            finished = finished.filter { $0.value >= began }
            plansAreStale = true
        }
        saveTick(of: place, &commands)
        if report.candidates != nil, !isOutdated { withdrawAbsent(of: place, at: now, &commands) }
        for ticket in report.tracked where isNews(of: ticket.id, since: began) {
            observe(ticket, at: now, &commands)
        }
        let oldest =
            workflows.indices.compactMap { place in
                workflows[place].isUnderWay ? workflows[place].began : nil
            }.min() ?? began
        written = written.filter { $0.value >= oldest }
        begun = begun.filter { $0.value.at >= oldest }
        forgetIfGone(name)
    }

    /// Whether a poll begun then knows more of a ticket than what Linear confirmed to us.
    private func isNews(of ticket: String, since began: Duration) -> Bool {
        written[ticket].map { $0 <= began } ?? true
    }

    /// Forgets a candidate that became a run.
    mutating func dropCandidate(_ id: String) {
        for place in workflows.indices where !workflows[place].drop(id) { plansAreStale = true }
    }

    /// Plans anew when something has changed that plans depend on, and forms the batches that are full.
    mutating func replan(at now: Moment, _ commands: inout [Command]) {
        if plansAreStale {
            plansAreStale = false
            for place in workflows.indices { replan(place) }
            skipDependants(at: now, &commands)
        }
        formBatches(at: now, &commands)
    }

    /// Plans a workflow's tickets anew.
    mutating func replan(_ place: Int) {
        guard workflows[place].isInForce else { return }
        workflows[place].plan = Plan(
            of: workflows[place].candidates,
            settings: workflows[place].workflow.plan,
            standing: standing(for: workflows[place].sharedWorkflow)
        )
        workflows[place].queueIsStale = true
    }

    /// Takes note that a ticket's work is in the base, or needs no more: what waits for it may go on.
    mutating func finish(_ ticket: String, at now: Moment) {
        finished[ticket] = now.uptime
        for workflow in workflows.indices where workflows[workflow].plan.names(ticket) {
            guard let freed = workflows[workflow].plan.finish(ticket) else {
                plansAreStale = true
                continue
            }
            for place in freed { queue(place, of: workflow) }
        }
    }

    /// Takes note that a ticket has failed, or offers its branch now, or doesn't any more.
    mutating func standingChanged(of ticket: String) {
        for place in workflows.indices where workflows[place].plan.names(ticket) {
            plansAreStale = true
        }
    }

    /// Lets a ticket wait for a slot that has become ready.
    mutating func queue(_ place: Int, of workflow: Int) {
        guard batchOf[workflows[workflow].plan.id(at: place)] != nil else {
            workflows[workflow].queueIsStale = true
            return
        }
        let key = workflows[workflow].plan.key(at: place)
        if openRuns[key] == nil { workflows[workflow].queue(place) }
    }

    /// What is known here of tickets, beyond what Linear's last answer says.
    func standing(for workflow: Shared<Workflow>) -> [String: Plan.Standing] {
        var standing: [String: Plan.Standing] = [:]
        for id in failed { standing[id] = .failed }
        if workflow.value.plan.base == .stacked {
            for entry in entries.values where entry.isOffered(to: workflow) {
                standing[entry.run.ticket.id] = .offered
            }
        }
        for id in finished.keys { standing[id] = .finished }
        return standing
    }

    private func trackedTickets(of workflow: String) -> TrackedQuestion {
        let held = entries.places
            .filter { entries[$0].run.workflow == workflow && !entries[$0].run.state.isFinal }
            .map { (ticket: entries[$0].run.ticket.id, place: $0) }
            .sorted { $0.ticket < $1.ticket }
        return TrackedQuestion(
            tickets: held.map(\.ticket),
            watches: held.compactMap { entries[$0.place].replyWatch }
        )
    }

    /// Takes note of a poll that saw nothing.
    mutating func pollFailed(
        _ name: String,
        _ reason: String,
        isRetryable: Bool,
        at now: Moment
    ) {
        guard let place = workflows.place(of: name), workflows[place].isUnderWay else { return }
        if workflows[place].isOutdated {
            workflows[place].succeed(at: now.wall)
            workflows[place].repeatOutdated(at: now)
        } else {
            workflows[place].fail(reason, isRetryable: isRetryable, at: now.wall)
            if isRetryable { workflows[place].answer(hasCandidates: false, at: now) }
        }
        forgetIfGone(name)
    }

    /// Asks for a schedule's mark to be written, if it isn't what was written last.
    private mutating func saveTick(of place: Int, _ commands: inout [Command]) {
        let name = workflows.names[place]
        guard let mark = workflows[place].ticks?.mark, marks[name] != mark else { return }
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
        for place in workflows.indices {
            workflows[place].ticks?.setClock(to: now.wall)
            saveTick(of: place, &commands)
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
