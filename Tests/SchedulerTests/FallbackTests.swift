import Domain
import Scheduler
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct FallbackTests {
    private static func workflow(_ fallback: [AgentFallback]) -> Workflow {
        var workflow = Bench.workflow()
        workflow.agent = AgentSettings(kind: .claudeCode, fallback: fallback)
        return workflow
    }
    private static let codex = AgentFallback(
        keys: [.kind],
        settings: AgentSettings(kind: .codex)
    )
    private static let haiku = AgentFallback(
        keys: [.model],
        settings: AgentSettings(model: "haiku")
    )

    private func launches(_ commands: [SchedulerCommand]) -> [SchedulerCommand.Launch] {
        commands.compactMap { if case .launch(let launch) = $0 { launch } else { nil } }
    }

    /// The first attempt of the first ticket runs.
    private func running(_ workflow: Workflow) -> Bench {
        var bench = Bench()
        _ = bench.start(workflow, with: [Bench.ticket(1)])
        bench.begin(1)
        return bench
    }

    private func end(
        _ bench: inout Bench,
        attempt: Int,
        _ outcome: Outcome,
        after seconds: Double = 600
    ) -> [SchedulerCommand] {
        var result = bench.result(outcome)
        result.retryAt = bench.now.wall.addingTimeInterval(seconds)
        return bench.handle(.attemptEnded(Bench.id(1), attempt: attempt, result))
    }

    @Test func `at a usage limit the next agent goes on at once, and new tickets begin with it`()
        throws
    {
        var bench = running(Self.workflow([Self.codex]))
        let next = launches(end(&bench, attempt: 1, .rateLimited))
        #expect(next.map(\.attempt) == [2])
        #expect(next.map(\.workflow.agent.kind) == [.codex])
        #expect(next.map(\.workflow.agent.command) == ["codex"])
        let words = "codex, since claude-code's provider asked for a break until 19:50:02 UTC"
        #expect(bench.saved[Bench.id(1)]?.profile?.fallback == words)
        #expect(
            bench.saved[Bench.id(1)]?.timeline.last { $0.state == .waiting }?.why
                == "attempt 1: the provider's usage limit is reached; falls back to codex"
        )
        _ = bench.pass(.seconds(30))
        let tickets = [Bench.ticket(1), Bench.ticket(2)]
        let polled = bench.handle(.polled(workflow: "portfolio", bench.report(tickets)))
        let begun = launches(bench.claimAll(polled, tickets))
        #expect(begun.map(\.run.id) == [Bench.id(2)])
        #expect(begun.map(\.workflow.agent.kind) == [.codex])
        let gate = bench.scheduler.gates(of: Bench.key(1), at: bench.now)
            .first { $0.name == "provider" }
        #expect(
            gate?.value
                == "claude-code's provider asked for a break until 19:50:02 UTC; falls back to codex"
        )
        #expect(gate?.holds == false)
        // Once the limit has ended, the workflow's own agent has its turn again.
        _ = bench.pass(.seconds(600))
        _ = end(&bench, attempt: 2, .verificationFailed)
        let third = launches(bench.pass(.seconds(60)))
        #expect(third.map(\.workflow.agent.kind) == [.claudeCode])
        #expect(bench.saved[Bench.id(1)]?.profile == nil)
    }

    @Test(arguments: [
        Outcome.agentFailed, .verificationFailed, .timedOut, .stalled, .pushFailed, .conflict,
        .lost,
        .authFailed, .refused, .misconfigured, .noChanges, .maxTurns, .budgetExceeded,
    ])
    func `after no other outcome does another agent work`(outcome: Outcome) {
        var bench = running(Self.workflow([Self.codex]))
        let following = end(&bench, attempt: 1, outcome) + bench.pass(.seconds(900))
        #expect(launches(following).allSatisfy { $0.workflow.agent.kind == .claudeCode })
        #expect(bench.saved[Bench.id(1)]?.profile == nil)
    }

    @Test func `where all ask for a break the run is parked until the first of them ends it`()
        throws
    {
        var bench = running(Self.workflow([Self.codex]))
        _ = end(&bench, attempt: 1, .rateLimited, after: 3600)
        _ = end(&bench, attempt: 2, .rateLimited, after: 600)
        let run = try #require(bench.saved[Bench.id(1)])
        #expect(run.state == .parked)
        #expect(run.retry?.seconds == 600)
        let next = launches(bench.pass(.seconds(600)))
        #expect(next.map(\.workflow.agent.kind) == [.codex])
    }

    @Test func `a ticket that was being claimed waits for the provider too`() {
        var bench = Bench()
        _ = bench.start(Self.workflow([]), with: [Bench.ticket(1), Bench.ticket(2)])
        bench.begin(1)
        _ = end(&bench, attempt: 1, .rateLimited)
        #expect(bench.handle(.claimed(Bench.id(2), Bench.ticket(2))).launched == [])
        #expect(
            bench.saved[Bench.id(2)]?.reason
                == "claude-code's provider asked for a break until 19:50:02 UTC"
        )
        #expect(bench.pass(.seconds(600)).launched == [Bench.id(1), Bench.id(2)])
    }

    @Test func `an overload holds one model, a usage limit all of them`() {
        var overloaded = running(Self.workflow([Self.haiku]))
        let next = launches(end(&overloaded, attempt: 1, .overloaded))
        #expect(next.map(\.workflow.agent.model) == ["haiku"])
        #expect(next.map(\.workflow.agent.kind) == [.claudeCode])
        var limited = running(Self.workflow([Self.haiku]))
        #expect(launches(end(&limited, attempt: 1, .rateLimited)).isEmpty)
        #expect(limited.saved[Bench.id(1)]?.state == .parked)
    }

    /// Whether the run that came to the limit is parked, or went on with another agent.
    @Test(arguments: [[], [codex]])
    func `a limit is still known after a restart`(fallback: [AgentFallback]) throws {
        let workflow = Self.workflow(fallback)
        var bench = running(workflow)
        let commands = end(&bench, attempt: 1, .rateLimited)
        // A crash between the two may leave the first alone.
        let written = commands.prefix { if case .save = $0 { false } else { true } }
        #expect(written.contains { if case .saveBreaker = $0 { true } else { false } })
        var next = Bench()
        next.now = bench.now
        let recovered = RecoveredRun(
            run: try #require(bench.saved[Bench.id(1)]),
            workflow: workflow,
            fate: .alive(slot: 0),
            ticket: Bench.ticket(1)
        )
        _ = next.handle(.recovered([recovered], breaks: bench.breaks))
        let begun = next.start(workflow, with: [Bench.ticket(2)])
        let launched = launches(next.claimAll(begun, [Bench.ticket(2)]))
        #expect(launched.map(\.workflow.agent.kind) == fallback.map { _ in .codex })
        let resumed = next.pass(.seconds(600))
        #expect(resumed.launched == (fallback.isEmpty ? [Bench.id(1)] : []))
        #expect(resumed.claimed == (fallback.isEmpty ? [Bench.id(2)] : []))
        #expect(next.breaks == [])
    }

    @Test func `a limit that an attempt came to while the daemon was down is its own agent's`()
        throws
    {
        let workflow = Self.workflow([Self.codex])
        var bench = running(workflow)
        let launched = launches(end(&bench, attempt: 1, .rateLimited, after: 60))
        var result = bench.result(.rateLimited)
        result.retryAt = bench.now.wall.addingTimeInterval(600)
        var next = Bench()
        next.now = bench.now
        let recovered = RecoveredRun(
            run: try #require(bench.saved[Bench.id(1)]),
            workflow: workflow,
            fate: .ended(result),
            ticket: Bench.ticket(1),
            agent: launched.first?.workflow.agent
        )
        _ = next.handle(.recovered([recovered], breaks: bench.breaks))
        let after = launches(next.pass(.seconds(60)))
        #expect(after.map(\.workflow.agent.kind) == [.claudeCode])
    }

    @Test func `an attempt that was never started gets the agent that may be asked now`() throws {
        let workflow = Self.workflow([Self.codex])
        let bench = running(workflow)
        var next = Bench()
        next.now = bench.now
        let recovered = RecoveredRun(
            run: try #require(bench.saved[Bench.id(1)]),
            workflow: workflow,
            fate: .notStarted,
            ticket: Bench.ticket(1)
        )
        let claude = ProviderBreak(
            scope: .provider(workflow.agent.provider),
            until: bench.now.wall.addingTimeInterval(600)
        )
        let launched = launches(next.handle(.recovered([recovered], breaks: [claude])))
        #expect(launched.map(\.workflow.agent.kind) == [.codex])
    }

    @Test(arguments: ["its ticket's budget is used up", "its ticket was closed"])
    func `a run that doesn't go on tells the others of the limit all the same`(since why: String)
        throws
    {
        var workflow = Self.workflow([])
        workflow.budget = BudgetSettings(ticket: 1)
        var bench = running(workflow)
        var result = bench.result(.rateLimited)
        result.retryAt = bench.now.wall.addingTimeInterval(600)
        if why.contains("budget") {
            var report = AgentReport(kind: .claudeCode)
            report.costUSD = 1
            result.agent = report
        } else {
            let closed = bench.report([], tracked: [Bench.present(1, "Done", .completed)])
            _ = bench.handle(.pollRequested)
            _ = bench.handle(.polled(workflow: workflow.name, closed))
        }
        _ = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, result))
        let state: RunState = why.contains("budget") ? .needsHuman : .cancelled
        #expect(bench.saved[Bench.id(1)]?.state == state)
        _ = bench.handle(.pollRequested)
        let seen = bench.report([Bench.ticket(2)])
        #expect(bench.handle(.polled(workflow: workflow.name, seen)).claimed == [])
        #expect(bench.pass(.seconds(600)).claimed == [Bench.id(2)])
    }

    @Test func `a person who asks for a parked ticket lets its provider be asked at once`() {
        let workflow = Self.workflow([])
        var bench = Bench()
        let tickets = [Bench.ticket(1), Bench.ticket(2), Bench.ticket(3)]
        _ = bench.start(workflow, with: tickets)
        bench.begin(1)
        bench.begin(2)
        _ = end(&bench, attempt: 1, .rateLimited)
        var result = bench.result(.rateLimited)
        result.retryAt = bench.now.wall.addingTimeInterval(900)
        _ = bench.handle(.attemptEnded(Bench.id(2), attempt: 1, result))
        #expect(bench.pass(.seconds(1)).launched == [])
        let request = RetryRequest(ticket: Bench.key(2), asked: bench.now.wall)
        #expect(bench.scheduler.takes(request))
        #expect(bench.handle(.retried(request)).launched == [Bench.id(1), Bench.id(2)])
        #expect(bench.breaks == [])
        #expect(bench.saved[Bench.id(1)]?.retry == nil)
    }

    @Test func `a job keeps its fallbacks`() throws {
        let settings = AgentSettings(fallback: [Self.codex])
        let data = try JSONEncoder().encode(settings)
        #expect(try JSONDecoder().decode(AgentSettings.self, from: data) == settings)
    }
}
