import ArgumentParser
import Cron
import Disk
import Domain
import Service
import SystemPackage
import WorkflowFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct NextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "The coming ticks of the schedules, in their zone and in UTC.",
        discussion: """
            linecook next                                   every workflow
            linecook next workflows/portfolio.yml -n 3      one file
            linecook next --cron '30 2 * * *' --timezone Europe/Berlin --after 2027-03-27T12:00:00Z

            Says when daylight saving bends a tick. A set time runs once on each date: right after the gap \
            that it falls into, and the first time where the clocks show it twice. An hour or a minute that is \
            *, a step or a whole range runs by real time. No token and no Linear is needed.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption
    @Option(
        name: [.customShort("n"), .customLong("count")],
        help: "How many ticks of each, 1 to 1000."
    )
    var count = 10
    @Option(
        help: ArgumentHelp(
            "An expression to try, instead of the workflows.",
            valueName: "expression"
        )
    )
    var cron: String?
    @Flag(help: "The expression of --cron has a field for the second in front.")
    var seconds = false
    @Option(
        help: ArgumentHelp("The zone of --cron; the machine's own by default.", valueName: "zone")
    )
    var timezone: String?
    @Option(
        help: ArgumentHelp(
            "Ticks after this time, such as 2027-03-27T12:00:00Z; now by default.",
            valueName: "time"
        )
    )
    var after: String?
    @Argument(help: "A workflow file; without one: every workflow of the configuration.")
    var file: String?

    /// What `--format json` prints.
    struct Document: Encodable {
        var after: Date
        var schedules: [ComingTicks]
    }

    func validate() throws {
        guard (1...1000).contains(count) else {
            throw ValidationError("-n is \(count); it's from 1 to 1000")
        }
        if cron != nil, file != nil {
            throw ValidationError("--cron and a file are both given; give one of the two")
        }
        if cron == nil, seconds || timezone != nil {
            let option = seconds ? "--seconds" : "--timezone"
            throw ValidationError("\(option) is about --cron; a workflow says it in its own file")
        }
        if let after, Timestamp.date(of: after) == nil {
            throw ValidationError(
                "--after is '\(after.inOneLine(limit: 80))'; write it as in 2027-03-27T12:00:00Z"
            )
        }
    }

    func run() throws {
        let now = after.flatMap { Timestamp.date(of: $0) } ?? Date()
        let schedules: [ComingTicks]
        var isBroken = false
        if let cron {
            schedules = [try Self.tried(cron, self, after: now)]
        } else {
            (schedules, isBroken) = try planned(after: now)
        }
        switch output.format {
        case .json: try Console.document(Document(after: now, schedules: schedules))
        case .text:
            let blocks = schedules.map { $0.lines.joined(separator: "\n") }
            if !blocks.isEmpty { Console.line(blocks.joined(separator: "\n\n")) }
        }
        if isBroken { throw Exit.usage }
    }

    /// The ticks of an expression on the command line.
    private static func tried(
        _ text: String,
        _ command: NextCommand,
        after now: Date
    ) throws -> ComingTicks {
        let context = Installation.makeContext()
        let expression: CronExpression
        do throws(CronError) {
            expression = try CronExpression(text, seconds: command.seconds)
        } catch {
            throw UsageError("--cron \(error)")
        }
        for warning in expression.warnings {
            Console.error("--cron, column \(warning.offset + 1): warning: \(warning)")
        }
        do throws(ZoneError) {
            let zone =
                if let name = command.timezone {
                    try Zone.load(name, from: context.zones)
                } else {
                    try Zone.local(from: context.zones, environment: context.environment)
                }
            return ComingTicks(command.count, of: expression, in: zone, workflow: nil, after: now)
        } catch {
            throw UsageError(command.timezone == nil ? "\(error)" : "--timezone: \(error)")
        }
    }

    /// The ticks of the workflows; a broken file is reported as `validate` does, and the others are shown.
    private func planned(after now: Date) throws -> (schedules: [ComingTicks], isBroken: Bool) {
        let installation = try Installation(configuration)
        let context = installation.context
        let files: [FilePath]
        if let file {
            guard Installation.exists(context.currentFolder.pushing(FilePath(file))) else {
                throw UsageError("\(file.inOneLine(limit: 200)): no such file")
            }
            files = [FilePath(file)]
        } else {
            files = installation.workflowFiles.map {
                Installation.shown($0, from: context.currentFolder)
            }
            guard !files.isEmpty else {
                throw UsageError("no workflow files here; name one, or try --cron '*/5 * * * *'")
            }
        }
        var schedules: [ComingTicks] = []
        var isBroken = false
        for path in files {
            let loaded = WorkflowFile.load(path, in: context, defaults: installation.defaults)
            Installation.show(loaded.diagnostics)
            guard let workflow = loaded.value else {
                isBroken = true
                continue
            }
            var ticks: ComingTicks
            switch workflow.schedule.trigger {
            case .every(let duration):
                ticks = ComingTicks(
                    every: duration,
                    workflow: workflow.name,
                    jitter: workflow.schedule.jitter
                )
            case .cron:
                guard
                    case .cron(let expression, let zone)? =
                        try Installation.schedule(of: workflow, in: context)
                else { continue }
                ticks = ComingTicks(
                    count,
                    of: expression,
                    in: zone,
                    workflow: workflow.name,
                    jitter: workflow.schedule.jitter,
                    after: now
                )
            }
            ticks.file = path.string
            schedules.append(ticks)
        }
        return (schedules, isBroken)
    }
}
