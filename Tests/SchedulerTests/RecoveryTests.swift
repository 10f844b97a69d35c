import Domain
import Scheduler
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct RecoveryTests {
    /// A run as it was saved while its attempt number 1 was live.
    private func liveRun() -> Run {
        var bench = Bench()
        let ticket = Bench.ticket(1)
        _ = bench.claimAll(bench.start(Bench.workflow(), with: [ticket]), [ticket])
        guard let run = bench.saved[Bench.id(1)] else { preconditionFailure("nothing was saved") }
        return run
    }

    private func recovered(_ run: Run, _ fate: AttemptFate) -> RecoveredRun {
        RecoveredRun(
            run: run,
            workflow: Bench.workflow(),
            fate: fate,
            ticket: Bench.ticket(1)
        )
    }

    @Test func `an agent that still works is adopted, not started again`() {
        var bench = Bench()
        #expect(bench.handle(.recovered([recovered(liveRun(), .alive(slot: 3))])).launched == [])
        #expect(bench.scheduler.takenSlots == 1)
        let ended = bench.handle(
            .attemptEnded(Bench.id(1), attempt: 1, bench.result(.succeeded))
        )
        #expect(ended.delivers)
        #expect(bench.saved[Bench.id(1)]?.attempts.count == 1)
    }

    @Test func `a result that came while the daemon was down is taken in once`() {
        var bench = Bench()
        let run = recovered(liveRun(), .ended(bench.result(.succeeded)))
        #expect(bench.handle(.recovered([run])).delivers)
        #expect(!bench.handle(.recovered([run])).delivers)
    }

    @Test func `a lost attempt is followed by another after its wait`() {
        var bench = Bench()
        _ = bench.handle(.recovered([recovered(liveRun(), .lost)]))
        #expect(bench.saved[Bench.id(1)]?.state == .backingOff)
        #expect(bench.saved[Bench.id(1)]?.attempts.first?.outcome == .lost)
        #expect(bench.pass(.seconds(30)).launched == [Bench.id(1)])
        #expect(bench.saved[Bench.id(1)]?.attempts.map(\.number) == [1, 2])
    }

    @Test func `an attempt that was recorded but never started starts under its number`() {
        var bench = Bench()
        let commands = bench.handle(.recovered([recovered(liveRun(), .notStarted)]))
        #expect(commands.launched == [Bench.id(1)])
        #expect(bench.saved[Bench.id(1)]?.attempts.map(\.number) == [1])
    }

    @Test func `a ticket whose text is unknown is claimed again before it goes on`() {
        var bench = Bench()
        var run = recovered(liveRun(), .notStarted)
        run.ticket = nil
        let commands = bench.handle(.recovered([run]))
        #expect(commands.claimed == [Bench.id(1)] && commands.launched == [])
        #expect(bench.claimAll(commands, [Bench.ticket(1)]).launched == [Bench.id(1)])
    }

    @Test func `a delivery that was cut off is made again`() {
        var bench = Bench()
        _ = bench.handle(.recovered([recovered(liveRun(), .ended(bench.result(.succeeded)))]))
        guard let delivering = bench.saved[Bench.id(1)] else { return }
        var next = Bench()
        #expect(next.handle(.recovered([recovered(delivering, .none)])).delivers)
    }

    @Test func `what Linear wasn't told before the kill is told after it`() {
        var bench = Bench()
        _ = bench.handle(.recovered([recovered(liveRun(), .ended(bench.result(.noChanges)))]))
        guard let failed = bench.saved[Bench.id(1)] else { return }
        var next = Bench()
        #expect(next.handle(.recovered([recovered(failed, .none)])).told == [.failed])
    }

    @Test func `a stop of the service spends no attempt, and the next start goes on`() {
        var bench = Bench()
        _ = bench.handle(.recovered([recovered(liveRun(), .alive(slot: 0))]))
        #expect(bench.handle(.interrupted).stopped == [Bench.id(1)])
        let ended = bench.handle(
            .attemptEnded(Bench.id(1), attempt: 1, bench.result(.cancelled))
        )
        #expect(ended.told == [] && ended.launched == [])
        guard let waiting = bench.saved[Bench.id(1)] else { return }
        #expect(waiting.state == .waiting && waiting.reason == "the service was stopped")
        var next = Bench()
        #expect(next.handle(.recovered([recovered(waiting, .none)])).launched == [Bench.id(1)])
    }

    @Test func `a run at rest whose entry outlived the daemon doesn't hold its ticket`() {
        var bench = Bench()
        _ = bench.handle(.recovered([recovered(liveRun(), .ended(bench.result(.noChanges)))]))
        _ = bench.handle(.told(Bench.id(1), .failed))
        guard let failed = bench.saved[Bench.id(1)] else { return }
        #expect(failed.isAtRest)
        var next = Bench()
        // Its record is written again, which takes the entry out of the way.
        #expect(
            next.handle(.recovered([recovered(failed, .none)])) == [.save(CopiedOnWrite(failed))]
        )
        #expect(next.scheduler.openRunRecords == [])
        let report = PollReport(
            candidates: [Bench.ticket(1)],
            tracked: [],
            lastRuns: [Bench.key(1): 1]
        )
        _ = next.handle(.workflows([WorkflowInForce(workflow: Bench.workflow(), cron: nil)]))
        #expect(
            next.handle(.polled(workflow: "portfolio", report)).claimed == [Bench.id(1, run: 2)]
        )
    }

    @Test func `two runs at the same slot count once each`() {
        var bench = Bench(machineSlots: 2)
        var other = liveRun()
        other.ticket.key = Bench.key(2)
        other.ticket.id = "id-2"
        _ = bench.handle(
            .recovered([recovered(liveRun(), .alive(slot: 0)), recovered(other, .alive(slot: 1))])
        )
        let commands = bench.start(Bench.workflow(), with: [Bench.ticket(3)])
        #expect(commands.claimed == [])
    }
}
