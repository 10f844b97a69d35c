import Domain
import RunStore
import Sandbox
import Testing

/// What the workflow says of the agent, seen from the agent's side.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct AgentSettingsTests {
    @Test(.timeLimit(.minutes(5)))
    func `a label's override reaches the agent, and the history tells of it`() async throws {
        let tickets = [
            LinearSeed.Issue(title: "Hard", labels: ["feature"]), LinearSeed.Issue(title: "Easy"),
        ]
        let overrides = """
              max_turns: 7
              models: [small, large]
              overrides:
                - when: { label: feature }
                  max_turns: 60
                  model: large
            """
        let agent = #"echo "$LINECOOK_MAX_TURNS $LINECOOK_MODEL" > "$LINECOOK_TICKET""#
        try await Site.with(tickets, agent: agent, workflow: overrides) { site in
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            #expect(try site.text("wt/ENG-1/ENG-1") == "60 large\n")
            #expect(try site.text("wt/ENG-2/ENG-2") == "7 \n")
            #expect(
                try site.run(of: 1).profile
                    == AgentProfile(overrides: ["label feature: max_turns, model"])
            )
            let (shown, _) = try await site.linecook("runs", "show", "ENG-1")
            #expect(shown.contains("label feature: max_turns, model"), "\(shown)")
        }
    }
}
