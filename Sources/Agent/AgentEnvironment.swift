package import Domain
package import SystemPackage

/// The environment that an agent, and with it every program that it starts, gets to see.
package enum AgentEnvironment {
    /// What passes without being asked for: what a program needs to find its tools, its home and its
    /// language, and nothing that opens a door.
    private static let always: Set<String> = [
        "PATH", "HOME", "LANG", "LANGUAGE", "TERM", "TMPDIR", "USER", "LOGNAME", "SHELL", "TZ",
    ]
    /// What never passes, whoever asks for it: Claude Code refuses to start when it believes that it runs
    /// within itself.
    private static let never: Set<String> = ["CLAUDECODE"]

    /// The part of `parent` that passes: the variables above, `LC_*`, and those that the team names.
    ///
    /// Linecook's own variables don't pass by being there, so that a daemon started from within an attempt
    /// doesn't hand on what belongs to that one; nor does any token that the team didn't name.
    ///
    /// - Parameters:
    ///   - parent: The environment of the calling process.
    ///   - names: The workflow's `agent.environment`.
    /// - Returns: Names and values.
    package static func allowed(
        of parent: [String: String],
        naming names: [String]
    ) -> [String: String] {
        let named = Set(names)
        return parent.filter { name, _ in
            if never.contains(name) { return false }
            if named.contains(name) { return true }
            return always.contains(name) || name.hasPrefix("LC_")
        }
    }

    /// What a hook gets: what the agent gets, what the team names for hooks, where it is, and what a message
    /// about the ticket needs.
    ///
    /// - Parameters:
    ///   - parent: The environment of the calling process.
    ///   - workflow: With the agent's settings for this ticket.
    ///   - ticket: Its title and address are text of strangers, on one line each.
    ///   - worktree: The ticket's folder.
    ///   - context: The attempt, for a run's hook its last one.
    /// - Returns: Names and values.
    package static func ofHook(
        parent: [String: String],
        workflow: Workflow,
        ticket: Ticket,
        worktree: FilePath,
        context: AgentContext
    ) -> [String: String] {
        let named = workflow.agent.environment + workflow.hooks.environment
        var result = allowed(of: parent, naming: named)
        result.merge(variables(of: context, settings: workflow.agent)) { _, own in own }
        result["LINECOOK_WORKTREE"] = worktree.string
        result["LINECOOK_TITLE"] = ticket.title.inOneLine(limit: 300)
        result["LINECOOK_URL"] = ticket.url.inOneLine(limit: 300)
        return result
    }

    /// What tells the agent, and the programs that it starts, where they are; the same for every kind.
    static func variables(of context: AgentContext, settings: AgentSettings) -> [String: String] {
        var variables = [
            "LINECOOK_ATTEMPT": context.attemptID,
            "LINECOOK_TICKET": context.ticket.rawValue,
            "LINECOOK_RUN": String(context.run),
            "LINECOOK_ATTEMPT_NUMBER": String(context.attempt),
            "LINECOOK_PROMPT": context.promptFile.string,
            "LINECOOK_SLOT": String(context.slot),
            "LINECOOK_BASE": context.base,
            "LINECOOK_BRANCH": context.branch,
        ]
        if let turns = settings.maxTurns { variables["LINECOOK_MAX_TURNS"] = String(turns) }
        if let budget = settings.budget { variables["LINECOOK_BUDGET"] = "\(budget)" }
        if let model = settings.model { variables["LINECOOK_MODEL"] = model }
        return variables
    }
}
