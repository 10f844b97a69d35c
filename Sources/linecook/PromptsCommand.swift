import ArgumentParser
import Domain
import Linear
import Planner
import PromptFile
import Scheduler
import Service
import SystemPackage
import WorkflowFile

struct PromptsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prompts",
        abstract: "Writes tickets into a prompt file, made to be edited by hand.",
        discussion: """
            linecook prompts FRE-61 FRE-62        these tickets
            linecook prompts --project Portfolio  all open tickets of a project
            linecook prompts --workflow mine      what this workflow would take up now

            Running it again takes over what changed in Linear and keeps your edits. Next: \
            linecook scaffold FILE, then linecook orchestrate FILE.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption

    @Argument(help: "Tickets, such as FRE-61.")
    var tickets: [String] = []

    @Option(help: "The workflow whose plan and verification hold; without tickets, the one to ask.")
    var workflow: String?

    @Option(help: "All open tickets of this project.")
    var project: String?

    @Option(help: ArgumentHelp("The file; prompts-NAME.md by default.", valueName: "file"))
    var file: String?

    /// What `--format json` prints.
    struct Document: Encodable {
        struct Change: Encodable {
            var subject: String
            var change: String
            var needsPerson: Bool

            private enum CodingKeys: String, CodingKey {
                case subject
                case change
                case needsPerson = "needs_person"
            }
        }
        var file: String
        var prompts: Int
        var phases: Int
        var changes: [Change]
        var problems: [String]
    }

    func validate() throws {
        if !tickets.isEmpty, project != nil {
            throw ValidationError("name tickets or --project, not both")
        }
    }

    func run() async throws {
        let installation = try Installation(configuration)
        let loaded = try Installation.one(
            of: installation.workflows(named: workflow),
            "--workflow"
        )
        let chosen = loaded.inForce.workflow
        let composition = try installation.composition(needsForge: false)
        let keys = try Installation.keys(tickets)
        let (found, missing) = try await selected(keys, chosen, composition)
        guard !found.isEmpty else {
            throw UsageError(
                missing.isEmpty
                    ? "no ticket to write; nothing was changed"
                    : "Linear has no \(missing.map(\.rawValue).joined(separator: ", "))"
            )
        }
        let batch = Batch(
            of: found,
            settings: chosen.plan,
            workflow: chosen.name,
            number: 0,
            at: composition.time.now().wall
        )
        let made = PromptFile(
            name: project ?? chosen.name,
            phases: batch.phases,
            tickets: found,
            dependencies: batch.dependencies,
            verification: chosen.verify.steps
        )
        let document = PromptDocument(
            file ?? "prompts-\(Self.fileName(project ?? chosen.name)).md",
            in: installation.context.currentFolder,
            store: composition.store
        )
        var result = (file: made, changes: [PromptFile.Change]())
        if let ours = try document.read() {
            result = PromptFile.merge(base: try document.base, ours: ours, theirs: made)
        }
        // Should it be cut short between the two, the next call finds the same changes again.
        if try document.read() != result.file { try document.write(result.file) }
        try document.writeBase(made)
        let held = batch.tickets.filter(\.phase.isEmpty).map { member in
            "\(member.ticket) is in no phase: \(member.reason ?? "it waits for itself")"
        }
        try show(
            Document(
                file: document.path.string,
                prompts: result.file.prompts.count,
                phases: result.file.phases.count,
                changes: result.changes.map {
                    .init(subject: $0.subject, change: "\($0)", needsPerson: $0.needsPerson)
                },
                problems: held
                    + missing.map { "\($0): Linear has no such ticket, or the token can't see it" }
            )
        )
        if !missing.isEmpty || result.changes.contains(where: \.needsPerson) { throw Exit.failed }
    }

    private func selected(
        _ keys: [TicketKey],
        _ workflow: Workflow,
        _ composition: Composition
    ) async throws -> (tickets: [Ticket], missing: [TicketKey]) {
        if let project {
            let client = composition.makeLinearClient()
            let found = try await client.tickets(
                inProject: project,
                team: workflow.tickets.team
            )
            return (try await LinearTracker.complete(found, for: workflow, from: client), [])
        }
        guard keys.isEmpty else { return try await composition.planned(keys, by: workflow) }
        let tracker = LinearTracker(client: composition.makeLinearClient(), time: composition.time)
        let polled = try await tracker.poll(workflow, candidates: true, tracked: [])
        let taken = (polled.candidates ?? []).map(\.key).sorted()
        return taken.isEmpty ? ([], []) : try await composition.planned(taken, by: workflow)
    }

    /// A name without anything that a file's name can't hold.
    private static func fileName(_ name: String) -> String {
        let made = slug(of: name)
        return made.isEmpty ? "tickets" : made
    }

    private func show(_ document: Document) throws {
        guard output.format == .text else { return try Console.document(document) }
        let prompts = document.prompts == 1 ? "1 prompt" : "\(document.prompts) prompts"
        let phases = document.phases == 1 ? "1 phase" : "\(document.phases) phases"
        Console.line("\(document.file): \(prompts) in \(phases)")
        for change in document.changes {
            let line = "  \(change.change.inOneLine(limit: 200))"
            Console.line(change.needsPerson ? Ink.waiting.paint(line) : line)
        }
        for problem in document.problems { Console.error(problem.inOneLine(limit: 300)) }
    }
}
