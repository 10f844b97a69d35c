import Domain
import Scheduler
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct BreakerTests {
    private static let retry = RetryPolicy(attempts: 9, delay: .seconds(10), factor: 1, jitter: 0)
    private let tickets = (1...40).map { Bench.ticket($0) }

    private func workflow(_ name: String = "portfolio") -> Workflow {
        var workflow = Bench.workflow(slots: SlotLimits(total: 40), retry: Self.retry)
        workflow.name = name
        return workflow
    }

    /// Every attempt that is started ends at once, in the way that is given; counts those that were started.
    private func play(
        _ bench: inout Bench,
        _ commands: [SchedulerCommand],
        ending outcome: (SchedulerCommand.Launch) -> Outcome
    ) -> [RunID] {
        var started: [RunID] = []
        var rest = commands[...]
        while let command = rest.popFirst() {
            switch command {
            case .claim(let id, _, _):
                for ticket in tickets where ticket.key == id.ticket {
                    rest += bench.handle(.claimed(id, ticket))
                }
            case .launch(let launch):
                started.append(launch.run.id)
                let result = bench.result(outcome(launch), "exit 127")
                rest += bench.handle(
                    .attemptEnded(launch.run.id, attempt: launch.attempt, result)
                )
            case .begin, .save, .saveBatch, .refreshBatch, .saveTick, .saveBreaker, .poll, .stop,
                .deliver,
                .restack, .tell, .lookAtPullRequests, .clean:
                break
            }
        }
        return started
    }

    /// Forty tickets whose attempts all fail at once.
    private func storm(_ outcome: Outcome = .agentFailed, slots: Int = 8) -> (Bench, [RunID]) {
        var bench = Bench(machineSlots: slots)
        let commands = bench.start(workflow(), with: tickets)
        let started = play(&bench, commands) { _ in outcome }
        return (bench, started)
    }

    private func opening(_ bench: Bench, _ workflow: String? = "portfolio")
        -> BreakerMark.Opening?
    {
        bench.breakers.first { $0.workflow == workflow }?.opening
    }

    @Test func `twenty failures in a minute, and not one further attempt is started`() {
        let (opened, started) = storm()
        var bench = opened
        // Four more ran when the twentieth failed.
        #expect(started.count == 24)
        #expect(storm(slots: 1).1.count == 20)
        #expect(play(&bench, bench.pass(.seconds(299))) { _ in .agentFailed } == [])
        #expect(bench.scheduler.takenSlots == 0)
    }

    @Test func `what was claimed when it opens waits, and so does what ran`() {
        var bench = Bench(machineSlots: 8)
        var commands = bench.start(workflow(), with: tickets)
        var launched: [RunID] = []
        // Linear answers seven claims only; the eighth one's answer comes last.
        let late = Bench.id(8)
        while launched.count < 20 {
            let answers = bench.claimAll(commands.filter { $0.run != late }, tickets)
            let new = (commands + answers).launched
            guard !new.isEmpty else { break }
            launched += new
            commands = new.flatMap {
                bench.handle(.attemptEnded($0, attempt: 1, bench.result(.setupFailed)))
            }
        }
        #expect(opening(bench) != nil)
        #expect(bench.handle(.claimed(late, tickets[7])).launched == [])
        #expect(bench.saved[late]?.state == .waiting)
        #expect(
            bench.saved[late]?.reason == "too many attempts failed, the last one with: setup failed"
        )
        #expect(bench.pass(.seconds(299)).launched == [])
    }

    @Test func `after the pause one attempt is tried; it fails, and the pause is twice as long`() {
        var (bench, _) = storm()
        var pauses: [Double] = []
        for _ in 1...6 {
            guard let until = opening(bench)?.until else { break }
            let pause = until.timeIntervalSince(bench.now.wall)
            pauses.append(pause)
            #expect(play(&bench, bench.pass(.seconds(pause - 1))) { _ in .agentFailed } == [])
            let tried = play(&bench, bench.pass(.seconds(1))) { _ in .agentFailed }
            #expect(tried.count == 1)
        }
        #expect(pauses == [300, 600, 1200, 2400, 3600, 3600])
    }

    @Test func `while the tried attempt runs nothing else is started, and its success frees all`()
        throws
    {
        var (bench, _) = storm()
        let tried = bench.pass(.seconds(300))
        let probe = try #require((tried.launched + tried.claimed).first)
        #expect((tried.launched + tried.claimed).count == 1)
        #expect(bench.pass(.seconds(600)).launched == [])
        #expect(bench.scheduler.takenSlots == 1)
        let number = try #require(bench.saved[probe]?.liveAttempt?.number)
        let freed = bench.handle(
            .attemptEnded(probe, attempt: number, bench.result(.verificationFailed))
        )
        #expect((freed.launched + freed.claimed).count == 8)
        #expect(bench.breakers == [])
    }

    @Test func `a tried attempt that says nothing makes room for the next one`() throws {
        var (bench, _) = storm()
        let probe = try #require(bench.pass(.seconds(300)).launched.first)
        let number = try #require(bench.saved[probe]?.liveAttempt?.number)
        let commands = bench.handle(
            .attemptEnded(probe, attempt: number, bench.result(.cancelled))
        )
        #expect((commands.launched + commands.claimed).count == 1)
        #expect(opening(bench)?.count == 1)
    }

    @Test func `the service wakes when the pause is over`() {
        var (bench, _) = storm()
        let opened = bench.now.uptime
        // The poll that is asked for here isn't answered, so that nothing else is waited for.
        #expect(bench.pass(.seconds(40)).polls == 1)
        #expect(bench.scheduler.nextDeadline(after: bench.now) == opened + .seconds(300))
    }

    @Test(arguments: Outcome.allCases)
    func `only what says something of the machine, the agent or the provider counts`(
        outcome: Outcome
    ) {
        let counts: Set<Outcome> = [
            .agentFailed, .authFailed, .misconfigured, .setupFailed, .worktreeFailed, .pushFailed,
            .pushDeclined, .lost,
        ]
        let (bench, started) = storm(outcome, slots: 40)
        #expect(started.count >= 1)
        #expect((opening(bench) != nil) == counts.contains(outcome))
    }

    @Test func `nineteen failures, or twenty in more than a minute, stop nothing`() {
        var bench = Bench(machineSlots: 1)
        var failures = 0
        let few = bench.start(workflow(), with: tickets)
        let started = play(&bench, few) { _ in
            failures += 1
            return failures < 20 ? .misconfigured : .refused
        }
        #expect(started.count == 40)
        #expect(opening(bench) == nil)
        var slow = Bench(machineSlots: 1)
        var commands = slow.start(workflow(), with: tickets)
        for number in 1...30 {
            _ = slow.claimAll(commands, tickets)
            let result = slow.result(.misconfigured)
            _ = slow.pass(.seconds(3.2))
            commands = slow.handle(.attemptEnded(Bench.id(number), attempt: 1, result))
        }
        #expect(opening(slow) == nil)
    }

    @Test func `a workflow that is broken doesn't stop the others`() {
        var bench = Bench(machineSlots: 4)
        let both = [workflow("broken"), workflow("sound")]
        _ = bench.handle(.workflows(both.map { WorkflowInForce(workflow: $0, cron: nil) }))
        var commands = bench.handle(
            .polled(workflow: "broken", bench.report(Array(tickets[..<30])))
        )
        commands += bench.handle(.polled(workflow: "sound", bench.report(Array(tickets[30...]))))
        let started = play(&bench, commands) { launch in
            launch.workflow.name == "broken" ? .agentFailed : .refused
        }
        #expect(started.count { $0.ticket.number <= 30 } == 20)
        #expect(started.count { $0.ticket.number > 30 } == 10)
        #expect(opening(bench, "broken") != nil)
        #expect(opening(bench, nil) == nil)
    }

    @Test func `failures of many workflows together stop all of them`() {
        var bench = Bench(machineSlots: 1)
        let all = (0..<4).map { workflow("w\($0)") }
        _ = bench.handle(.workflows(all.map { WorkflowInForce(workflow: $0, cron: nil) }))
        var commands: [SchedulerCommand] = []
        for index in 0..<4 {
            let own = tickets.filter { $0.key.number % 4 == index }
            commands += bench.handle(.polled(workflow: "w\(index)", bench.report(own)))
        }
        let started = play(&bench, commands) { _ in .authFailed }
        #expect(started.count == 20)
        #expect(opening(bench, nil)?.cause == "the provider refused the credentials: exit 127")
        #expect(bench.breakers.count == 1)
    }

    @Test func `a restart neither closes it nor forgets the failures that came before`() {
        let (before, _) = storm()
        var bench = Bench()
        _ = bench.handle(.recovered([], breakers: before.breakers))
        #expect(bench.start(workflow(), with: tickets).claimed == [])
        #expect(
            bench.held(1)
                == "too many attempts failed, the last one with: the agent failed: exit 127"
        )
        _ = bench.pass(.seconds(299))
        #expect(bench.scheduler.takenSlots == 0)
        _ = bench.pass(.seconds(1))
        #expect(bench.scheduler.takenSlots == 1)

        let times = (1...19).map { bench.now.wall.addingTimeInterval(-Double($0)) }
        var counting = Bench(machineSlots: 1)
        counting.now = bench.now
        _ = counting.handle(
            .recovered([], breakers: [BreakerMark(workflow: "portfolio", failures: times)])
        )
        let commands = counting.start(workflow(), with: tickets)
        #expect(play(&counting, commands) { _ in .agentFailed }.count == 1)
    }

    @Test func `attempts that died with the machine don't count`() throws {
        var before = Bench(machineSlots: 40)
        _ = before.claimAll(before.start(workflow(), with: tickets), tickets)
        let lost = before.saved.values.map {
            RecoveredRun(run: $0, workflow: workflow(), fate: .lost, ticket: nil)
        }
        try #require(lost.count == 40)
        var bench = Bench(machineSlots: 40)
        _ = bench.handle(.recovered(lost))
        #expect(bench.breakers == [])
        #expect(bench.pass(.seconds(10)).claimed.count == 40)
    }

    @Test func `an adopted attempt that was being tried still decides`() throws {
        var (before, _) = storm()
        let probe = try #require(before.pass(.seconds(300)).launched.first)
        let run = try #require(before.saved[probe])
        let number = try #require(run.liveAttempt?.number)
        var bench = Bench()
        bench.now = before.now
        let adopted = RecoveredRun(
            run: run,
            workflow: workflow(),
            fate: .alive(slot: 0),
            ticket: tickets[0]
        )
        _ = bench.handle(.recovered([adopted], breakers: before.breakers))
        #expect(bench.start(workflow(), with: Array(tickets[30...])).claimed == [])
        let ended = bench.handle(.attemptEnded(probe, attempt: number, bench.result(.succeeded)))
        #expect(ended.claimed.count == 8)
    }

    @Test func `without a number of failures nothing is stopped, also what was stopped already`() {
        var (bench, _) = storm()
        let freed = bench.handle(.breaker(BreakerSettings(failures: nil)))
        #expect(freed.claimed.count + freed.launched.count == 8)
        #expect(bench.breakers == [])
        #expect(bench.scheduler.breakerNotes == [])
    }

    @Test func `status and explain say what stopped it, and until when`() throws {
        var (bench, _) = storm()
        let why = "too many attempts failed, the last one with: the agent failed: exit 127; "
        let gate = bench.scheduler.gates(of: Bench.key(40), at: bench.now).first {
            $0.name == "breaker"
        }
        let words =
            why + "nothing is started before 19:45:02 UTC, then one attempt that shows"
            + " whether it works again"
        #expect(gate == Gate("breaker", words, holds: true))
        #expect(bench.scheduler.breakerNotes == ["workflow portfolio: " + words])
        let probe = try #require(bench.pass(.seconds(300)).launched.first)
        #expect(
            bench.scheduler.breakerNotes == [
                "workflow portfolio: " + why
                    + "the attempt of \(probe.ticket) shows whether it works again"
            ]
        )
        #expect(bench.scheduler.idleness == .busy)
    }

    @Test func `a clock that was set back doesn't make the pause longer`() {
        var (bench, _) = storm()
        bench.now.wall.addTimeInterval(-7200)
        _ = bench.pass(.seconds(1))
        #expect(bench.pass(.seconds(300)).launched.count == 1)
    }
}
