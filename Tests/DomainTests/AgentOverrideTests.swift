import Domain
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct AgentOverrideTests {
    private func ticket(
        labels: [String] = [],
        estimate: Double? = nil,
        project: String? = nil,
        text: String? = nil
    ) throws -> Ticket {
        Ticket(
            id: "1",
            key: try #require(TicketKey("FRE-1")),
            title: "A ticket",
            description: text,
            url: "u",
            estimate: estimate,
            created: Date(timeIntervalSince1970: 0),
            updated: Date(timeIntervalSince1970: 0),
            state: TicketState(id: "t", name: "Todo", type: .unstarted),
            labels: labels,
            project: project
        )
    }

    @Test(arguments: [
        (TicketCondition(label: "Complex"), true),
        (TicketCondition(label: "simple"), false),
        (TicketCondition(allLabels: ["complex", "frontend"]), true),
        (TicketCondition(allLabels: ["complex", "backend"]), false),
        (TicketCondition(noLabels: ["Frontend"]), false),
        (TicketCondition(estimate: EstimateBound(.equal, 5)), true),
        (TicketCondition(estimate: EstimateBound(.more, 5)), false),
        (TicketCondition(estimate: EstimateBound(.atLeast, 5)), true),
        (TicketCondition(estimate: EstimateBound(.less, 5)), false),
        (TicketCondition(estimate: EstimateBound(.atMost, 5)), true),
        (TicketCondition(project: "portfolio"), true),
        (TicketCondition(project: "Shop"), false),
        (TicketCondition(label: "complex", project: "Shop"), false),
    ])
    func `a condition holds when all that it names holds`(when: TicketCondition, holds: Bool)
        throws
    {
        let ticket = try ticket(labels: ["complex", "frontend"], estimate: 5, project: "Portfolio")
        #expect(when.holds(for: ticket) == holds)
    }

    @Test func `a ticket that nobody estimated meets no estimate`() throws {
        let when = TicketCondition(estimate: EstimateBound(.atMost, 5))
        #expect(!when.holds(for: try ticket()))
    }

    @Test(arguments: [
        (">= 5", EstimateBound(.atLeast, 5)), (">5", EstimateBound(.more, 5)),
        ("<=  0.5", EstimateBound(.atMost, 0.5)), ("= 3", EstimateBound(.equal, 3)),
        ("5", nil), (">= five", nil), ("=> 5", nil), (">= -1", nil), (">= .5", nil), ("<", nil),
    ])
    func `an estimate is a sign and a number, and nothing else`(text: String, is: EstimateBound?) {
        #expect(EstimateBound(text) == `is`)
    }

    @Test func `all overrides that hold are applied, the last one wins where two set one key`()
        throws
    {
        let agent = AgentSettings(
            model: "sonnet",
            maxTurns: 50,
            overrides: [
                AgentOverride(
                    when: TicketCondition(label: "complex"),
                    keys: [.maxTurns, .timeout],
                    settings: AgentSettings(maxTurns: 60, timeout: .seconds(5400))
                ),
                AgentOverride(
                    when: TicketCondition(label: "trivial"),
                    keys: [.maxTurns],
                    settings: AgentSettings(maxTurns: 5)
                ),
                AgentOverride(
                    when: TicketCondition(estimate: EstimateBound(.atLeast, 5)),
                    keys: [.maxTurns, .budget],
                    settings: AgentSettings(maxTurns: 90, budget: 20)
                ),
            ]
        )
        let both = agent.resolved(for: try ticket(labels: ["complex"], estimate: 8))
        var expected = AgentSettings(model: "sonnet", maxTurns: 90, budget: 20)
        expected.timeout = .seconds(5400)
        #expect(both.settings == expected)
        #expect(
            both.profile?.overrides == [
                "label complex: max_turns, timeout", "estimate >= 5: max_turns, budget",
            ]
        )
        let neither = agent.resolved(for: try ticket(labels: ["other"], estimate: 1))
        #expect(neither.settings == AgentSettings(model: "sonnet", maxTurns: 50))
        #expect(neither.profile == nil)
    }

    @Test func `another kind of agent gets nothing that was meant for the first one's program`()
        throws
    {
        let agent = AgentSettings(
            arguments: ["--verbose"],
            model: "sonnet",
            overrides: [
                AgentOverride(
                    when: TicketCondition(label: "docs"),
                    keys: [.kind, .command],
                    settings: AgentSettings(kind: .command, command: "/bin/writer")
                )
            ]
        )
        let settings = agent.resolved(for: try ticket(labels: ["docs"])).settings
        #expect(settings.kind == .command && settings.command == "/bin/writer")
        #expect(settings.arguments == [] && settings.model == nil)
    }

    @Test(arguments: [
        "Model: opus", "Do this.\n\n- **Model:** Opus\n",
        "> model: `opus`".replacing("`", with: ""),
        "The model is bad.\nMODEL : x\nModel: opus",
    ])
    func `a line of the ticket's text chooses among the models that the workflow allows`(
        text: String
    ) throws {
        let agent = AgentSettings(model: "sonnet", models: ["sonnet", "opus"])
        let (settings, profile) = agent.resolved(for: try ticket(text: text))
        #expect(settings.model == "opus")
        #expect(profile == AgentProfile(model: "opus"))
    }

    @Test func `a model that the workflow doesn't allow is ignored, and the record says so`() throws
    {
        let agent = AgentSettings(model: "sonnet", models: ["sonnet", "opus"])
        let text = "Model: opus --dangerously-skip-permissions\u{1B}[2J"
        let (settings, profile) = agent.resolved(for: try ticket(text: text))
        #expect(settings.model == "sonnet")
        let note = try #require(profile?.note)
        #expect(
            note.hasPrefix("the ticket asks for the model 'opus --dangerously-skip-permissions")
        )
        #expect(note.hasSuffix("which isn't one of agent.models: sonnet, opus"))
        #expect(!note.unicodeScalars.contains("\u{1B}"))
    }

    @Test func `where no models are listed, a ticket's text chooses nothing`() throws {
        let agent = AgentSettings(model: "sonnet")
        let (settings, profile) = agent.resolved(for: try ticket(text: "Model: opus"))
        #expect(settings == agent && profile == nil)
    }
}
