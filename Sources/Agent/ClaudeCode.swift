import Domain

/// Claude Code, run headless (`claude -p`), as observed of its version 2.1.327.
struct ClaudeCode: AgentAdapter {
    let homePaths = [".claude", ".claude.json"]
    let resumesSessions = true

    /// It takes SIGHUP, SIGINT and SIGTERM, and exits as a shell would say it.
    func signal(inExit code: Int) -> Int? { [129, 130, 143].contains(code) ? code - 128 : nil }

    func launch(
        settings: AgentSettings,
        context: AgentContext,
        parent: [String: String]
    ) -> AgentLaunch {
        var arguments = ["-p", "--output-format", "stream-json", "--verbose"]
        switch context.session {
        // The two flags exclude each other.
        case .fresh(let id): arguments += ["--session-id", id]
        case .resumed(let id): arguments += ["--resume", id]
        }
        if let turns = settings.maxTurns { arguments += ["--max-turns", String(turns)] }
        if let budget = settings.budget { arguments += ["--max-budget-usd", "\(budget)"] }
        if let model = settings.model { arguments += ["--model", model] }
        arguments += ["--permission-mode", settings.permissionMode]
        // One word with commas: the flag takes all words that follow, which would swallow the team's.
        if !settings.allowedTools.isEmpty {
            arguments += ["--allowedTools", settings.allowedTools.joined(separator: ",")]
        }
        arguments += settings.arguments

        let allowed = AgentEnvironment.allowed(of: parent, naming: settings.environment)
        let own = AgentEnvironment.variables(of: context, settings: settings)
        return AgentLaunch(
            executable: settings.command,
            arguments: arguments,
            environment: Self.defaults
                .merging(allowed) { _, named in named }
                .merging(own) { _, own in own },
            input: context.promptFile,
            directory: context.worktree
        )
    }

    /// What the program gets unless the team names the same variable.
    private static let defaults = [
        // A background task keeps the program alive for 600 s after its result, and then it asks the
        // model once more.
        "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
        // Its own 10 retries take 3 minutes to say that a provider is overloaded, during which a slot is
        // lost and other attempts run into the same wall. 4 of them (0.5, 1.2, 2.2 and 4.4 s) outlast a
        // hiccup, leave room for a fallback model (which comes at the third 529), and end in 9 s.
        "CLAUDE_CODE_MAX_RETRIES": "4",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
    ]

    func makeReader() -> any AgentLineReader { ClaudeCodeReader() }

    func ending(ofSilent exit: SilentExit) -> AgentEnding {
        let reason = exit.lastError.isEmpty ? "exit \(exit.code)" : exit.lastError
        // Exit 1 with nothing but a line on standard error is how the program refuses flags, settings,
        // an MCP file, root with bypassed permissions, or a session that another process has.
        guard exit.code == 1, !exit.hadOutput, !exit.lastError.isEmpty else {
            return AgentEnding(
                .agentFailed,
                reason: exit.lastError.isEmpty ? reason : "exit \(exit.code): \(reason)"
            )
        }
        if exit.lastError.contains("already in use") {
            return AgentEnding(.agentFailed, reason: reason, sessionIsLost: true)
        }
        return AgentEnding(.misconfigured, reason: reason)
    }
}
