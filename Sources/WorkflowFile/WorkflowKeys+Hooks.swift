internal import Domain
internal import YAML

/// The keys of `hooks:`.
extension WorkflowKeys {
    static var hooks: Table<HookSettings> {
        Table(
            "Shell commands that are run in a ticket's worktree around the agent; an empty one is none.",
            [
                .value(
                    "after_create",
                    \.afterCreate,
                    .hook,
                    example: .string("cp ../secrets.env .env"),
                    "Once a run, in the new worktree, before repository.setup; a failure fails the attempt."
                ),
                .value(
                    "before_run",
                    \.beforeRun,
                    .hook,
                    example: .string("docker compose up -d"),
                    "Before each attempt's agent; a failure fails the attempt."
                ),
                .value(
                    "after_run",
                    \.afterRun,
                    .hook,
                    example: .string("npm run format"),
                    "After each attempt's agent, or after before_run, however that ended, also where it was killed; exit code 2 sends its output back to the agent in another attempt."
                ),
                .value(
                    "before_remove",
                    \.beforeRemove,
                    .hook,
                    example: .string("docker compose down"),
                    "Before the worktree is removed, outside of the agent's sandbox; its failure doesn't keep the worktree."
                ),
                .value(
                    "on_failure",
                    \.onFailure,
                    .hook,
                    example: .string("./notify.sh"),
                    "Once a run, after its last attempt failed; outside of the agent's sandbox."
                ),
                .value(
                    "timeout",
                    \.timeout,
                    .duration(.seconds(1)...(.seconds(86_400))),
                    example: .string("5m"),
                    "Wall clock for each of them."
                ),
                .value(
                    "environment",
                    \.environment,
                    Kind<String>.list(of: .variableName, "a list of names of variables"),
                    example: .array([.string("SLACK_WEBHOOK")]),
                    "Variables that they get on top of what the agent gets."
                ),
            ]
        )
    }
}

extension Kind where Value == String {
    /// Lines for a shell, or nothing.
    fileprivate static var hook: Kind {
        let schema: [(String, JSONValue)] = [("type", .string("string"))]
        return scalar("a shell command, or \"\" for none", schema: schema, json: JSONValue.string) {
            guard case .string(let text) = $0, !text.utf8.contains(0) else { return nil }
            return text.allSatisfy(\.isWhitespace) ? "" : text
        }
    }
}
