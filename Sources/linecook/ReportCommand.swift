import ArgumentParser
import Dashboard
import Disk
import Domain
import ProcessTree
import RunStore
import SystemPackage
import WorkflowFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "One page: timeline, plan, outcomes, durations and cost of the newest batches.",
        discussion: """
            linecook report --open                   writes report.html into the state folder, shows it
            linecook report --batch portfolio-1      one batch, whichever it is
            linecook report --output - > page.html
            linecook report --format json | jq '.batches[].batch.makespan'

            The page is one file without scripts that fetches nothing; it can be mailed or printed.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption
    @Option(help: ArgumentHelp("Only batches of this workflow.", valueName: "name"))
    var workflow: String?
    @Option(help: ArgumentHelp("Only this batch, such as portfolio-1.", valueName: "name"))
    var batch: String?
    @Option(
        name: .customLong("output"),
        help: ArgumentHelp(
            "Where to write the page; - is standard output. Without it: report.html in the state folder.",
            valueName: "file"
        )
    )
    var file: String?
    @Flag(name: .customLong("open"), help: "Show the page in the browser.")
    var shows = false

    /// What `--format json` prints.
    struct Document: Encodable {
        var batches: [ReportData.Part]
        var runsWithoutBatch: [Run]
        var earlier: [Batch]
        var problems: [String]

        private enum CodingKeys: String, CodingKey {
            case batches
            case runsWithoutBatch = "runs_without_batch"
            case earlier
            case problems
        }
    }

    func validate() throws {
        if workflow != nil, batch != nil {
            throw ValidationError("--batch names its workflow already; leave out --workflow")
        }
        if shows, file == "-" {
            throw ValidationError("--open needs a file; leave out --output -")
        }
        if output.format == .json, shows || file != nil {
            throw ValidationError(
                "--format json goes to standard output; leave out --open and --output"
            )
        }
    }

    func run() throws {
        let installation = try Installation(configuration, onlyReads: true)
        let store = installation.store
        let now = Date()
        let data = try data(from: store, at: now)
        switch output.format {
        case .json:
            try Console.document(
                Document(
                    batches: data.parts,
                    runsWithoutBatch: data.loose,
                    earlier: data.earlier,
                    problems: data.problems
                )
            )
        case .text:
            for problem in data.problems {
                Console.error("problem: \(problem.inOneLine(limit: 400))")
            }
            let page = data.page(at: now).html
            if file == "-" {
                Console.text(page)
                return
            }
            let folder = installation.context.currentFolder
            if file == nil { try store.makeFolder(store.layout.root) }
            let target = folder.pushing(file.map { FilePath($0) } ?? store.layout.report)
            try LocalFileSystem().write(Array(page.utf8), to: target)
            Console.line(target.string.inOneLine(limit: 4096))
            if shows { try show(target, in: installation) }
        }
    }

    private func data(from store: RunStore, at now: Date) throws -> ReportData {
        if let batch {
            guard let data = try ReportData(batch: batch, in: store) else {
                throw UsageError(
                    "no batch '\(batch.inOneLine(limit: 60))'; \(try known(in: store))"
                )
            }
            return data
        }
        let data = try ReportData(workflow: workflow, in: store, at: now)
        if let workflow, data.parts.isEmpty, data.loose.isEmpty, data.problems.isEmpty {
            throw UsageError(
                "no batch of a workflow '\(workflow.inOneLine(limit: 60))'; \(try known(in: store))"
            )
        }
        return data
    }

    private func known(in store: RunStore) throws -> String {
        let names = try store.newestBatches().sorted { $0.key < $1.key }.map { "\($0)-\($1)" }
        guard !names.isEmpty else { return "there is none yet" }
        return "the newest are \(names.joined(separator: ", ").inOneLine(limit: 300))"
    }

    /// Hands the page to the desktop's own opener, which outlives this call.
    private func show(_ page: FilePath, in installation: Installation) throws {
        #if os(macOS)
        let opener = "open"
        #else
        let opener = "xdg-open"
        #endif
        let environment = installation.context.environment
        let folder = installation.context.currentFolder
        let search = ExecutableSearch(environment: environment, directory: folder)
        // Only that it isn't there can be wrong, and that is no reason to take the page back.
        guard let program = try? search.find(opener) else {
            Console.error("linecook: no \(opener) here to show it; open the file in a browser")
            throw Exit.failed
        }
        _ = try DetachedProcess.start(
            executable: program,
            arguments: [page.string],
            environment: environment,
            directory: folder
        )
    }
}
