internal import Domain
internal import YAML

/// The keys of `deliver:`.
extension WorkflowKeys {
    static var deliver: Table<DeliverySettings> {
        Table(
            "How the work reaches a person.",
            [
                .value(
                    "push",
                    \.push,
                    .choice,
                    example: .string("before_verify"),
                    "before_verify: the branch is pushed even when a check fails; after_verify: only what passed."
                ),
                .section("pull_request", \.self, pullRequest),
                .only(
                    "merge",
                    "review",
                    notYet: [
                        "auto":
                            "a person merges: write review, and turn on the forge's own automatic merging for pull requests that are ready"
                    ],
                    "Who merges: review, a person."
                ),
                .value(
                    "cleanup",
                    \.cleanup,
                    .choice,
                    example: .string("merged"),
                    "When the worktree is removed: merged, delivered (the pull request is open), or never."
                ),
            ]
        )
    }

    static var pullRequest: Table<DeliverySettings> {
        Table(
            "The pull request of a ticket.",
            [
                .value(
                    "draft",
                    \.draft,
                    .boolean,
                    example: .bool(true),
                    "Whether it is opened as a draft."
                ),
                .value(
                    "labels",
                    \.labels,
                    Kind<String>.list(of: .text(), "a list of labels"),
                    example: .array([.string("agent")]),
                    "Labels that it gets."
                ),
                .value(
                    "reviewers",
                    \.reviewers,
                    Kind<String>.list(of: .text(), "a list of names"),
                    example: .array([.string("octocat")]),
                    "Names of people on the forge who are asked to review it."
                ),
            ]
        )
    }
}
