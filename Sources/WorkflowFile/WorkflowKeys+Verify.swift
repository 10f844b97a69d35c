internal import Domain
internal import YAML

/// The keys of `verify:`.
extension WorkflowKeys {
    static var verify: Table<VerificationSettings> {
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
}
