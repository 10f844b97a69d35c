import ArgumentParser
import Domain
import ProcessTree
import RunStore
import WorkflowFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract:
            "Goes on with a ticket that waits for a person or a provider, with a bigger budget if you like.",
        discussion: """
            linecook retry FRE-69                  another attempt, in the agent's session where there is one
            linecook retry FRE-69 --budget 30      all its attempts together may cost 30 US dollars
            linecook retry FRE-69 --tokens 3M      … or use 3 million tokens

            Where the ticket is parked its provider is asked at once, and all tickets that wait for it go on.

            The daemon takes it up within two seconds; without one, the next 'linecook run' does. A budget can \
            be raised while an attempt runs, too: it holds from the next one on.
            """
    )
    @OptionGroup var configuration: ConfigurationOption
    @Argument(help: "The ticket's key, such as FRE-69.")
    var ticket: String
    @Option(
        help: ArgumentHelp(
            "US dollars that all attempts of its run may cost together.",
            valueName: "usd"
        )
    )
    var budget: Double?
    @Option(
        help: ArgumentHelp("Tokens that they may use together, such as 3M.", valueName: "count"),
        transform: { text in
            guard let count = CountText.count(of: text) else {
                throw ValidationError("'\(text)' isn't a number of tokens such as 500k or 3M")
            }
            return count
        }
    )
    var tokens: Int?

    func validate() throws {
        if let budget, !(0.01...1_000_000).contains(budget) {
            throw ValidationError("--budget is \(budget); it's from 0.01 to 1000000")
        }
        if let tokens, tokens < 1000 {
            throw ValidationError("--tokens is \(tokens); it's at least 1000")
        }
    }

    func run() async throws {
        let store = try Installation(configuration, onlyReads: true).store
        let run = try store.find(ticket, run: nil)
        let raises = budget != nil || tokens != nil
        guard !run.state.isFinal, raises || [.needsHuman, .parked].contains(run.state) else {
            throw UsageError(
                run.state.isFinal
                    ? "\(run.id) is over (\(run.state.words)); move the ticket back to the queue's state"
                        + " for another run"
                    : "\(run.id) waits for no person and no provider (\(run.state.words)); `linecook explain"
                        + " \(run.ticket.key)` says what it waits for"
            )
        }
        try store.save(
            RetryRequest(
                ticket: run.ticket.key,
                budget: budget,
                tokens: tokens,
                asked: SystemTime().now().wall
            )
        )
        // A lock that can't be looked at isn't there: nobody runs.
        let isRunning = (try? FileLock.isHeld(at: store.layout.lock)) ?? false
        Console.line(
            isRunning
                ? "The daemon goes on with \(run.ticket.key)."
                : "No daemon runs: the next `linecook run` goes on with \(run.ticket.key)."
        )
    }
}
