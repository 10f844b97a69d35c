import ArgumentParser
import Disk
import RunStore
import SystemPackage
import WorkflowFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of a workflow, the configuration or a run record.",
        discussion: """
            linecook schema workflow                       prints one
            linecook schema workflow --format markdown     every key on a page
            linecook schema --write Config/schema          writes all of them, KIND.schema.json each
            """
    )

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case workflow
        case config
        case run

        /// The schema with a line end at its end.
        func text() throws -> String {
            switch self {
            case .workflow: WorkflowFile.schema(.workflow)
            case .config: WorkflowFile.schema(.config)
            case .run: try RunSchema.text()
            }
        }
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json
        case markdown
    }

    @Option(help: "The schema, or for workflow a reference for people.")
    var format = Format.json
    @Option(help: ArgumentHelp("Write all schemas into this folder.", valueName: "dir"))
    var write: String?
    @Argument(help: "workflow, config or run.")
    var kind: Kind?

    func validate() throws {
        guard (write == nil) != (kind == nil) else {
            throw ValidationError("name one of workflow, config and run, or give --write DIR")
        }
        if format == .markdown, kind != .workflow {
            throw ValidationError("--format markdown is for 'workflow' alone")
        }
    }

    func run() throws {
        if format == .markdown {
            Console.text(WorkflowFile.reference)
            return
        }
        if let kind { Console.line(String(try kind.text().dropLast())) }
        guard let write else { return }
        let folder = FilePath(FileManager.default.currentDirectoryPath)
            .pushing(FilePath(write)).lexicallyNormalized()
        let disk = LocalFileSystem()
        do {
            try disk.makeFolder(folder)
            for kind in Kind.allCases {
                let name = "\(kind.rawValue).schema.json"
                try disk.write(Array(kind.text().utf8), to: folder.appending(name))
                Console.line("wrote \(FilePath(write).appending(name))")
            }
        } catch let error as DiskError {
            throw UsageError("\(error)")
        }
    }
}
