import Domain
import Scheduler
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct BudgetTests {
    private let tickets = (1...4).map { Bench.ticket($0) }

    private func workflow(day: Double?, attempt: Double = 5) -> Workflow {
        var workflow = Bench.workflow()
        workflow.agent.budget = attempt
        workflow.budget.day = day
        return workflow
    }

    private func started(day: Double) -> Bench {
        var bench = Bench()
        _ = bench.claimAll(bench.start(workflow(day: day), with: tickets), tickets)
        return bench
    }

    /// An attempt's end, with what its agent says that it cost.
    private func end(_ bench: inout Bench, _ number: Int, cost: Double?) -> [SchedulerCommand] {
        var result = bench.result(.succeeded)
        var agent = AgentReport(kind: .claudeCode)
        agent.costUSD = cost
        result.agent = agent
        return bench.handle(.attemptEnded(Bench.id(number), attempt: 1, result))
    }

    private func gate(_ bench: Bench, _ number: Int) -> Gate? {
        bench.scheduler.gates(of: Bench.key(number), at: bench.now).first { $0.name == "budget" }
    }

    @Test func `what runs is counted with all that it may cost`() {
        var bench = started(day: 12)
        #expect(bench.saved.keys.sorted() == [Bench.id(1), Bench.id(2)])
        #expect(
            bench.held(3) == "the day's budget of 12.00 USD has no room for another attempt"
        )
        #expect(end(&bench, 1, cost: 2.5).claimed == [])
        #expect(
            gate(bench, 3)?.value
                == "2.50 of 12.00 USD spent in 24 hours, 5.00 held for what runs; goes on when one that runs has ended"
        )
        #expect(end(&bench, 2, cost: 2).claimed == [Bench.id(3)])
    }

    @Test func `an attempt that doesn't say what it cost counts with its whole budget`() {
        var bench = started(day: 10)
        #expect(end(&bench, 1, cost: nil).claimed == [])
        #expect(end(&bench, 2, cost: 0.5).claimed == [])
        let gate = gate(bench, 3)
        #expect(gate?.holds == true)
        #expect(
            gate?.value.hasPrefix("5.50 of 10.00 USD spent in 24 hours (5.00 of it estimated)")
                == true
        )
    }

    @Test func `an attempt that never got to its agent costs nothing`() {
        var bench = started(day: 10)
        let failed = bench.result(.setupFailed)
        #expect(
            bench.handle(.attemptEnded(Bench.id(1), attempt: 1, failed)).claimed == [Bench.id(3)]
        )
    }

    @Test func `a day after it was spent, money may be spent again`() throws {
        var bench = started(day: 10)
        _ = end(&bench, 1, cost: 4)
        _ = bench.pass(.seconds(3600))
        _ = end(&bench, 2, cost: 4)
        let deadline = try #require(bench.scheduler.nextDeadline(after: bench.now))
        #expect(deadline <= bench.now.uptime + .seconds(23 * 3600))
        #expect(bench.pass(.seconds(23 * 3600 - 1)).claimed == [])
        #expect(bench.pass(.seconds(1)).claimed == [Bench.id(3)])
    }

    @Test func `a restart doesn't forget what was spent`() {
        var bench = Bench()
        let spent = Spending(
            workflow: "portfolio",
            at: bench.now.wall.addingTimeInterval(-3600),
            usd: 6,
            isEstimate: false
        )
        _ = bench.handle(.recovered([], spent: [spent]))
        #expect(bench.start(workflow(day: 10), with: tickets).claimed == [])
        #expect(gate(bench, 1)?.value.hasPrefix("6.00 of 10.00 USD spent") == true)
    }

    @Test func `raising the budget lets a run go on that was begun under the old one`() {
        var bench = started(day: 5)
        var result = bench.result(.agentFailed, "exit 1")
        var agent = AgentReport(kind: .claudeCode)
        agent.costUSD = 3
        result.agent = agent
        _ = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, result))
        #expect(bench.pass(.seconds(31)).launched == [])
        #expect(bench.saved[Bench.id(1)]?.state == .waiting)
        let raised = WorkflowInForce(workflow: workflow(day: 100), cron: nil)
        #expect(bench.handle(.workflows([raised])).launched == [Bench.id(1)])
    }

    @Test func `what waits for money waits for a person`() {
        var bench = started(day: 5)
        _ = end(&bench, 1, cost: 3)
        _ = bench.open(1)
        let report = bench.report(
            Array(tickets[1...]),
            tracked: [Bench.present(1, "In Review", .started)]
        )
        _ = bench.handle(.pollRequested)
        _ = bench.handle(.looked([Bench.id(1)]))
        _ = bench.handle(.polled(workflow: "portfolio", report))
        #expect(bench.scheduler.idleness == .idle)
    }

    @Test func `without a budget nothing is held`() {
        var bench = Bench()
        #expect(bench.start(workflow(day: nil), with: tickets).claimed.count == 4)
        #expect(gate(bench, 1)?.value == "5.00 USD an attempt, kept by the agent")
    }
}
