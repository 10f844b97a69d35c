import ArgumentParser
import Disk
import Domain
import SystemPackage
import WorkflowFile
import YAML

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks the configuration and workflow files.",
        discussion: """
            linecook validate                               the configuration and its workflows
            linecook validate workflows/portfolio.yml       one file
            linecook validate workflows --format github     annotations in a GitHub Actions job

            Exit codes: 0 no errors, 1 errors, 2 a file that isn't there.
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
        case github
    }

    @OptionGroup var configuration: ConfigurationOption
    @Option(help: "How to print.")
    var format = Format.text
    @Argument(help: "Files and folders; without any: the configuration and its workflows.")
    var files: [String] = []

    func run() throws {
        let context = Installation.makeContext()
        var diagnostics: [Diagnostic] = []
        var checked: [String] = []
        func check(_ path: FilePath) {
            let isConfiguration = path.lastComponent?.stem == "linecook"
            if isConfiguration {
                diagnostics += ConfigurationFile.load(path, in: context).diagnostics
            } else {
                diagnostics += WorkflowFile.load(path, in: context).diagnostics
            }
            checked.append(path.string)
        }
        if files.isEmpty {
            let named = configuration.config.map { FilePath($0) }
            let candidates = ConfigurationFile.candidates(named: named, in: context)
            var settings = ConfigurationFile.standard(in: context)
            if let file = candidates.first(where: {
                Installation.exists(context.currentFolder.pushing($0))
            }) {
                check(file)
                settings = ConfigurationFile.load(file, in: context).value ?? settings
            } else if let named {
                throw UsageError("\(named): no such file")
            }
            for file in ConfigurationFile.workflowFiles(of: settings, list: Installation.names) {
                check(Installation.shown(file, from: context.currentFolder))
            }
        }
        for name in files {
            let path = FilePath(name)
            let absolute = context.currentFolder.pushing(path)
            guard Installation.exists(absolute) else { throw UsageError("\(name): no such file") }
            if let names = Installation.names(absolute) {
                for each in names.sorted() where each.hasSuffix(".yml") || each.hasSuffix(".yaml") {
                    check(path.appending(each))
                }
            } else {
                check(path)
            }
        }
        guard !checked.isEmpty else {
            throw UsageError("nothing to check: no configuration and no workflow files here")
        }
        show(diagnostics, checked)
        if diagnostics.contains(where: { $0.severity == .error }) { throw Exit.failed }
    }

    private func show(_ diagnostics: [Diagnostic], _ checked: [String]) {
        switch format {
        case .github: for diagnostic in diagnostics { Console.line(diagnostic.githubAnnotation) }
        case .json:
            let document = YAML.JSONValue.object([
                ("files", .array(checked.map { .string($0) })),
                ("diagnostics", .array(diagnostics.map(\.json))),
            ])
            Console.line(document.text)
        case .text:
            for diagnostic in diagnostics {
                Console.line(
                    diagnostic.text(colour: Console.outputIsTerminal && Console.wantsColour)
                )
            }
            let errors = diagnostics.count { $0.severity == .error }
            let warnings = diagnostics.count - errors
            func count(_ number: Int, _ word: String) -> String {
                "\(number) \(word)\(number == 1 ? "" : "s")"
            }
            Console.line(
                "\(count(checked.count, "file")): \(count(errors, "error")),"
                    + " \(count(warnings, "warning"))"
            )
        }
    }
}

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of the workflow or the configuration file.",
        discussion: """
            linecook schema workflow > Config/schema/workflow.schema.json
            linecook schema workflow --format markdown     every key on a page
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json
        case markdown
    }

    @Argument(help: "workflow or config.")
    var kind: SchemaName
    @Option(help: "The schema, or for workflow a reference for people.")
    var format = Format.json

    func validate() throws {
        if format == .markdown, kind != .workflow {
            throw ValidationError("--format markdown is for 'workflow' alone")
        }
    }

    func run() {
        if format == .markdown {
            Console.text(WorkflowFile.reference)
            return
        }
        let schema = WorkflowFile.schema(kind == .workflow ? .workflow : .config)
        Console.line(schema.hasSuffix("\n") ? String(schema.dropLast()) : schema)
    }
}

enum SchemaName: String, ExpressibleByArgument, CaseIterable {
    case workflow
    case config
}
