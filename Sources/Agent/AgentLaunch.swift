package import Domain
package import SystemPackage

/// How an agent's program is started: everything that a process needs, and no shell line.
package struct AgentLaunch: Equatable, Sendable {
    /// A path, or a name to look up along `PATH`.
    package var executable: String
    package var arguments: [String]
    /// The whole environment, not an addition to one.
    package var environment: [String: String]
    /// What the program reads as its standard input: the prompt, unless the team wants it elsewhere.
    ///
    /// On the command line any user of the machine could read it, and it could be too long.
    package var input: FilePath
    /// Where the program starts.
    package var directory: FilePath

    package init(
        executable: String,
        arguments: [String],
        environment: [String: String],
        input: FilePath,
        directory: FilePath
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.directory = directory
    }

    /// How the agent that `settings` name is started for one attempt.
    ///
    /// - Parameters:
    ///   - settings: The workflow's `agent:`.
    ///   - context: The attempt.
    ///   - parent: The environment of the calling process, of which only what is allowed passes.
    package init(settings: AgentSettings, context: AgentContext, parent: [String: String]) {
        self = settings.kind.adapter.launch(settings: settings, context: context, parent: parent)
    }
}

/// The attempt that an agent is started for.
package struct AgentContext: Equatable, Sendable {
    /// The agent's conversation.
    package enum Session: Equatable, Sendable {
        /// A new one under this identifier, a UUID that was never used before.
        case fresh(String)
        /// One of an earlier attempt goes on; no other process may be using it.
        case resumed(String)
    }
    /// Unlike any other attempt's on this machine; what `LINECOOK_ATTEMPT` says in every process of it.
    package var attemptID: String
    package var ticket: TicketKey
    package var run: Int
    package var attempt: Int
    package var session: Session
    package var slot: Int
    package var worktree: FilePath
    package var promptFile: FilePath
    /// The prompt itself, where it's to be an argument; otherwise empty.
    package var prompt: String
    package var base: String
    package var branch: String

    package init(
        attemptID: String,
        ticket: TicketKey,
        run: Int,
        attempt: Int,
        session: Session,
        slot: Int,
        worktree: FilePath,
        promptFile: FilePath,
        prompt: String = "",
        base: String,
        branch: String
    ) {
        self.attemptID = attemptID
        self.ticket = ticket
        self.run = run
        self.attempt = attempt
        self.session = session
        self.slot = slot
        self.worktree = worktree
        self.promptFile = promptFile
        self.prompt = prompt
        self.base = base
        self.branch = branch
    }

    /// The context of `job`, whose prompt lies in `promptFile`.
    package init(job: AttemptJob, session: Session, promptFile: FilePath, prompt: String = "") {
        self.init(
            attemptID: job.id,
            ticket: job.ticket.key,
            run: job.run,
            attempt: job.attempt,
            session: session,
            slot: job.slot,
            worktree: job.worktree,
            promptFile: promptFile,
            prompt: prompt,
            base: job.workflow.repository.base,
            branch: job.branch
        )
    }
}
