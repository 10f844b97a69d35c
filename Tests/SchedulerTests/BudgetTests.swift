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

    /// A run whose only attempt has ended like this.
    private func ended(
        _ outcome: Outcome = .agentFailed,
        budget: BudgetSettings,
        attempt: Double? = nil,
        cost: Double?,
        tokens: Int? = nil,
        attempts: Int = 3
    ) -> Bench {
        var bench = Bench()
        var workflow = Bench.workflow()
        workflow.retry.attempts = attempts
        workflow.agent.budget = attempt
        workflow.budget = budget
        _ = bench.claimAll(bench.start(workflow, with: [tickets[0]]), [tickets[0]])
        _ = end(&bench, outcome, attempt: 1, cost: cost, tokens: tokens)
        return bench
    }

    @discardableResult
    private func end(
        _ bench: inout Bench,
        _ outcome: Outcome,
        attempt: Int,
        cost: Double?,
        tokens: Int? = nil
    ) -> [SchedulerCommand] {
        var result = bench.result(outcome)
        var agent = AgentReport(kind: .claudeCode)
        agent.costUSD = cost
        agent.inputTokens = tokens
        result.agent = agent
        return bench.handle(.attemptEnded(Bench.id(1), attempt: attempt, result))
    }

    private func launch(_ commands: [SchedulerCommand]) -> SchedulerCommand.Launch? {
        for case .launch(let launch) in commands { return launch }
        return nil
    }

    private func retry(_ bench: inout Bench, budget: Double? = nil, tokens: Int? = nil)
        -> [SchedulerCommand]
    {
        let request = RetryRequest(
            ticket: Bench.key(1),
            budget: budget,
            tokens: tokens,
            asked: bench.now.wall
        )
        #expect(bench.scheduler.takes(request))
        return bench.handle(.retried(request))
    }

    @Test func `an attempt may cost what is left of the ticket's budget, and no more`() {
        var bench = ended(budget: BudgetSettings(ticket: 7), attempt: 5, cost: 4.5)
        #expect(bench.saved[Bench.id(1)]?.state == .backingOff)
        let next = launch(bench.pass(.seconds(31)))
        #expect(next?.workflow.agent.budget == 2.5)
        #expect(next?.run.attempts.map(\.limit?.usd) == [5, 2.5])
    }

    @Test(arguments: [Outcome.agentFailed, .rateLimited, .budgetExceeded])
    func `a ticket that has used its budget up waits for a person, who is told the command`(
        outcome: Outcome
    ) {
        let bench = ended(outcome, budget: BudgetSettings(ticket: 7), attempt: 5, cost: 7.25)
        let run = bench.saved[Bench.id(1)]
        #expect(run?.state == .needsHuman)
        #expect(
            run?.reason
                == "the ticket's budget of 7.00 USD is used up: 7.25 spent; 'linecook retry FRE-1 --budget 13' raises it and goes on"
        )
        #expect(
            run?.next == "Goes on with that command; the work is kept on the branch feature/FRE-1."
        )
    }

    @Test func `a run without another attempt has failed, and nobody is asked for money`() {
        let bench = ended(
            budget: BudgetSettings(ticket: 7),
            attempt: 5,
            cost: 7.25,
            attempts: 1
        )
        #expect(bench.saved[Bench.id(1)]?.state == .failed)
        #expect(bench.saved[Bench.id(1)]?.reason == "the agent failed")
    }

    @Test func `a used-up budget doesn't keep a move from starting undelivered work anew`() {
        var bench = ended(.succeeded, budget: BudgetSettings(ticket: 7), attempt: 5, cost: 7.25)
        let id = Bench.id(1)
        _ = bench.handle(.deliveryFailed(id, reason: "no such base", isRetryable: false))
        _ = bench.handle(.told(id, .needsHuman))
        _ = bench.pass(.seconds(30))
        let moved = Bench.present(1, "Todo", .unstarted)
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([], tracked: [moved])))
        #expect(bench.saved[id]?.state == .cancelled)
    }

    @Test func `what nobody reported is counted whole and called an estimate`() {
        let bench = ended(budget: BudgetSettings(ticket: 4), attempt: 5, cost: nil)
        #expect(
            bench.saved[Bench.id(1)]?.reason?.hasPrefix(
                "the ticket's budget of 4.00 USD is used up: 4.00 spent, 4.00 of it estimated; "
            ) == true
        )
    }

    @Test func `tokens have a budget of their own`() {
        let bench = ended(budget: BudgetSettings(ticketTokens: 5000), cost: 1, tokens: 5400)
        let run = bench.saved[Bench.id(1)]
        #expect(run?.attempts.first?.limit == SpendingLimit(tokens: 5000))
        #expect(
            run?.reason
                == "the ticket's budget of 5000 tokens is used up: 5400 used; 'linecook retry FRE-1 --tokens 10400' raises it and goes on"
        )
    }

    @Test func `one command raises the budget and brings the run on`() {
        var bench = ended(budget: BudgetSettings(ticket: 7), attempt: 5, cost: 7.25)
        _ = bench.handle(.told(Bench.id(1), .needsHuman))
        let commands = retry(&bench, budget: 13)
        #expect(commands.claimed == [Bench.id(1)])
        let next = launch(bench.claimAll(commands, [tickets[0]]))
        #expect(next?.attempt == 2 && next?.workflow.agent.budget == 5)
        #expect(next?.run.budget == SpendingLimit(usd: 13))
        end(&bench, .agentFailed, attempt: 2, cost: 5.75)
        #expect(bench.saved[Bench.id(1)]?.reason?.hasPrefix("the ticket's budget of 13.00") == true)
    }

    @Test func `a budget that was raised too little says so and starts nothing`() {
        var bench = ended(budget: BudgetSettings(ticket: 7), attempt: 5, cost: 9)
        _ = bench.handle(.told(Bench.id(1), .needsHuman))
        #expect(retry(&bench, budget: 8).claimed == [])
        #expect(
            bench.saved[Bench.id(1)]?.reason?.hasPrefix(
                "the ticket's budget of 8.00 USD is used up: 9.00 spent; "
            ) == true
        )
    }

    @Test(arguments: [Outcome.maxTurns, .agentFailed])
    func `neither a comment nor a move on the board brings on what has no budget left`(
        outcome: Outcome
    ) {
        var bench = ended(outcome, budget: BudgetSettings(ticket: 7), cost: 7)
        let reply = Reply(comment: "c", at: bench.now.wall, author: "Kim", text: "go on")
        let moved = TrackedTicket(
            id: "id-1",
            presence: .present(key: Bench.key(1), state: tickets[0].state, labels: []),
            replies: [reply]
        )
        func poll() -> [SchedulerCommand] {
            _ = bench.handle(.pollRequested)
            let report = bench.report([tickets[0]], tracked: [moved])
            return bench.handle(.polled(workflow: "portfolio", report))
        }
        // Until Linear has been told, it may be our own comment.
        _ = poll()
        #expect(bench.saved[Bench.id(1)]?.replies == nil)
        _ = bench.handle(.told(Bench.id(1), .needsHuman))
        let commands = poll()
        #expect(bench.saved[Bench.id(1)]?.state == .needsHuman && bench.saved.count == 1)
        #expect(commands.claimed.isEmpty)
        // Who raises the budget wants heeded what was written meanwhile.
        let next = launch(bench.claimAll(retry(&bench, budget: 14), [tickets[0]]))
        #expect(next?.run.freshReplies(by: FailureTable()).map(\.text) == ["go on"])
    }

    @Test func `a restart neither forgets what a ticket has cost nor what it was raised to`() {
        let before = ended(budget: BudgetSettings(ticket: 7), attempt: 5, cost: 4.5)
        var bench = Bench()
        guard var run = before.saved[Bench.id(1)] else { return }
        run.budget = SpendingLimit(usd: 8)
        var workflow = workflow(day: nil)
        workflow.budget.ticket = 7
        let recovered = RecoveredRun(
            run: run,
            workflow: workflow,
            fate: .none,
            ticket: tickets[0]
        )
        _ = bench.handle(.recovered([recovered]))
        #expect(launch(bench.pass(.seconds(31)))?.workflow.agent.budget == 3.5)
    }

    @Test func `a day has a budget of tokens, too`() {
        var bench = Bench()
        var workflow = Bench.workflow()
        workflow.agent.tokens = 1000
        workflow.budget.dayTokens = 2500
        let first = bench.start(workflow, with: tickets)
        #expect(first.claimed == [Bench.id(1), Bench.id(2)])
        #expect(
            bench.held(3) == "the day's budget of 2500 tokens has no room for another attempt"
        )
        _ = bench.claimAll(first, tickets)
        #expect(
            end(&bench, .succeeded, attempt: 1, cost: nil, tokens: 400).claimed == [Bench.id(3)]
        )
    }
}
