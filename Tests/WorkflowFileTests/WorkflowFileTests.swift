import Domain
import SystemPackage
import Testing
import WorkflowFile
import YAML

@Suite struct WorkflowFileTests {
    private let context = ReadingContext.real(in: Place.fixtures)

    private func messages(_ text: String) -> [String] {
        let path = Place.fixtures.appending("a.yml")
        return WorkflowFile.load("a.yml", in: context.replacing(path, with: text), defaults: nil)
            .diagnostics
            .map(\.description)
    }

    @Test func `every key reaches the workflow`() throws {
        let loaded = WorkflowFile.load("full.yml", in: context, defaults: nil)
        #expect(loaded.diagnostics.map { $0.text() } == [])
        let expected = Workflow(
            name: "portfolio",
            schedule: ScheduleSettings(
                trigger: .cron("30 0 9 * * MON-FRI", seconds: true),
                timezone: "Europe/Berlin",
                jitter: .seconds(90)
            ),
            tickets: TicketSelection(
                team: "FRE",
                project: "Portfolio",
                assignee: "me",
                delegate: "Linecook",
                cycle: .named("Sprint 12"),
                filter: .mapping([
                    "or": .list([
                        .mapping(["priority": .mapping(["lte": .integer(2)])]),
                        .mapping(["estimate": .mapping(["null": .boolean(true)])]),
                    ]), "title": .mapping(["contains": .string("a\"b")]),
                ]),
                states: ["Todo", "Ready"],
                allLabels: ["agent"],
                noLabels: ["needs-design"],
                batch: BatchSettings(minimum: 3, wait: .seconds(3600)),
                transitions: Transitions(
                    started: "Doing",
                    review: "Review",
                    failed: "Icebox",
                    done: "Shipped"
                )
            ),
            repository: RepositorySettings(
                path: "/code/portfolio.git",
                remote: "upstream",
                base: "develop",
                branch: "feature/{{ticket.number}}",
                worktree: "/people/me/work/{{ ticket.key }}",
                copy: [".env.local"],
                setup: "npm ci\nnpm run generate\n"
            ),
            plan: PlanSettings(
                phaseSize: 4,
                dependencies: [.relations, .files],
                base: .stacked,
                barrier: .phase,
                onFailedBlocker: .skip
            ),
            slots: SlotLimits(total: 4, byLabel: ["frontend": 2], byState: ["Ready": 1]),
            agent: AgentSettings(
                kind: .command,
                command: Place.fixtures.appending("agent.sh").string,
                arguments: ["--fast"],
                prompt: .file,
                maxTurns: 7,
                timeout: .seconds(3600),
                stall: .seconds(300),
                idleWork: nil,
                grace: .zero,
                memory: 4_000_000_000,
                budget: 5,
                environment: ["ANTHROPIC_API_KEY"]
            ),
            prompt: PromptSettings(
                file: Place.fixtures.appending("prompt.md"),
                text: "Do {{ ticket.key }}.\n",
                context: ContextSettings(
                    patterns: ["src/a.swift:1-9"],
                    documents: ["docs/*.md"],
                    searchFiles: 0,
                    bytes: 12_000
                )
            ),
            retry: RetryPolicy(
                attempts: 2,
                delay: .seconds(1),
                factor: 1.5,
                limit: .seconds(60),
                jitter: 0,
                on: FailureTable([.rateLimited: .retry, .lost: .askPerson])
            ),
            verify: VerificationSettings(
                steps: [
                    .init(name: "build", run: "make"),
                    .init(name: "lint", run: "make lint", timeout: .seconds(30), retry: 1),
                ],
                clean: true,
                debugStatements: DebugStatementSettings(
                    statements: ["default", "trace("],
                    allow: ["scripts/**"]
                ),
                touch: .globs(["src/**"]),
                forbidPaths: ["package-lock.json"],
                secrets: SecretSearchSettings(allow: ["tests/fixtures"]),
                noChanges: NoChangesSettings(count: [.mode, .whitespace])
            ),
            limits: LimitSettings(output: 2_000_000, diff: DiffLimits(lines: 2000, files: 100)),
            deliver: DeliverySettings(
                push: .afterVerify,
                draft: false,
                labels: ["agent"],
                reviewers: ["octocat"],
                cleanup: .never
            ),
            hooks: HookSettings(
                afterCreate: "make env",
                beforeRun: "make up",
                afterRun: "make fmt",
                beforeRemove: "make down",
                onFailure: "make noise",
                timeout: .seconds(30),
                environment: ["SLACK_WEBHOOK"]
            )
        )
        #expect(loaded.value == expected)
    }

    @Test func `all mistakes of a file are reported at once, in its order`() {
        let text = """
            name: a
            tickets: { team: FRE, state: [Todo] }
            repository:
              path: .
              bas: main
            agent: { timeout: 45, kind: robot }
            retry: 3
            """
        #expect(
            messages(text) == [
                "a.yml:1:1: error: the key 'prompt' is missing; add it, such as prompt: { template:"
                    + " prompts/ticket.md }",
                "a.yml:2:23: error: no key 'state' here in 'tickets'; did you mean 'states'?",
                "a.yml:5:3: error: no key 'bas' here in 'repository'; did you mean 'base'?",
                "a.yml:6:19: error: 'agent.timeout' is the number 45; it takes a duration from 1s to 7d, such"
                    + " as 45m; add the unit: 45s, 45m or 45h",
                "a.yml:6:29: error: 'agent.kind' is 'robot'; it takes one of claude-code, codex, command",
                "a.yml:7:8: error: 'retry' is the number 3; it takes a mapping",
            ]
        )
    }

    @Test(arguments: [
        ("active", CycleChoice.active), ("Next", .next), ("12", .number(12)),
        ("\"12\"", .named("12")), ("Sprint 12", .named("Sprint 12")),
    ])
    func `a cycle is active, next, a number or a name`(text: String, cycle: CycleChoice) {
        let path = Place.fixtures.appending("a.yml")
        let file = minimal.replacing("team: FRE", with: "team: FRE, cycle: \(text)")
        let loaded = WorkflowFile.load(
            "a.yml",
            in: context.replacing(path, with: file),
            defaults: nil
        )
        #expect(loaded.value?.tickets.cycle == cycle)
    }

    @Test(arguments: [
        (
            "cycle: 0",
            "2:30: error: 'tickets.cycle' is the number 0; it takes a whole number from 1"
        ),
        (
            "cycle: [1]",
            "2:30: error: 'tickets.cycle' is a list; it takes active, next, or the number"
        ),
        ("filter: x", "2:31: error: 'tickets.filter' is 'x'; it takes a mapping as in Linear's"),
        ("filter: {}", "2:31: error: 'tickets.filter' is empty, which"),
        (
            "filter: { delegate: null }",
            "2:43: error: 'tickets.filter.delegate' is empty, which Linear takes for no filter: every"
                + " ticket would pass; for tickets without a value write { null: true }"
        ),
        ("filter: { priority: {} }", "2:43: error: 'tickets.filter.priority' is empty, which"),
        (
            "filter: { priority: { eq: .inf } }",
            "2:49: error: 'tickets.filter.priority.eq' is the number .inf; it takes a number or a short"
        ),
        (
            "filter: { or: [{ priorty: { lte: 2 } }] }",
            "2:40: warning: 'priorty' isn't a name that is known of Linear's IssueFilter; Linear refuses"
                + " every poll with a name that it doesn't know; did you mean 'priority'?"
        ),
        (
            "filter: { a: [[[[[[[[[[[[1]]]]]]]]]]]] }",
            "2:45: error: 'tickets.filter.a' goes on here; it takes 200 values in 10 levels at most"
        ),
    ])
    func `a filter that would do something else than it says is refused`(line: String, says: String)
    {
        let found = messages(minimal.replacing("team: FRE", with: "team: FRE, \(line)"))
        #expect(found.contains { $0.hasPrefix("a.yml:" + says) }, "\(found)")
    }

    @Test(arguments: [
        (
            "lost: park",
            "5:22: error: 'retry.on.lost' is 'park'; it takes one of retry, needs_human, fail"
        ),
        (
            "agent_failed: needs_humans",
            "5:30: error: 'retry.on.agent_failed' is 'needs_humans'; it takes one of retry, park,"
                + " needs_human, fail; did you mean 'needs_human'?"
        ),
        ("succeeded: retry", "5:16: error: no key 'succeeded' here in 'retry.on'"),
        ("cancelled: retry", "5:16: error: no key 'cancelled' here in 'retry.on'"),
        (
            "agent_fail: retry",
            "5:16: error: no key 'agent_fail' here in 'retry.on'; did you mean 'agent_failed'?"
        ),
    ])
    func `a consequence that an outcome can't have is refused`(line: String, says: String) {
        let found = messages(minimal + "retry: { on: { \(line) } }\n")
        #expect(found.count == 1 && found[0].hasPrefix("a.yml:" + says), "\(found)")
    }

    private let minimal = """
        name: a
        tickets: { team: FRE }
        repository: { path: . }
        prompt: { template: prompt.md }

        """

    @Test func `a cron expression's mistake is marked inside the quotes`() throws {
        let path = Place.fixtures.appending("a.yml")
        let text = minimal + "schedule: { cron: \"*/5 25 * * *\" }\n"
        let loaded = WorkflowFile.load(
            "a.yml",
            in: context.replacing(path, with: text),
            defaults: nil
        )
        let found = try #require(loaded.diagnostics.first)
        #expect(found.place == SourcePlace(line: 5, column: 24, length: 2))
        #expect(found.excerpt?.marker == String(repeating: " ", count: 23) + "^~")
    }

    @Test(arguments: [
        ("schedule: { cron: \"*/45 * * * *\" }", "5:20: warning: "),
        (
            "agent: { stall: 1h }",
            "5:17: warning: 'agent.stall' is not shorter than 'agent.timeout', which is 45m,"
        ),
        (
            "agent: { idle_work: 1h }",
            "5:21: warning: 'agent.idle_work' is not shorter than 'agent.timeout', which is 45m,"
        ),
        (
            "retry: { delay: 1h }",
            "5:17: warning: 'retry.delay' is longer than 'retry.limit', which is 15m;"
        ),
        (
            "agent: { timeout: 5m, stall: 1m }\nretry: { limit: 10m }",
            "6:17: warning: 'retry.limit' is longer than 'agent.timeout', which is 5m: a ticket may wait"
        ),
        (
            "slots: { by_state: { Tood: 1 } }",
            "5:22: warning: no ticket is taken from 'Tood': 'tickets.states' has 'Todo'; did you mean 'Todo'?"
        ),
        (
            "slots: { total: 2, by_label: { a: 3 } }",
            "5:35: warning: 'slots.by_label.a' is more than 'slots.total', which is 2, and never comes to bear"
        ),
        (
            "schedule: { cron: \"0 9 1 * MON\", timezone: Europe/Berlin }",
            "5:24: warning: day of month '1' and day of week 'MON' are both set: a day that matches either one"
                + " counts; write * in one of them where only the other is meant; next: Mon 2023-11-20 09:00,"
                + " Mon 2023-11-27 09:00, Fri 2023-12-01 09:00, Mon 2023-12-04 09:00, Mon 2023-12-11 09:00"
        ),
        (
            "schedule: { timezone: UTC }",
            "5:13: warning: 'schedule.timezone' is the zone of 'schedule.cron', and there is no 'schedule.cron'"
        ),
        (
            "agent: { kind: command, command: x, permission_mode: plan }",
            "5:37: warning: 'agent.permission_mode' means nothing to an agent of the kind command;"
        ),
        (
            "agent: { kind: codex, max_turns: 9 }",
            "5:23: warning: 'agent.max_turns' means nothing to an agent of the kind codex; it has no such"
        ),
        (
            "agent: { kind: codex, allowed_tools: [x] }",
            "5:23: warning: 'agent.allowed_tools' means nothing to an agent of the kind codex; it has a"
        ),
        (
            "agent: { prompt: file }",
            "5:10: warning: 'agent.prompt' means nothing to an agent of the kind claude-code; it gets the"
        ),
        (
            "agent: { permission_mode: bypassPermissions }",
            "5:27: warning: the agent may run any command with the rights of this account, and the text of"
                + " tickets is written by others; use permission_mode: acceptEdits with allowed_tools, or"
        ),
        (
            "agent: { arguments: [--dangerously-skip-permissions] }",
            "5:21: warning: the agent may run any command"
        ),
        (
            "agent: { kind: codex, arguments: [--sandbox, danger-full-access] }",
            "5:34: warning: the agent may run any command"
        ),
    ])
    func `what is allowed and surely not meant is a warning`(line: String, says: String) throws {
        let path = Place.fixtures.appending("a.yml")
        let loaded = WorkflowFile.load(
            "a.yml",
            in: context.replacing(path, with: minimal + line + "\n"),
            defaults: nil
        )
        #expect(loaded.value != nil)
        #expect(loaded.diagnostics.count == 1)
        #expect(loaded.diagnostics.first?.description.hasPrefix("a.yml:" + says) == true)
    }

    @Test func `a bound of a label that keeps tickets away is a warning`() {
        let text = minimal.replacing("team: FRE", with: "team: FRE, labels: { none: [wait] }")
        #expect(
            messages(text + "slots: { by_label: { Wait: 1 } }\n") == [
                "a.yml:5:22: warning: no ticket with the label 'Wait' is taken: it is in"
                    + " 'tickets.labels.none'; remove it from one of the two"
            ]
        )
    }

    @Test(arguments: [
        (
            "schedule: { cron: '@hourly', every: 5m }",
            "5:30: error: 'schedule.every' and 'schedule.cron' are both set; keep one of the two"
        ),
        (
            "agent: { kind: command }",
            "5:16: error: 'agent.kind' is command, and 'agent.command' is missing; name the program, such as command: ./agent.sh"
        ),
        (
            "slots:\nretry: {}\nx-mine: {a: 1}\ny-mine: 1",
            "8:1: error: no key 'y-mine' here; allowed are name, schedule, tickets, repository, plan, slots, agent, prompt, retry, verify, limits, budget, deliver, hooks, and x-… for notes of your own"
        ),
        (
            "budget: { day: 100 }",
            "5:16: error: 'budget.day' needs 'agent.budget': an attempt that runs is counted with what it may cost; add it, such as agent: { budget: 5.00 }"
        ),
    ])
    func `keys that do not fit together are an error`(line: String, says: String) {
        #expect(messages(minimal + line + "\n") == ["a.yml:" + says])
    }

    @Test(arguments: [
        ("kind: codex", "codex"), ("kind: codex, command: codex-nightly", "codex-nightly"),
        ("command: my-claude, kind: claude-code", "my-claude"), ("model: opus", "claude"),
    ])
    func `each kind of agent has its usual program`(keys: String, program: String) {
        let path = Place.fixtures.appending("a.yml")
        let text = minimal + "agent: { \(keys) }\n"
        let loaded = WorkflowFile.load(
            "a.yml",
            in: context.replacing(path, with: text),
            defaults: nil
        )
        #expect(loaded.value?.agent.command == program)
    }

    @Test func `an empty hook is none`() {
        let path = Place.fixtures.appending("a.yml")
        let text = minimal + "hooks: { before_run: ' ', after_run: make stop, timeout: 1m }\n"
        let loaded = WorkflowFile.load(
            "a.yml",
            in: context.replacing(path, with: text),
            defaults: nil
        )
        #expect(loaded.diagnostics.map { $0.text() } == [])
        #expect(
            loaded.value?.hooks == HookSettings(afterRun: "make stop", timeout: .seconds(60))
        )
    }

    @Test func `a file that is empty or absent says so`() {
        #expect(
            messages("# nothing\n") == [
                "a.yml:1:1: error: the file is empty; copy one that ships with Linecook, or write name: …"
            ]
        )
        #expect(
            WorkflowFile.load("absent.yml", in: context, defaults: nil).diagnostics.map(
                \.description
            )
                == ["absent.yml: error: there is no such file"]
        )
        #expect(messages("- a\n") == ["a.yml:1:1: error: the file is a list; it takes a mapping"])
    }
}
