/// A place in a run at which a shell command of the team's may run; the raw values are keys and log names.
package enum Hook: String, Codable, Sendable, CaseIterable {
    /// Once a run, in the new worktree, before `repository.setup`. A failure is the attempt's.
    case afterCreate = "after_create"
    /// Before each attempt's agent. A failure is the attempt's.
    case beforeRun = "before_run"
    /// After each attempt's agent, or after `before_run`, however that ended: also when the attempt's process
    /// was killed. Exit code 2 sends its output back to the agent.
    case afterRun = "after_run"
    /// Before the worktree is removed. A failure keeps nothing.
    case beforeRemove = "before_remove"
    /// Once a run, after its last attempt failed.
    case onFailure = "on_failure"

    package var log: String { "hook-\(rawValue).log" }
}

/// `hooks:` — shell commands of the team's around a run; an empty one is none.
package struct HookSettings: Codable, Equatable, Sendable {
    package var afterCreate: String
    package var beforeRun: String
    package var afterRun: String
    package var beforeRemove: String
    package var onFailure: String
    /// Wall clock for each of them.
    package var timeout: Duration
    /// Names of variables that they get on top of what the agent gets.
    package var environment: [String]

    package init(
        afterCreate: String = "",
        beforeRun: String = "",
        afterRun: String = "",
        beforeRemove: String = "",
        onFailure: String = "",
        timeout: Duration = .seconds(5 * 60),
        environment: [String] = []
    ) {
        self.afterCreate = afterCreate
        self.beforeRun = beforeRun
        self.afterRun = afterRun
        self.beforeRemove = beforeRemove
        self.onFailure = onFailure
        self.timeout = timeout
        self.environment = environment
    }

    /// The command of a hook; `nil` when there is none.
    package func command(_ hook: Hook) -> String? {
        let command =
            switch hook {
            case .afterCreate: afterCreate
            case .beforeRun: beforeRun
            case .afterRun: afterRun
            case .beforeRemove: beforeRemove
            case .onFailure: onFailure
            }
        return command.isEmpty ? nil : command
    }
}
