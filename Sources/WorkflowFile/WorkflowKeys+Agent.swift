internal import Domain
internal import SystemPackage
internal import YAML

/// The keys of `agent:`, `prompt:` and `retry:`.
extension WorkflowKeys {
    static var agent: Table<AgentSettings> {
        Table(
            "The program that does the work, and what holds it back.",
            agentValues + [
                .value(
                    "sandbox",
                    \.sandbox,
                    .choice,
                    example: .string("bubblewrap"),
                    "none, or bubblewrap (Linux): for the agent and the workflow's own commands the system is read-only, the home folder hidden, /tmp their own, and of the repository only the worktree and the branch can be written."
                ),
                .section("sandbox_paths", \.self, sandboxPaths),
                .value(
                    "overrides",
                    \.overrides,
                    .overrides,
                    example: .array([
                        .object([
                            ("when", .object([("label", .string("complex"))])),
                            ("max_turns", .integer(60)), ("timeout", .string("90m")),
                        ])
                    ]),
                    "What differs for some tickets: every entry whose 'when' holds is applied, in this order, so that the last one wins where two set the same key."
                ),
                .value(
                    "fallback",
                    \.fallback,
                    .fallback,
                    example: .array([.object([("kind", .string("codex"))])]),
                    "What works instead, in this order, while the provider of those before asks for a break: a usage limit (of the program with its arguments and variables) or an overload (of one model of it). Never after any other failure."
                ),
            ]
        )
    }

    /// The keys of `agent:` that an override may set too.
    static var agentValues: [Key<AgentSettings>] {
        [
            .value(
                "kind",
                \.chosenKind,
                .choice,
                example: .string("claude-code"),
                "claude-code, codex, or command: any program that takes a prompt."
            ),
            .value(
                "command",
                \.command,
                .program,
                example: .string("claude"),
                "The program, a path or a name along PATH; never a shell line. claude or codex by the kind; required for command."
            ),
            .value(
                "arguments",
                \.arguments,
                Kind<String>.list(of: .text(), "a list of texts"),
                example: .array([.string("--verbose")]),
                "Further arguments for the program."
            ),
            .value(
                "prompt",
                \.prompt,
                .choice,
                example: .string("file"),
                "How a program of the kind command is given the prompt: on stdin, as a file whose path is its last argument, or as its last argument."
            ),
            .optional(
                "model",
                \.model,
                .text(),
                example: .string("sonnet"),
                "The model, as the agent names it; the agent's own choice when left out."
            ),
            .value(
                "models",
                \.models,
                Kind<String>.list(of: .text(), "a list of models"),
                example: .array([.string("sonnet"), .string("opus")]),
                "The models that a ticket's text may choose from with a line 'Model: opus'; any other is ignored, with a note in the run's record."
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
                "idle_work",
                \.idleWork,
                .durationOrOff(.seconds(1)...(.seconds(7 * 86_400))),
                example: .string("30m"),
                "The longest time in which no file of the worktree changes and the agent does nothing of a kind that it hasn't done before; off for any."
            ),
            .value(
                "grace",
                \.grace,
                .duration(.zero...(.seconds(600))),
                example: .string("10s"),
                "The time between the polite and the final signal."
            ),
            .optional(
                "memory",
                \.memory,
                .size(10_000_000...1_000_000_000_000),
                example: .string("4GB"),
                "What the agent, or a command of the workflow's, may hold of memory with all that it starts; more ends it at once, and the attempt with it. No bound when left out."
            ),
            .optional(
                "budget",
                \.budget,
                .number(0.01...10_000),
                example: .number(5),
                "US dollars that one attempt may cost; no bound when left out."
            ),
            .optional(
                "tokens",
                \.tokens,
                .count(1000...1_000_000_000),
                example: .string("500k"),
                "Tokens that one attempt may read, without what the provider's cache spares, and write; no bound when left out."
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
            ).idle(when: isWithoutClaudeCode),
            .value(
                "allowed_tools",
                \.allowedTools,
                Kind<String>.list(of: .text(), "a list of tools"),
                example: .array([.string("Bash(git *)"), .string("Bash(npm *)")]),
                "Tools that Claude Code may use without asking."
            ).idle(when: isWithoutClaudeCode),
        ]
    }

    /// Whether Claude Code works no ticket, not even one that an override is for.
    private static func isWithoutClaudeCode(_ agent: AgentSettings) -> Bool {
        agent.kind != .claudeCode
            && !agent.overrides.contains {
                $0.keys.contains(.kind) && $0.settings.kind == .claudeCode
            }
            && !agent.profiles.contains { $0.kind == .claudeCode }
    }

    static var prompt: Table<PromptSettings> {
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

    static var retry: Table<RetryPolicy> {
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
                .section("on", \.on, consequences),
            ]
        )
    }

    private static var consequences: Table<FailureTable> {
        Table(
            "What follows each way in which an attempt may fail: retry (another attempt after the wait, while there are any left), park (the same again when the provider's limit has passed, which spends no attempt), needs_human (a person decides) or fail (the ticket is moved back).",
            Outcome.allCases.filter(\.isFailure).map { outcome in
                .value(
                    outcome.rawValue,
                    \.[outcome],
                    .choice(of: outcome.choices),
                    example: .string(outcome.consequence.rawValue),
                    outcome.meaning
                )
            }
        )
    }

    static var budget: Table<BudgetSettings> {
        Table(
            "What all attempts of this workflow may cost together.",
            [
                .optional(
                    "ticket",
                    \.ticket,
                    .number(0.01...1_000_000),
                    example: .number(20),
                    "US dollars that all attempts of a ticket's run may cost together. An attempt gets at most what is left; once nothing is, the work is kept and the run waits for a person. No bound when left out."
                ),
                .optional(
                    "ticket_tokens",
                    \.ticketTokens,
                    .count(1000...100_000_000_000),
                    example: .string("2M"),
                    "The same in tokens, counted like those of 'agent.tokens'."
                ),
                .optional(
                    "day",
                    \.day,
                    .number(0.01...1_000_000),
                    example: .number(100),
                    "US dollars in any 24 hours; no attempt is started that could pass it. Needs 'agent.budget', with which attempts count that run or didn't say what they cost; no bound when left out."
                ),
                .optional(
                    "day_tokens",
                    \.dayTokens,
                    .count(1000...100_000_000_000),
                    example: .string("20M"),
                    "The same in tokens; needs 'agent.tokens'."
                ),
            ]
        )
    }

    private static var sandboxPaths: Table<AgentSettings> {
        let paths = Kind<FilePath>.list(of: .path("a path"), "a list of paths")
        return Table(
            "What the sandbox shows beside the system; ignored without one.",
            [
                .value(
                    "read",
                    \.sandboxReads,
                    paths,
                    example: .array([.string("~/.cargo")]),
                    "Files and folders that may be read."
                ),
                .value(
                    "write",
                    \.sandboxWrites,
                    paths,
                    example: .array([.string("~/.npm")]),
                    "Files and folders that may be written, such as caches of package managers."
                ),
            ]
        )
    }
}

extension AgentSettings {
    /// The kind together with its usual program, which a file may name otherwise before or after it.
    fileprivate var chosenKind: Kind {
        get { kind }
        set {
            if command == kind.program ?? "" { command = newValue.program ?? "" }
            kind = newValue
        }
    }
}

extension Outcome {
    /// When an attempt ends so, for the reference.
    fileprivate var meaning: String {
        switch self {
        case .succeeded: "Changed, pushed and verified."
        case .noChanges: "The agent has changed nothing."
        case .verificationFailed: "A check said no; its output goes into the next prompt."
        case .agentFailed: "The agent crashed, exited with a code other than 0, or broke off."
        case .timedOut: "The attempt took longer than 'agent.timeout'."
        case .stalled:
            "The agent was silent for 'agent.stall', or had nothing to show for its work."
        case .maxTurns: "The agent reached 'agent.max_turns'; its work is kept on the branch."
        case .budgetExceeded: "The agent reached 'agent.budget'; its work is kept on the branch."
        case .rateLimited: "The provider's usage limit is reached."
        case .overloaded: "The provider has no capacity now."
        case .refused: "The model refuses the task."
        case .authFailed: "The provider doesn't accept the credentials."
        case .misconfigured: "The agent can't be started as it's configured."
        case .setupFailed: "'repository.setup' or a hook before the agent failed."
        case .worktreeFailed: "There is no worktree, or the base can't be fetched."
        case .pushFailed: "The branch can't be pushed."
        case .pushDeclined: "The remote's rules don't take the branch; the work is on it here."
        case .conflict: "The branch no longer merges into the base."
        case .cancelled: "A person stopped it, or the ticket moved."
        case .lost: "The attempt's process died without a result."
        }
    }
}
