import ArgumentParser
import Attempt
import Disk
import Domain
import Git
import Planner
import PromptFile
import RunStore
import Scaffold
import Scheduler
import Service
import SystemPackage
import WorkflowFile

struct ScaffoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaffold",
        abstract: "Puts real code of the repository into the prompts of a file.",
        discussion: """
            linecook scaffold prompts-portfolio.md

            What the workflow's prompt.context names, the files that a prompt names, and the code that fits \
            its words best, all from the base's newest commit. Again, it replaces what it put there before, \
            and only that. Next: linecook orchestrate FILE.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption

    @Argument(help: "The prompt file.")
    var file: String

    @Option(help: "The workflow whose repository and prompt.context hold.")
    var workflow: String?

    @Option(help: ArgumentHelp("Only these prompts, such as 3,5.", valueName: "numbers"))
    var only: String?

    /// What `--format json` prints.
    struct Document: Encodable {
        struct Prompt: Encodable {
            var prompt: Int
            var bytes: Int
            var notes: [String]
        }
        var file: String
        var commit: String
        var prompts: [Prompt]
    }

    func run() async throws {
        let installation = try Installation(configuration)
        let loaded = try Installation.one(
            of: installation.workflows(named: workflow),
            "--workflow"
        )
        let settings = loaded.inForce.workflow
        let document = PromptDocument(
            file,
            in: installation.context.currentFolder,
            store: installation.store
        )
        let original = try document.required()
        let numbers = try PromptDocument.numbers(only, in: original, named: document.name)
        try await Repository.cloneIfMissing(
            settings.repository,
            environment: installation.context.environment,
            time: SystemTime()
        ) { Console.error("cloning \($0)") }
        let repository = try Repository(
            settings.repository,
            environment: installation.context.environment,
            time: SystemTime()
        )
        let commit = try await Self.base(of: repository)
        let tree = RepositoryTree(repository, at: commit)
        var result = original
        var report = Document(file: document.path.string, commit: commit, prompts: [])
        for prompt in original.prompts where numbers.contains(prompt.number) {
            // What was put there before says nothing about what is to be looked for.
            let bare = original.replacingContext(ofPrompt: prompt.number, with: "").file
            let text = bare.prompt(prompt.number)?.body ?? ""
            let found = try await CodeContext(
                for: CodeTask(
                    title: prompt.title,
                    text: text,
                    paths: TicketText.paths(in: prompt.title + "\n\n" + text),
                    verification: settings.verify.steps.map(\.run)
                ),
                settings: settings.prompt.context,
                tree: tree,
                cache: CodeContext.cache(
                    installation.store.layout.cache,
                    for: repository.path
                ),
                disk: LocalFileSystem()
            )
            let replaced = result.replacingContext(ofPrompt: prompt.number, with: found.markdown)
            result = replaced.file
            report.prompts.append(
                .init(
                    prompt: prompt.number,
                    bytes: found.markdown.utf8.count,
                    notes: replaced.changes.map(\.description) + found.notes
                )
            )
        }
        if result != original { try document.write(result) }
        try show(report, isChanged: result != original)
    }

    /// The base as the remote has it, or as it was known last where the remote can't be reached.
    private static func base(of repository: Repository) async throws -> String {
        do {
            return try await repository.fetchBase()
        } catch let error as GitError {
            guard error.isTransient, let known = try await repository.knownBase() else {
                throw UsageError("\(error)")
            }
            Console.error("the remote can't be reached; the code is that of \(known.prefix(12))")
            return known
        }
    }

    private func show(_ report: Document, isChanged: Bool) throws {
        guard output.format == .text else { return try Console.document(report) }
        Console.line(
            "\(report.file): \(isChanged ? "written" : "unchanged"), with code of \(report.commit.prefix(12))"
        )
        for prompt in report.prompts {
            let size = prompt.bytes == 0 ? "nothing found" : "\(prompt.bytes) bytes"
            Console.line("  prompt \(prompt.prompt): \(size)")
            for note in prompt.notes { Console.line("    \(note.inOneLine(limit: 200))") }
        }
    }
}
