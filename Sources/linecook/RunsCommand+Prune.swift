import ArgumentParser
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

extension RunsCommand {
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Removes old runs and logs, or compresses the logs.",
            discussion: """
                linecook runs prune --dry-run                  what 'retention' of the configuration would do
                linecook runs prune                            does that
                linecook runs prune --logs-older-than 30d      … with this in place of the configuration's

                Runs that are open (at work, waiting, parked, in review, in need of a person) and all other runs \
                of their tickets are left alone; a ticket's newest run stays, and one of the last day does. The \
                daemon may go on meanwhile.
                """
        )
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: FormatOption
        @Flag(help: "Only lists what would be done.")
        var dryRun = false
        @Option(help: ArgumentHelp("Remove runs that ended longer ago.", valueName: "time"))
        var olderThan: RetentionAge?
        @Option(help: ArgumentHelp("Keep so many finished runs.", valueName: "count"))
        var keep: Int?
        @Option(help: ArgumentHelp("Remove logs of runs that ended longer ago.", valueName: "time"))
        var logsOlderThan: RetentionAge?
        @Option(help: ArgumentHelp("Keep logs of so many finished runs.", valueName: "count"))
        var keepLogs: Int?
        @Option(
            help: ArgumentHelp("Compress logs of runs that ended longer ago.", valueName: "time")
        )
        var compressOlderThan: RetentionAge?
        /// The daemon's own call: its state folder, its settings alone, and the last line of what is printed.
        @Option(help: .hidden)
        var state: String?

        func validate() throws {
            for (name, count) in [("--keep", keep), ("--keep-logs", keepLogs)] {
                guard let count, count < 1 else { continue }
                throw ValidationError("\(name) is \(count); it's at least 1")
            }
            let day = Duration.seconds(86_400)
            for (name, age) in [
                ("--older-than", olderThan), ("--logs-older-than", logsOlderThan),
            ] {
                guard let age, age.duration < day else { continue }
                throw ValidationError("\(name) is less than a day; it's at least 1d")
            }
        }

        /// What `--format json` prints.
        private struct Document: Encodable {
            var summary: String
            var dryRun: Bool
            var steps: [PruneStep]
            var freedBytes: Int?
            var kept: [String]
            var problems: [String]

            private enum CodingKeys: String, CodingKey {
                case summary
                case dryRun = "dry_run"
                case steps
                case freedBytes = "freed_bytes"
                case kept
                case problems
            }
        }

        func run() async throws {
            let (store, settings) = try chosen()
            guard try LocalFileSystem().list(store.layout.runs).isEmpty == false else {
                show(
                    Document(
                        summary: "No runs yet.",
                        dryRun: dryRun,
                        steps: [],
                        kept: [],
                        problems: []
                    )
                )
                return
            }
            let pruning = RunPruning(store: store, disk: LocalFileSystem())
            let now = SystemTime().now().wall
            if dryRun {
                let list = try pruning.list(by: settings, at: now)
                show(
                    Document(
                        summary: Self.forecast(list.steps),
                        dryRun: true,
                        steps: list.steps,
                        kept: list.kept,
                        problems: []
                    )
                )
                return
            }
            let lock = try Self.takeLock(store)
            defer { lock.release() }
            let notice = try pruning.finish(at: now)
            let list = try pruning.list(by: settings, at: now)
            let gzip = Gzip(ProcessInfo.processInfo.environment)
            var result = try await pruning.carryOut(
                list,
                compress: gzip.map { gzip in { try await gzip.compress($0, into: $1) } }
            )
            if gzip == nil, list.steps.contains(where: { $0.action == .compressLogs }) {
                result.problems.append("logs aren't compressed: there is no gzip here; install it")
            }
            result.problems = [notice].compactMap(\.self) + result.problems
            let summary =
                result.steps.isEmpty
                ? "Nothing to be pruned."
                : "\(Self.summary(of: result.steps)); \(result.freedBytes.bytesInWords) freed."
            try store.save(PruneNote(at: now, summary: summary))
            show(
                Document(
                    summary: summary,
                    dryRun: false,
                    steps: result.steps,
                    freedBytes: result.freedBytes,
                    kept: list.kept,
                    problems: result.problems
                )
            )
            if !result.problems.isEmpty { throw Exit.failed }
        }

        /// The configuration's settings, and in place of each what the command line says.
        private func chosen() throws -> (RunStore, RetentionSettings) {
            var settings = RetentionSettings()
            let store: RunStore
            if let state {
                store = RunStore(root: FilePath(state), disk: LocalFileSystem())
            } else {
                let installation = try Installation(configuration)
                settings = installation.configuration.retention
                store = installation.store
            }
            if let olderThan { settings.runs.age = olderThan.duration }
            if let keep { settings.runs.count = keep }
            if let logsOlderThan { settings.logs.age = logsOlderThan.duration }
            if let keepLogs { settings.logs.count = keepLogs }
            if let compressOlderThan { settings.compress = compressOlderThan.duration }
            guard state != nil || !settings.isOff else {
                throw UsageError(
                    "nothing says what may go; set 'retention' in the configuration, or give --older-than,"
                        + " --keep, --logs-older-than, --keep-logs or --compress-older-than"
                )
            }
            return (store, settings)
        }

        /// One at a time for each state folder.
        static func takeLock(_ store: RunStore) throws -> FileLock {
            let holder = "process \(ProcessIdentity.current.pid)"
            let path = store.layout.pruneLock
            if let lock = try FileLock.take(at: path, holder: holder) { return lock }
            let other = FileLock.holder(at: path) ?? "another process"
            throw UsageError("\(other.inOneLine(limit: 80)) prunes or reindexes here already")
        }

        private static func summary(of steps: [PruneStep]) -> String {
            func count(_ action: PruneStep.Action) -> Int { steps.count { $0.action == action } }
            func runs(_ count: Int) -> String { count == 1 ? "1 run" : "\(count) runs" }
            let parts = [
                (count(.removeRun), "removed"), (count(.removeLogs), "without logs now"),
                (count(.compressLogs), "with compressed logs"),
            ]
            return parts.filter { $0.0 > 0 }.map { "\(runs($0.0)) \($0.1)" }.joined(separator: ", ")
        }

        private static func forecast(_ steps: [PruneStep]) -> String {
            guard !steps.isEmpty else { return "Nothing would be done." }
            let gone = steps.filter { $0.action != .compressLogs }
            let size = gone.reduce(0) { $0 + $1.bytes }.bytesInWords
            let saved = gone.count < steps.count ? " and what compressing saves" : ""
            let freed = gone.isEmpty ? "." : "; would free \(size)\(saved)."
            return "Would be done: \(summary(of: steps))\(freed)"
        }

        private func show(_ document: Document) {
            for problem in document.problems { Console.error("linecook: \(problem)") }
            if output.format == .json {
                // It holds nothing that JSON hasn't.
                try? Console.document(document)
                return
            }
            if state == nil {
                for line in document.kept {
                    for part in line.inOneLine(limit: 400).wrapped(to: 80) { Console.line(part) }
                }
                if !document.steps.isEmpty {
                    var table = TextTable([
                        "ACTION", "RUN", "ENDED (UTC)", "STATE", "SIZE", "FILES",
                    ])
                    for step in document.steps {
                        table.add([
                            step.action.words, "\(step.id)",
                            String(Timestamp.text(of: step.ended).prefix(10)), step.state.words,
                            step.bytes.bytesInWords,
                            step.files.isEmpty ? "all" : "\(step.files.count)",
                        ])
                    }
                    table.show()
                }
            }
            for line in document.summary.wrapped(to: 80) { Console.line(line) }
        }
    }

    struct Reindex: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reindex",
            abstract: "Makes the history anew from the records of the runs.",
            discussion: """
                For when files of history/ were lost or edited, or folders of runs were removed by hand. The daemon \
                may go on meanwhile; while it's down, entries of open/ that are gone are brought back, too.
                """
        )
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: FormatOption

        /// What `--format json` prints.
        private struct Document: Encodable {
            var runs: Int
            var problems: [String]
        }

        func run() throws {
            let store = try Installation(configuration, onlyReads: true).store
            guard Installation.exists(store.layout.runs) else {
                throw UsageError("\(store.layout.root): there are no runs here")
            }
            let lock = try Prune.takeLock(store)
            defer { lock.release() }
            let notice = try RunPruning(store: store, disk: LocalFileSystem())
                .finish(at: SystemTime().now().wall)
            // Nobody may start meanwhile.
            let daemon = try FileLock.take(
                at: store.layout.lock,
                holder: "process \(ProcessIdentity.current.pid)"
            )
            defer { daemon?.release() }
            let (runs, problems) = try store.reindex(restoresEntries: daemon != nil)
            let all = [notice].compactMap(\.self) + problems
            switch output.format {
            case .json: try Console.document(Document(runs: runs, problems: all))
            case .text:
                for problem in all { Console.error("problem: \(problem.inOneLine(limit: 400))") }
                Console.line("The history tells of \(runs) runs.")
            }
            if !all.isEmpty { throw Exit.failed }
        }
    }
}

/// A time on the command line, as in the configuration: `30d`, `12h`.
struct RetentionAge: ExpressibleByArgument {
    var duration: Duration

    init?(argument: String) {
        guard let duration = DurationText.duration(of: argument), duration > .zero else {
            return nil
        }
        self.duration = duration
    }
}
