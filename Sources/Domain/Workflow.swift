package import SystemPackage

/// One workflow file, parsed: which tickets, in which repository, by which agent, under which limits.
package struct Workflow: Codable, Equatable, Sendable {
    /// Unique among the workflows of a service; letters, digits, `-`, `_` and `.`.
    package var name: String
    package var schedule: ScheduleSettings
    package var tickets: TicketSelection
    package var repository: RepositorySettings
    package var plan: PlanSettings
    package var slots: SlotLimits
    package var agent: AgentSettings
    package var prompt: PromptSettings
    package var retry: RetryPolicy
    package var verify: VerificationSettings
    package var limits: LimitSettings
    package var budget: BudgetSettings
    package var deliver: DeliverySettings
    package var hooks: HookSettings

    package init(
        name: String,
        schedule: ScheduleSettings = ScheduleSettings(),
        tickets: TicketSelection,
        repository: RepositorySettings,
        plan: PlanSettings = PlanSettings(),
        slots: SlotLimits = SlotLimits(),
        agent: AgentSettings,
        prompt: PromptSettings,
        retry: RetryPolicy = RetryPolicy(),
        verify: VerificationSettings = VerificationSettings(),
        limits: LimitSettings = LimitSettings(),
        budget: BudgetSettings = BudgetSettings(),
        deliver: DeliverySettings = DeliverySettings(),
        hooks: HookSettings = HookSettings()
    ) {
        self.name = name
        self.schedule = schedule
        self.tickets = tickets
        self.repository = repository
        self.plan = plan
        self.slots = slots
        self.agent = agent
        self.prompt = prompt
        self.retry = retry
        self.verify = verify
        self.limits = limits
        self.budget = budget
        self.deliver = deliver
        self.hooks = hooks
    }
}

/// `schedule:` — when new tickets are taken up.
package struct ScheduleSettings: Codable, Equatable, Sendable {
    package enum Trigger: Codable, Equatable, Sendable {
        /// `cron:`, the expression as written; `seconds: true` when it has six fields.
        case cron(String, seconds: Bool)
        /// `every:`, also the default with 30 s.
        case every(Duration)
    }
    package var trigger: Trigger
    /// An IANA name; `nil` is the machine's zone.
    package var timezone: String?
    /// The most by which a tick is moved, later only, the same each time for one workflow's name.
    package var jitter: Duration
    /// What becomes of missed ticks of `cron:`; an interval has none, for it polls at the start.
    package var missed: MissedTickPolicy

    package init(
        trigger: Trigger = .every(.seconds(30)),
        timezone: String? = nil,
        jitter: Duration = .zero,
        missed: MissedTickPolicy = .once
    ) {
        self.trigger = trigger
        self.timezone = timezone
        self.jitter = jitter
        self.missed = missed
    }
}

/// `tickets:` — which tickets of Linear are taken up, and where they are moved on the board.
package struct TicketSelection: Codable, Equatable, Sendable {
    /// The team's key, `FRE`.
    package var team: String
    /// Name of the project; any when `nil`.
    package var project: String?
    /// Email, or `me` for the token's own user; any when `nil`.
    package var assignee: String?
    /// The agent that a ticket is delegated to: its name in Linear, or `me` for the token's own; any when `nil`.
    package var delegate: String?
    /// The team's cycle; any, or none, when `nil`.
    package var cycle: CycleChoice?
    /// A part of Linear's `IssueFilter` that holds beside all else; always a mapping.
    package var filter: FilterValue?
    /// Names of the states that tickets are taken from; at least one.
    package var states: [String]
    /// A ticket has all of these labels.
    package var allLabels: [String]
    /// A ticket has none of these.
    package var noLabels: [String]
    package var batch: BatchSettings
    package var transitions: Transitions

    package init(
        team: String,
        project: String? = nil,
        assignee: String? = nil,
        delegate: String? = nil,
        cycle: CycleChoice? = nil,
        filter: FilterValue? = nil,
        states: [String] = ["Todo"],
        allLabels: [String] = [],
        noLabels: [String] = [],
        batch: BatchSettings = BatchSettings(),
        transitions: Transitions = Transitions()
    ) {
        self.team = team
        self.project = project
        self.assignee = assignee
        self.delegate = delegate
        self.cycle = cycle
        self.filter = filter
        self.states = states
        self.allLabels = allLabels
        self.noLabels = noLabels
        self.batch = batch
        self.transitions = transitions
    }
}

/// `tickets.transitions:` — names of states; none of them may be one that tickets are taken from.
package struct Transitions: Codable, Equatable, Sendable {
    package var started: String
    package var review: String
    package var failed: String
    package var done: String

    package init(
        started: String = "In Progress",
        review: String = "In Review",
        failed: String = "Backlog",
        done: String = "Done"
    ) {
        self.started = started
        self.review = review
        self.failed = failed
        self.done = done
    }
}

/// `repository:` — where the code is and how a ticket gets a folder of its own.
package struct RepositorySettings: Codable, Equatable, Sendable {
    /// Path of a clone (a bare one will do): absolute, but where `url` is set and nobody has said yet
    /// which state folder it lies in.
    package var path: FilePath
    /// Where Linecook clones from; `nil` when the clone is somebody else's.
    package var url: RepositoryURL?
    package var remote: String
    package var base: String
    /// Template: `ticket.key`, `ticket.slug`, `ticket.number`, `repository.name`.
    package var branch: String
    /// Template like `branch`; a path relative to the repository, or absolute.
    package var worktree: String
    /// Untracked files, relative to the repository, that each new worktree gets a copy of.
    package var copy: [String]
    /// A shell command that is run once in each new worktree.
    package var setup: String?
    /// How many worktrees of finished tickets are kept for the next ones.
    package var pool: Int
    /// Ignored folders that a kept worktree keeps, as patterns of `.gitignore`.
    package var keep: [String]
    /// The only folders that a worktree holds, with the files of the top; all when there is none.
    package var sparse: [String]

    package init(
        path: FilePath,
        url: RepositoryURL? = nil,
        remote: String = "origin",
        base: String = "main",
        branch: String = "linecook/{{ ticket.key }}-{{ ticket.slug }}",
        worktree: String = "../{{ repository.name }}-workspace-{{ ticket.key }}",
        copy: [String] = [],
        setup: String? = nil,
        pool: Int = 0,
        keep: [String] = [],
        sparse: [String] = []
    ) {
        self.path = path
        self.url = url
        self.remote = remote
        self.base = base
        self.branch = branch
        self.worktree = worktree
        self.copy = copy
        self.setup = setup
        self.pool = pool
        self.keep = keep
        self.sparse = sparse
    }

    /// The last part of the path, without `.git`.
    package var name: String {
        let last = path.lastComponent?.string ?? "repository"
        return last.hasSuffix(".git") && last.count > 4 ? String(last.dropLast(4)) : last
    }
}

/// `slots:` — how many attempts of a workflow may run at once.
package struct SlotLimits: Codable, Equatable, Sendable {
    package var total: Int
    /// At most so many attempts of tickets that carry this label.
    package var byLabel: [String: Int]
    /// At most so many attempts of tickets that were taken from this state.
    package var byState: [String: Int]

    package init(total: Int = 2, byLabel: [String: Int] = [:], byState: [String: Int] = [:]) {
        self.total = total
        self.byLabel = byLabel
        self.byState = byState
    }
}

/// `agent:` — the program that does the work, and what holds it back.
package struct AgentSettings: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case claudeCode = "claude-code"
        case codex
        case command

        /// The program's usual name; `nil` for what is the team's own.
        package var program: String? {
            switch self {
            case .claudeCode: "claude"
            case .codex: "codex"
            case .command: nil
            }
        }
    }
    /// How an agent of the kind `command` is given its prompt.
    package enum PromptChannel: String, Codable, Sendable, CaseIterable {
        /// As its standard input.
        case stdin
        /// As a file, whose path is its last argument.
        case file
        /// As its last argument.
        case argument
    }
    package enum SandboxKind: String, Codable, Sendable, CaseIterable {
        /// All that the service's own user sees and may do.
        case none
        /// A view made by bubblewrap: system read-only, home hidden, `/tmp` its own.
        case bubblewrap
    }
    package var kind: Kind
    /// The program, a path or a name to look up along `PATH`; never a shell line.
    package var command: String
    /// Further arguments: after Linecook's own for `claude-code` and `codex`; before the prompt for `command`.
    package var arguments: [String]
    /// `command` only.
    package var prompt: PromptChannel
    package var model: String?
    /// The models that a ticket's text may ask for in a line `Model: NAME`; none when empty.
    package var models: [String]
    package var maxTurns: Int?
    /// Wall clock over the whole attempt.
    package var timeout: Duration
    /// The longest silence.
    package var stall: Duration
    /// The longest time without a change in the files or a new kind of event; no such bound when `nil`, as in
    /// records older than this key.
    package var idleWork: Duration?
    /// Between the polite and the final signal.
    package var grace: Duration
    /// What the agent, or one of the attempt's commands, may hold of memory with all that it starts, in bytes;
    /// no bound when `nil`.
    package var memory: Int?
    /// USD an attempt.
    package var budget: Double?
    /// Tokens an attempt, of those that `BudgetSettings` counts; no bound when `nil`.
    package var tokens: Int?
    /// Names of variables that the agent gets on top of `PATH`, `HOME`, `LANG`, `TERM`, `TMPDIR`.
    package var environment: [String]
    /// What of the machine the agent, and all else that runs in its worktree, gets to see.
    package var sandbox: SandboxKind
    /// Folders and files beside the system's that the sandbox shows; absolute.
    package var sandboxReads: [FilePath]
    /// Those that may be written in it, too.
    package var sandboxWrites: [FilePath]
    /// `claude-code` only: `acceptEdits`, `bypassPermissions`, `plan`, `dontAsk`, `auto`, `manual`.
    package var permissionMode: String
    /// `claude-code` only, such as `Bash(git *)`.
    package var allowedTools: [String]
    /// What differs for some tickets; `resolved(for:)` applies it.
    package var overrides: [AgentOverride]
    /// What works instead while the provider asks for a break, in this order; see `profiles`.
    package var fallback: [AgentFallback]

    package init(
        kind: Kind = .claudeCode,
        command: String? = nil,
        arguments: [String] = [],
        prompt: PromptChannel = .stdin,
        model: String? = nil,
        models: [String] = [],
        maxTurns: Int? = 50,
        timeout: Duration = .seconds(45 * 60),
        stall: Duration = .seconds(10 * 60),
        idleWork: Duration? = .seconds(30 * 60),
        grace: Duration = .seconds(10),
        memory: Int? = nil,
        budget: Double? = nil,
        tokens: Int? = nil,
        environment: [String] = [],
        sandbox: SandboxKind = .none,
        sandboxReads: [FilePath] = [],
        sandboxWrites: [FilePath] = [],
        permissionMode: String = "acceptEdits",
        allowedTools: [String] = ["Bash(git *)"],
        overrides: [AgentOverride] = [],
        fallback: [AgentFallback] = []
    ) {
        self.kind = kind
        self.command = command ?? kind.program ?? ""
        self.arguments = arguments
        self.prompt = prompt
        self.model = model
        self.models = models
        self.maxTurns = maxTurns
        self.timeout = timeout
        self.stall = stall
        self.idleWork = idleWork
        self.grace = grace
        self.memory = memory
        self.budget = budget
        self.tokens = tokens
        self.environment = environment
        self.sandbox = sandbox
        self.sandboxReads = sandboxReads
        self.sandboxWrites = sandboxWrites
        self.permissionMode = permissionMode
        self.allowedTools = allowedTools
        self.overrides = overrides
        self.fallback = fallback
    }
}

/// `prompt:` — what the agent is told.
package struct PromptSettings: Codable, Equatable, Sendable {
    /// The template's file, for messages about it.
    package var file: FilePath
    /// The template itself, read with the workflow so that a run keeps what it started with.
    package var text: String
    /// What the template includes, and what that includes, read with it.
    package var includes: [IncludedFile]
    package var context: ContextSettings
    /// The folder of prompts that people wrote for single tickets, `KEY.md`.
    package var folder: FilePath { file.removingLastComponent() }

    /// Whether the template or a file that it includes has this word in it.
    package func mentions(_ word: String) -> Bool {
        text.contains(word) || includes.contains { $0.text.contains(word) }
    }

    package init(
        file: FilePath,
        text: String,
        includes: [IncludedFile] = [],
        context: ContextSettings = ContextSettings()
    ) {
        self.file = file
        self.text = text
        self.includes = includes
        self.context = context
    }
}

/// A file that a prompt's template includes, as it was when the workflow was read.
package struct IncludedFile: Codable, Equatable, Sendable {
    /// Absolute.
    package var file: FilePath
    package var text: String

    package init(file: FilePath, text: String) {
        self.file = file
        self.text = text
    }
}

/// `retry:` — how often and how soon a failed attempt is followed by another.
package struct RetryPolicy: Codable, Equatable, Sendable {
    /// The first one included; at least 1.
    package var attempts: Int
    package var delay: Duration
    package var factor: Double
    /// The longest wait.
    package var limit: Duration
    /// The share by which a wait may be longer or shorter, 0 … 1.
    package var jitter: Double
    /// What is a failed attempt that is followed by another.
    package var on: FailureTable

    package init(
        attempts: Int = 3,
        delay: Duration = .seconds(30),
        factor: Double = 2,
        limit: Duration = .seconds(15 * 60),
        jitter: Double = 0.2,
        on: FailureTable = FailureTable()
    ) {
        self.attempts = attempts
        self.delay = delay
        self.factor = factor
        self.limit = limit
        self.jitter = jitter
        self.on = on
    }

    /// The exact wait after attempt number `attempt` (from 1) failed, or `nil` when none is left:
    /// delay × factor^(attempt − 1), at most `limit`.
    package func wait(afterAttempt attempt: Int) -> Duration? {
        guard attempt < attempts else { return nil }
        var seconds = delay.inSeconds
        for _ in 1..<max(attempt, 1) where seconds < limit.inSeconds { seconds *= factor }
        return min(Duration(inSeconds: seconds), limit)
    }

    /// A wait scattered by `jitter`, never above `limit`, so that attempts that failed together part ways.
    package func scattered(
        _ wait: Duration,
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        guard jitter > 0 else { return wait }
        return min(wait * Double.random(in: (1 - jitter)...(1 + jitter), using: &generator), limit)
    }
}

/// `deliver:` — how the work reaches a person.
package struct DeliverySettings: Codable, Equatable, Sendable {
    package enum Push: String, Codable, Sendable, CaseIterable {
        case beforeVerify = "before_verify"
        case afterVerify = "after_verify"
    }
    package enum Cleanup: String, Codable, Sendable, CaseIterable {
        /// The worktree goes once the pull request is merged.
        case merged
        /// The worktree goes once the pull request is open.
        case delivered
        case never
    }
    package var push: Push
    package var draft: Bool
    package var labels: [String]
    package var reviewers: [String]
    package var cleanup: Cleanup

    package init(
        push: Push = .beforeVerify,
        draft: Bool = true,
        labels: [String] = [],
        reviewers: [String] = [],
        cleanup: Cleanup = .merged
    ) {
        self.push = push
        self.draft = draft
        self.labels = labels
        self.reviewers = reviewers
        self.cleanup = cleanup
    }
}
