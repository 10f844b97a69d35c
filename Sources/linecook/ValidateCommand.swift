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
            linecook validate --resolved                    every value in force, and where it comes from

            A file called linecook.yml is a configuration, any other one a workflow, which takes over the \
            defaults of the configuration that is found here. Of a folder, what ends in .yml or .yaml and \
            doesn't start with a dot is checked.

            Exit codes: 0 no errors (warnings may be), 1 errors, 2 a file that isn't there.
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
    @Flag(help: "Print what is in force as YAML (or JSON), with file and line of each value.")
    var resolved = false
    @Argument(help: "Files and folders; without any: the configuration and its workflows.")
    var files: [String] = []

    func validate() throws {
        if resolved, format == .github {
            throw ValidationError("--resolved prints text or json, not annotations")
        }
    }

    func run() throws {
        var check = try FileCheck(configuration)
        if files.isEmpty {
            check.all()
        } else {
            for name in files { try check.named(name) }
        }
        check.together()
        guard !check.files.isEmpty else {
            throw UsageError("nothing to check: no configuration and no workflow files here")
        }
        if resolved { show(resolved: check) } else { show(check) }
        if check.diagnostics.contains(where: { $0.severity == .error }) { throw Exit.failed }
    }

    private func show(_ check: FileCheck) {
        switch format {
        case .github:
            for diagnostic in check.diagnostics { Console.line(diagnostic.githubAnnotation) }
        case .json:
            let document = YAML.JSONValue.object([
                ("files", .array(check.files.map { .string($0.file) })),
                ("diagnostics", .array(check.diagnostics.map(\.json))),
            ])
            Console.line(document.text)
        case .text:
            for diagnostic in check.diagnostics {
                Console.line(
                    diagnostic.text(
                        colour: Console.outputIsTerminal && Console.wantsColour,
                        width: Console.outputIsTerminal ? Console.width : nil
                    )
                )
            }
            let errors = check.diagnostics.count { $0.severity == .error }
            let warnings = check.diagnostics.count - errors
            func count(_ number: Int, _ word: String) -> String {
                "\(number) \(word)\(number == 1 ? "" : "s")"
            }
            Console.line(
                "\(count(check.files.count, "file")): \(count(errors, "error")),"
                    + " \(count(warnings, "warning"))"
            )
        }
    }

    private func show(resolved check: FileCheck) {
        let usable = check.files.filter { !$0.resolved.isEmpty }
        switch format {
        case .json:
            let files = usable.map { file in
                YAML.JSONValue.object([
                    ("file", .string(file.file)), ("values", file.resolved.json),
                    ("origins", .object(file.resolved.origins())),
                ])
            }
            let document = YAML.JSONValue.object([
                ("files", .array(files)), ("diagnostics", .array(check.diagnostics.map(\.json))),
            ])
            Console.line(document.text)
        case .text, .github:
            // On standard error, so that what is printed is YAML.
            Installation.show(check.diagnostics)
            for (index, file) in usable.enumerated() {
                if index > 0 { Console.line("---") }
                Console.line("# \(ShownText.harmless(file.file))")
                Console.text(file.resolved.yaml)
            }
        }
    }
}
