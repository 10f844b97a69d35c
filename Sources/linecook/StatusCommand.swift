import ArgumentParser
import Domain
import ProcessTree
import RunStore
import Scheduler
import Service
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Slots, open runs, the queue and what holds it, problems.",
        discussion: """
            linecook status
            linecook status --format json | jq '.runs[] | {ticket: .ticket.key, state, reason}'

            Exit code 3 when the service isn't running; what it left behind is shown all the same.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption

    /// What `--format json` prints.
    struct Document: Encodable {
        var running: Bool
        var service: ServiceRecord?
        var runs: [Run]
        var problems: [String]
    }

    func run() throws {
        let installation = try Installation(configuration, onlyReads: true)
        let document = try Self.document(installation.store)
        switch output.format {
        case .json: try Console.document(document)
        case .text: Self.show(document, installation.configuration)
        }
        if !document.running { throw Exit.notRunning }
    }

    static func document(_ store: RunStore) throws -> Document {
        var problems: [String] = []
        var service: ServiceRecord?
        do {
            service = try store.value(ServiceRecord.self, at: store.layout.service)
        } catch {
            problems.append("\(error)")
        }
        var runs: [Run] = []
        for line in try store.openRuns() {
            switch line {
            case .success(let run): runs.append(run)
            case .failure(let error): problems.append("\(error)")
            }
        }
        // A lock that can't be looked at isn't there: nobody runs.
        let isRunning = (try? FileLock.isHeld(at: store.layout.lock)) ?? false
        return Document(
            running: isRunning,
            service: service,
            runs: runs,
            problems: problems + (service?.problems ?? [])
        )
    }

    /// The last and the next tick of a cron schedule, in words.
    private static func schedule(_ workflow: ServiceRecord.WorkflowNote, at now: Date) -> String? {
        var parts: [String] = []
        if let last = workflow.lastTick {
            let ago = Duration.seconds(max(0, now.timeIntervalSince(last)))
            parts.append("last tick \(ago.inWords) ago")
        }
        if let next = workflow.nextTick {
            let wait = Duration.seconds(max(0, next.timeIntervalSince(now)))
            parts.append("next tick in \(wait.inWords)")
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    static func show(_ document: Document, _ configuration: ServiceConfiguration) {
        let now = Date()
        if document.running, let service = document.service {
            let age = Duration.seconds(now.timeIntervalSince(service.started))
            Console.line(
                "\(Ink.good.paint(service.state)) for \(age.inWords) as process"
                    + " \(service.process.pid); \(service.slots.taken) of \(service.slots.total) slots taken"
            )
            for workflow in service.workflows {
                let poll = workflow.lastPoll.map { at in
                    "polled \(Duration.seconds(max(0, now.timeIntervalSince(at))).inWords) ago"
                }
                let what =
                    workflow.inForce == false
                    ? "its file is gone; its runs go on, nothing new is taken up"
                    : "\(poll ?? "not polled yet"), \(workflow.candidates) waiting"
                Console.line("  \(workflow.name.inOneLine(limit: 60)): \(what)")
                if let schedule = Self.schedule(workflow, at: now) {
                    Console.line(Ink.quiet.paint("    \(schedule)"))
                }
                if let missed = workflow.missed {
                    let ago = Duration.seconds(max(0, now.timeIntervalSince(missed.noticed)))
                    Console.line(Ink.waiting.paint("    \(missed.words) (\(ago.inWords) ago)"))
                }
                if let problem = workflow.problem {
                    Console.line(Ink.bad.paint("    \(problem.inOneLine(limit: 400))"))
                }
            }
        } else {
            Console.line("The service isn't running (state: \(configuration.state)).")
        }
        for problem in document.problems {
            Console.line(Ink.bad.paint("problem: \(problem.inOneLine(limit: 400))"))
        }
        if !document.runs.isEmpty {
            Console.line("")
            var table = TextTable(
                ["TICKET", "STATE", "SUMMARY"],
                inks: { document.runs[$0].state.ink }
            )
            for run in document.runs {
                table.add(["\(run.ticket.key)", run.state.words, "\(run.summary) \(run.next)"])
            }
            table.show()
        }
        if document.running, let queue = document.service?.queue, !queue.isEmpty {
            Console.line("")
            var table = TextTable(["QUEUE", "HELD BY"])
            for note in queue { table.add(["\(note.ticket)", note.reason]) }
            table.show()
        }
    }
}
