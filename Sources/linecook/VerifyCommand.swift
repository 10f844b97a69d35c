import ArgumentParser
import Domain
import Git
import Scheduler
import Service
import SystemPackage
import Verification
import WorkflowFile

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Runs a workflow's verification alone, in a worktree or on a branch.",
        discussion: """
            linecook verify                             the current folder, committed or not
            linecook verify ../portfolio-workspace-FRE-69 --ticket FRE-69
            linecook verify feature/FRE-69-articles     a branch, in a checkout of its own

            What the branch changed is checked as in an attempt, and every step of verify.steps run, under its \
            timeout and with the agent's environment. Exit code 1 when one says no.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption

    @Argument(
        help: "A folder, or a branch of the workflow's repository; the current folder by default."
    )
    var place: String?

    @Option(help: "The workflow whose checks are run.")
    var workflow: String?

    @Option(
        help:
            "The ticket whose text says which files are to be touched, such as FRE-69; else the branch's name says it."
    )
    var ticket: String?

    @Option(
        help:
            "What the work is compared with: a branch or a commit; the workflow's base by default."
    )
    var base: String?

    /// What `--format json` prints.
    struct Document: Encodable {
        var folder: String?
        /// The commit that was checked, and the one that it was compared with.
        var commit: String?
        var base: String?
        var passed: Bool
        var checks: [CheckResult]
    }

    func run() async throws {
        let installation = try Installation(configuration)
        let settings = try Installation.one(
            of: installation.workflows(named: workflow),
            "--workflow"
        ).inForce.workflow
        let work = VerifyWork(installation: installation, settings: settings)
        let report: VerifyWork.Report
        do {
            report = try await work.report(
                place: place,
                base: base,
                ticket: try ticket.map { try Installation.keys([$0]) }?.first
            )
        } catch let error as GitError {
            throw UsageError("\(error)")
        }
        for note in report.notes { Console.error(note.inOneLine(limit: 600)) }
        switch output.format {
        case .json:
            try Console.document(
                Document(
                    folder: report.folder?.string,
                    commit: report.commit,
                    base: report.base,
                    passed: report.found.passed,
                    checks: report.found.results
                )
            )
        case .text: show(report.found, logs: work.logs)
        }
        if !report.found.passed { throw Exit.failed }
    }

    private func show(_ report: Verification.Report, logs: FilePath) {
        for check in report.results {
            let words = check.passed ? "passed" : check.reason ?? "failed"
            let time = check.log == nil ? "" : ", \(check.seconds) s"
            let note = check.note.map { " (\($0.inOneLine(limit: 200)))" } ?? ""
            Console.line(
                (check.passed ? Ink.good : Ink.bad).paint(
                    "\(check.check)  \(words.inOneLine(limit: 200))\(time)\(note)"
                )
            )
        }
        if let said = report.failureOutput {
            Console.line("")
            Console.line(said.withHiddenCharactersShown)
            if report.results.contains(where: { !$0.passed && $0.log != nil }) {
                Console.line("All of it: \(logs)")
            }
        }
    }
}
