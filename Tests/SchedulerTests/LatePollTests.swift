import Domain
import Scheduler
import Testing

/// Polls whose answers tell of a time before what was done since.
@Suite struct LatePollTests {
    private let ticket = Bench.ticket(1)

    /// A bench with a ticket that is being claimed, and a poll under way that was begun before its run.
    private func claiming() -> Bench {
        var bench = Bench(machineSlots: 1)
        let retry = RetryPolicy(attempts: 1, delay: .seconds(30), jitter: 0)
        let other = Bench.ticket(2, .urgent)
        let first = bench.start(Bench.workflow(retry: retry), with: [ticket, other])
        #expect(first.claimed == [Bench.id(2)])
        bench.begin(2, other)
        bench.now.uptime += .seconds(1)
        #expect(bench.handle(.pollRequested).polls == 1)
        bench.now.uptime += .seconds(1)
        let end = bench.handle(.attemptEnded(Bench.id(2), attempt: 1, bench.result(.agentFailed)))
        #expect(end.claimed == [Bench.id(1)])
        bench.now.uptime += .seconds(1)
        return bench
    }

    private func polled(_ bench: inout Bench) -> [SchedulerCommand] {
        bench.handle(.polled(workflow: "portfolio", bench.report([ticket])))
    }

    @Test func `a ticket that was seen before its claim isn't begun again when its run has failed`()
    {
        var bench = claiming()
        #expect(polled(&bench).begun.isEmpty)
        bench.now.uptime += .seconds(1)
        bench.begin(1, ticket)
        let id = Bench.id(1)
        let end = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.agentFailed)))
        #expect(end.told == [.failed])
        let rest = bench.handle(.told(id, .failed)) + bench.pass(.seconds(60))
        #expect(rest.begun.isEmpty && bench.scheduler.queue.isEmpty)
    }

    @Test func `a ticket that was seen before it was failed isn't begun again either`() {
        var bench = claiming()
        _ = polled(&bench)
        bench.begin(1, ticket)
        let id = Bench.id(1)
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.agentFailed)))
        bench.now.uptime += .seconds(1)
        #expect(bench.handle(.pollRequested).polls == 1)
        // Between the claim and the news of the failure it stood where new ones are taken from, for whatever reason.
        _ = polled(&bench)
        bench.now.uptime += .seconds(1)
        let rest = bench.handle(.told(id, .failed)) + bench.pass(.seconds(60))
        #expect(rest.begun.isEmpty)
    }

    @Test
    func
        `a ticket that was seen before its claim isn't begun again when a person has taken it off`()
    {
        var bench = claiming()
        _ = polled(&bench)
        bench.begin(1, ticket)
        let id = Bench.id(1)
        // A poll for held tickets alone: what the one before saw is all that is known of the others.
        bench.now.uptime += .seconds(1)
        #expect(bench.handle(.pollRequested).polls == 1)
        let gone = Bench.present(1, "Backlog", .backlog)
        let seen = PollReport(candidates: nil, tracked: [gone])
        #expect(bench.handle(.polled(workflow: "portfolio", seen)).stopped == [id])
        let end = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.cancelled)))
        #expect(end.told == [.cancelled])
        let rest = bench.handle(.told(id, .cancelled)) + bench.pass(.seconds(60))
        #expect(rest.begun.isEmpty)
    }

    @Test func `a ticket that wasn't there to be claimed is begun by a poll, not at once`() {
        var bench = claiming()
        _ = polled(&bench)
        #expect(bench.handle(.claimedNothing(Bench.id(1))).begun.isEmpty)
    }

    @Test func `the number of a run isn't given again, whatever a late poll found on the disk`() {
        var bench = claiming()
        _ = bench.handle(.claimedNothing(Bench.id(1)))
        // It looked at the disk before the first run was there.
        let second = polled(&bench).begun
        #expect(second.map(\.id.number) == [2])
    }
}
