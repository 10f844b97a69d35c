import Domain
import SystemPackage
import Testing
import WorkflowFile
import YAML

@Suite struct OverrideTests {
    private let context = ReadingContext.real(in: Place.fixtures)

    private func load(_ agent: String) -> LoadedFile<Workflow> {
        let text = """
            name: a
            tickets: { team: FRE }
            repository: { path: . }
            prompt: { template: prompt.md }
            agent:
              max_turns: 7
              overrides:

            """
        let path = Place.fixtures.appending("a.yml")
        return WorkflowFile.load(
            "a.yml",
            in: context.replacing(path, with: text + agent),
            defaults: nil
        )
    }

    @Test func `an override holds its condition and the keys that it names, and no others`() throws
    {
        let loaded = load(
            """
                - when: { label: complex, labels: { all: [a], none: [b] }, estimate: ">= 5", project: P }
                  timeout: 90m
                  command: ./agent.sh
                - { when: { estimate: 3 }, budget: 2, x-why: cheap }

            """
        )
        #expect(loaded.diagnostics.map { $0.text() } == [])
        let program = Place.fixtures.appending("agent.sh").string
        #expect(
            loaded.value?.agent
                == AgentSettings(
                    maxTurns: 7,
                    overrides: [
                        AgentOverride(
                            when: TicketCondition(
                                label: "complex",
                                allLabels: ["a"],
                                noLabels: ["b"],
                                estimate: EstimateBound(.atLeast, 5),
                                project: "P"
                            ),
                            keys: [.timeout, .command],
                            settings: AgentSettings(command: program, timeout: .seconds(5400))
                        ),
                        AgentOverride(
                            when: TicketCondition(estimate: EstimateBound(.equal, 3)),
                            keys: [.budget],
                            settings: AgentSettings(budget: 2)
                        ),
                    ]
                )
        )
    }

    @Test(arguments: [
        (
            "    - { when: { label: x }, max_turn: 3 }",
            "8:29: error: no key 'max_turn' here in 'agent.overrides'; did you mean 'max_turns'?"
        ),
        (
            "    - { when: { labels: [x] }, max_turns: 3 }",
            "8:25: error: 'agent.overrides.when.labels' is a list; it takes a mapping"
        ),
        (
            "    - { when: { label: x }, timeout: 90 }",
            "8:38: error: 'agent.overrides.timeout' is the number 90; it takes a duration from 1s to 7d,"
                + " such as 45m; add the unit: 90s, 90m or 90h"
        ),
        (
            "    - { when: { estimate: big }, max_turns: 3 }",
            "8:27: error: 'agent.overrides.when.estimate' is 'big'; it takes a number of points or a"
                + " comparison, such as \">= 5\""
        ),
        (
            "    - { when: {}, max_turns: 3 }",
            "8:15: error: 'agent.overrides.when' names no condition, and every ticket would meet it;"
                + " write label, labels, estimate or project, or set the keys in 'agent' itself"
        ),
        (
            "    - { when: { label: a }, max_turns: 1 }\n    - { max_turns: 3 }",
            "9:7: error: the key 'when' is missing in 'agent.overrides'; add it, such as when:"
                + " { label: complex }"
        ),
        (
            "    - { when: { label: x }, kind: command }",
            "8:35: error: 'agent.kind' is command, and 'agent.command' is missing; name the program,"
                + " such as command: ./agent.sh"
        ),
        (
            "    - { when: { label: x }, stall: 1h }",
            "8:36: warning: 'agent.stall' is not shorter than 'agent.timeout', which is 45m, and never"
                + " comes to bear; write a shorter one"
        ),
        (
            "    - { when: { label: x } }",
            "8:7: warning: this entry of 'agent.overrides' changes nothing; add what differs, such as"
                + " max_turns: 60"
        ),
        (
            "    - max_turns",
            "8:7: error: 'agent.overrides' is 'max_turns'; it takes entries with 'when' and what"
                + " differs, such as { when: { label: complex }, max_turns: 60 }"
        ),
    ])
    func `a mistake in an override says where and how to mend it`(line: String, says: String) {
        #expect(load(line + "\n").diagnostics.map(\.description) == ["a.yml:" + says])
    }

    @Test func `an override takes every key of the agent but the sandbox and the list itself`()
        throws
    {
        let text = WorkflowFile.schema(.workflow)
        let root = try #require(YAMLDocument(Array(text.utf8), file: "schema").root)
        let agent = try #require(root["properties"]?["agent"]?["properties"])
        let override = try #require(agent["overrides"]?["items"]?["properties"])
        guard case .mapping(let all) = agent.content, case .mapping(let own) = override.content
        else {
            Issue.record("no mappings")
            return
        }
        #expect(
            Set(own.map(\.key))
                == Set(all.map(\.key))
                .subtracting(["fallback", "overrides", "sandbox", "sandbox_paths"])
                .union(["when"])
        )
        #expect(Set(own.map(\.key)) == Set(AgentSettings.Key.allCases.map(\.rawValue) + ["when"]))
        // What is left out of an override stays as it is, and so has no default.
        #expect(own.allSatisfy { $0.value["default"] == nil })
    }

    @Test func `a fallback holds the keys that it names, in its order`() throws {
        let loaded = load(
            """
                - { when: { label: x }, timeout: 50m }
              fallback:
                - { model: haiku, timeout: 20m }
                - { kind: codex, x-why: another account }

            """
        )
        #expect(loaded.diagnostics.map { $0.text() } == [])
        let agent = try #require(loaded.value?.agent)
        #expect(agent.fallback.map(\.keys) == [[.model, .timeout], [.kind]])
        #expect(agent.profiles.map(\.command) == ["claude", "claude", "codex"])
        #expect(agent.profiles.map(\.model) == [nil, "haiku", nil])
        #expect(agent.profiles.map(\.timeout) == [.seconds(2700), .seconds(1200), .seconds(2700)])
    }

    @Test(arguments: [
        (
            "{ modle: x }",
            "10:9: error: no key 'modle' here in 'agent.fallback'; did you mean 'model'?"
        ),
        (
            "{ kind: command }",
            "10:15: error: 'agent.kind' is command, and 'agent.command' is missing; name the program,"
                + " such as command: ./agent.sh"
        ),
        (
            "codex",
            "10:7: error: 'agent.fallback' is 'codex'; it takes entries with what differs, such as"
                + " { kind: codex }"
        ),
        (
            "{}",
            "10:7: warning: this entry of 'agent.fallback' changes nothing; add what differs, such as"
                + " kind: codex"
        ),
    ])
    func `a mistake in a fallback says where and how to mend it`(entry: String, says: String) {
        let loaded = load(
            "    - { when: { label: x }, timeout: 50m }\n  fallback:\n    - \(entry)\n"
        )
        #expect(
            loaded.diagnostics.contains { "\($0.text())".contains(says) },
            "\(loaded.diagnostics.map { $0.text() })"
        )
    }

    @Test func `the portfolio gives complex tickets more room and small ones less`() throws {
        let context = ReadingContext.real(in: Place.repository)
        let agent = try #require(
            WorkflowFile.load("workflows/portfolio.yml", in: context, defaults: nil).value?.agent
        )
        #expect(agent.overrides.map(\.when.words) == ["label complex", "label trivial"])
        #expect(agent.overrides.map(\.settings.maxTurns) == [60, 20])
    }
}
