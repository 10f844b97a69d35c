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

extension World {
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
        checkAnswer(to: record, table)
        guard let started = record.attempts.last?.started else { return }
        for other in records.values where other.state == .parked {
            guard let until = other.retry?.at, let since = other.timeline.last?.at else { continue }
            if since < started, started < until {
                violate("\(id): started although \(other.id) is parked until \(until)")
            }
        }
    }

    /// Whether a person was asked where the workflow wants one to be, and has brought the run on since: by a move
    /// back to the queue after the claim that the attempt before was made under.
    private func checkAnswer(to record: Run, _ table: FailureTable) {
        guard let before = record.attempts.dropLast().last else { return }
        let number = before.number + 1
        let since = record.timeline.dropLast().lastIndex { $0.state == .running } ?? 0
        guard record.timeline[since...].contains(where: { $0.state == .needsHuman }) else {
            if before.outcome.map({ table[$0] }) == .askPerson {
                violate("\(record.id): attempt \(number) was started, and nobody was asked")
            }
            return
        }
        let begun = begun[record.id]?[before.number] ?? .zero
        let claimed = claims[record.ticket.id]?.last { $0 <= begun } ?? .zero
        if moves[record.ticket.id]?.contains(where: { $0 >= claimed }) != true {
            violate("\(record.id): attempt \(number) was started, and nobody brought it on")
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
