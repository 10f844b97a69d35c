internal import Domain
internal import YAML

/// The keys of `repository:`.
extension WorkflowKeys {
    static var repository: Table<RepositorySettings> {
        Table(
            "Where the code is, and how a ticket gets a folder of its own.",
            [
                .value(
                    "path",
                    \.path,
                    .path("the path of a clone"),
                    required: true,
                    example: .string("../portfolio"),
                    "A clone of the repository, relative to this file; '~' and '$NAME' are expanded."
                ),
                .value(
                    "remote",
                    \.remote,
                    .remote,
                    example: .string("origin"),
                    "The remote that is fetched from and pushed to."
                ),
                .value(
                    "base",
                    \.base,
                    .branch,
                    example: .string("develop"),
                    "The branch that work starts from and pull requests go to."
                ),
                .value(
                    "branch",
                    \.branch,
                    .branchTemplate,
                    example: .string("feature/{{ ticket.key }}-{{ ticket.slug }}"),
                    "The name of a ticket's branch; placeholders: ticket.key, ticket.slug, ticket.number, repository.name."
                ),
                .value(
                    "worktree",
                    \.worktree,
                    .worktreeTemplate,
                    example: .string("../{{ repository.name }}-workspace-{{ ticket.key }}"),
                    "A ticket's folder, relative to the repository; placeholders as in 'branch'."
                ),
                .value(
                    "copy",
                    \.copy,
                    Kind<String>.list(of: .repositoryPath, "a list of paths inside the repository"),
                    example: .array([.string(".env.local")]),
                    "Untracked files that each new worktree gets a copy of."
                ),
                .value(
                    "sparse",
                    \.sparse,
                    Kind<String>.list(of: .repositoryPath, "a list of folders of the repository"),
                    example: .array([.string("packages/web")]),
                    "The only folders that a worktree holds, beside the files of the top; all of them when empty."
                ),
                .value(
                    "pool",
                    \.pool,
                    .integer(0...100),
                    example: .integer(4),
                    "How many worktrees of finished tickets are kept for the next ones, which spares writing all files."
                ),
                .value(
                    "keep",
                    \.keep,
                    Kind<String>.list(of: .repositoryPath, "a list of folders that git ignores"),
                    example: .array([.string("node_modules")]),
                    "Ignored folders that a kept worktree keeps, such as what 'setup' installed; all else goes."
                ),
                .optional(
                    "setup",
                    \.setup,
                    .shell,
                    example: .string("npm ci"),
                    "A shell command that is run once in each new worktree."
                ),
            ]
        )
    }
}
