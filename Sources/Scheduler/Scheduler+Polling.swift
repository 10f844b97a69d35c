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
    mutating func put(_ inForce: [WorkflowInForce], inForceAt now: Moment) {
        let names = Set(inForce.map(\.workflow.name))
        for name in workflows.keys where !names.contains(name) {
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
                    workflow: each.workflow,
                    cron: each.cron,
                    isInForce: false,
                    next: now.uptime
                )
            let isSame = polling.workflow == each.workflow && polling.cron == each.cron
            if isSame && polling.isInForce { continue }
            if polling.cron != each.cron || !polling.isInForce {
                polling.nextTick = each.cron.flatMap {
                    nextTick($0, each.workflow, after: now.wall)
                }
            }
            if polling.workflow != each.workflow { polling.isOutdated = polling.isUnderWay }
            polling.workflow = each.workflow
            polling.cron = each.cron
            polling.isInForce = true
            polling.next = now.uptime
            polling.forgetCandidates()
            workflows[name] = polling
            lastChange = now.uptime
        }
    }

    /// Forgets a workflow whose file is gone, once no run of it is open and no poll of it under way.
    mutating func forgetIfGone(_ name: String) {
        guard let polling = workflows[name], !polling.isInForce, !polling.isUnderWay,
            !entries.values.contains(where: { $0.run.workflow == name })
        else { return }
        workflows[name] = nil
    }

    mutating func pollFailed(
        _ name: String,
        _ reason: String,
        isRetryable: Bool,
        at now: Moment
    ) {
        guard var polling = workflows[name], polling.isUnderWay else { return }
        if polling.isOutdated {
            polling.isUnderWay = false
            polling.isOutdated = false
            polling.next = now.uptime
        } else {
            polling.fail(reason, isRetryable: isRetryable)
        }
        workflows[name] = polling
        forgetIfGone(name)
    }

    /// Makes every workflow poll now, as if its schedule said so.
    mutating func requestPolls(at now: Moment) {
        for name in workflows.keys where workflows[name]?.isUnderWay == false {
            workflows[name]?.next = now.uptime
            if workflows[name]?.cron != nil { workflows[name]?.nextTick = now.wall }
        }
    }

    /// Asks for the polls that are due.
    mutating func poll(at now: Moment, _ commands: inout [Command]) {
        for name in workflows.keys.sorted() {
            guard var polling = workflows[name], !polling.isUnderWay, polling.next <= now.uptime
            else { continue }
            let tracked = trackedTickets(of: name)
            var wantsCandidates = polling.isInForce && !isDraining
            if let cron = polling.cron {
                let isTick = polling.nextTick.map { $0 <= now.wall } ?? false
                wantsCandidates = wantsCandidates && isTick
                if isTick { polling.nextTick = nextTick(cron, polling.workflow, after: now.wall) }
                polling.next = now.uptime + untilNext(polling, hasTracked: !tracked.isEmpty, now)
            } else {
                polling.next = now.uptime + interval(of: polling.workflow)
            }
            if wantsCandidates || !tracked.isEmpty {
                polling.isUnderWay = true
                polling.began = now.uptime
                polling.beganAt = now.wall
                commands.append(
                    .poll(
                        workflow: polling.workflow,
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
        var groups: [(workflow: Workflow, runs: [Run])] = []
        for id in entries.keys.sorted() {
            guard let entry = entries[id], entry.run.workflow == name, entry.hasOpenPullRequest,
                !entry.isBeingLookedAt
            else { continue }
            entries[id]?.isBeingLookedAt = true
            if let index = groups.firstIndex(where: { $0.workflow == entry.workflow }) {
                groups[index].runs.append(entry.run)
            } else {
                groups.append((entry.workflow, [entry.run]))
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
        polling.succeed()
        polling.lastSuccess = began
        polling.lastPoll = polling.beganAt
        let isOutdated = polling.isOutdated
        if isOutdated {
            polling.isOutdated = false
            polling.lastSuccess = nil
            polling.next = now.uptime
            // The tick is this version's now.
            if report.candidates != nil, polling.cron != nil { polling.nextTick = now.wall }
        } else if let candidates = report.candidates, polling.isInForce {
            // What Linear confirmed after this poll began is newer than what the poll saw.
            polling.candidates = candidates.filter { isNews(of: $0.id, since: began) }
            polling.lastRuns = report.lastRuns
            finished = finished.filter { $0.value >= began }
            plansAreStale = true
        }
        workflows[name] = polling
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
        for name in workflows.keys {
            workflows[name]?.candidates.removeAll { $0.id == id }
            workflows[name]?.plan.ready.removeAll { $0.id == id }
            workflows[name]?.plan.waiting.removeAll { $0.ticket.id == id }
        }
    }

    /// Plans anew when something has changed that plans depend on, and forms the batches that are full.
    mutating func replan(at now: Moment, _ commands: inout [Command]) {
        if plansAreStale {
            plansAreStale = false
            for name in workflows.keys {
                guard let polling = workflows[name], polling.isInForce else { continue }
                let plan = Plan(
                    of: polling.candidates,
                    settings: polling.workflow.plan,
                    standing: standing(for: polling.workflow)
                )
                workflows[name]?.plan = plan
            }
            skipDependants(at: now, &commands)
        }
        formBatches(at: now, &commands)
    }

    /// What is known here of tickets, beyond what Linear's last answer says.
    private func standing(for workflow: Workflow) -> [String: Plan.Standing] {
        var standing: [String: Plan.Standing] = [:]
        for id in failed { standing[id] = .failed }
        for entry in entries.values where entry.isOffered(to: workflow) {
            standing[entry.run.ticket.id] = .offered
        }
        for id in finished.keys { standing[id] = .finished }
        return standing
    }

    private func trackedTickets(of workflow: String) -> [String] {
        entries.values
            .filter { $0.run.workflow == workflow && !$0.run.state.isFinal }
            .map(\.run.ticket.id)
            .sorted()
    }

    private func interval(of workflow: Workflow) -> Duration {
        switch workflow.schedule.trigger {
        case .every(let duration): duration
        case .cron: Self.trackingInterval
        }
    }

    private func untilNext(_ polling: Polling, hasTracked: Bool, _ now: Moment) -> Duration {
        var wait = Duration.seconds(3600)
        if hasTracked { wait = Self.trackingInterval }
        if let tick = polling.nextTick, polling.isInForce {
            wait = min(wait, .seconds(max(0, tick.timeIntervalSince(now.wall))))
        }
        return wait
    }

    private func nextTick(_ cron: Schedule, _ workflow: Workflow, after wall: Date) -> Date? {
        let from = Int(wall.timeIntervalSince1970.rounded(.down))
        guard let fire = cron.nextFire(after: from) else { return nil }
        let moved = cron.jitter(
            seed: workflow.name,
            upTo: workflow.schedule.jitter,
            at: fire
        )
        return Date(timeIntervalSince1970: Double(fire) + moved.inSeconds)
    }
}
