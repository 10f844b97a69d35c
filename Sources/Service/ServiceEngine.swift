import Disk
import Domain
import Executor
import Logging
import ProcessTree
import RunStore
import Scheduler
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One run of the service: the loop and what it owns.
///
/// All of it is the loop's task alone.
struct ServiceEngine<Generator: RandomNumberGenerator & Sendable> {
    let service: Service
    private var workflows: [LoadedWorkflow]
    private var fileProblems: [FileProblem] = []
    let mode: ServiceMode
    let feed: AsyncStream<ServiceInput>.Continuation
    let observe: @Sendable (Run) -> Void
    private var generator: Generator
    private(set) var scheduler: Scheduler
    private var armed: Duration?
    private var problems: [String] = []
    /// What keeps old runs from being pruned.
    var pruneProblem: String?
    /// What people asked for and the disk still has, although it was done.
    private var heeded: [TicketKey: RetryRequest] = [:]
    var isPruning = false
    /// Commands of runs whose record couldn't be written; nothing is done for them until it can.
    private var deferred: [RunID: [SchedulerCommand]] = [:]
    /// Workflow files of runs whose beginning couldn't be written yet.
    private var copies: [RunID: [UInt8]] = [:]
    /// Batches that have changed since their record was written.
    private var unsavedBatches: [String: Batch?] = [:]
    /// Batches that have a record.
    private var savedBatches: Set<String> = []
    /// How far the schedules have come, by workflow.
    private var ticks: [String: TickMark] = [:]
    /// The configuration in force.
    var configuration: ServiceConfiguration
    private var disks = DiskWatch()
    private var disksAreAwaited = false
    /// What the breakers remember.
    private var breakers: [BreakerMark] = []
    /// The breaks that providers have asked for.
    private var breaks: [ProviderBreak] = []
    /// Whether the disk knows all of `breakers` and `breaks`.
    private var breakersAreSaved = true
    /// Whether the disk knows all of `ticks`.
    private var ticksAreSaved = true
    private var diskProblem: String?
    /// When that was last logged: it's tried every two seconds, and a full disk may stay full for a night.
    private var diskProblemSaid: Duration?
    private var ended: [Run] = []
    private let started: Date
    private let process = ProcessIdentity.current
    private var statusWritten: Duration?
    private var statusIsArmed = false
    private var lastStatus: ServiceRecord?
    private var leaving: ServiceSignal?
    /// How many steps of a run's timeline have been logged.
    private var told: [RunID: Int] = [:]

    init(
        service: Service,
        workflows: [LoadedWorkflow],
        mode: ServiceMode,
        generator: Generator,
        feed: AsyncStream<ServiceInput>.Continuation,
        observe: @escaping @Sendable (Run) -> Void
    ) {
        self.service = service
        self.workflows = workflows
        self.mode = mode
        self.generator = generator
        self.feed = feed
        self.observe = observe
        scheduler = Scheduler(
            machineSlots: service.configuration.slots,
            breaker: service.configuration.breaker,
            promptFile: service.promptFile,
            names: { [names = service.names] in names($0.value, $1) }
        )
        configuration = service.configuration
        started = service.time.now().wall
    }

    consuming func run(
        _ inputs: AsyncStream<ServiceInput>,
        signals: AsyncStream<ServiceSignal>,
        settings: SettingsWatch?
    ) async throws -> ServiceEnd {
        var engine = self
        let recovery = try await ServiceRecovery(forDaemon: engine.service)
        engine.problems = recovery.problems
        engine.savedBatches = Set(recovery.batches.open.map(\.name))
        for mark in recovery.ticks { engine.ticks[mark.workflow] = mark }
        (engine.breakers, engine.breaks) = (recovery.breakers, recovery.breaks)
        for problem in recovery.problems { engine.service.log.warning("\(problem)") }
        return await withDiscardingTaskGroup { group in
            let feed = engine.feed
            group.addTask { for await signal in signals { feed.yield(.signal(signal)) } }
            if let settings {
                let time = engine.service.time
                group.addTask { await settings.run(time) { feed.yield(.settings($0)) } }
            }
            if engine.service.heedsRequests {
                let service = engine.service
                group.addTask { await service.watchRequests { feed.yield(.lookAtRequests) } }
            }
            let effects = ServiceEffects(service: engine.service, feed: feed)
            for each in recovery.adopted {
                group.addTask { await effects.awaitResult(each.run, each.attempt, job: each.job) }
            }
            engine.handle(recovery.event, in: &group)
            engine.handle(.workflows(engine.workflows.map(\.inForce)), in: &group)
            engine.lookAtRequests(in: &group)
            if engine.mode == .forever { engine.prune(in: &group) }
            if engine.mode == .once { engine.handle(.pollRequested, in: &group) }
            var end = engine.end()
            if end == nil {
                for await input in inputs {
                    engine.take(input, in: &group)
                    end = engine.end()
                    if end != nil { break }
                }
            }
            engine.flushBatches(in: &group)
            engine.writeStatus(isLast: true)
            // Attempts outlive this; only those that wait for them are cancelled.
            group.cancelAll()
            return end ?? .stopped(working: engine.scheduler.takenSlots)
        }
    }

    private mutating func take(_ input: ServiceInput, in group: inout DiscardingTaskGroup) {
        switch input {
        case .event(let event): handle(event, in: &group)
        case .timer(let deadline):
            if armed == deadline { armed = nil }
            handle(.timePassed, in: &group)
        case .signal(let signal):
            leaving = signal
            sayWhatStops(signal)
            switch signal {
            case .drain: handle(.drained, in: &group)
            case .interrupt: handle(.interrupted, in: &group)
            case .leave: break
            }
        case .lookAtDisks:
            disksAreAwaited = false
            handle(.timePassed, in: &group)
        case .retryDisk: retryDisk(in: &group)
        case .lookAtRequests: lookAtRequests(in: &group)
        case .settings(let update): take(update, in: &group)
        case .notice(let words): note(words)
        case .prune: prune(in: &group)
        case .pruned(let words, let isDone): takePruned(words, isDone: isDone)
        case .writeStatus:
            statusIsArmed = false
            flushBatches(in: &group)
            writeStatus(isLast: false)
        }
    }

    /// Heeds what people have asked for; what can't be heeded now stays where it is.
    private mutating func lookAtRequests(in group: inout DiscardingTaskGroup) {
        guard service.heedsRequests else { return }
        do {
            let (requests, unread) = try service.store.requests(at: service.time.now().wall)
            for problem in unread where !problems.contains(problem) {
                service.log.warning("\(problem)")
                problems.append(problem)
            }
            var refusal: (any Error)?
            for request in requests {
                // One that the disk didn't let go isn't heeded twice for that.
                if heeded[request.ticket] != request {
                    guard scheduler.takes(request) else { continue }
                    handle(.retried(request), in: &group)
                    heeded[request.ticket] = request
                }
                // What isn't on the disk is asked for again after a crash.
                guard diskProblem == nil else { return }
                do {
                    try service.store.removeRequest(of: request.ticket)
                    heeded[request.ticket] = nil
                } catch {
                    // The others are heeded all the same.
                    refusal = error
                }
            }
            if let refusal { throw refusal }
        } catch {
            report(error, in: &group)
        }
    }

    private mutating func take(_ update: SettingsUpdate, in group: inout DiscardingTaskGroup) {
        workflows = update.workflows
        fileProblems = update.problems
        let isNewRetention = configuration.retention != update.configuration.retention
        configuration = update.configuration
        handle(.slots(update.configuration.slots), in: &group)
        handle(.breaker(update.configuration.breaker), in: &group)
        handle(.workflows(workflows.map(\.inForce)), in: &group)
        // What the log tells of is in the record already.
        writeStatus(isLast: false)
        for news in update.news { news.tell(service.log) }
        if isNewRetention, mode == .forever { pruneIfDue(in: &group) }
    }

    private mutating func handle(_ event: SchedulerEvent, in group: inout DiscardingTaskGroup) {
        logPoll(event)
        lookAtDisks(in: &group)
        let commands = scheduler.handle(event, at: service.time.now(), using: &generator)
        for command in commands { perform(command, in: &group) }
        confirmIdleness(in: &group)
        armTimer(in: &group)
        scheduleStatus(in: &group)
    }

    /// Tells the scheduler when a disk gets too full for another attempt, or has room again.
    private mutating func lookAtDisks(in group: inout DiscardingTaskGroup) {
        let before = disks.shortages
        let now = service.time.now()
        let found = disks.look(
            service.store.layout.root,
            Set(workflows.map(\.inForce.workflow.repository.path)),
            floor: configuration.disk,
            at: now.uptime,
            freeBytes: service.freeBytes
        )
        if let found {
            for shortage in found where !before.contains(shortage) {
                service.log.warning(
                    "no attempts are started",
                    metadata: ["why": "\(shortage.words)"]
                )
            }
            for shortage in before where !found.contains(shortage) {
                service.log.info("there is room again", metadata: ["folder": "\(shortage.folder)"])
            }
            for command in scheduler.handle(.disks(found), at: now, using: &generator) {
                perform(command, in: &group)
            }
        }
        guard !disks.shortages.isEmpty, !disksAreAwaited else { return }
        disksAreAwaited = true
        let time = service.time
        let feed = feed
        group.addTask {
            // A cancelled wait belongs to a service that has ended.
            guard (try? await time.sleep(for: DiskWatch.patience)) != nil else { return }
            feed.yield(.lookAtDisks)
        }
    }

    /// Says once that polls fail and why, and once that they work again: an outage isn't a line a poll.
    private func logPoll(_ event: SchedulerEvent) {
        func known(_ name: String) -> String? {
            scheduler.pollNotes.first { $0.workflow == name }?.problem
        }
        switch event {
        case .pollFailed(let name, let reason, _) where known(name) != reason:
            service.log.warning(
                "polls fail",
                metadata: ["workflow": "\(name)", "why": "\(reason)"]
            )
        case .polled(let name, _) where known(name) != nil:
            service.log.info("polls work again", metadata: ["workflow": "\(name)"])
        case .recovered, .workflows, .slots, .disks, .breaker, .timePassed, .pollRequested, .polled,
            .pollFailed,
            .claimed,
            .claimFailed, .claimedNothing, .launched, .attemptEnded, .delivered, .deliveryFailed,
            .told, .tellFailed, .pullRequestSeen, .looked, .cleaned, .drained, .interrupted,
            .unstackable, .restacked, .restackFailed, .hookEnded, .retried:
            break
        }
    }

    private mutating func confirmIdleness(in group: inout DiscardingTaskGroup) {
        guard mode != .forever, deferred.isEmpty, scheduler.idleness == .unconfirmed else { return }
        guard mode == .untilIdle || !scheduler.hasPolledOnce else { return }
        let commands = scheduler.handle(
            .pollRequested,
            at: service.time.now(),
            using: &generator
        )
        for command in commands { perform(command, in: &group) }
    }

    private func end() -> ServiceEnd? {
        if case .leave? = leaving { return .stopped(working: scheduler.takenSlots) }
        if leaving != nil, scheduler.takenSlots == 0, scheduler.idleness == .idle {
            return .stopped(working: 0)
        }
        guard mode != .forever, deferred.isEmpty else { return nil }
        if case .stuck(let reason, let isRetryable) = scheduler.idleness {
            return .stuck(reason: reason, isRetryable: isRetryable)
        }
        let isIdle =
            mode == .untilIdle
            ? scheduler.idleness == .idle
            : scheduler.idleness(waitingForBatches: false) != .busy && scheduler.hasPolledOnce
        guard isIdle else { return nil }
        return .finished(
            ended: ended,
            open: scheduler.openRunRecords,
            queue: scheduler.queue
        )
    }

    private mutating func armTimer(in group: inout DiscardingTaskGroup) {
        guard let deadline = scheduler.nextDeadline(after: service.time.now()) else { return }
        if let armed, armed <= deadline { return }
        armed = deadline
        let time = service.time
        let feed = feed
        group.addTask {
            // A cancelled wait belongs to a service that has ended.
            guard (try? await time.sleep(untilUptime: deadline)) != nil else { return }
            feed.yield(.timer(deadline))
        }
    }

    private mutating func perform(_ command: SchedulerCommand, in group: inout DiscardingTaskGroup)
    {
        if let id = command.run, deferred[id] != nil {
            deferred[id, default: []].append(command)
            return
        }
        let store = service.store
        switch command {
        case .begin(let record, let workflow):
            let run = record.value
            // Should the disk be full, the file may be another one when it's written at last.
            let source =
                copies[run.id] ?? workflows.first { $0.name == run.workflow }?.source ?? []
            copies[run.id] = source
            write(command, run, in: &group) {
                try store.begin(run, workflow: workflow.value, source: source)
                return try store.save(run)
            }
            if deferred[run.id] == nil { copies[run.id] = nil }
        case .save(let record):
            let run = record.value
            write(command, run, in: &group) { try store.save(run) }
        case .saveBatch(let batch): write(batch, batch.name, in: &group)
        case .refreshBatch(let name): write(nil, name, in: &group)
        case .saveTick(let mark): write(mark, in: &group)
        case .saveBreaker(let marks, let breaks): write(marks, breaks, in: &group)
        case .poll(let workflow, true, let tracked) where !ticksAreSaved:
            hold(workflow, tracked, in: &group)
        case .poll, .claim, .launch, .stop, .deliver, .tell, .lookAtPullRequests, .clean,
            .restack:
            let effects = ServiceEffects(service: service, feed: feed)
            group.addTask { await effects.perform(command) }
        }
    }

    /// Writes a record; when that can't be done, nothing more is done for its run until it can.
    private mutating func write(
        _ command: SchedulerCommand,
        _ run: Run,
        in group: inout DiscardingTaskGroup,
        _ body: () throws -> String?
    ) {
        do {
            CrashPoint.beforeRecord.reach()
            note(try body())
            CrashPoint.afterRecord.reach()
            report(run)
        } catch {
            report(error, in: &group)
            deferred[run.id] = [command]
        }
    }

    /// Writes a batch's record: a new one at once, and what became of it with the next status.
    ///
    /// What is lost meanwhile is in the records of its runs.
    ///
    /// - Parameters:
    ///   - batch: `nil` to ask the scheduler when it's written.
    ///   - name: Its name.
    ///   - group: For what a full disk asks for.
    private mutating func write(
        _ batch: Batch?,
        _ name: String,
        in group: inout DiscardingTaskGroup
    ) {
        unsavedBatches.updateValue(batch, forKey: name)
        if savedBatches.insert(name).inserted { flushBatches(in: &group) }
    }

    /// Writes how far a schedule has come, and says once what it missed.
    private mutating func write(_ mark: TickMark, in group: inout DiscardingTaskGroup) {
        let known = ticks.updateValue(mark, forKey: mark.workflow)
        if let missed = mark.missed, missed != known?.missed {
            service.log.warning("\(missed.words)", metadata: ["workflow": "\(mark.workflow)"])
        }
        flushTicks(in: &group)
    }

    /// Writes what the breakers remember, and says once that one opens or closes.
    private mutating func write(
        _ marks: [BreakerMark],
        _ breaks: [ProviderBreak],
        in group: inout DiscardingTaskGroup
    ) {
        for news in BreakerNews.between(breakers, marks) { news.tell(service.log) }
        (breakers, self.breaks) = (marks, breaks)
        flushBreakers(in: &group)
    }

    private mutating func flushBreakers(in group: inout DiscardingTaskGroup) {
        do {
            note(try service.store.save(breakers, breaks, at: service.time.now().wall))
            breakersAreSaved = true
        } catch {
            breakersAreSaved = false
            report(error, in: &group)
        }
    }

    private mutating func flushTicks(in group: inout DiscardingTaskGroup) {
        do {
            note(try service.store.save(Array(ticks.values)))
            ticksAreSaved = true
        } catch {
            ticksAreSaved = false
            report(error, in: &group)
        }
    }

    /// Doesn't take up tickets while the tick can't be written; held ones are followed all the same.
    private mutating func hold(
        _ workflow: Shared<Workflow>,
        _ tracked: TrackedQuestion,
        in group: inout DiscardingTaskGroup
    ) {
        guard tracked.isEmpty else {
            perform(.poll(workflow: workflow, candidates: false, tracked: tracked), in: &group)
            return
        }
        feed.yield(
            .event(
                .pollFailed(
                    workflow: workflow.value.name,
                    reason: diskProblem ?? "the tick can't be written",
                    isRetryable: true
                )
            )
        )
    }

    private mutating func flushBatches(in group: inout DiscardingTaskGroup) {
        for name in unsavedBatches.keys.sorted() {
            guard let unsaved = unsavedBatches[name],
                var batch = unsaved ?? scheduler.openBatch(name)
            else { continue }
            batch.refresh()
            do {
                try service.store.save(batch)
                unsavedBatches.removeValue(forKey: name)
            } catch {
                report(error, in: &group)
                return
            }
        }
    }

    private mutating func report(_ error: any Error, in group: inout DiscardingTaskGroup) {
        if diskProblem == nil {
            let now = service.time.now().uptime
            if diskProblemSaid.map({ now - $0 >= .seconds(600) }) ?? true {
                diskProblemSaid = now
                service.log.error("the disk doesn't take records", metadata: ["why": "\(error)"])
            }
            armDiskRetry(in: &group)
        }
        diskProblem = "\(error); nothing new is started until this is mended"
    }

    private mutating func retryDisk(in group: inout DiscardingTaskGroup) {
        let waiting = deferred
        deferred = [:]
        diskProblem = nil
        flushBatches(in: &group)
        if !ticksAreSaved { flushTicks(in: &group) }
        if !breakersAreSaved { flushBreakers(in: &group) }
        for id in waiting.keys.sorted() {
            for command in waiting[id] ?? [] { perform(command, in: &group) }
        }
        if diskProblem == nil, diskProblemSaid != nil {
            diskProblemSaid = nil
            service.log.info("the disk takes records again")
        }
        confirmIdleness(in: &group)
        scheduleStatus(in: &group)
    }

    private func armDiskRetry(in group: inout DiscardingTaskGroup) {
        let time = service.time
        let feed = feed
        group.addTask {
            // A cancelled wait belongs to a service that has ended.
            guard (try? await time.sleep(for: .seconds(2))) != nil else { return }
            feed.yield(.retryDisk)
        }
    }

    /// Keeps in mind that a person's file was set aside.
    private mutating func note(_ notice: String?) {
        guard let notice, !problems.contains(notice) else { return }
        problems.append(notice)
        service.log.warning("\(notice)")
    }

    private mutating func report(_ run: Run) {
        observe(run)
        if run.isAtRest || (run.state.isFinal && !ended.contains { $0.id == run.id }) {
            ended.removeAll { $0.id == run.id }
            ended.append(run)
        }
        let steps = run.timeline.count
        guard told[run.id] != steps, let step = run.timeline.last else { return }
        told[run.id] = run.isAtRest ? nil : steps
        service.log.info(
            "\(step.state.words)",
            metadata: [
                "ticket": "\(run.ticket.key)", "run": "\(run.run)", "why": "\(step.why)",
            ]
        )
    }

    private mutating func scheduleStatus(in group: inout DiscardingTaskGroup) {
        guard !statusIsArmed else { return }
        let now = service.time.now().uptime
        guard let statusWritten, now - statusWritten < .seconds(1) else {
            flushBatches(in: &group)
            writeStatus(isLast: false)
            return
        }
        statusIsArmed = true
        let time = service.time
        let feed = feed
        group.addTask {
            // A cancelled wait belongs to a service that has ended.
            guard (try? await time.sleep(untilUptime: statusWritten + .seconds(1))) != nil else {
                return
            }
            feed.yield(.writeStatus)
        }
    }

    mutating func writeStatus(isLast: Bool) {
        let now = service.time.now()
        statusWritten = now.uptime
        let notes = scheduler.pollNotes
        let record = ServiceRecord(
            state: isLast ? "stopped" : leaving == nil ? "running" : "stopping",
            version: service.version,
            process: process,
            started: started,
            slots: .init(taken: scheduler.takenSlots, total: scheduler.machineSlots),
            workflows: notes.map { note in
                .init(
                    name: note.workflow,
                    file: workflows.first { $0.name == note.workflow }?.file ?? "",
                    inForce: note.isInForce,
                    lastPoll: note.lastPoll,
                    lastTick: note.tick?.lastTick,
                    nextTick: note.nextTick,
                    missed: note.tick?.missed,
                    candidates: note.candidates,
                    problem: note.problem
                )
            },
            queue: scheduler.queue,
            problems: problems + [diskProblem, pruneProblem].compactMap(\.self)
                + scheduler.breakerNotes
                + disks.shortages.map { "\($0.words); nothing is started until there is more" }
                + fileProblems.map(\.sentence),
            files: fileProblems.isEmpty ? nil : fileProblems
        )
        guard record != lastStatus else { return }
        lastStatus = record
        // A status that can't be written is the disk's problem, which the next record will tell of.
        try? service.store.write(record, to: service.store.layout.service)
    }
}
