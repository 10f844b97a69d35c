package import Domain
package import SystemPackage
internal import YAML

/// The service configuration, `Config/linecook.yml`.
package enum ConfigurationFile {
    /// Reads the configuration.
    ///
    /// - Parameters:
    ///   - path: Relative to the context's current folder; diagnostics name it as it is given.
    ///   - context: What may be looked at.
    /// - Returns: The configuration with its paths made absolute, unless there are errors.
    package static func load(
        _ path: FilePath,
        in context: ReadingContext
    ) -> LoadedFile<ServiceConfiguration> {
        LoadedFile.load(
            path,
            in: context,
            by: ConfigurationKeys.table,
            into: standard(in: context),
            check: { _, _, _ in },
            finish: { $0 }
        )
    }

    /// What holds where there is no file: state in `.linecook` and workflows in `workflows`, both in the
    /// current folder.
    package static func standard(in context: ReadingContext) -> ServiceConfiguration {
        ServiceConfiguration(
            state: context.currentFolder.appending(".linecook"),
            workflows: [context.currentFolder.appending("workflows")]
        )
    }

    /// Where a configuration is looked for, in this order; the first one that is there counts.
    ///
    /// - Parameters:
    ///   - named: What `--config` names; it is then the only place.
    ///   - context: For the current and the home folder.
    /// - Returns: Paths to give to `load`.
    package static func candidates(named: FilePath?, in context: ReadingContext) -> [FilePath] {
        if let named { return [named] }
        let own = context.home.map {
            $0.appending(".config").appending("linecook").appending("linecook.yml")
        }
        return [FilePath("Config/linecook.yml")] + [own].compactMap { $0 }
    }

    /// The workflow files that the configuration means: files as they are, of folders what ends in `.yml` or
    /// `.yaml` and doesn't start with a dot, sorted by name.
    ///
    /// - Parameters:
    ///   - configuration: The configuration.
    ///   - list: The names in a folder; `nil` for what isn't a folder.
    /// - Returns: Absolute paths, each once.
    package static func workflowFiles(
        of configuration: ServiceConfiguration,
        list: (FilePath) -> [String]?
    ) -> [FilePath] {
        var seen: Set<FilePath> = []
        return configuration.workflows.flatMap { path -> [FilePath] in
            guard let names = list(path) else { return [path] }
            return names.filter(isWorkflowFile).sorted().map { path.appending($0) }
        }.filter { seen.insert($0).inserted }
    }

    /// Whether a file of this name in a folder of workflows is a workflow.
    package static func isWorkflowFile(_ name: String) -> Bool {
        !name.hasPrefix(".") && (name.hasSuffix(".yml") || name.hasSuffix(".yaml"))
    }
}

/// Every key of the configuration, with its kind, its example and its sentence.
enum ConfigurationKeys {
    /// Where the defaults for the schema are.
    static var prototype: ServiceConfiguration { ServiceConfiguration(state: "", workflows: []) }

    static var table: Table<ServiceConfiguration> {
        Table(
            "The configuration of a Linecook service.",
            [
                .value(
                    "state",
                    \.state,
                    statePath,
                    example: .string("../.linecook"),
                    "The folder of the state, relative to this file; .linecook where the service is started when left out."
                ),
                .value(
                    "workflows",
                    \.workflows,
                    .paths,
                    example: .array([.string("../workflows")]),
                    "A folder of workflow files, or a list of files and folders, relative to this file; the folder workflows where the service is started when left out."
                ),
                .value(
                    "slots",
                    \.slots,
                    .integer(1...1000),
                    example: .integer(8),
                    "How many attempts this machine may run at once, over all workflows."
                ),
                .section("limits", \.self, limits),
                .section("breaker", \.breaker, breaker),
                .section("retention", \.retention, ConfigurationKeys.retention),
                .section("linear", \.linear, linear),
                .section("github", \.github, github),
                .value(
                    "forge",
                    \.forge,
                    .choice,
                    example: .string("local"),
                    "Where pull requests are made: github, or local: records in the state folder."
                ),
                .only(
                    "executor",
                    "local",
                    notYet: [
                        "github":
                            "attempts run on this machine: write local, and start a service where they shall run",
                        "slurm":
                            "attempts run on this machine: write local, and start a service where they shall run",
                    ],
                    "Where attempts run: local, this machine."
                ),
                .section("log", \.self, log),
                defaults,
            ]
        )
    }

    /// `defaults:`, which is checked here and read again with each workflow.
    private static var defaults: Key<ServiceConfiguration> {
        let table = WorkflowKeys.defaults
        return Key(
            name: "defaults",
            isRequired: false,
            example: "{ agent: { timeout: 1h } }",
            innerNames: table.names,
            rows: { _, prefix in
                [
                    ReferenceRow(
                        name: prefix + "defaults",
                        expected: "a mapping with keys of a workflow",
                        standard: nil,
                        isRequired: false,
                        doc: table.doc
                    )
                ]
            },
            schema: { _, _ in table.schema(of: WorkflowKeys.prototype, isPartial: true) },
            read: { node, _, reading in
                var workflow = WorkflowKeys.prototype
                reading.withNothingRequired { table.read(node, into: &workflow, &$0) }
            },
            written: { _ in nil },
            resolve: { _, _, _ in .value(nil) }
        )
    }

    private static var limits: Table<ServiceConfiguration> {
        Table(
            "Bounds on what the machine gives.",
            [
                .value(
                    "disk",
                    \.disk,
                    .sizeOrOff(1_000_000...1_000_000_000_000_000),
                    example: .string("2GB"),
                    "What has to be free on the disks of the state folder and of a ticket's repository for an attempt to be started; off: they aren't looked at."
                )
            ]
        )
    }

    private static var breaker: Table<BreakerSettings> {
        Table(
            "When many attempts fail in a short time, as they do when an agent, a key or the network is broken, no more are started until one has shown that it works again. Counted for each workflow and for all together; checks that fail and agents that change nothing don't count.",
            [
                .value(
                    "failures",
                    \.failures,
                    .integerOrOff(1...10_000),
                    example: .integer(20),
                    "So many failed attempts stop all starts; off: none do."
                ),
                .value(
                    "within",
                    \.within,
                    .duration(.seconds(1)...(.seconds(86_400))),
                    example: .string("1m"),
                    "The time in which they have to come."
                ),
                .value(
                    "pause",
                    \.pause,
                    .duration(.seconds(1)...(.seconds(86_400))),
                    example: .string("5m"),
                    "How long nothing is started before one attempt is tried; twice as long each time that it fails too."
                ),
                .value(
                    "limit",
                    \.limit,
                    .duration(.seconds(1)...(.seconds(86_400))),
                    example: .string("1h"),
                    "The longest pause."
                ),
            ]
        )
    }

    private static var linear: Table<ServiceConfiguration.API> {
        Table(
            "How Linear is reached.",
            [
                .value(
                    "endpoint",
                    \.endpoint,
                    .endpoint,
                    example: .string("https://api.linear.app/graphql"),
                    "The address of Linear's GraphQL API."
                ),
                .optional(
                    "token",
                    \.token,
                    .secret,
                    example: .string("$LINEAR_API_KEY"),
                    "Where the API key is found: $NAME or file:PATH, never the key itself."
                ),
            ]
        )
    }

    private static var github: Table<ServiceConfiguration.API> {
        Table(
            "How GitHub is reached.",
            [
                .value(
                    "endpoint",
                    \.endpoint,
                    .endpoint,
                    example: .string("https://api.github.com"),
                    "The address of GitHub's REST API."
                ),
                .optional(
                    "token",
                    \.token,
                    .secret,
                    example: .string("$GITHUB_TOKEN"),
                    "Where the token is found: $NAME or file:PATH, never the token itself."
                ),
            ]
        )
    }

    private static var log: Table<ServiceConfiguration> {
        Table(
            "What the service writes on standard error.",
            [
                .value(
                    "level",
                    \.logLevel,
                    .choice,
                    example: .string("info"),
                    "The least important lines that are written."
                ),
                .value(
                    "format",
                    \.logFormat,
                    .choice,
                    example: .string("json"),
                    "text for people, json for programs."
                ),
            ]
        )
    }

    private static var statePath: Kind<FilePath> {
        var kind = Kind<FilePath>.path("the path of a folder")
        // It depends on where the service is started.
        kind.write = kind.json
        kind.json = { _ in nil }
        return kind
    }
}

extension Kind where Value == [FilePath] {
    /// One path or a list of them.
    fileprivate static var paths: Kind {
        let path = Kind<FilePath>.path("a path")
        let expected = "a path or a list of paths"
        let list = Kind<FilePath>.list(of: path, expected, minimum: 1)
        let either: [JSONValue] = [.object(path.schema), .object(list.schema)]
        var kind = Kind(expected: expected, schema: [("anyOf", .array(either))], json: Self.unshown)
        {
            node,
            example,
            reading in
            guard case .scalar(let scalar) = node.content, case .string = scalar.value else {
                return list.read(node, example, &reading)
            }
            return path.read(node, example, &reading).map { [$0] }
        }
        kind.write = { .array($0.map { .string($0.string) }) }
        return kind
    }
}
