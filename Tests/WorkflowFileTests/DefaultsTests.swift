import Domain
import SystemPackage
import Testing
import WorkflowFile
import YAML

@Suite struct DefaultsTests {
    /// A configuration in `conf`, and a workflow in `flows` with a template beside it.
    private func load(
        _ defaults: String,
        _ workflow: String
    ) -> (configuration: LoadedFile<ServiceConfiguration>, workflow: LoadedFile<Workflow>) {
        let indented = defaults.split(separator: "\n").map { "  \($0)\n" }.joined()
        let context = ReadingContext.real(in: "/srv")
            .replacing("/srv/conf/linecook.yml", with: "slots: 3\ndefaults:\n" + indented)
            .replacing("/srv/flows/a.yml", with: workflow)
            .replacing("/srv/flows/p.md", with: "Flow {{ ticket.key }}\n")
            .replacing("/srv/conf/p.md", with: "Default {{ ticket.key }}\n")
        let configuration = ConfigurationFile.load("conf/linecook.yml", in: context)
        return (
            configuration,
            WorkflowFile.load("flows/a.yml", in: context, defaults: configuration.defaults)
        )
    }

    private let whole = """
        tickets: { team: FRE, labels: { all: [agent] }, states: [Todo, Ready] }
        repository: { path: ../code, setup: make setup }
        slots: { total: 4, by_label: { a: 1, b: 2 } }
        agent: { timeout: 1h, stall: 5m, environment: [A] }
        prompt: { template: p.md }
        """

    @Test func `a workflow may be its name alone, and says what differs`() throws {
        let (configuration, loaded) = load(whole, "name: a\n")
        #expect(configuration.diagnostics.map { $0.text() } == [])
        #expect(configuration.value?.slots == 3)
        #expect(loaded.diagnostics.map { $0.text() } == [])
        let workflow = try #require(loaded.value)
        #expect(workflow.tickets.team == "FRE")
        #expect(workflow.repository.path == "/srv/code")
        #expect(workflow.prompt.text == "Default {{ ticket.key }}\n")
        #expect(
            loaded.files == ["/srv/flows/a.yml", "/srv/conf/linecook.yml", "/srv/conf/p.md"]
        )
    }

    @Test func `mappings are merged key by key, lists and values take the place of others`() throws
    {
        let own = """
            name: a
            tickets: { states: [Icebox, Todo], labels: { none: [wait] } }
            slots: { by_label: { b: 1, c: 1 } }
            agent: { stall: 10m, environment: [] }
            prompt: { template: p.md }
            """
        let workflow = try #require(load(whole, own).workflow.value)
        #expect(workflow.tickets.states == ["Icebox", "Todo"])
        #expect(workflow.tickets.allLabels == ["agent"])
        #expect(workflow.tickets.noLabels == ["wait"])
        #expect(workflow.slots.total == 4)
        #expect(workflow.slots.byLabel == ["a": 1, "b": 1, "c": 1])
        #expect(workflow.agent.timeout == .seconds(3600))
        #expect(workflow.agent.stall == .seconds(600))
        #expect(workflow.agent.environment == [])
        #expect(workflow.prompt.text == "Flow {{ ticket.key }}\n")
        #expect(workflow.prompt.file == "/srv/flows/p.md")
    }

    @Test func `a key without a value takes back what may be left out`() {
        #expect(load(whole, "name: a\n").workflow.value?.repository.setup == "make setup")
        let without = load(whole, "name: a\nrepository: { setup: }\n").workflow
        #expect(without.diagnostics.map { $0.text() } == [])
        #expect(without.value.map { $0.repository.setup == nil } == true)
    }

    @Test func `one way to set the schedule takes the place of another`() throws {
        let cron = whole + "\nschedule: { cron: \"0 0 9 * * *\", seconds: true, jitter: 5s }"
        let every = try #require(load(cron, "name: a\nschedule: { every: 2m }\n").workflow.value)
        #expect(every.schedule.trigger == .every(.seconds(120)))
        #expect(every.schedule.jitter == .seconds(5))
        let other = load(cron, "name: a\nschedule: { cron: \"*/5 * * * *\" }\n").workflow
        #expect(other.diagnostics.map { $0.text() } == [])
        #expect(other.value?.schedule.trigger == .cron("*/5 * * * *", seconds: false))
        let back = load(
            whole + "\nschedule: { every: 2m }",
            "name: a\nschedule: { cron: \"@hourly\" }\n"
        ).workflow
        #expect(back.value?.schedule.trigger == .cron("@hourly", seconds: false))
    }

    @Test func `another kind of agent doesn't get the program of the first`() {
        let defaults = whole.replacing("agent: {", with: "agent: { command: my-claude, model: x,")
        let found = load(defaults, "name: a\nagent: { kind: command }\n").workflow.diagnostics
        #expect(
            found.map(\.description) == [
                "flows/a.yml:2:16: error: 'agent.kind' is command, and 'agent.command' is missing;"
                    + " name the program, such as command: ./agent.sh"
            ]
        )
    }

    @Test func `what neither file has is missing in the workflow`() {
        let found = load("tickets: { states: [Todo] }\nprompt: { context: {} }", "name: a\n")
        #expect(found.configuration.diagnostics.map { $0.text() } == [])
        #expect(
            found.workflow.diagnostics.map(\.description) == [
                "flows/a.yml:1:1: error: the key 'team' is missing in 'tickets'; add it, such as team: FRE",
                "flows/a.yml:1:1: error: the key 'repository' is missing; add it, such as repository: { path: ../portfolio }",
                "flows/a.yml:1:1: error: the key 'template' is missing in 'prompt'; add it, such as template: prompts/ticket.md",
            ]
        )
    }

    @Test func `a step of the defaults lends nothing to a step of the workflow`() {
        let found = load(
            whole + "\nverify: { steps: [{ name: build, run: make }] }",
            "name: a\nverify: { steps: [{ run: make lint }] }\n"
        ).workflow
        #expect(
            found.diagnostics.map(\.description) == [
                "flows/a.yml:2:19: error: the key 'name' is missing in 'verify.steps'; add it, such as name: build"
            ]
        )
    }

    @Test func `an error in the defaults is told in the configuration alone`() {
        let defaults =
            whole.replacing("timeout: 1h", with: "timeout: 1 hour") + "\nname: x\nslot: 3"
        let found = load(defaults, "name: a\n")
        #expect(found.configuration.value == nil)
        #expect(
            found.configuration.diagnostics.map(\.description) == [
                "conf/linecook.yml:6:21: error: 'defaults.agent.timeout' is '1 hour'; it takes a duration"
                    + " from 1s to 7d, such as 45m",
                "conf/linecook.yml:8:3: error: no key 'name' here in 'defaults'; each workflow has a name"
                    + " of its own: write it there",
                "conf/linecook.yml:9:3: error: no key 'slot' here in 'defaults'; did you mean 'slots'?",
            ]
        )
        #expect(found.workflow.diagnostics.map { $0.text() } == [])
    }

    @Test func `two keys that don't fit together are told where the wrong one stands`() {
        let found = load(whole, "name: a\nagent: { timeout: 3m }\n").workflow.diagnostics
        #expect(
            found.map { $0.text() } == [
                """
                conf/linecook.yml:6:32: warning: 'agent.stall' is not shorter than 'agent.timeout', which is 3m, and \
                never comes to bear; write a shorter one
                    6 |   agent: { timeout: 1h, stall: 5m, environment: [A] }
                      |                                ^~
                """
            ]
        )
        let mark = load(whole + "\nschedule: { cron: \"1 2 3 4\" }", "name: a\n").workflow
        #expect(mark.diagnostics.first?.file == "conf/linecook.yml")
        #expect(mark.diagnostics.first?.place?.line == 8)
    }

    @Test func `a filter of the defaults holds beside the workflow's own`() {
        let defaults = whole.replacing(
            "team: FRE,",
            with: "team: FRE, filter: { priority: { lte: 2, gte: 1 } },"
        )
        let own =
            "name: a\ntickets: { filter: { priority: { lte: 3 }, estimate: { null: false } } }\n"
        #expect(
            load(defaults, own).workflow.value?.tickets.filter
                == .mapping([
                    "priority": .mapping(["lte": .integer(3), "gte": .integer(1)]),
                    "estimate": .mapping(["null": .boolean(false)]),
                ])
        )
    }
}

@Suite struct ResolvedTests {
    private let context = ReadingContext.real(in: Place.repository)

    @Test(arguments: ["workflows/default.yml", "workflows/demo.yml", "workflows/portfolio.yml"])
    func `what is printed as resolved is read as the same workflow`(file: String) {
        let loaded = WorkflowFile.load(FilePath(file), in: context, defaults: nil)
        let again = WorkflowFile.load(
            "elsewhere/copy.yml",
            in: context.replacing(
                Place.repository.appending("elsewhere/copy.yml"),
                with: loaded.resolved.yaml
            ),
            defaults: nil
        )
        #expect(again.diagnostics.filter { $0.severity == .error }.map { $0.text() } == [])
        #expect(again.value == loaded.value)
    }

    @Test func `the same holds for every key with another value than its default`() {
        let context = ReadingContext.real(in: Place.fixtures)
        let loaded = WorkflowFile.load("full.yml", in: context, defaults: nil)
        let copy = context.replacing(Place.fixtures.appending("b.yml"), with: loaded.resolved.yaml)
        let again = WorkflowFile.load("b.yml", in: copy, defaults: nil)
        #expect(again.diagnostics.filter { $0.severity == .error }.map { $0.text() } == [])
        #expect(again.value == loaded.value)
    }

    @Test func `text that looks like something else stays text in what is resolved`() {
        let context = ReadingContext.real(in: "/srv").replacing("/srv/p.md", with: "x")
        let text = """
            name: a
            tickets: { team: FRE, states: ["12", "true", "null", "~", "1.5", "a: b", "# c"] }
            repository: { path: r, setup: " make" }
            agent: { model: "0x1F", arguments: ["-x", "a, b", "{a}", "ends ", "\\u00e9"] }
            prompt: { template: p.md }

            """
        let loaded = WorkflowFile.load(
            "a.yml",
            in: context.replacing("/srv/a.yml", with: text),
            defaults: nil
        )
        #expect(loaded.value?.tickets.states.first == "12", "\(loaded.diagnostics)")
        let again = WorkflowFile.load(
            "b.yml",
            in: context.replacing("/srv/b.yml", with: loaded.resolved.yaml),
            defaults: nil
        )
        #expect(again.diagnostics.map { $0.text() } == [])
        #expect(again.value == loaded.value)
    }

    @Test func `each value says where it comes from, and none shows a secret`() throws {
        let context = ReadingContext.real(in: "/srv")
            .replacing(
                "/srv/c/linecook.yml",
                with: "defaults:\n  repository: { path: ../r }\n  agent:\n    timeout: 1h\n"
            )
            .replacing("/srv/p.md", with: "x")
            .replacing(
                "/srv/a.yml",
                with: """
                    name: a
                    tickets: { team: FRE }
                    prompt: { template: p.md }
                    verify:
                      steps:
                        - { name: db, run: "psql postgres://me:hunter2@localhost/x" }

                    """
            )
        let defaults = ConfigurationFile.load("c/linecook.yml", in: context).defaults
        let loaded = WorkflowFile.load("a.yml", in: context, defaults: defaults)
        let lines = loaded.resolved.yaml.split(separator: "\n").map { line in
            line.split(separator: " ").joined(separator: " ")
        }
        for line in [
            "name: a # a.yml:1", "path: /srv/r # c/linecook.yml:2",
            "timeout: 1h # c/linecook.yml:4",
            "stall: 10m # default", "# model: not set # default", "every: 30s # default",
            "# cron: not set # default", "steps: # a.yml:5",
        ] { #expect(lines.contains(line), "\(line)") }
        #expect(!loaded.resolved.yaml.contains("hunter2"))
        #expect(!loaded.resolved.json.text.contains("hunter2"))
        let origins = Dictionary(
            loaded.resolved.origins().map { ($0.0, $0.1.text) },
            uniquingKeysWith: { $1 }
        )
        #expect(origins["agent.timeout"] == "\"c/linecook.yml:4\"")
        #expect(origins["agent.stall"] == "\"default\"")
    }
}
