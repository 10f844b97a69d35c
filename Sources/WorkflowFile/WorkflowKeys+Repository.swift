internal import Domain
internal import SystemPackage
internal import YAML

/// The keys of `repository:`.
extension WorkflowKeys {
    static var repository: Table<RepositorySettings> {
        Table(
            "Where the code is, and how a ticket gets a folder of its own.",
            [
                .optional(
                    "path",
                    \.clone,
                    .path("the path of a clone"),
                    example: .string("../portfolio"),
                    "A clone of the repository, relative to this file; '~' and '$NAME' are expanded. This or 'url' is required."
                ),
                .optional(
                    "url",
                    \.address,
                    .repositoryURL,
                    example: .string("https://github.com/acme/portfolio.git"),
                    "Instead of 'path': where to clone from. The service clones it once, into its state folder."
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

extension RepositorySettings {
    /// A clone that is there; setting it takes an address of the defaults back.
    fileprivate var clone: FilePath? {
        get { url == nil && !path.isEmpty ? path : nil }
        set {
            if url != nil, newValue == nil { return }
            path = newValue ?? ""
            url = nil
        }
    }

    /// Where to clone from; setting it takes a path of the defaults back.
    fileprivate var address: RepositoryURL? {
        get { url }
        set {
            if url == nil, newValue == nil { return }
            url = newValue
            path = newValue?.place ?? ""
        }
    }
}

extension Kind where Value == RepositoryURL {
    /// An address that can be cloned from.
    static var repositoryURL: Kind {
        let text = Kind<String>.text("an address to clone from")
        return Kind(
            expected: text.expected,
            schema: text.schema,
            json: { .string($0.rawValue) },
            read: { node, example, reading in
                guard let address = text.read(node, example, &reading) else { return nil }
                do throws(RepositoryURL.Flaw) {
                    return try RepositoryURL(address)
                } catch {
                    // What isn't understood may hold a password.
                    reading.hide(node.place)
                    reading.report(
                        node.place,
                        "'\(reading.name)' is an address that can't be used, and is not shown here: \(error)"
                    )
                    return nil
                }
            }
        )
    }
}
