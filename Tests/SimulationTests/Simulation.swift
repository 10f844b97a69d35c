import Disk
import Dispatch
import Domain
import Foundation
import Logging
import RunStore
import Scheduler
import Service
import TestSupport

#if canImport(Glibc)
import Glibc
#endif

/// Some days of the whole service under one seed, and a calm time after them.
///
/// The scheduler, the recovery and the loop are the real ones.
/// `@unchecked Sendable`: one thread (see `VirtualMachine`).
final class Simulation: @unchecked Sendable {
    let scenario: Scenario
    let world: World
    /// What happens in place of all the troubles of a day.
    private let script: ((World) -> Void)?
    /// What the daemon does when it's time to prune; `nil` for never.
    private let prune: (@Sendable (RunStore) throws -> String)?
    private let workflows: [LoadedWorkflow]
    private var daemons = 0
    private var daemon: Daemon?
    private var signals: AsyncStream<ServiceSignal>.Continuation?

    /// How long everything goes well after the last day, so that what was begun comes to its end; as long again
    /// while that leaves less to be done: a day's budget may let tickets pile up.
    private var calm: Duration { .seconds((scenario.dayBudget == nil ? 12 : 36) * 3600) }

    init(
        seed: UInt64,
        days: Int,
        script: ((World) -> Void)? = nil,
        prune: (@Sendable (RunStore) throws -> String)? = nil
    ) throws {
        self.script = script
        self.prune = prune
        scenario = Scenario(seed: seed, days: days)
        world = World(scenario)
        workflows = try scenario.loaded()
    }

    /// What was wrong, and the trace of all that happened.
    func run() async -> (violations: [String], trace: [String]) {
        // On a thread that belongs to no task: tasks that run inside of another one confuse the runtime.
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "simulation").async {
                let ended = DispatchSemaphore(value: 0)
                let thread = Thread {
                    Self.standBack()
                    self.live()
                    ended.signal()
                }
                thread.stackSize = 8 << 20
                thread.start()
                ended.wait()
                // Not from there: the threads that come to carry on would stand back as well.
                continuation.resume(returning: (self.world.violations, self.world.trace))
            }
        }
    }

    /// Leaves the processors to the tests that run beside this one and wait for real programs.
    private static func standBack() {
        #if os(Linux)
        // Linux counts a thread's own niceness; 0 is the one that calls.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        #else
        Thread.current.qualityOfService = .utility
        #endif
    }

    private func live() {
        world.daemonDied = { [unowned self] in
            signals?.yield(.leave)
            restart(after: world.chance.seconds(1...300))
        }
        world.powerLost = { [unowned self] in
            daemon?.die("goes down with the machine")
            world.disk.losePower()
            if world.machine.reboot() { world.breaks = ProviderBreaks() }
        }
        world.fill()
        if script != nil { world.isCalm = true }
        begin()
        let end = Duration.seconds(scenario.days * 86_400)
        if let script {
            script(world)
        } else {
            world.live(until: end)
            pester(until: end)
        }
        world.machine.run(until: end)
        world.calmDown()
        var now = end
        var (before, left) = ([String](), [String]())
        repeat {
            now += calm
            before = left
            world.machine.run(until: now)
            world.readRecords()
            left = unfinished()
        } while !left.isEmpty && (before.isEmpty || left.count < before.count)
        for what in left { world.violate(what) }
        checkBudget()
        daemon?.die("is ended")
        world.machine.run(until: now)
    }

    /// Kills the daemon, or tells it to stop, every now and then.
    private func pester(until end: Duration) {
        world.machine.schedule(after: world.chance.seconds(600...40_000)) { [unowned self] in
            guard world.machine.uptime < end else { return }
            switch world.chance.int(0...3) {
            case 0: tell(.drain)
            case 1: tell(.interrupt)
            default: kill()
            }
            pester(until: end)
        }
    }

    func kill() { daemon?.die("is killed") }

    private func tell(_ signal: ServiceSignal) {
        world.note("daemon \(daemons) is told to \(signal)")
        signals?.yield(signal)
        // One that waits too long is killed, as a supervisor would do.
        let told = daemon
        world.machine.schedule(after: .seconds(600)) {
            if self.daemon === told { told?.die("doesn't stop and is killed") }
        }
    }

    private func restart(after wait: Duration) {
        world.machine.schedule(after: wait) { [unowned self] in begin() }
    }

    private func begin() {
        daemons += 1
        let chance = world.chance
        let isDoomed = !world.isCalm && chance.isTrue(2, of: 3)
        let daemon = Daemon(
            number: daemons,
            world: world,
            doom: isDoomed ? chance.pick(Daemon.Doom.allCases) : nil
        )
        self.daemon = daemon
        world.note("daemon \(daemons) starts")
        world.forgetWhatWasSeen()
        world.readRecords()
        let (stream, signals) = AsyncStream<ServiceSignal>.makeStream()
        self.signals = signals
        let world = world
        let workflows = workflows
        let generator = SplitMix64(seed: chance.seed())
        let ports = SimulatedPorts(world: world, daemon: daemon)
        let store = RunStore(
            root: world.layout.root,
            disk: MemoryFiles(calls: DaemonCalls(daemon: daemon, world: world))
        )
        let service = Service(
            configuration: ServiceConfiguration(
                state: world.layout.root,
                workflows: [],
                slots: scenario.slots,
                breaker: scenario.breaker,
                retention: RetentionSettings(runs: .init(count: prune == nil ? nil : 1))
            ),
            version: "simulated",
            store: store,
            tracker: ports,
            delivery: ports,
            executor: ports,
            environment: [:],
            time: world.machine,
            log: Logger(label: "simulation") { _ in WorldLog(world: world) },
            freeBytes: { _ in world.shortSince == nil ? 1 << 40 : 1 << 20 },
            heedsRequests: true,
            // Every two seconds would be most of what happens in a day.
            requestInterval: .seconds(300),
            prune: prune.map { prune in { @Sendable _ in try prune(store) } },
            names: { _, ticket in ("linecook/\(ticket.key)", "../workspace-\(ticket.key)") }
        )
        Task(executorPreference: world.machine) {
            do {
                let end = try await service.run(
                    workflows,
                    mode: .forever,
                    signals: stream,
                    generator: generator,
                    observe: { world.saw($0) }
                )
                daemon.die("ends: \(end)")
            } catch {
                daemon.die("ends with an error: \(error)")
            }
        }
    }

    // MARK: The end

    /// What should have come to its end once everything has gone well for long enough.
    private func unfinished() -> [String] {
        var left: [String] = []
        let runs = world.records.values.sorted { $0.id < $1.id }
        for run in runs where !run.isAtRest {
            left.append("\(run.id): is \(run.state.rawValue) in the end: \(run.reason ?? "")")
        }
        for ticket in world.tickets where !ticket.isDeleted {
            let last = runs.last { $0.ticket.id == ticket.id }
            let isFree = ticket.blockers.allSatisfy { isFinished($0) }
            if ticket.column == .todo, ticket.labels.contains("agent"), isFree,
                last.map(\.state.isFinal) ?? true
            {
                left.append("\(ticket.key): is ready in the end, and nobody takes it up")
            }
            if ticket.column == .inProgress, !ticket.isWherePersonPutIt {
                if last?.state != .cancelled {
                    left.append(
                        "\(ticket.key): is in progress, and its run is \(last?.state.rawValue ?? "none")"
                    )
                }
            }
        }
        return left
    }

    private func isFinished(_ id: String) -> Bool {
        guard let ticket = world.tickets.first(where: { $0.id == id }) else { return true }
        return ticket.isDeleted || ticket.column.state.isFinished
    }

    private func checkBudget() {
        guard let limit = scenario.dayBudget else { return }
        // What had been spent within a day, by the clock on the wall too, when each attempt was started, and what it and
        // those that ran then have cost since.
        for newest in world.costs {
            let day = world.costs.filter {
                $0.begun.passed <= newest.begun.passed
                    && (newest.begun.passed - $0.passed).inSeconds < 86_400
                    && newest.begun.at.timeIntervalSince($0.at) < 86_400
            }
            let sum = day.map(\.usd).reduce(0, +)
            if sum > limit * Double(scenario.teams.count) + 0.001 {
                world.violate("\(sum) USD were spent in a day; \(limit) are allowed")
                return
            }
        }
    }
}
