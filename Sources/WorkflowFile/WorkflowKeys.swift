internal import Domain
internal import SystemPackage
internal import YAML

/// Every key of a workflow file, with its kind, its example and its sentence; defaults are those of `Domain`.
enum WorkflowKeys {
    /// What a file's keys are written into, and where the defaults are.
    static var prototype: Workflow {
        Workflow(
            name: "",
            tickets: TicketSelection(team: ""),
            repository: RepositorySettings(path: "/"),
            agent: AgentSettings(),
            prompt: PromptSettings(file: "", text: "")
        )
    }

    static var table: Table<Workflow> {
        Table(
            "One workflow of Linecook: which tickets, in which repository, by which agent, under which limits.",
            [
                .value(
                    "name",
                    \.name,
                    .name,
                    required: true,
                    example: .string("portfolio"),
                    "Unique among the workflows of a service; letters, digits, '-', '_' and '.'."
                ),
                .section("schedule", \.schedule.draft, schedule),
                .section("tickets", \.tickets, tickets),
                .section("repository", \.repository, repository),
                .section("plan", \.plan, plan),
                .section("slots", \.slots, slots),
                .section("agent", \.agent, agent),
                .section("prompt", \.prompt, prompt),
                .section("retry", \.retry, retry),
                .section("verify", \.verify, verify),
                .section("deliver", \.deliver, deliver),
            ]
        )
    }

    private static var schedule: Table<ScheduleDraft> {
        Table(
            "When new tickets are taken up; free slots are refilled at once, whatever the schedule.",
            [
                .optional(
                    "cron",
                    \.cron,
                    .text("a cron expression"),
                    example: .string("*/2 8-19 * * MON-FRI"),
                    "A cron expression of five fields (six with 'seconds: true') or @hourly, @daily …; instead of 'every'."
                ),
                .value(
                    "seconds",
                    \.seconds,
                    .boolean,
                    example: .bool(true),
                    "Whether 'cron' starts with a field for the second."
                ),
                .value(
                    "every",
                    \.every,
                    .duration(.seconds(1)...(.seconds(366 * 86_400))),
                    example: .string("2m"),
                    "The time between two polls, in whole seconds; instead of 'cron'."
                ),
                .optional(
                    "timezone",
                    \.timezone,
                    .text("the name of a time zone"),
                    example: .string("Europe/Berlin"),
                    "The IANA time zone that 'cron' is meant in; the machine's own when left out."
                ),
                .value(
                    "jitter",
                    \.jitter,
                    .duration(.zero...(.seconds(3600))),
                    example: .string("10s"),
                    "The most by which a tick comes later than its time, so that many workflows don't poll at once."
                ),
            ]
        )
    }

    private static var tickets: Table<TicketSelection> {
        Table(
            "Which tickets of Linear are taken up, and where they are moved on the board.",
            [
                .value(
                    "team",
                    \.team,
                    .team,
                    required: true,
                    example: .string("FRE"),
                    "The key of the team in Linear, the letters in front of its tickets' numbers."
                ),
                .optional(
                    "project",
                    \.project,
                    .text(),
                    example: .string("Portfolio"),
                    "Only tickets of the project with this name."
                ),
                .optional(
                    "assignee",
                    \.assignee,
                    .text("an email address or 'me'"),
                    example: .string("me"),
                    "Only tickets assigned to this person: an email address, or 'me' for the owner of the token."
                ),
                .value(
                    "states",
                    \.states,
                    Kind<String>.list(of: .text(), "a list of names of states", minimum: 1),
                    example: .array([.string("Todo")]),
                    "Names of the states that tickets are taken from."
                ),
                .section("labels", \.self, labels),
                .section("batch", \.batch, batch),
                .section("transitions", \.transitions, transitions),
            ]
        )
    }

    private static var labels: Table<TicketSelection> {
        Table(
            "Which labels a ticket must and must not have.",
            [
                .value(
                    "all",
                    \.allLabels,
                    Kind<String>.list(of: .text(), "a list of labels"),
                    example: .array([.string("agent")]),
                    "A ticket has all of these labels."
                ),
                .value(
                    "none",
                    \.noLabels,
                    Kind<String>.list(of: .text(), "a list of labels"),
                    example: .array([.string("needs-design")]),
                    "A ticket has none of these labels."
                ),
            ]
        )
    }

    private static var transitions: Table<Transitions> {
        let state = Kind<String>.text("the name of a state")
        return Table(
            "Names of the states that a ticket is moved to; none of them may be in 'states'.",
            [
                .value(
                    "started",
                    \.started,
                    state,
                    example: .string("In Progress"),
                    "When an agent starts."
                ),
                .value(
                    "review",
                    \.review,
                    state,
                    example: .string("In Review"),
                    "When the pull request is open."
                ),
                .value(
                    "failed",
                    \.failed,
                    state,
                    example: .string("Backlog"),
                    "When no attempt is left."
                ),
                .value(
                    "done",
                    \.done,
                    state,
                    example: .string("Done"),
                    "When the pull request is merged."
                ),
            ]
        )
    }

    private static var repository: Table<RepositorySettings> {
        Table(
            "Where the code is, and how a ticket gets a folder of its own.",
            [
                .value(
                    "path",
                    \.path,
                    .path("the path of a clone"),
                    required: true,
                    example: .string("../portfolio"),
                    "A clone of the repository, relative to this file; '~' and '$NAME' are expanded."
                ),
                .value(
                    "remote",
                    \.remote,
                    .remote,
                    example: .string("origin"),
                    "The remote that is fetched from and pushed to."
                ),
                .value(
                    "base",
                    \.base,
                    .branch,
                    example: .string("develop"),
                    "The branch that work starts from and pull requests go to."
                ),
                .value(
                    "branch",
                    \.branch,
                    .branchTemplate,
                    example: .string("feature/{{ ticket.key }}-{{ ticket.slug }}"),
                    "The name of a ticket's branch; placeholders: ticket.key, ticket.slug, ticket.number, repository.name."
                ),
                .value(
                    "worktree",
                    \.worktree,
                    .worktreeTemplate,
                    example: .string("../{{ repository.name }}-workspace-{{ ticket.key }}"),
                    "A ticket's folder, relative to the repository; placeholders as in 'branch'."
                ),
                .value(
                    "copy",
                    \.copy,
                    Kind<String>.list(of: .repositoryPath, "a list of paths inside the repository"),
                    example: .array([.string(".env.local")]),
                    "Untracked files that each new worktree gets a copy of."
                ),
                .optional(
                    "setup",
                    \.setup,
                    .shell,
                    example: .string("npm ci"),
                    "A shell command that is run once in each new worktree."
                ),
            ]
        )
    }

    private static var slots: Table<SlotLimits> {
        let count = Kind<Int>.integer(1...1000)
        return Table(
            "How many attempts of this workflow may run at once.",
            [
                .value(
                    "total",
                    \.total,
                    count,
                    example: .integer(4),
                    "Over all tickets of this workflow."
                ),
                .value(
                    "by_label",
                    \.byLabel,
                    Kind<Int>.dictionary(of: count, "a mapping from labels to numbers"),
                    example: .object([("frontend", .integer(2))]),
                    "At most so many attempts of tickets with this label."
                ),
                .value(
                    "by_state",
                    \.byState,
                    Kind<Int>.dictionary(of: count, "a mapping from states to numbers"),
                    example: .object([("Todo", .integer(3))]),
                    "At most so many attempts of tickets taken from this state."
                ),
            ]
        )
    }

    private static var agent: Table<AgentSettings> {
        Table(
            "The program that does the work, and what holds it back.",
            [
                .value(
                    "kind",
                    \.kind,
                    .choice,
                    example: .string("claude-code"),
                    "claude-code, or command: any program that reads the prompt on its standard input."
                ),
                .value(
                    "command",
                    \.command,
                    .program,
                    example: .string("claude"),
                    "The program, a path or a name along PATH; never a shell line."
                ),
                .value(
                    "arguments",
                    \.arguments,
                    Kind<String>.list(of: .text(), "a list of texts"),
                    example: .array([.string("--verbose")]),
                    "Further arguments for the program."
                ),
                .optional(
                    "model",
                    \.model,
                    .text(),
                    example: .string("sonnet"),
                    "The model, as the agent names it; the agent's own choice when left out."
                ),
                .optional(
                    "max_turns",
                    \.maxTurns,
                    .integer(1...1000),
                    example: .integer(50),
                    "How many turns the agent may take in one attempt."
                ),
                .value(
                    "timeout",
                    \.timeout,
                    .duration(.seconds(1)...(.seconds(7 * 86_400))),
                    example: .string("45m"),
                    "Wall clock over the whole attempt, set-up included."
                ),
                .value(
                    "stall",
                    \.stall,
                    .duration(.seconds(1)...(.seconds(7 * 86_400))),
                    example: .string("10m"),
                    "The longest time without any output."
                ),
                .value(
                    "grace",
                    \.grace,
                    .duration(.zero...(.seconds(600))),
                    example: .string("10s"),
                    "The time between the polite and the final signal."
                ),
                .optional(
                    "budget",
                    \.budget,
                    .number(0.01...10_000),
                    example: .number(5),
                    "US dollars that one attempt may cost; no bound when left out."
                ),
                .value(
                    "environment",
                    \.environment,
                    Kind<String>.list(of: .variableName, "a list of names of variables"),
                    example: .array([.string("ANTHROPIC_API_KEY")]),
                    "Variables that the agent gets on top of PATH, HOME, LANG, TERM and TMPDIR."
                ),
                .value(
                    "permission_mode",
                    \.permissionMode,
                    .oneOf([
                        "acceptEdits", "bypassPermissions", "plan", "dontAsk", "auto", "manual",
                    ]),
                    example: .string("acceptEdits"),
                    "Claude Code's permission mode."
                ),
                .value(
                    "allowed_tools",
                    \.allowedTools,
                    Kind<String>.list(of: .text(), "a list of tools"),
                    example: .array([.string("Bash(git *)"), .string("Bash(npm *)")]),
                    "Tools that Claude Code may use without asking."
                ),
            ]
        )
    }

    private static var prompt: Table<PromptSettings> {
        Table(
            "What the agent is told.",
            [
                .value(
                    "template",
                    \.template,
                    .promptTemplate,
                    required: true,
                    example: .string("prompts/ticket.md"),
                    "The template of the prompt, relative to this file; a run keeps the text it started with."
                ),
                .section("context", \.context, context),
            ]
        )
    }

    private static var retry: Table<RetryPolicy> {
        Table(
            "How often and how soon a failed attempt is followed by another.",
            [
                .value(
                    "attempts",
                    \.attempts,
                    .integer(1...100),
                    example: .integer(3),
                    "Attempts in all, the first one included."
                ),
                .value(
                    "delay",
                    \.delay,
                    .duration(.zero...(.seconds(86_400))),
                    example: .string("30s"),
                    "The wait after the first attempt."
                ),
                .value(
                    "factor",
                    \.factor,
                    .number(1...10),
                    example: .number(2),
                    "How many times longer each further wait is."
                ),
                .value(
                    "limit",
                    \.limit,
                    .duration(.zero...(.seconds(7 * 86_400))),
                    example: .string("15m"),
                    "The longest wait."
                ),
                .value(
                    "jitter",
                    \.jitter,
                    .number(0...1),
                    example: .number(0.2),
                    "The share by which a wait may be longer or shorter, so that failures part ways."
                ),
            ]
        )
    }

    private static var verify: Table<VerificationSettings> {
        Table(
            "What must hold before a person is asked to look.",
            [
                .value(
                    "steps",
                    \.steps,
                    .steps,
                    example: .array([
                        .object([("name", .string("build")), ("run", .string("npm run build"))])
                    ]),
                    "Commands that are run in the worktree, in this order, each of which must exit with 0."
                )
            ]
        )
    }

    /// One entry of `verify.steps`.
    static var step: Table<VerificationSettings.Step> {
        Table(
            "One check.",
            [
                .value(
                    "name",
                    \.name,
                    .stepName,
                    required: true,
                    example: .string("build"),
                    "The name of the check and of its log; letters, digits, '-' and '_'."
                ),
                .value(
                    "run",
                    \.run,
                    .shell,
                    required: true,
                    example: .string("npm run build"),
                    "A shell command."
                ),
                .value(
                    "timeout",
                    \.timeout,
                    .duration(.seconds(1)...(.seconds(86_400))),
                    example: .string("10m"),
                    "Wall clock for this check."
                ),
            ]
        )
    }

    private static var deliver: Table<DeliverySettings> {
        Table(
            "How the work reaches a person.",
            [
                .value(
                    "push",
                    \.push,
                    .choice,
                    example: .string("before_verify"),
                    "before_verify: the branch is pushed even when a check fails; after_verify: only what passed."
                ),
                .section("pull_request", \.self, pullRequest),
                .value(
                    "cleanup",
                    \.cleanup,
                    .choice,
                    example: .string("merged"),
                    "When the worktree is removed: merged, delivered (the pull request is open), or never."
                ),
            ]
        )
    }

    private static var pullRequest: Table<DeliverySettings> {
        Table(
            "The pull request of a ticket.",
            [
                .value(
                    "draft",
                    \.draft,
                    .boolean,
                    example: .bool(true),
                    "Whether it is opened as a draft."
                ),
                .value(
                    "labels",
                    \.labels,
                    Kind<String>.list(of: .text(), "a list of labels"),
                    example: .array([.string("agent")]),
                    "Labels that it gets."
                ),
                .value(
                    "reviewers",
                    \.reviewers,
                    Kind<String>.list(of: .text(), "a list of names"),
                    example: .array([.string("octocat")]),
                    "Names of people on the forge who are asked to review it."
                ),
            ]
        )
    }
}

/// `schedule:` as it is written, before its keys become one trigger.
struct ScheduleDraft {
    var cron: String?
    var seconds: Bool
    var every: Duration
    var timezone: String?
    var jitter: Duration
}

extension ScheduleSettings {
    /// The settings by their keys; `cron` wins over `every`, which has a default.
    fileprivate var draft: ScheduleDraft {
        get {
            var draft = ScheduleDraft(
                cron: nil,
                seconds: false,
                every: .seconds(30),
                timezone: timezone,
                jitter: jitter
            )
            switch trigger {
            case .cron(let text, let seconds):
                draft.cron = text
                draft.seconds = seconds
            case .every(let duration): draft.every = duration
            }
            return draft
        }
        set {
            trigger =
                newValue.cron.map { .cron($0, seconds: newValue.seconds) } ?? .every(newValue.every)
            timezone = newValue.timezone
            jitter = newValue.jitter
        }
    }
}
