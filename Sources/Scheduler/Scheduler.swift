import Cron
package import Domain
import Planner

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Decides which ticket is worked when; carries nothing out.
///
/// All that it decided is in the runs that it asks to be saved, so that after a restart
/// `handle(.recovered(…))` puts it back where it was. An event that can't be (a doubled answer, one for a run
/// that is over) is answered with no commands.
package struct Scheduler: Sendable {
    package typealias Event = SchedulerEvent
    package typealias Command = SchedulerCommand

    /// How often held tickets are looked at while a workflow's own schedule is silent.
    package static let trackingInterval = Duration.seconds(30)

    /// The prompt file that the tickets come from; `nil` for the daemon.
    package let promptFile: String?

    var entries: Entries
    var openRuns: [TicketKey: RunID] = [:]
    var workflows = ByName<Polling>()
    /// Tickets that a run moved to the end of the board since Linear was last asked.
    var finished: [String: Duration] = [:]
    /// When Linear confirmed the last change to a ticket: older polls say nothing about it.
    var written: [String: Duration] = [:]
    /// The newest run that was begun of each ticket and when, until every poll under way knows of it.
    var begun: [TicketKey: (number: Int, at: Duration)] = [:]
    /// The providers that asked for a break.
    var parking = Parking()
    /// What attempts cost in the last 24 hours.
    var spent = SpendingWindow()
    /// The disks that have too little room for another attempt.
    var shortages: [DiskShortage] = []
    /// Whether too many attempts have failed of late.
    var breaker: Breaker
    /// What the disk was last asked to remember of it.
    var savedBreaker: [BreakerMark] = []
    /// What the disk was last asked to remember of the providers' breaks.
    var savedBreaks: [ProviderBreak] = []
    /// The batches that haven't come to their end, by name.
    var batches = ByName<OpenBatch>()
    /// The open batch that a ticket was taken up in and has no finished run of, by the ticket's id.
    var batchOf: [String: String] = [:]
    /// The number of each workflow's newest batch.
    var batchNumbers: [String: Int] = [:]
    /// Ids of tickets whose last run failed; their dependants wait or are skipped.
    var failed: Set<String> = []
    /// Whether something happened that the plans don't know yet.
    var plansAreStale = false
    var isDraining = false
    /// Whether nothing is begun or started, so that somebody may look at what would be.
    package var startsNothing = false
    /// When something happened that a poll could have missed.
    var lastChange = Duration.zero
    /// How far each schedule had come when it was last written, by workflow; of those that are gone too.
    var marks: [String: TickMark] = [:]
    /// The moment of the last event.
    var lastSeen: Moment?

    /// Names a ticket's branch and worktree as its workflow says.
    let names: @Sendable (Shared<Workflow>, Ticket) -> (branch: String, worktree: String)

    package init(
        machineSlots: Int,
        breaker: BreakerSettings = BreakerSettings(),
        promptFile: String? = nil,
        names: @escaping @Sendable (Shared<Workflow>, Ticket) -> (branch: String, worktree: String)
    ) {
        entries = Entries(machineSlots: machineSlots)
        self.breaker = Breaker(breaker)
        self.promptFile = promptFile
        self.names = names
    }

    /// Attempts that this machine may run at once, over all workflows.
    package var machineSlots: Int { entries.machineSlots }

    /// What must be done now, in order.
    package mutating func handle(
        _ event: Event,
        at now: Moment,
        using generator: inout some RandomNumberGenerator
    ) -> [Command] {
        var commands: [Command] = []
        commands.reserveCapacity(4)
        noticeClock(at: now, &commands)
        switch event {
        case .recovered(
            let runs,
            let batches,
            let held,
            let spendings,
            let ticks,
            let breakers,
            let breaks
        ):
            breaker.restore(breakers)
            parking.restore(breaks)
            (savedBreaker, savedBreaks) = (breaker.marks, parking.breaks)
            for spending in spendings { spent.add(spending) }
            for mark in ticks { marks[mark.workflow] = mark }
            for id in held { openRuns[id.ticket] = id }
            recover(batches)
            recover(runs, at: now, using: &generator, &commands)
        case .workflows(let inForce): put(inForce, inForceAt: now, &commands)
        case .slots(let count): entries.machineSlots = count
        case .disks(let found): shortages = found
        case .breaker(let settings):
            breaker.put(settings)
            saveBreaker(&commands)
        case .timePassed: break
        case .pollRequested: requestPolls(at: now)
        case .polled(let name, let report): take(report, of: name, at: now, &commands)
        case .pollFailed(let name, let reason, let isRetryable):
            pollFailed(name, reason, isRetryable: isRetryable, at: now)
        case .claimed(let id, let ticket, let written):
            claimed(id, ticket, written, at: now, &commands)
        case .claimFailed(let id, let reason): claimFailed(id, reason, at: now, &commands)
        case .claimedNothing(let id):
            guard let place = entries.place(of: id), case .claiming = entries[place].activity
            else { break }
            entries[place].activity = .idle
            dropCandidate(entries[place].run.ticket.id)
            release(place, "the ticket no longer exists", tellTracker: false, at: now, &commands)
        case .launched(let id, let number, let base):
            launched(id, number, base: base, &commands)
        case .attemptEnded(let id, let number, let result):
            ended(id, number, result, at: now, using: &generator, &commands)
        case .unstackable(let id, let number, let reason):
            unstackable(id, number, reason, at: now, &commands)
        case .restacked(let id, let base, let commit):
            restacked(id, base, commit, at: now, &commands)
        case .restackFailed(let id, let reason, let isRetryable):
            restackFailed(id, reason, isRetryable, at: now, &commands)
        case .delivered(let id, let pullRequest): delivered(id, pullRequest, at: now, &commands)
        case .deliveryFailed(let id, let reason, let isRetryable):
            deliveryFailed(id, reason, isRetryable, at: now, &commands)
        case .told(let id, let state, let commented):
            told(id, state, commented, at: now, &commands)
        case .tellFailed(let id, _, let reason): tellFailed(id, reason, at: now)
        case .pullRequestSeen(let id, let pullRequest):
            seen(id, pullRequest, at: now, &commands)
        case .looked(let runs):
            for place in runs.compactMap(entries.place) { entries[place].isBeingLookedAt = false }
        case .cleaned(let id, let how): cleaned(id, how, &commands)
        case .hookEnded(let id, let result):
            guard let place = entries.place(of: id) else { break }
            entries[place].run.hooks = (entries[place].run.hooks ?? []) + [result]
            save(place, &commands)
        case .retried(let request): retry(request, at: now, &commands)
        case .drained: isDraining = true
        case .interrupted: interrupt(&commands)
        }
        poll(at: now, &commands)
        replan(at: now, &commands)
        repeatWrites(at: now, &commands)
        dispatch(at: now, using: &generator, &commands)
        entries.update()
        return commands
    }

    /// When `timePassed` is next worth saying, in uptime; `nil` when nothing waits for time.
    ///
    /// What was due at the last event and wasn't done then waits for something else, such as a slot or an answer.
    package func nextDeadline(after now: Moment) -> Duration? {
        let seen = lastSeen ?? now
        var deadline: Duration?
        func consider(_ moment: Duration) {
            if moment > seen.uptime { deadline = min(deadline ?? moment, moment) }
        }
        func consider(_ date: Date) {
            guard date > seen.wall else { return }
            let moment = now.uptime + .seconds(max(0, date.timeIntervalSince(now.wall)))
            deadline = min(deadline ?? moment, moment)
        }
        for place in workflows.indices {
            if !workflows[place].isUnderWay { consider(workflows[place].next) }
            if let release = workflows[place].batchRelease { consider(release) }
        }
        if let release = nextRelease() { consider(release) }
        if let end = parking.nextEnd { consider(end) }
        if let probe = breaker.nextProbe(after: seen.wall) { consider(probe) }
        if let moment = entries.nextUptime(after: seen.uptime) { consider(moment) }
        if let date = entries.nextDate(after: seen.wall) { consider(date) }
        return deadline
    }
}

/// What is known of one workflow's polls.
struct Polling: Sendable {
    /// For a command.
    private(set) var sharedWorkflow: Shared<Workflow>
    var workflow: Workflow {
        _read { yield sharedWorkflow.value }
        set { sharedWorkflow.value = newValue }
    }
    /// The ticks of `cron:`; `nil` for an interval, which goes by `next` alone.
    var ticks: Ticks?
    /// Whether its file is still there; one that is gone is only tracked.
    var isInForce: Bool
    /// When to look at the schedule, or at held tickets, next.
    var next: Duration
    /// By how much jitter put off the poll of an interval that `next` is about.
    var lag = Duration.zero
    /// Whether somebody wants a poll although there is no tick.
    var isRequested = false
    var isUnderWay = false
    /// Whether the poll under way was begun under another version: who it finds ready doesn't count.
    var isOutdated = false
    /// Whether the poll under way looks for new tickets.
    var asksForCandidates = false
    /// When the poll under way, or the last successful one, was begun.
    var began: Duration?
    var lastSuccess: Duration?
    var beganAt: Date?
    /// When the last poll came to its end, well or not.
    var endedAt: Date?
    var lastPoll: Date?
    /// The tickets that the last poll found.
    private var found: [Ticket] = []
    /// Those of them that a run was begun of since.
    private var dropped: Set<String> = []
    var lastRuns: [TicketKey: Int] = [:]
    var plan = Plan()
    /// The tickets that the plan has ready, as far as they are taken up.
    var queue = ReadyQueue()
    /// Whether `queue` and `readySince` have to be made anew from the plan.
    var queueIsStale = true
    /// Since when each ticket without a batch has been ready, by its id.
    var readySince: [String: Duration] = [:]
    /// When the tickets that wait for a batch are taken up at the latest; `nil` when none waits.
    var batchRelease: Duration?
    /// The same by the clock on the wall, for people.
    var batchReleaseAt: Date?
    var problem: String?
    /// Polls that failed since the last one that didn't.
    var failures = 0
    /// Whether the last failure may pass by itself.
    var isRetryable = true
    /// The tickets that the last poll found and that have had no run since.
    var candidates: [Ticket] {
        get { dropped.isEmpty ? found : found.filter { !dropped.contains($0.id) } }
        set { (found, dropped) = (newValue, []) }
    }
    /// Their ids.
    var candidateIDs: Set<String> {
        var ids: Set<String> = []
        ids.reserveCapacity(found.count)
        for place in found.indices where !dropped.contains(found[place].id) {
            ids.insert(found[place].id)
        }
        return ids
    }
    /// Whether there is no point in waiting for the next poll.
    var isHopeless: Bool { failures > 0 && (!isRetryable || failures >= Self.patience) }

    mutating func fail(_ reason: String, isRetryable: Bool, at now: Date) {
        isUnderWay = false
        endedAt = now
        problem = reason
        failures += 1
        self.isRetryable = isRetryable
    }

    /// Forgets what the last poll saw, because it was another version's or is nobody's now.
    mutating func forgetCandidates() {
        candidates = []
        plan = Plan()
        queue = ReadyQueue()
        queueIsStale = true
        batchRelease = nil
        batchReleaseAt = nil
        lastSuccess = nil
        problem = nil
        failures = 0
    }

    /// Lets a ticket at a place of the plan's queue wait for a slot.
    mutating func queue(_ place: Int) {
        if queue.insert(place, sharedWorkflow) { return }
        queue.insert(place, plan.ticket(at: place), sharedWorkflow)
    }

    /// Forgets a candidate that became a run.
    ///
    /// - Returns: Whether the plan still holds: another workflow may have begun one that waits in this one's.
    mutating func drop(_ id: String) -> Bool {
        dropped.insert(id)
        guard let place = plan.place(of: id) else { return true }
        let wasReady = plan.isReady(place)
        plan.remove(id)
        queue.remove(place)
        return wasReady
    }

    mutating func succeed(at now: Date) {
        isUnderWay = false
        endedAt = now
        problem = nil
        failures = 0
    }

    init(workflow: Shared<Workflow>, isInForce: Bool, next: Duration) {
        sharedWorkflow = workflow
        self.isInForce = isInForce
        self.next = next
    }

    /// How many polls may fail in a row before nobody waits for the next one; the daemon goes on all the same.
    private static let patience = 5
}
