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
        attempts[folder] = SimulatedAttempt(
            job,
            at: .init(at: machine.wall, passed: machine.uptime)
        )
        let isStorm = machine.uptime < stormEnds
        let duration = chance.seconds(isStorm ? 1...30 : 20...7200)
        let outcome =
            self.outcome ?? (isStorm ? .agentFailed : scenario.outcome(chance, isCalm: isCalm))
        machine.schedule(after: duration) { self.end(folder, outcome) }
    }

    private func check(_ job: AttemptJob, of id: RunID) {
        for other in live where other.run.ticket == id.ticket {
            violate("\(id): started while attempt \(other.number) of \(other.run) lives")
        }
        if live.count >= scenario.slots { violate("\(id): \(live.count + 1) attempts at once") }
        let siblings = live.count { $0.workflow.name == job.workflow.name }
        if siblings >= job.workflow.slots.total {
            violate("\(id): \(siblings + 1) attempts of the workflow at once")
        }
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
        // One that a killed daemon had begun is started by the next, under the time that its record has.
        if let end = breaks.end(for: job.workflow.agent, at: started),
            breaks.end(for: job.workflow.agent, at: machine.wall) != nil
        {
            violate("\(id): \(job.workflow.agent.name) was asked before \(end)")
        }
        checkBreakers(id, job.workflow, started)
    }

    /// Whether the breakers that are on disk allow it.
    private func checkBreakers(_ id: RunID, _ workflow: Workflow, _ started: Date) {
        isLooking = true
        defer { isLooking = false }
        let store = RunStore(root: layout.root, disk: files)
        guard let marks = try? store.breakerMarks(at: started, setsAside: false).marks else {
            violate("the breakers' record can't be read")
            return
        }
        for mark in marks where mark.workflow == nil || mark.workflow == workflow.name {
            guard let opening = mark.opening else { continue }
            // Times are on disk to the millisecond.
            let latest = max(started, machine.wall)
            if opening.since < started, latest < opening.until.addingTimeInterval(-0.002) {
                violate("\(id): started although the breaker is open until \(opening.until)")
            }
        }
    }

    /// Whether a person was asked where the workflow wants one to be, and has brought the run on since.
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
        if !wasMovedBack(record, after: before.number), !isAnswered(record, for: number),
            !wasRequested(record, after: before.number)
        {
            violate("\(record.id): attempt \(number) was started, and nobody brought it on")
        }
    }

    /// Back to the queue, after the claim that an attempt was made under.
    private func wasMovedBack(_ record: Run, after attempt: Int) -> Bool {
        let begun = begun[record.id]?[attempt] ?? .zero
        let claimed = claims[record.ticket.id]?.last { $0 <= begun } ?? .zero
        return moves[record.ticket.id]?.contains { $0 >= claimed } ?? false
    }

    /// By words that a person wrote since the first question; where a clock was wrong, its time isn't known.
    private func isAnswered(_ record: Run, for attempt: Int) -> Bool {
        guard let ticket = tickets.first(where: { $0.id == record.ticket.id }),
            let asked = asked[record.id]
        else { return false }
        return record.replies?.contains { heard in
            heard.attempt == attempt
                && ticket.replies.contains {
                    $0.comment == heard.comment
                        && (machine.wasSet || $0.at > asked.addingTimeInterval(-61))
                }
        } ?? false
    }

    /// By hand, since an attempt began; a daemon that was killed may have made that known later than it was.
    private func wasRequested(_ record: Run, after attempt: Int) -> Bool {
        let begun = (begun[record.id]?[attempt] ?? .zero) - .seconds(600)
        return requests[record.ticket.id]?.contains { $0.at >= begun } ?? false
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
        let limit = attempt.workflow.agent.budget ?? scenario.attemptBudget
        let cost = Double(chance.int(0...100)) / 100 * limit
        if isReported || outcome?.mayCost != false { pay(cost, attempt) }
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
        attempt.retryAt = result.retryAt
        note("attempt \(attempt.number) of \(attempt.run) ends: \(outcome.rawValue)")
        // Where the disk is full it dies without a result.
        try? files.write(
            SimulatedAttempt.bytes(of: result),
            to: folder.appending(AttemptFile.result)
        )
    }

    /// While all goes well a slot that is taken has an attempt soon, so that no slot is ever lost.
    func checkSlots() {
        struct Status: Decodable {
            struct Slots: Decodable { var taken: Int }
            var slots: Slots
        }
        guard let bytes = look(at: layout.service),
            let status = try? RecordDecoder.value(Status.self, from: bytes)
        else { return }
        idleSlots = status.slots.taken > live.count ? idleSlots + 1 : 0
        if idleSlots == 5 {
            violate("\(status.slots.taken) slots are taken, and \(live.count) attempts are at work")
        }
    }

    private func pay(_ cost: Double, _ attempt: SimulatedAttempt) {
        costs.append((machine.wall, machine.uptime, cost, attempt.begun))
        spent[attempt.run, default: 0] += cost
        guard let budget = scenario.ticketBudget, let run = records[attempt.run] else { return }
        let begun = (begun[run.id]?[1] ?? .zero) - .seconds(600)
        let raised = requests[run.ticket.id]?.filter { $0.at >= begun }.compactMap(\.budget).max()
        let sum = spent[attempt.run] ?? 0
        if sum > max(budget, raised ?? 0) + 0.001 {
            violate("\(run.id): cost \(sum) USD; \(max(budget, raised ?? 0)) are allowed")
        }
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
        case .rateLimited, .overloaded, .authFailed, .misconfigured, .setupFailed,
            .worktreeFailed:
            false
        case .succeeded, .noChanges, .verificationFailed, .agentFailed, .timedOut, .stalled,
            .maxTurns, .budgetExceeded, .refused, .pushFailed, .pushDeclined, .conflict, .lost,
            .cancelled:
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
