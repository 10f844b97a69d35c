import ArgumentParser
import Domain
import Linear
import Planner
import PromptFile
import RunStore
import Scheduler
import Service
import SystemPackage
import WorkflowFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct OrchestrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orchestrate",
        abstract:
            "Runs a prompt file phase by phase: agents in worktrees, then draft pull requests.",
        discussion: """
            linecook orchestrate prompts-portfolio.md --dry-run
            linecook orchestrate prompts-portfolio.md --yes
            linecook orchestrate prompts-portfolio.md --phase B
            linecook orchestrate prompts-portfolio.md --only 3,5

            It ends when nothing can go on without a person. The same call goes on where it was: after \
            Ctrl-C, a crash, or a merge. What is done isn't done again; what failed is tried again. \
            Linear is told of the tickets that it has; it isn't needed for those that are only in the file.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption

    @Argument(help: "The prompt file.")
    var file: String

    @Option(help: "The workflow whose repository, agent, verification and delivery hold.")
    var workflow: String?

    @Option(help: "Only this phase.")
    var phase: String?

    @Option(help: ArgumentHelp("Only these prompts, such as 3,5.", valueName: "numbers"))
    var only: String?

    @Flag(help: "Say what would be run, and run nothing.")
    var dryRun = false

    @Flag(help: "Don't ask before agents are started.")
    var yes = false

    func run() async throws {
        let installation = try Installation(configuration)
        let loaded = try Installation.one(
            of: installation.workflows(named: workflow),
            "--workflow"
        )
        let document = PromptDocument(
            file,
            in: installation.context.currentFolder,
            store: installation.store
        )
        let prompts = try document.required()
        let chosen = try selected(prompts, document.name)
        let token = dryRun ? nil : installation.linearTokenIfAny(for: chosen.compactMap(\.key))
        let composition = try installation.composition(
            linearToken: token,
            needsForge: !dryRun
        )
        let known = try await known(chosen.compactMap(\.key), token != nil, composition)
        let source = PromptSource(
            file: document.path,
            prompts: prompts,
            chosen: chosen,
            known: known,
            at: composition.time.now().wall
        )
        let settings = try source.workflow(
            from: loaded.inForce.workflow,
            others: installation.workflows().map(\.inForce.workflow.name)
        )
        if dryRun || !yes { try show(source, settings) }
        if dryRun { return }
        if !yes { try confirm(source, settings) }
        let store = composition.store
        let tracker = PromptFileTracker(
            prompts: source.tracked,
            linear: known.isEmpty
                ? nil
                : LinearTracker(client: composition.makeLinearClient(), time: composition.time),
            began: composition.time.now().wall,
            newestRun: { key in
                guard let number = try store.runNumbers(of: key).last else { return nil }
                return try store.run(RunID(ticket: key, number: number))
            }
        )
        try await ServiceRun(
            installation: installation,
            composition: composition,
            mode: .untilIdle,
            format: output.format
        ).run(
            [
                LoadedWorkflow(
                    inForce: WorkflowInForce(workflow: settings, cron: nil),
                    file: document.path.string,
                    source: loaded.source
                )
            ],
            source: (document.path.string, tracker)
        )
    }

    /// The prompts that `--phase` and `--only` leave.
    private func selected(_ file: PromptFile, _ name: String) throws -> [PromptFile.Prompt] {
        var numbers = try PromptDocument.numbers(only, in: file, named: name)
        if let phase {
            guard let found = file.phases.first(where: { $0.name == phase }) else {
                let names = file.phases.map(\.name).joined(separator: ", ")
                throw UsageError(
                    "\(name): no phase '\(phase.inOneLine(limit: 40))'; there are: \(names)"
                )
            }
            numbers.formIntersection(found.prompts)
        }
        let chosen = file.prompts.filter { numbers.contains($0.number) }
        guard !chosen.isEmpty else { throw UsageError("\(name): no prompt is left to run") }
        if let huge = chosen.first(where: { $0.number > 999_999_999 }) {
            throw UsageError("\(name): prompt \(huge.number) has more than nine digits")
        }
        return chosen
    }

    private func known(
        _ keys: [TicketKey],
        _ isAsked: Bool,
        _ composition: Composition
    ) async throws -> [TicketKey: Ticket] {
        guard isAsked, !keys.isEmpty else { return [:] }
        let found = try await composition.makeLinearClient().tickets(keys)
        return Dictionary(found.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func show(_ source: PromptSource, _ workflow: Workflow) throws {
        if output.format == .json, dryRun { return try Console.document(source.batch(workflow)) }
        let count = source.chosen.count == 1 ? "1 prompt" : "\(source.chosen.count) prompts"
        Console.error(
            "\(count) in \(workflow.repository.path) with \(workflow.agent.command.inOneLine(limit: 80)),"
                + " \(workflow.slots.total) at a time:"
        )
        let tree = source.batch(workflow).tree(
            width: Console.outputIsTerminal ? Console.width : 100
        )
        if dryRun { Console.line(tree) } else { Console.error(tree) }
    }

    private func confirm(_ source: PromptSource, _ workflow: Workflow) throws {
        guard Console.inputIsTerminal else {
            throw UsageError("nobody is there to be asked; --yes starts the agents without asking")
        }
        Console.error("Start the agents? [y/N]")
        let answer = readLine()?.lowercased() ?? ""
        guard answer == "y" || answer == "yes" else {
            Console.error("Nothing was started.")
            throw Exit.interrupted
        }
    }
}
