import Cron
import Domain
import Scheduler
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Ticks of a cron schedule: in time, missed, doubled, under a clock that is set.
@Suite struct TickTests {
    /// 2026-11-23 12:00:10 UTC, in the middle of a minute.
    private static let start = Date(timeIntervalSince1970: 1_795_435_210)
    private static let threeDays = Duration.seconds(3 * 86_400)

    private func bench(at wall: Date = Self.start) -> Bench {
        var bench = Bench()
        bench.now.wall = wall
        return bench
    }

    private func workflow(
        _ text: String = "* * * * *",
        missed: MissedTickPolicy = .once,
        jitter: Duration = .zero,
        name: String = "portfolio"
    ) throws -> WorkflowInForce {
        var workflow = Bench.workflow()
        workflow.name = name
        workflow.schedule = ScheduleSettings(
            trigger: .cron(text, seconds: false),
            jitter: jitter,
            missed: missed
        )
        return WorkflowInForce(workflow: workflow, cron: .cron(try CronExpression(text), .utc))
    }

    /// A daemon that has polled at 12:01 and is then no more; the next one finds its mark.
    private func restarted(
        after gap: Duration,
        _ first: WorkflowInForce,
        _ second: WorkflowInForce,
        answered: Bool = true
    ) throws -> (bench: Bench, commands: [SchedulerCommand]) {
        var old = bench()
        _ = old.handle(.workflows([first]))
        #expect(old.pass(.seconds(50)).polls == 1)
        if answered { _ = old.handle(.polled(workflow: "portfolio", old.report([]))) }
        var new = bench(at: old.now.wall.addingTimeInterval(gap.inSeconds))
        let marks = Array(old.marks.values)
        new.marks = old.marks
        _ = new.handle(.recovered([], ticks: marks))
        let commands = new.handle(.workflows([second]))
        return (new, commands)
    }

    /// How many polls come one after the other, when each is answered, before time passes.
    private func polls(_ bench: inout Bench, _ commands: [SchedulerCommand]) -> Int {
        var polls = 0
        var following = commands
        while following.polls > 0 {
            polls += following.polls
            following = bench.handle(.polled(workflow: "portfolio", bench.report([])))
        }
        return polls
    }

    @Test(arguments: [(MissedTickPolicy.skip, 0), (.once, 1), (.all, 10)])
    func `three days down with a tick a minute cost as many polls as the workflow says`(
        policy: MissedTickPolicy,
        count: Int
    ) throws {
        let workflow = try workflow(missed: policy)
        var (bench, commands) = try restarted(after: Self.threeDays, workflow, workflow)
        #expect(polls(&bench, commands) == count)
        let missed = try #require(bench.marks["portfolio"]?.missed)
        #expect(missed.count == 3 * 1440 && missed.polls == count)
        // The ordinary ticks go on.
        #expect(bench.pass(.seconds(59)).polls == 0)
        #expect(polls(&bench, bench.pass(.seconds(1))) == 1)
    }

    @Test(arguments: [
        (MissedTickPolicy.skip, "4320 ticks were missed and passed over"),
        (.once, "4320 ticks were missed; one poll stands for all of them"),
        (.all, "4320 ticks were missed; the newest 10 are made up for one after the other"),
    ])
    func `what was missed and what became of it is said`(
        policy: MissedTickPolicy,
        words: String
    ) throws {
        let workflow = try workflow(missed: policy)
        let (bench, _) = try restarted(after: Self.threeDays, workflow, workflow)
        #expect(bench.scheduler.pollNotes.first?.tick?.missed?.words == words)
    }

    @Test func `the mark is saved before the poll that it is about`() throws {
        var bench = bench()
        _ = bench.handle(.workflows([try workflow()]))
        let commands = bench.pass(.seconds(50))
        let kinds = commands.map { command in
            if case .saveTick(let mark) = command { return "tick \(mark.isAnswered)" }
            if case .poll = command { return "poll" }
            return "else"
        }
        #expect(kinds == ["tick false", "poll"])
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([])))
        #expect(bench.marks["portfolio"]?.isAnswered == true)
        #expect(bench.marks["portfolio"]?.lastTick == Self.start.addingTimeInterval(50))
    }

    @Test(arguments: [(MissedTickPolicy.skip, 0), (.once, 1), (.all, 1)])
    func `a kill between the mark and the answer costs one poll more, never one less`(
        policy: MissedTickPolicy,
        count: Int
    ) throws {
        let workflow = try workflow("1 12 * * *", missed: policy)
        var (bench, commands) = try restarted(
            after: .seconds(600),
            workflow,
            workflow,
            answered: false
        )
        #expect(polls(&bench, commands) == count)
        #expect(bench.marks["portfolio"]?.isAnswered == true)
        var (again, nothing) = try restarted(after: .seconds(600), workflow, workflow)
        #expect(polls(&again, nothing) == 0)
    }

    @Test func `a kill in the middle of the missed ticks goes on with the rest of them`() throws {
        let workflow = try workflow(missed: .all)
        var (bench, commands) = try restarted(after: .seconds(300), workflow, workflow)
        #expect(commands.polls == 1)
        commands = bench.handle(.polled(workflow: "portfolio", bench.report([])))
        #expect(commands.polls == 1)
        // Killed with the second of five under way.
        var next = self.bench(at: bench.now.wall)
        _ = next.handle(.recovered([], ticks: Array(bench.marks.values)))
        #expect(polls(&next, next.handle(.workflows([workflow]))) == 4)
    }

    @Test(arguments: MissedTickPolicy.allCases)
    func `a schedule that is changed while the daemon is down fires no tick twice`(
        policy: MissedTickPolicy
    ) throws {
        var (bench, commands) = try restarted(
            after: .seconds(20),
            workflow(missed: policy),
            workflow("0,1 12 * * *", missed: policy)
        )
        #expect(polls(&bench, commands) == 0)
        #expect(polls(&bench, bench.pass(.seconds(3600))) == 0)
    }

    @Test func `a schedule that is changed has no ticks before the change`() throws {
        var bench = bench(at: Self.start.addingTimeInterval(-4 * 3600))
        _ = bench.handle(.workflows([try workflow("0 15 * * *")]))
        // From 08:00 to 12:00.
        _ = bench.pass(.seconds(4 * 3600))
        #expect(bench.handle(.workflows([try workflow("0 9 * * *")])).polls == 0)
        // Nor after a restart right behind it.
        var next = self.bench(at: bench.now.wall)
        _ = next.handle(.recovered([], ticks: Array(bench.marks.values)))
        #expect(next.handle(.workflows([try workflow("0 9 * * *")])).polls == 0)
    }

    @Test func `a file that is gone for a moment loses no tick`() throws {
        var bench = bench()
        let workflow = try workflow()
        _ = bench.handle(.workflows([workflow]))
        _ = bench.pass(.seconds(49))
        _ = bench.handle(.workflows([]))
        _ = bench.pass(.seconds(2))
        #expect(bench.handle(.workflows([workflow])).polls == 1)
    }

    @Test func `a workflow that is new or renamed has missed nothing`() throws {
        let first = try workflow()
        var (bench, commands) = try restarted(
            after: Self.threeDays,
            first,
            workflow(name: "renamed")
        )
        #expect(commands.polls == 0)
        #expect(bench.marks["renamed"]?.missed == nil)
        // The old name's mark stays, should it come back.
        #expect(bench.marks["portfolio"] != nil)
        #expect(bench.pass(.seconds(60)).polls == 1)
    }

    @Test(arguments: [(MissedTickPolicy.skip, 0), (.once, 1), (.all, 10)])
    func `a machine that slept through its ticks treats them as missed`(
        policy: MissedTickPolicy,
        count: Int
    ) throws {
        var bench = bench()
        _ = bench.handle(.workflows([try workflow("*/10 * * * *", missed: policy)]))
        // Eight hours, until five minutes after a tick.
        bench.now.wall.addTimeInterval(8 * 3600 + 290)
        bench.now.slept += .seconds(8 * 3600 + 230)
        #expect(polls(&bench, bench.pass(.seconds(60))) == count)
        #expect(bench.marks["portfolio"]?.missed?.count == 48)
    }

    @Test func `a clock that is set forward by more than three hours misses nothing`() throws {
        var bench = bench()
        _ = bench.handle(.workflows([try workflow("0 * * * *", missed: .all)]))
        bench.now.wall.addTimeInterval(5 * 3600)
        #expect(bench.pass(.seconds(60)).polls == 0)
        #expect(
            bench.marks["portfolio"]?.missed?.words
                == "the clock was set by more than 3 h; the schedule goes on from there"
        )
        // 17:01:10; the next tick is 18:00.
        #expect(bench.pass(.seconds(3530)).polls == 1)
    }

    @Test func `a clock that is set back fires no tick again`() throws {
        var bench = bench()
        _ = bench.handle(.workflows([try workflow("0 * * * *")]))
        #expect(polls(&bench, bench.pass(.seconds(3590))) == 1)
        // From 13:00 to 11:30.
        bench.now.wall.addTimeInterval(-5400)
        #expect(bench.pass(.seconds(1800)).polls == 0)
        #expect(bench.pass(.seconds(3600)).polls == 0)
        #expect(bench.pass(.seconds(3600)).polls == 1)
    }

    @Test func `a clock that was far ahead doesn't silence the schedule for years`() throws {
        var bench = bench()
        var mark = TickMark(
            workflow: "portfolio",
            settled: Self.start.addingTimeInterval(366 * 86_400)
        )
        mark.lastTick = mark.settled
        _ = bench.handle(.recovered([], ticks: [mark]))
        #expect(bench.handle(.workflows([try workflow()])).polls == 0)
        #expect(bench.pass(.seconds(50)).polls == 1)
    }

    @Test func `a tick that Linear didn't answer is asked for again before the next one`() throws {
        var bench = bench()
        _ = bench.handle(.workflows([try workflow("1 12 * * *")]))
        #expect(bench.pass(.seconds(50)).polls == 1)
        let failure = SchedulerEvent.pollFailed(
            workflow: "portfolio",
            reason: "HTTP 502",
            isRetryable: true
        )
        #expect(bench.handle(failure).polls == 0)
        #expect(bench.pass(.seconds(29)).polls == 0)
        #expect(bench.pass(.seconds(1)).polls == 1)
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([])))
        #expect(bench.pass(.seconds(3600)).polls == 0)
    }

    @Test func `ticks that pass while Linear is being asked are no missed ones`() throws {
        var bench = bench()
        _ = bench.handle(.workflows([try workflow(missed: .all)]))
        #expect(bench.pass(.seconds(50)).polls == 1)
        #expect(bench.pass(.seconds(300)).polls == 0)
        let commands = bench.handle(.polled(workflow: "portfolio", bench.report([])))
        #expect(polls(&bench, commands) == 1)
        #expect(bench.marks["portfolio"]?.missed == nil)
    }

    @Test func `a tick whose jitter isn't over at a restart or a reload still comes`() throws {
        let schedule = try workflow("0 12,18 * * *", jitter: .seconds(3600))
        let cron = try #require(schedule.cron)
        let tick = Int(Self.start.timeIntervalSince1970) - 10
        let jitter = cron.jitter(seed: "portfolio", upTo: .seconds(3600), at: tick)
        #expect(jitter > .seconds(60))
        var mark = TickMark(workflow: "portfolio", settled: Self.start.addingTimeInterval(-3600))
        mark.lastTick = nil
        var bench = bench()
        _ = bench.handle(.recovered([], ticks: [mark]))
        #expect(bench.handle(.workflows([schedule])).polls == 0)
        #expect(bench.handle(.workflows([schedule])).polls == 0)
        #expect(bench.pass(jitter - .seconds(11)).polls == 0)
        #expect(bench.pass(.seconds(1)).polls == 1)
        #expect(bench.marks["portfolio"]?.missed == nil)
    }

    @Test func `a stopping service leaves its ticks to the next start`() throws {
        var bench = bench()
        _ = bench.handle(.workflows([try workflow()]))
        _ = bench.handle(.drained)
        let settled = bench.marks["portfolio"]?.settled
        #expect(bench.pass(.seconds(120)).polls == 0)
        #expect(bench.marks["portfolio"]?.settled == settled)
        // Nor does it wake up all the time for them.
        let wake = try #require(bench.scheduler.nextDeadline(after: bench.now))
        #expect(wake > bench.now.uptime)
    }

    @Test func `an interval's jitter puts its polls off without adding up`() {
        var bench = bench()
        var workflow = Bench.workflow()
        workflow.schedule = ScheduleSettings(trigger: .every(.seconds(60)), jitter: .seconds(20))
        _ = bench.handle(.workflows([WorkflowInForce(workflow: workflow, cron: nil)]))
        let began = bench.now.uptime
        var lags: Set<Duration> = []
        for beat in 1...20 {
            _ = bench.handle(.polled(workflow: "portfolio", bench.report([])))
            guard let next = bench.scheduler.nextDeadline(after: bench.now) else { return }
            let lag = next - began - .seconds(60 * beat)
            #expect((.zero)...(.seconds(20)) ~= lag)
            lags.insert(lag)
            #expect(bench.pass(next - bench.now.uptime).polls == 1)
        }
        #expect(lags.count > 10)
    }
}
