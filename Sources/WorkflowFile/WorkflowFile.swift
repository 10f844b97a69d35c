package import Domain
package import SystemPackage
internal import YAML

/// Workflow files: YAML to `Workflow`, and the JSON Schema of it.
package enum WorkflowFile {
    /// Reads a workflow and its prompt template.
    ///
    /// The result is a function of the files' bytes and of `context` alone; reading again is safe at any time.
    ///
    /// - Parameters:
    ///   - path: Relative to the context's current folder; diagnostics name it as it is given.
    ///   - context: What may be looked at.
    ///   - defaults: What the configuration says for all its workflows.
    /// - Returns: The workflow with its paths made absolute, unless there are errors.
    package static func load(
        _ path: FilePath,
        in context: ReadingContext,
        defaults: WorkflowDefaults?
    ) -> LoadedFile<Workflow> {
        LoadedFile.load(
            path,
            in: context,
            by: WorkflowKeys.table,
            into: WorkflowKeys.prototype,
            defaults: defaults,
            check: WorkflowChecks.check,
            finish: { $0 }
        )
    }

    /// The kinds of files that have a schema.
    package enum SchemaKind: String, CaseIterable, Sendable {
        case workflow
        case config
    }

    /// What only the parser can tell, in the words of the schema's `$comment`.
    ///
    /// `Tests/Schema/judge.py` holds schema and parser against each other and lets no other difference pass.
    private static let checksOfTheParser = [
        "the ranges of durations, sizes and counts", "the names that git allows",
        "placeholders in templates of names", "cron expressions", "time zones",
        "files that must be there", "variables and '~' in paths",
        "paths that leave the repository", "programs without their arguments",
        "conditions and filters that name nothing", "addresses", "the repository's path or url",
        "what concerns two keys at once",
    ]

    /// The JSON Schema (draft 2020-12) of a kind of files, made from the keys that the parser takes.
    ///
    /// - Returns: JSON with a line end at its end.
    package static func schema(_ kind: SchemaKind) -> String {
        let members: [(String, JSONValue)] =
            switch kind {
            case .workflow: WorkflowKeys.table.schema(of: WorkflowKeys.prototype)
            case .config: ConfigurationKeys.table.schema(of: ConfigurationKeys.prototype)
            }
        let head: [(String, JSONValue)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string(kind == .workflow ? "Linecook workflow" : "Linecook configuration")),
            (
                "$comment",
                .string(
                    "linecook validate also checks: "
                        + checksOfTheParser.joined(separator: "; ") + "."
                )
            ),
        ]
        return JSONValue.object(head + members).text + "\n"
    }
}
