import Domain
import Scheduler
import Testing

@Suite struct ProfileTests {
    private static let workflow = {
        var workflow = Bench.workflow()
        workflow.agent.models = ["opus"]
        workflow.agent.overrides = [
            AgentOverride(
                when: TicketCondition(label: "complex"),
                keys: [.timeout, .maxTurns],
                settings: AgentSettings(maxTurns: 60, timeout: .seconds(5400))
            )
        ]
        return workflow
    }()

    private func launches(_ commands: [SchedulerCommand]) -> [SchedulerCommand.Launch] {
        commands.compactMap { if case .launch(let launch) = $0 { launch } else { nil } }
    }

    @Test func `an attempt gets the settings of its ticket, and the record says which`() throws {
        var bench = Bench()
        var tickets = [Bench.ticket(1, labels: ["complex"]), Bench.ticket(2)]
        let first = bench.start(Self.workflow, with: tickets)
        // Only the whole ticket, which a claim brings, has a text.
        tickets[0].description = "Model: opus"
        let launched = launches(bench.claimAll(first, tickets))
        #expect(launched.map(\.workflow.agent.maxTurns) == [60, 50])
        #expect(launched.map(\.workflow.agent.model) == ["opus", nil])
        #expect(launched.map(\.workflow.agent.overrides.count) == [0, 0])
        let run = try #require(bench.saved[Bench.id(1)])
        #expect(
            run.profile?.words == "label complex: timeout, max_turns; the ticket's text: model opus"
        )
        #expect(run.next == "Attempt 1 of at most 3 ends at the latest after 1 h 30 min.")
        #expect(bench.saved[Bench.id(2)]?.profile == nil)
    }

    @Test func `the run's copy of the workflow stays as it was written`() {
        var bench = Bench()
        let commands = bench.start(Self.workflow, with: [Bench.ticket(1, labels: ["complex"])])
        let copies = commands.compactMap {
            if case .begin(_, let workflow) = $0 { workflow.value } else { nil }
        }
        #expect(copies == [Self.workflow])
    }

    @Test func `after a restart the next attempt has the settings that the first one had`() throws {
        var bench = Bench()
        let ticket = Bench.ticket(1, labels: ["complex"])
        _ = bench.claimAll(bench.start(Self.workflow, with: [ticket]), [ticket])
        let run = try #require(bench.saved[Bench.id(1)])
        var next = Bench()
        _ = next.handle(
            .recovered([
                RecoveredRun(run: run, workflow: Self.workflow, fate: .lost, ticket: ticket)
            ])
        )
        let launched = launches(next.pass(.seconds(60)))
        #expect(launched.map(\.workflow.agent.maxTurns) == [60])
        #expect(launched.map(\.attempt) == [2])
    }

    @Test func `the gates of a ticket say what its agent would work with`() throws {
        var bench = Bench(machineSlots: 1)
        let tickets = [Bench.ticket(1, .urgent), Bench.ticket(2, labels: ["complex"])]
        _ = bench.start(Self.workflow, with: tickets)
        let gates = bench.scheduler.gates(of: Bench.key(2), at: bench.now)
        let gate = try #require(gates.first { $0.name == "agent" })
        #expect(gate.value == "command, at most 1 h 30 min; label complex: timeout, max_turns")
        #expect(!gate.holds)
    }
}
