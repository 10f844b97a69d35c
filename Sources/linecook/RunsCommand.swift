import ArgumentParser
import Disk
import Domain
import RunStore
import SystemPackage

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "The history: one line for each run, newest first.",
        discussion: """
            linecook runs                    the newest 30
            linecook runs --limit 500 --format json | jq '.[] | select(.state == "failed")'
            linecook runs show FRE-69        one run, whole
            linecook runs prune --dry-run    which old runs and logs would go
            """,
        subcommands: [List.self, Show.self, Prune.self, Reindex.self],
        defaultSubcommand: List.self
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "One line for each run, newest first."
        )
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: FormatOption
        @Option(help: "How many runs.")
        var limit = 30

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit is \(limit); it's at least 1") }
        }

        func run() throws {
            let lines = try Installation(configuration, onlyReads: true).store.listing(limit: limit)
            switch output.format {
            case .json: try Console.document(lines)
            case .text:
                guard !lines.isEmpty else {
                    Console.line("No runs yet.")
                    return
                }
                var table = TextTable(
                    ["TICKET", "RUN", "STARTED (UTC)", "STATE", "SUMMARY"],
                    inks: { lines[$0].state.ink }
                )
                for line in lines {
                    let started = Timestamp.text(of: line.started)
                    table.add([
                        "\(line.ticket)", "\(line.run)",
                        "\(started.prefix(10)) \(started.dropFirst(11).prefix(5))",
                        line.state.words, line.summary,
                    ])
                }
                table.show()
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "One run: verdict, attempts, timeline, files.",
            discussion: """
                linecook runs show FRE-69
                linecook runs show FRE-69 --run 2 --format json | jq .attempts
                """
        )
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: FormatOption
        @Argument(help: "The ticket's key, such as FRE-69.")
        var ticket: String
        @Option(name: .customLong("run"), help: "Which run of the ticket; the newest without it.")
        var runNumber: Int?

        func run() throws {
            let store = try Installation(configuration, onlyReads: true).store
            let record = try store.find(ticket, run: runNumber)
            switch output.format {
            case .json: try Console.document(record)
            case .text: RunStory(run: record, layout: store.layout).show()
            }
        }
    }
}

extension RunStore {
    /// The run that a person named.
    ///
    /// - Throws: `UsageError` when there is none.
    func find(_ ticket: String, run number: Int?) throws -> Run {
        guard let key = TicketKey(ticket) else {
            throw UsageError("'\(ticket.inOneLine(limit: 60))' isn't a ticket's key such as FRE-69")
        }
        let numbers = try runNumbers(of: key)
        guard let newest = numbers.last else {
            throw UsageError(
                "\(key) has had no run here; `linecook runs` lists those that there are"
            )
        }
        let wanted = number ?? newest
        guard numbers.contains(wanted), let run = try run(RunID(ticket: key, number: wanted)) else {
            let list = numbers.map(String.init).joined(separator: ", ")
            throw UsageError("\(key) has no run \(wanted); it has \(list)")
        }
        return run
    }
}

/// One run as a person reads it, from top to bottom.
struct RunStory {
    let run: Run
    let layout: StateLayout

    func show() {
        Console.line(
            Ink.strong.paint("\(run.ticket.key) \(run.ticket.title.inOneLine(limit: 200))")
        )
        Console.line(run.state.ink.paint(run.summary.inOneLine(limit: 400)))
        Console.line(run.next.inOneLine(limit: 400))
        Console.line("")
        line("ticket", run.ticket.url)
        if let pullRequest = run.pullRequest { line("pull request", pullRequest.url) }
        line("workflow", "\(run.workflow), run \(run.run)")
        let commit = run.base.commit.map { " at \($0.prefix(12))" } ?? ""
        line("branch", "\(run.branch) from \(run.base.branch)\(commit)")
        line("worktree", run.worktree + (run.cleanup.map { " (\($0))" } ?? ""))
        if let words = run.profile?.words { line("agent", words) }
        if let note = run.profile?.note { line("note", note) }
        for hook in run.hooks ?? [] { show(hook) }
        line("files", layout.run(run.id).string)
        for attempt in run.attempts { show(attempt) }
        Console.line("")
        for step in run.timeline {
            let time = Timestamp.text(of: step.at).dropFirst(11).prefix(8)
            Console.line("  \(time)  \(step.state.words): \(step.why.inOneLine(limit: 300))")
        }
    }

    private func show(_ attempt: Attempt) {
        Console.line("")
        let outcome = attempt.outcome?.words ?? "running"
        let time = attempt.seconds.map { " after \(Duration(inSeconds: $0).inWords)" } ?? ""
        let reason = attempt.reason.map { ": \($0.inOneLine(limit: 400))" } ?? ""
        Console.line(Ink.strong.paint("attempt \(attempt.number)") + "  \(outcome)\(time)\(reason)")
        if let agent = attempt.agent {
            var words = [agent.kind.rawValue + (agent.model.map { " with \($0)" } ?? "")]
            if let exit = agent.exit { words.append("exit \(exit)") }
            if let signal = agent.signal { words.append("signal \(signal)") }
            if let turns = agent.turns { words.append("\(turns) turns") }
            if let cost = agent.costUSD { words.append("\(cost) USD") }
            line("agent", words.joined(separator: ", "))
            for denial in agent.denials ?? [] { line("denied", "\(denial)", .bad) }
            if let message = agent.lastMessage { line("it said", message) }
        }
        if let changes = attempt.changes {
            line(
                "changes",
                "\(changes.files) files, +\(changes.insertions) -\(changes.deletions),"
                    + " \(changes.commits.count) commits"
            )
        }
        for check in (attempt.hooks ?? []) + attempt.verification { show(check) }
        line("log", "linecook logs \(run.ticket.key) --run \(run.run) --attempt \(attempt.number)")
    }

    private func show(_ check: CheckResult) {
        line(
            check.check,
            (check.passed ? "passed" : "failed: \(check.reason ?? "")")
                + (check.note.map { " (\($0))" } ?? "")
                + (check.log.map { ", \(shown($0))" } ?? ""),
            check.passed ? .good : .bad
        )
        for finding in check.findings ?? [] { line("", "\(finding)", .bad) }
    }

    /// A log as it's kept by now.
    private func shown(_ log: String) -> String {
        let path = layout.run(run.id).pushing(FilePath(log))
        if Installation.exists(path) { return log }
        return Installation.exists(FilePath("\(path).gz")) ? "\(log).gz" : "\(log) (removed)"
    }

    private func line(_ name: String, _ text: String, _ ink: Ink? = nil) {
        let name = name.inOneLine(limit: 40)
        let label = name.count < 12 ? name + String(repeating: " ", count: 12 - name.count) : name
        let shown = text.inOneLine(limit: 400)
        Console.line("  \(Ink.quiet.paint(label)) \(ink?.paint(shown) ?? shown)")
    }
}
