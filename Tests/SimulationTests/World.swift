import Disk
import Domain
import Executor
import RunStore
import SystemPackage
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Everything outside of the daemon: Linear, the forge, the agents, the disk, and the people.
///
/// It checks with each act of the daemon whether that one may be.
final class World {
    let machine: VirtualMachine
    let disk: MemoryDisk
    /// The disk as whoever isn't the daemon uses it.
    let files: MemoryFiles
    var mood = DiskMood.well
    /// The daemon that calls the disk at this moment.
    var caller: Daemon?
    /// Whether the world itself looks at the disk, to judge it.
    private var isLooking = false
    let chance: Chance
    let scenario: Scenario
    let layout = StateLayout(root: "/state")

    var tickets: [SimulatedTicket] = []
    var pulls: [SimulatedPull] = []
    var attempts: [FilePath: SimulatedAttempt] = [:]
    /// The records of runs as they were last seen on disk.
    var records: [RunID: Run] = [:]
    /// What attempts really cost, and when they ended.
    var costs: [(at: Date, usd: Double)] = []
    /// Whether Linear, or the forge, is down.
    var isTrackerDown = false
    var isForgeDown = false
    /// Whether anything goes wrong at all: in the end, nothing does any more.
    var isCalm = false

    private(set) var trace: [String] = []
    /// The warnings that the service logged.
    var warnings: [String] = []
    private(set) var violations: [String] = []
    var daemonDied: () -> Void = {}
    var powerLost: () -> Void = {}

    init(_ scenario: Scenario) {
        self.scenario = scenario
        machine = VirtualMachine(seed: scenario.seed)
        disk = MemoryDisk(seed: scenario.seed)
        chance = Chance(seed: scenario.seed)
        files = MemoryFiles(calls: disk)
        disk.judge { [unowned self] in fate(of: $0) }
    }

    // MARK: The disk

    /// What the disk does with calls.
    enum DiskMood {
        case well
        case full
        /// One call in so many fails.
        case flaky(Int)
        /// Nothing can be done with it, for this reason.
        case refusing(Errno)
    }

    /// A file's bytes, whatever the disk's mood.
    func look(at path: FilePath) -> [UInt8]? {
        isLooking = true
        defer { isLooking = false }
        return try? files.read(path)
    }

    private func fate(of call: DiskCall) -> MemoryDisk.Fate {
        if isLooking || call.kind == .close { return .succeed }
        if call.mutates, let fate = caller?.fate(of: call) { return fate }
        switch mood {
        case .well: return .succeed
        case .full:
            let needsRoom = call.mutates && call.kind != .unlink && call.kind != .sync
            return needsRoom ? .fail(.noSpace) : .succeed
        case .flaky(let times): return chance.isTrue(1, of: times) ? .fail(.ioError) : .succeed
        case .refusing(.tooManyOpenFiles):
            return call.kind == .open ? .fail(.tooManyOpenFiles) : .succeed
        case .refusing(.readOnlyFileSystem):
            return call.mutates ? .fail(.readOnlyFileSystem) : .succeed
        case .refusing(let code): return .fail(code)
        }
    }

    func note(_ what: @autoclosure () -> String) {
        trace.append("\(Self.clock(machine.uptime)) \(what())")
    }

    func violate(_ what: String) {
        note("VIOLATION \(what)")
        violations.append(what)
    }

    private static func clock(_ time: Duration) -> String {
        let seconds = Int(time.inSeconds)
        func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(seconds / 86_400)d\(pad(seconds / 3600 % 24)):\(pad(seconds / 60 % 60)):"
            + pad(seconds % 60)
    }

    /// Whether a call to somebody else goes wrong now.
    func fails(isDown: Bool) -> Bool { !isCalm && (isDown || chance.isTrue(1, of: 25)) }

    // MARK: Records

    /// Takes note of a record that was saved.
    func saw(_ run: Run) {
        defer { records[run.id] = run }
        let finished = run.attempts.dropLast(run.liveAttempt == nil ? 0 : 1)
        if finished.contains(where: { $0.outcome == nil }) {
            violate("\(run.id): an attempt that isn't the last one has no outcome")
        }
        let policy = scenario.workflow(run.workflow).retry
        // A person who brings the run on gives the attempts back.
        let asked = finished.lastIndex { $0.outcome.map { policy.on[$0] } == .askPerson } ?? -1
        let spent = finished[(asked + 1)...].count { attempt in
            switch attempt.outcome.map({ policy.on[$0] }) {
            case .deliver, .retry, .askPerson, .fail: true
            case .park, .cancel, nil: false
            }
        }
        if spent > policy.attempts {
            violate("\(run.id): \(spent) attempts were spent")
        }
        guard let old = records[run.id] else { return }
        if run.attempts.count < old.attempts.count {
            violate("\(run.id): attempts fell from \(old.attempts.count) to \(run.attempts.count)")
        }
        for (before, after) in zip(old.attempts, run.attempts)
        where before.outcome != nil && before.essence != after.essence {
            violate("\(run.id): attempt \(before.number) was changed after its end")
        }
        if old.state.isFinal, run.state != old.state {
            violate("\(run.id): was \(old.state.rawValue), is \(run.state.rawValue)")
        }
        if old.isAtRest, run.essence != old.essence { violate("\(run.id): was changed at rest") }
        if old.state != run.state || old.attempts.count != run.attempts.count {
            note("\(run.id) is \(run.state.rawValue): \(run.timeline.last?.why ?? "")")
        }
    }

    /// Reads all records, as somebody who was killed may have written one that nobody took note of.
    func readRecords() {
        isLooking = true
        defer { isLooking = false }
        let store = RunStore(root: layout.root, disk: files)
        for name in (try? files.list(layout.runs)) ?? [] {
            guard let key = TicketKey(name) else { continue }
            let numbers = (try? files.list(layout.ticket(key))) ?? []
            for number in numbers.compactMap({ Int($0) }).sorted() {
                do {
                    guard let run = try store.run(RunID(ticket: key, number: number)) else {
                        continue
                    }
                    saw(run)
                } catch {
                    violate("a record can't be read: \(error)")
                }
            }
        }
    }

    // MARK: Agents

    var live: [SimulatedAttempt] { attempts.values.filter(\.isAlive) }

    func start(_ folder: FilePath) throws {
        guard attempts[folder] == nil else { return }
        guard let bytes = look(at: folder.appending(AttemptFile.job)),
            let job = try? SimulatedAttempt.job(bytes)
        else {
            violate("\(folder): an attempt was started without a job")
            return
        }
        let id = RunID(ticket: job.ticket.key, number: job.run)
        note("starts attempt \(job.attempt) of \(id)")
        check(job, of: id)
        attempts[folder] = SimulatedAttempt(run: id, number: job.attempt)
        let duration = chance.seconds(20...7200)
        let outcome = scenario.outcome(chance, isCalm: isCalm)
        machine.schedule(after: duration) { self.end(folder, outcome) }
    }

    private func check(_ job: AttemptJob, of id: RunID) {
        for other in live where other.run.ticket == id.ticket {
            violate("\(id): started while attempt \(other.number) of \(other.run) lives")
        }
        if live.count >= scenario.slots { violate("\(id): \(live.count + 1) attempts at once") }
        guard let record = records[id], record.liveAttempt?.number == job.attempt else {
            violate("\(id): attempt \(job.attempt) was started before its record was written")
            return
        }
        let table = job.workflow.retry.on
        for outcome in record.attempts.compactMap(\.outcome) where table[outcome].endsRun {
            violate("\(id): attempt \(job.attempt) was started after \(outcome.rawValue)")
        }
        let questions = record.attempts.count { $0.outcome.map { table[$0] } == .askPerson }
        let answers = record.timeline.count { $0.why.hasPrefix("the ticket was moved back to") }
        if answers < questions {
            violate("\(id): attempt \(job.attempt) was started though nobody brought the run on")
        }
        guard let started = record.attempts.last?.started else { return }
        for other in records.values where other.state == .parked {
            guard let until = other.retry?.at, let since = other.timeline.last?.at else { continue }
            if since < started, started < until {
                violate("\(id): started although \(other.id) is parked until \(until)")
            }
        }
    }

    /// The attempt's process ends; without an outcome, it dies.
    func end(_ folder: FilePath, _ outcome: Outcome?) {
        guard var attempt = attempts[folder], attempt.isAlive else { return }
        attempt.isAlive = false
        defer {
            let waiting = attempt.takeWaiting()
            attempts[folder] = attempt
            for continuation in waiting { continuation.resume() }
        }
        let isReported = chance.isTrue(4, of: 5)
        let cost = Double(chance.int(0...100)) / 100 * scenario.attemptBudget
        if isReported || outcome?.mayCost != false { costs.append((machine.wall, cost)) }
        guard let outcome, outcome != .lost else {
            note("attempt \(attempt.number) of \(attempt.run) dies")
            return
        }
        var result = AttemptResult(
            outcome: outcome,
            reason: outcome == .succeeded ? nil : "drawn",
            ended: machine.wall
        )
        var report = AgentReport(kind: .command)
        report.costUSD = isReported ? cost : nil
        result.agent = report
        if outcome == .succeeded { result.pushed = "c0ffee" }
        if outcome == .rateLimited {
            result.retryAt = machine.wall.addingTimeInterval(chance.seconds(60...18_000).inSeconds)
        }
        note("attempt \(attempt.number) of \(attempt.run) ends: \(outcome.rawValue)")
        // Where the disk is full it dies without a result.
        try? files.write(
            SimulatedAttempt.bytes(of: result),
            to: folder.appending(AttemptFile.result)
        )
    }

    /// The machine loses its power: nothing lives any more.
    func losePower() {
        note("the machine loses its power")
        for folder in attempts.keys.sorted(by: { $0.string < $1.string }) { end(folder, nil) }
    }
}

extension Outcome {
    /// Whether the agent got so far that it may have cost something.
    fileprivate var mayCost: Bool {
        switch self {
        case .rateLimited, .overloaded, .cancelled, .authFailed, .misconfigured, .setupFailed,
            .worktreeFailed:
            false
        case .succeeded, .noChanges, .verificationFailed, .agentFailed, .timedOut, .stalled,
            .maxTurns, .budgetExceeded, .refused, .pushFailed, .pushDeclined, .conflict, .lost:
            true
        }
    }
}

extension Consequence {
    /// Whether nothing of the run may be started after it.
    var endsRun: Bool {
        switch self {
        case .deliver, .fail: true
        case .retry, .park, .cancel, .askPerson: false
        }
    }
}

extension Attempt {
    /// What a record must not change; times are on disk to the millisecond only.
    fileprivate var essence: [String?] {
        [String(number), outcome?.rawValue, reason]
    }
}

extension Run {
    /// What a record must not change.
    fileprivate var essence: [String?] {
        [
            state.rawValue, reason, next, cleanup, pullRequest.map { "\($0)" },
            tracker.told?.rawValue,
        ]
            + attempts.flatMap(\.essence)
    }
}
