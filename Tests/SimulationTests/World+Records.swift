import Domain
import RunStore
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension World {
    /// Takes note of a record that was saved.
    func saw(_ run: Run) {
        let old = records[run.id]
        records[run.id] = run
        if old?.state != run.state { left[run.id] = machine.uptime }
        checkAttempts(of: run, since: old)
        checkPolicy(of: run, since: old)
        noteEnds(of: run, since: old)
        if run.state == .needsHuman, asked[run.id] == nil { asked[run.id] = machine.time }
        if let heard = run.replies?.map(\.comment), Set(heard).count != heard.count {
            violate("\(run.id): heard the same words twice")
        }
        if run.state == .inReview, run.pullRequest == nil {
            violate("\(run.id): is in review without a pull request")
        }
        guard let old else { return }
        if !run.story.starts(with: old.story) { violate("\(run.id): its timeline was changed") }
        if old.state.isFinal, run.state != old.state {
            violate("\(run.id): was \(old.state.rawValue), is \(run.state.rawValue)")
        }
        if old.isAtRest, run.essence != old.essence { violate("\(run.id): was changed at rest") }
        if old.state != run.state || old.attempts.count != run.attempts.count {
            note("\(run.id) is \(run.state.rawValue): \(run.timeline.last?.why ?? "")")
        }
    }

    private func checkAttempts(of run: Run, since old: Run?) {
        let finished = run.attempts.dropLast(run.liveAttempt == nil ? 0 : 1)
        if finished.contains(where: { $0.outcome == nil }) {
            violate("\(run.id): an attempt that isn't the last one has no outcome")
        }
        for attempt in run.attempts where begun[run.id]?[attempt.number] == nil {
            begun[run.id, default: [:]][attempt.number] = machine.uptime
        }
        guard let old else { return }
        if run.attempts.count < old.attempts.count {
            violate("\(run.id): attempts fell from \(old.attempts.count) to \(run.attempts.count)")
        }
        for (before, after) in zip(old.attempts, run.attempts)
        where before.outcome != nil && before.essence != after.essence {
            violate("\(run.id): attempt \(before.number) was changed after its end")
        }
        // Times are on disk to the millisecond. One that waits has come to its time, whatever the clock says since.
        if run.attempts.count > old.attempts.count, old.state != .waiting, let due = old.retry?.at,
            let started = run.attempts.last?.started,
            started < due.addingTimeInterval(-0.002)
        {
            violate("\(run.id): attempt \(run.attempts.count) was due at \(due), not at \(started)")
        }
    }

    /// What the end of an attempt means for those to come, once it's written.
    private func noteEnds(of run: Run, since old: Run?) {
        for (index, attempt) in run.attempts.enumerated() {
            let before = old.flatMap { $0.attempts.count > index ? $0.attempts[index] : nil }
            guard let outcome = attempt.outcome, before?.outcome == nil else { continue }
            // One that died says nothing when the machine lost its power.
            if outcome != .lost, scenario.teams.count == 1 {
                failures.ended(attempt, outcome.breakerVerdict, at: machine.wall)
            }
            let folder = layout.attempt(run.id, attempt.number)
            if scenario.workflow(run.workflow).retry.on[outcome] == .park,
                let ended = attempts[folder]
            {
                breaks.add(outcome, of: ended, endedAt: attempt.ended, at: machine.wall)
            }
        }
        guard let begun = run.liveAttempt, old?.liveAttempt == nil else { return }
        let others = records.values.filter { $0.id != run.id }.compactMap(\.liveAttempt?.started)
        if let why = failures.objection(to: begun.started, beside: others) {
            violate("\(run.id): attempt \(begun.number) was begun although \(why)")
        }
        if let shortSince, machine.uptime - shortSince > .seconds(2),
            begun.started.timeIntervalSince(machine.wall) > -2
        {
            violate("\(run.id): attempt \(begun.number) was begun with a disk that is nearly full")
        }
    }

    /// Another daemon, or another time, knows nothing of what was worked out from what the one before saw.
    func forgetWhatWasSeen() {
        failures = FailureWatch(scenario.breaker)
    }

    /// As many attempts as the workflow allows, no more and no fewer, with the waits that it asks for.
    private func checkPolicy(of run: Run, since old: Run?) {
        let policy = scenario.workflow(run.workflow).retry
        let spent = spentAttempts(of: run, policy.on)
        if spent > policy.attempts { violate("\(run.id): \(spent) attempts were spent") }
        guard let step = run.timeline.last, run.timeline.count != old?.timeline.count else {
            return
        }
        let last = run.attempts.last?.outcome.map { policy.on[$0] }
        if run.state == .failed, last != .fail, last != .retry || spent < policy.attempts {
            violate("\(run.id): failed after \(spent) of \(policy.attempts) attempts")
        }
        guard run.state == .backingOff else { return }
        guard let retry = run.retry, let wait = policy.wait(afterAttempt: spent) else {
            violate("\(run.id): backs off, and no attempt is left")
            return
        }
        let share = retry.at.timeIntervalSince(step.at) / wait.inSeconds
        if abs(share - 1) > policy.jitter + 0.001 {
            violate("\(run.id): waits until \(retry.at), not for \(wait)")
        }
    }

    /// A person who brings the run on gives the attempts back; that one did is looked at when the next one starts.
    private func spentAttempts(of run: Run, _ table: FailureTable) -> Int {
        let ends = run.attempts.compactMap { $0.outcome.map { table[$0] } }
        let asked = ends.lastIndex(of: .askPerson) ?? -1
        return ends[(asked + 1)...].count { end in
            switch end {
            case .deliver, .retry, .askPerson, .fail: true
            case .park, .cancel: false
            }
        }
    }

    // MARK: On disk

    /// Reads all records, as somebody who was killed may have written one that nobody took note of.
    ///
    /// Whatever was written is there, and a run that isn't at rest has an entry that tells of it.
    func readRecords() {
        isLooking = true
        defer { isLooking = false }
        let store = RunStore(root: layout.root, disk: files)
        var found: Set<RunID> = []
        for name in (try? files.list(layout.runs)) ?? [] {
            guard let key = TicketKey(name) else { continue }
            let numbers = (try? files.list(layout.ticket(key))) ?? []
            for number in numbers.compactMap({ Int($0) }).sorted() {
                let id = RunID(ticket: key, number: number)
                do {
                    guard let bytes = try files.read(layout.record(id)) else { continue }
                    found.insert(id)
                    if bytes == readBytes[id] { continue }
                    readBytes[id] = bytes
                    if let run = try store.run(id) { saw(run) }
                } catch {
                    violate("a record can't be read: \(error)")
                }
            }
        }
        for run in records.values.sorted(by: { $0.id < $1.id }) {
            if !found.contains(run.id) { violate("\(run.id): its record is lost") }
            guard !run.isAtRest else { continue }
            let entry = try? store.value(OpenEntry.self, at: layout.open(run.ticket.key))
            if entry?.run != run.run {
                violate("\(run.id): is \(run.state.rawValue), and no entry tells of it")
            }
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
    /// The timeline without its times.
    var story: [String] { timeline.map { "\($0.state.rawValue): \($0.why)" } }

    /// What a record must not change.
    fileprivate var essence: [String?] {
        [
            state.rawValue, reason, next, cleanup, pullRequest.map { "\($0)" },
            tracker.told?.rawValue,
        ]
            + attempts.flatMap(\.essence)
    }
}
