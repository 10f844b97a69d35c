import Domain

/// Codex, run headless (`codex exec --json`), as observed of its version 0.163.0.
///
/// It knows no bound of turns and no budget, and tells neither its answers nor its price; wall clock and
/// silence hold it back.
struct Codex: AgentAdapter {
    let homePaths = [".codex"]
    let resumesSessions = true

    func launch(
        settings: AgentSettings,
        context: AgentContext,
        parent: [String: String]
    ) -> AgentLaunch {
        var arguments = ["exec", "--json"]
        // By default it may write nothing, and says that it is done all the same.
        if !Self.choosesSandbox(settings.arguments) {
            arguments += ["--sandbox", "workspace-write"]
        }
        if let model = settings.model { arguments += ["--model", model] }
        arguments += settings.arguments
        switch context.session {
        // A new session's identifier is its own choice, told in the first line.
        case .fresh: break
        // Behind the options: most of them mean nothing to the part that resumes.
        case .resumed(let id): arguments += ["resume", id]
        }
        // The prompt is its standard input, to the end of it.
        arguments.append("-")

        let allowed = AgentEnvironment.allowed(of: parent, naming: settings.environment)
        let own = AgentEnvironment.variables(of: context, settings: settings)
        return AgentLaunch(
            executable: settings.command,
            arguments: arguments,
            environment: allowed.merging(own) { _, own in own },
            input: context.promptFile,
            directory: context.worktree
        )
    }

    private static func choosesSandbox(_ arguments: [String]) -> Bool {
        arguments.contains { argument in
            ["-s", "--full-auto", "--dangerously-bypass-approvals-and-sandbox"].contains(argument)
                || argument.hasPrefix("--sandbox") || argument.contains("sandbox_mode")
        }
    }

    func makeReader() -> any AgentLineReader { CodexReader() }

    func ending(ofSilent exit: SilentExit) -> AgentEnding {
        let reason = "exit \(exit.code)" + (exit.lastError.isEmpty ? "" : ": \(exit.lastError)")
        // `Error: thread/resume: thread/resume failed: no rollout found for thread id …`
        if !exit.hadOutput, exit.lastError.contains("no rollout found") {
            return AgentEnding(.agentFailed, reason: reason, sessionIsLost: true)
        }
        // A bad flag is exit 2, with nothing but lines on standard error.
        guard exit.code == 2, !exit.hadOutput else {
            return AgentEnding(.agentFailed, reason: reason)
        }
        return AgentEnding(.misconfigured, reason: reason)
    }
}
