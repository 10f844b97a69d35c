import SystemPackage
import Testing
import WorkflowFile
import YAML

/// One change of the default workflow: the first `old` becomes `new`, and line and words of what follows.
struct Mutation: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    /// Lines below the one where the change begins.
    let below: Int
    let says: String

    init(_ old: String, _ new: String, _ says: String, below: Int = 0) {
        self.old = old
        self.new = new
        self.below = below
        self.says = says
    }

    var testDescription: String { new }
}

@Suite struct MutationTests {
    static let wrongValues: [Mutation] = [
        Mutation("name: default", "name: a b", "'name' is 'a b'; it takes a name of letters"),
        Mutation("name: default", "name: 7", "'name' is the number 7"),
        Mutation("name: default", "name:", "'name' is empty"),
        Mutation(
            "every: 30s",
            "every: 30",
            "'schedule.every' is the number 30; it takes a duration from 1s to 366d, such as 2m; add the unit: 30s, 30m or 30h"
        ),
        Mutation("every: 30s", "every: 0s", "'schedule.every' is '0s'"),
        Mutation("every: 30s", "every: 1500ms", "'schedule.every' has fractions of a second"),
        Mutation("every: 30s", "every: half an hour", "'schedule.every' is 'half an hour'"),
        Mutation("every: 30s", "cron: \"60 * * * *\"", "60"),
        Mutation("every: 30s", "cron: \"* * * *\"", "fields"),
        Mutation("every: 30s", "seconds: true", "there is no 'schedule.cron'"),
        Mutation("every: 30s", "timezone: Europe/Berlim", "did you mean 'Europe/Berlin'?"),
        Mutation("every: 30s", "timezone: ../../etc/passwd", "time zone"),
        Mutation("jitter: 0s", "jitter: -1s", "'schedule.jitter' is '-1s'"),
        Mutation(
            "team: FRE",
            "team: FRE-1",
            "'tickets.team' is 'FRE-1'; it takes the key of a team, such as FRE"
        ),
        Mutation("team: FRE", "team: [FRE]", "'tickets.team' is a list"),
        Mutation(
            "states: [Todo]",
            "states: Todo",
            "'tickets.states' is 'Todo'; it takes a list of names of states, such as [Todo]"
        ),
        Mutation("states: [Todo]", "states: []", "'tickets.states' is a list"),
        Mutation(
            "states: [Todo]",
            "states: [Todo, 3]",
            "'tickets.states' is the number 3; it takes text; put it in quotes"
        ),
        Mutation("states: [Todo]", "states: [Todo, '']", "'tickets.states' is ''"),
        Mutation("all: []", "all: [a, {b: c}]", "'tickets.labels.all' is a mapping"),
        Mutation("all: []", "all: yes", "'tickets.labels.all' is 'yes'"),
        Mutation(
            "started: In Progress",
            "started: todo",
            "the ticket would be taken up again at once; move it to another state"
        ),
        Mutation(
            "failed: Backlog",
            "failed: Todo",
            "'tickets.transitions.failed' is 'Todo', which is also in 'tickets.states'"
        ),
        Mutation("path: .. ", "path: ~other/x", "only your own home folder"),
        Mutation("path: .. ", "path: $NOWHERE/x", "names the variable $NOWHERE, which isn't set"),
        Mutation("path: .. ", "path: ${CODE/x", "has a '$' without the name of a variable"),
        Mutation(
            "remote: origin",
            "remote: --upload-pack=x",
            "'repository.remote' is '--upload-pack=x'"
        ),
        Mutation("base: main", "base: ma in", "git allows no branch with a space in it"),
        Mutation("base: main", "base: -main", "git allows no branch that starts with '-'"),
        Mutation("base: main", "base: 1.0", "'repository.base' is the number 1.0"),
        Mutation(
            "{{ ticket.key }}-",
            "{{ ticket.kye }}-",
            "no placeholder 'ticket.kye' in 'repository.branch'; allowed are ticket.key, ticket.slug, ticket.number, repository.name; did you mean 'ticket.key'?"
        ),
        Mutation("{{ ticket.key }}-", "{{ ticket.key-", "no placeholder"),
        Mutation(
            "linecook/{{ ticket.key }}-{{ ticket.slug }}",
            "linecook/{{ ticket.slug }}",
            "'repository.branch' would be the same for every ticket; put {{ ticket.key }} into it"
        ),
        Mutation(
            "linecook/{{ ticket.key }}-{{ ticket.slug }}",
            "x..{{ ticket.key }}",
            "git allows none with '..' in it"
        ),
        Mutation(
            "\"linecook/{{ ticket.key }}-{{ ticket.slug }}\"",
            "{{ ticket.key }}",
            "'{{' without quotes starts a mapping in YAML"
        ),
        Mutation(
            "workspace-{{ ticket.key }}",
            "workspace-{{ ticket.key",
            "'{{' is never closed in 'repository.worktree'"
        ),
        Mutation("copy: []", "copy: [/etc/passwd]", "isn't inside the repository"),
        Mutation("copy: []", "copy: [a/../../b]", "isn't inside the repository"),
        Mutation(
            "total: 2",
            "total: 0",
            "'slots.total' is the number 0; it takes a whole number from 1 to 1000, such as 4"
        ),
        Mutation("total: 2", "total: two", "'slots.total' is 'two'"),
        Mutation("# day: 100.00", "day: 0", "'budget.day' is the number 0; it takes a number from"),
        Mutation("total: 2", "total: 2.5", "'slots.total' is the number 2.5"),
        Mutation(
            "total: 2",
            "total: 99999999999999999999",
            "'slots.total' is the number 99999999999999999999"
        ),
        Mutation("by_label: {}", "by_label: {a: b}", "'slots.by_label.a' is 'b'"),
        Mutation(
            "by_label: {}",
            "by_label: [a]",
            "'slots.by_label' is a list; it takes a mapping from labels to numbers"
        ),
        Mutation(
            "kind: claude-code",
            "kind: claude",
            "'agent.kind' is 'claude'; it takes one of claude-code, codex, command; did you mean 'claude-code'?"
        ),
        Mutation("kind: claude-code", "kind: claude_code", "did you mean 'claude-code'?"),
        Mutation(
            "command: claude ",
            "command: claude -p",
            "it takes the program alone; write its arguments under 'arguments'"
        ),
        Mutation("max_turns: 50", "max_turns: null", "'agent.max_turns' is empty"),
        Mutation("max_turns: 50", "max_turns: \"50\"", "'agent.max_turns' is '50'"),
        Mutation(
            "timeout: 45m",
            "timeout: 45min",
            "'agent.timeout' is '45min'; it takes a duration from 1s to 7d, such as 45m"
        ),
        Mutation("timeout: 45m", "timeout: 30m1h", "'agent.timeout' is '30m1h'"),
        Mutation("timeout: 45m", "timeout: 8d", "'agent.timeout' is '8d'"),
        Mutation("timeout: 45m", "timeout: 45:00", "'agent.timeout' is '45:00'"),
        Mutation("grace: 10s", "grace: true", "'agent.grace' is the boolean true"),
        Mutation(
            "environment: []",
            "environment: [A=b]",
            "it takes names alone, such as ANTHROPIC_API_KEY"
        ),
        Mutation(
            "permission_mode: acceptEdits",
            "permission_mode: acceptedits",
            "did you mean 'acceptEdits'?"
        ),
        Mutation(
            "template: prompts/ticket.md",
            "template: prompts/tikcet.md",
            "there is no such file"
        ),
        Mutation("template: prompts/ticket.md", "template: prompts", "it is a folder"),
        Mutation("attempts: 3", "attempts: -3", "'retry.attempts' is the number -3"),
        Mutation("factor: 2", "factor: .nan", "'retry.factor' is the number .nan"),
        Mutation(
            "jitter: 0.2",
            "jitter: 20%",
            "'retry.jitter' is '20%'; it takes a number from 0 to 1, such as 0.2"
        ),
        Mutation("steps: []", "steps: npm test", "'verify.steps' is 'npm test'"),
        Mutation(
            "steps: []",
            "steps: [npm test]",
            "it takes steps with 'name' and 'run', such as { name: build, run: npm run build }"
        ),
        Mutation(
            "steps: []",
            "steps: [{ name: build }]",
            "the key 'run' is missing in 'verify.steps'; add it, such as run: npm run build"
        ),
        Mutation(
            "steps: []",
            "steps: [{ name: a, run: b }, { name: a, run: c }]",
            "two steps are called 'a'"
        ),
        Mutation("steps: []", "steps: [{ name: ../a, run: b }]", "'verify.steps.name' is '../a'"),
        Mutation("push: before_verify", "push: before-verify", "did you mean 'before_verify'?"),
        Mutation(
            "draft: true",
            "draft: yes",
            "'deliver.pull_request.draft' is 'yes'; it takes true or false"
        ),
        Mutation("cleanup: merged", "cleanup: on", "it takes one of merged, delivered, never"),
    ]

    static let wrongKeys: [Mutation] = [
        Mutation("name: default", "nmae: default", "no key 'nmae' here; did you mean 'name'?"),
        Mutation(
            "schedule: ",
            "on: ",
            "no key 'on' here; it is called 'schedule' here; write schedule: { cron: \"*/5 * * * *\" }"
        ),
        Mutation(
            "schedule: ",
            "polling: ",
            "it is called 'schedule' here; write schedule: { every: 30s }"
        ),
        Mutation(
            "every: 30s",
            "interval_ms: 30000",
            "no key 'interval_ms' here in 'schedule'; it is called 'schedule.every' here; write every: 30s"
        ),
        Mutation("tickets: ", "tracker: ", "it is called 'tickets' here"),
        Mutation("total: 2", "max_concurrent_agents: 2", "it is called 'slots.total' here"),
        Mutation("by_label: {}", "byLabel: {}", "did you mean 'by_label'?"),
        Mutation("timeout: 45m", "timeout-minutes: 45", "it is called 'agent.timeout' here"),
        Mutation("stall: 10m", "stal: 10m", "did you mean 'stall'?"),
        Mutation(
            "environment: []",
            "env: {}",
            "it is called 'agent.environment' here; it takes names of variables only"
        ),
        Mutation("attempts: 3", "max_attempts: 3", "it is called 'retry.attempts' here"),
        Mutation(
            "name: default",
            "polling.interval_ms: 90000",
            "it is called 'schedule.every' here; write schedule: { every: 1m30s }"
        ),
        Mutation(
            "deliver:",
            "polling: { interval_ms: 30000 }\ndeliver:",
            "no key 'interval_ms' here in 'polling'; it is called 'schedule.every' here; write schedule: { every: 30s }"
        ),
        Mutation(
            "deliver:",
            "timeout-minutes: 45\ndeliver:",
            "it is called 'agent.timeout' here; write agent: { timeout: 45m }"
        ),
        Mutation(
            "timeout: 45m",
            "turn_timeout_ms: 3600000",
            "it is called 'agent.timeout' here; write timeout: 1h"
        ),
        Mutation(
            "deliver:",
            "settings: { executionTimeout: 120 }\nexecutionTimeout: 120\ndeliver:",
            "no key 'executionTimeout' here; it is called 'agent.timeout' here; write agent: { timeout: 2m }",
            below: 1
        ),
        Mutation(
            "schedule: ",
            "on: { schedule: [{ cron: \"30 5 * * 1\" }] }\nx-rest: ",
            "it is called 'schedule' here; write schedule: { cron: \"30 5 * * 1\" }"
        ),
        Mutation(
            "deliver:",
            "agent.timeout: 1h\ndeliver:",
            "no key 'agent.timeout' here; keys are nested, not dotted; write agent: { timeout: 1h }"
        ),
        Mutation(
            "merge: review",
            "merge: auto",
            "'deliver.merge' is 'auto'; it takes review only, this version can't do more yet; a person merges"
        ),
        Mutation(
            "merge: review",
            "merge: Review",
            "'deliver.merge' is 'Review'; it takes review only; did you mean 'review'?"
        ),
        Mutation("cleanup: merged", "max_turns: 3", "it belongs in 'agent.max_turns'"),
        Mutation(
            "cleanup: merged",
            "zzz: 3",
            "allowed are push, pull_request, merge, cleanup, and x-… for notes of your own"
        ),
    ]

    static let wrongSyntax: [Mutation] = [
        Mutation("  every: 30s", "\tevery: 30s", "a tab stands where YAML wants spaces"),
        Mutation(
            "  total: 2",
            "  total: 2\n  total: 3",
            "the key 'total' is set a second time",
            below: 1
        ),
        Mutation("  total: 2", "  total: 2: 3", "a second ':' stands in this line"),
        Mutation("deliver:", "---\ndeliver:", "a second document starts here"),
        Mutation(
            "model: sonnet",
            "model: x\n  model: !secret x",
            "the tag '!secret' isn't known",
            below: 1
        ),
        Mutation("grace: 10s", "grace: *later", "no anchor '&later' stands before this alias"),
        Mutation(
            "on_failure: \"\"",
            "on_failure: \"oops",
            "the quote that opens here is never closed"
        ),
        Mutation(
            "  grace: 10s",
            "   grace: 10s",
            "this line doesn't fit the mapping that starts in line "
        ),
    ]

    private func found(by mutation: Mutation) throws -> (line: Int, diagnostics: [Diagnostic]) {
        let path = Place.repository.appending("workflows/default.yml")
        let text = String(decoding: try FileReadError.readFile(path), as: UTF8.self)
        let range = try #require(text.firstRange(of: mutation.old), "\(mutation.old)")
        let line = text[..<range.lowerBound].split(
            separator: "\n",
            omittingEmptySubsequences: false
        ).count
        let changed = text.replacing(mutation.old, with: mutation.new, maxReplacements: 1)
        let context = ReadingContext.real(in: Place.repository).replacing(path, with: changed)
        let loaded = WorkflowFile.load("workflows/default.yml", in: context, defaults: nil)
        #expect(loaded.value == nil)
        return (line + mutation.below, loaded.diagnostics)
    }

    @Test(arguments: wrongValues + wrongSyntax)
    func `a mistake is reported in its line`(mutation: Mutation) throws {
        let (line, diagnostics) = try found(by: mutation)
        let shown = diagnostics.map(\.description).joined(separator: "\n")
        #expect(
            diagnostics.contains {
                $0.place?.line == line && $0.description.contains(mutation.says)
            },
            "\(line): \(shown)"
        )
        #expect(diagnostics.filter { $0.severity == .error }.count == 1, "\(shown)")
    }

    @Test(arguments: wrongKeys)
    func `a key that is not known is explained in its line`(mutation: Mutation) throws {
        let (line, diagnostics) = try found(by: mutation)
        let shown = diagnostics.map(\.description).joined(separator: "\n")
        #expect(
            diagnostics.contains {
                $0.place?.line == line && $0.description.contains(mutation.says)
            },
            "\(line): \(shown)"
        )
    }

    @Test func `any byte of the file may be damaged`() throws {
        let path = Place.repository.appending("workflows/default.yml")
        let bytes = try FileReadError.readFile(path)
        for index in stride(from: 300, to: bytes.count, by: 37) {
            for damage in [UInt8(0), 0x09, 0x27, 0x3A, 0x7B, 0xFF] {
                var context = ReadingContext.real(in: Place.repository)
                context.read = { [read = context.read] (asked: FilePath) throws(FileReadError) in
                    var bytes = try read(asked)
                    if asked == path { bytes[index] = damage }
                    return bytes
                }
                let loaded = WorkflowFile.load("workflows/default.yml", in: context, defaults: nil)
                let failed = loaded.value == nil
                #expect(
                    failed == loaded.diagnostics.contains { $0.severity == .error },
                    "\(index) \(damage)"
                )
                #expect(
                    loaded.diagnostics.allSatisfy { $0.place != nil && $0.excerpt != nil },
                    "\(index) \(damage)"
                )
            }
        }
    }
}
