import Agent
import ArgumentParser
import Domain
import RunStore
import Scheduler
import Service
import SystemPackage
import Verification
import WorkflowFile

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Runs a workflow's verification alone, in a worktree.",
        discussion: """
            linecook verify                             in the current folder
            linecook verify ../portfolio-workspace-FRE-69

            Every step of verify.steps runs as it does in an attempt, under its timeout and with the agent's \
            environment; exit code 1 when one says no.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption

    @Argument(help: "The folder; the current one by default.")
    var folder: String?

    @Option(help: "The workflow whose steps are run.")
    var workflow: String?

    /// What `--format json` prints.
    struct Document: Encodable {
        var folder: String
        var passed: Bool
        var checks: [CheckResult]
    }

    func run() async throws {
        let installation = try Installation(configuration)
        let settings = try Installation.one(
            of: installation.workflows(named: workflow),
            "--workflow"
        ).inForce.workflow
        let place = installation.context.currentFolder.pushing(FilePath(folder ?? "."))
            .lexicallyNormalized()
        guard Installation.names(place) != nil else {
            throw UsageError("\(place): no such folder")
        }
        guard !settings.verify.steps.isEmpty else {
            throw UsageError(
                "workflow \(settings.name) has no verify.steps; there is nothing to run"
            )
        }
        let logs = installation.store.layout.root.appending("verify")
        try installation.store.makeFolder(logs)
        var environment = AgentEnvironment.allowed(
            of: installation.attemptEnvironment,
            naming: settings.agent.environment
        )
        environment["CI"] = "true"
        let report = try await Verification(
            environment: environment,
            marker: nil,
            time: SystemTime()
        ).run(settings.verify.steps, in: place, logsIn: logs, named: "verify")
        switch output.format {
        case .json:
            try Console.document(
                Document(folder: place.string, passed: report.passed, checks: report.results)
            )
        case .text:
            for check in report.results {
                let words = check.passed ? "passed" : check.reason ?? "failed"
                Console.line(
                    (check.passed ? Ink.good : Ink.bad).paint(
                        "\(check.check)  \(words.inOneLine(limit: 200)), \(check.seconds) s"
                    )
                )
            }
            if let said = report.failureOutput {
                Console.line("")
                Console.line(said.withHiddenCharactersShown)
                Console.line("All of it: \(logs)")
            }
        }
        if !report.passed { throw Exit.failed }
    }
}
