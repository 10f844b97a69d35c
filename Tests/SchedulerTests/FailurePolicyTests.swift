import Domain
import Scheduler
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct FailurePolicyTests {
    private let id = Bench.id(1)

    /// A bench with one ticket whose first attempt runs.
    private func running(_ retry: RetryPolicy, seed: UInt64 = 1) -> Bench {
        var bench = Bench()
        bench.generator = SplitMix64(seed: seed)
        let ticket = Bench.ticket(1)
        _ = bench.claimAll(bench.start(Bench.workflow(retry: retry), with: [ticket]), [ticket])
        return bench
    }

    private func policy(_ on: [Outcome: Consequence] = [:], jitter: Double = 0) -> RetryPolicy {
        RetryPolicy(
            attempts: 6,
            delay: .seconds(10),
            factor: 3,
            limit: .seconds(300),
            jitter: jitter,
            on: FailureTable(on)
        )
    }

    /// Lets every attempt fail; returns the waits between them, and how often Linear was told of a failed run.
    private func exhaust(_ bench: inout Bench) -> (waits: [Double], told: Int) {
        var waits: [Double] = []
        var told = 0
        for attempt in 1...20 {
            let commands = bench.handle(
                .attemptEnded(id, attempt: attempt, bench.result(.agentFailed, "exit 1"))
            )
            told += commands.told.count { $0 == .failed }
            guard let retry = bench.saved[id]?.retry, bench.saved[id]?.state == .backingOff else {
                break
            }
            waits.append(retry.at.timeIntervalSince(bench.now.wall))
            let wait = Duration.milliseconds(Int((waits.last ?? 0) * 1000))
            if !bench.pass(wait - .milliseconds(2)).launched.isEmpty { return ([], told) }
            if bench.pass(.milliseconds(4)).launched != [id] { return ([], told) }
        }
        return (waits, told)
    }

    @Test func `each wait is exactly the delay times a power of the factor, up to the limit`() {
        var bench = running(policy())
        let (waits, told) = exhaust(&bench)
        #expect(waits == [10, 30, 90, 270, 300])
        #expect(told == 1)
        #expect(bench.saved[id]?.attempts.count == 6)
        #expect(bench.saved[id]?.state == .failed)
    }

    @Test(arguments: 1...50)
    func `jitter moves a wait by its share at most, and never past the limit`(seed: UInt64) {
        var bench = running(policy(jitter: 0.2), seed: seed)
        let (waits, told) = exhaust(&bench)
        #expect(waits.count == 5 && told == 1, "seed \(seed)")
        for (wait, exact) in zip(waits, [10.0, 30, 90, 270, 300]) {
            #expect(wait >= exact * 0.8 && wait <= min(exact * 1.2, 300), "seed \(seed)")
        }
        #expect(waits.prefix(4) != [10, 30, 90, 270], "seed \(seed)")
    }

    @Test(arguments: [
        (Outcome.agentFailed, Consequence.askPerson, RunState.needsHuman),
        (.verificationFailed, .fail, .failed), (.noChanges, .retry, .backingOff),
        (.rateLimited, .retry, .backingOff), (.overloaded, .fail, .failed),
        (.authFailed, .park, .parked), (.maxTurns, .retry, .backingOff),
        (.lost, .askPerson, .needsHuman),
    ])
    func `a workflow says what follows an outcome`(
        outcome: Outcome,
        consequence: Consequence,
        state: RunState
    ) {
        var bench = running(policy([outcome: consequence]))
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(outcome)))
        #expect(bench.saved[id]?.state == state)
    }

    @Test func `what is retried by choice spends the attempts, and tells the next one`() {
        var bench = running(RetryPolicy(attempts: 2, jitter: 0, on: .init([.noChanges: .retry])))
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.noChanges)))
        let commands = bench.pass(.seconds(30))
        guard case .launch(let launch)? = commands.last else {
            Issue.record("nothing was launched")
            return
        }
        #expect(launch.lastFailure == "changed nothing")
        let last = bench.handle(.attemptEnded(id, attempt: 2, bench.result(.noChanges)))
        #expect(last.told == [.failed])
    }

    @Test func `a usage limit that is retried holds no other ticket`() {
        var bench = running(policy([.rateLimited: .retry]))
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.rateLimited)))
        _ = bench.handle(.pollRequested)
        let report = bench.report(
            [Bench.ticket(2)],
            tracked: [Bench.present(1, "In Progress", .started)]
        )
        #expect(bench.handle(.polled(workflow: "portfolio", report)).claimed == [Bench.id(2)])
    }

    @Test func `what is parked by choice spends no attempt, and a person is asked in the end`() {
        var bench = running(policy([.authFailed: .park]))
        for attempt in 1...24 {
            #expect(bench.saved[id]?.state == .running)
            _ = bench.handle(.attemptEnded(id, attempt: attempt, bench.result(.authFailed)))
            _ = bench.pass(.seconds(1800))
        }
        #expect(bench.saved[id]?.state == .needsHuman)
    }

    @Test func `a run goes on under the table that it was begun with, also after a restart`() {
        let before = running(policy([.agentFailed: .fail]))
        guard let run = before.saved[id] else { return }
        var bench = Bench()
        let recovered = RecoveredRun(
            run: run,
            workflow: Bench.workflow(retry: policy([.agentFailed: .fail])),
            fate: .ended(bench.result(.agentFailed)),
            ticket: Bench.ticket(1)
        )
        #expect(bench.handle(.recovered([recovered])).told == [.failed])
    }
}
