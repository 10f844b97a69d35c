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
                ),
                .value(
                    "clean",
                    \.clean,
                    .boolean,
                    example: .bool(true),
                    """
                    Whether the steps run in a checkout of the commit that has nothing else in it, after repository.copy \
                    and repository.setup; it is removed behind them.
                    """
                ),
                .value(
                    "debug_statements",
                    \.debugStatements,
                    .debugStatements,
                    example: .object([("allow", .array([.string("scripts/**")]))]),
                    """
                    Which statements are left behind from debugging in lines that are new: default (by language), \
                    off, a list, or a mapping with 'statements' and 'allow'. What a program prints for those who \
                    run it, in folders such as bin and scripts, doesn't count; nor does a line with a comment \
                    linecook:allow in it or above it.
                    """
                ),
                .value(
                    "touch",
                    \.touch,
                    .touch,
                    example: .string("described"),
                    """
                    Which files the work has to change. described: those that the ticket lists under a heading or \
                    behind a label such as "Files to create"; any; or globs, of each at least one file.
                    """
                ),
                .value(
                    "forbid_paths",
                    \.forbidPaths,
                    .globs,
                    example: .array([.string(".github/workflows/**"), .string("package-lock.json")]
                    ),
                    """
                    What must stay as it is in the base; nothing is pushed otherwise. One without '/' holds in every \
                    folder, a folder for all below it.
                    """
                ),
                .value(
                    "secrets",
                    \.secrets,
                    .secrets,
                    example: .object([("allow", .array([.string("tests/fixtures/**")]))]),
                    """
                    The search for tokens, keys and passwords in lines that are new, in each of the branch's commits; \
                    nothing is pushed when there is one. default, off, or a mapping with 'allow'.
                    """
                ),
                .section("no_changes", \.noChanges, noChanges),
            ]
        )
    }

    private static var noChanges: Table<NoChangesSettings> {
        Table(
            "When an agent's work comes to nothing.",
            [
                .value(
                    "count",
                    \.count,
                    Kind<NoChangesSettings.Trifle>.list(
                        of: .choice,
                        "a list of mode and whitespace"
                    ),
                    example: .array([.string("mode")]),
                    "What counts as a change although nothing else differs: mode (may be executed), whitespace."
                )
            ]
        )
    }

    /// The keys of `limits:`.
    static var limits: Table<LimitSettings> {
        Table(
            "Bounds on what an attempt makes.",
            [
                .value(
                    "output",
                    \.output,
                    .size(10_000...1_000_000_000),
                    example: .string("10MB"),
                    "The most that the log of each of the agent's streams, of a step or of a hook holds; of a longer one the beginning and the end are kept, with a note between."
                ),
                .section("diff", \.diff, diffLimits),
            ]
        )
    }

    private static var diffLimits: Table<DiffLimits> {
        Table(
            "How much a ticket's work may change.",
            [
                .optional(
                    "lines",
                    \.lines,
                    .integer(1...10_000_000),
                    example: .integer(2000),
                    "Lines added and removed, without those of lock files; any number when left out."
                ),
                .optional(
                    "files",
                    \.files,
                    .integer(1...1_000_000),
                    example: .integer(100),
                    "Files that are new, changed or gone; any number when left out."
                ),
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
                .value(
                    "retry",
                    \.retry,
                    .integer(0...5),
                    example: .integer(1),
                    "How often it is run again after it failed; one that then passes is recorded as flaky."
                ),
            ]
        )
    }
}
