import ArgumentParser
import Domain
import Planner
import Scheduler
import Service

struct PlanCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
        case mermaid
        case graphviz
    }

    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract:
            "Dry run: what the next tick would start, in which phases, and why the rest waits.",
        discussion: """
            linecook plan                              the workflows' next tick
            linecook plan FRE-61 FRE-62 FRE-63         these tickets, whatever state they are in
            linecook plan --format mermaid             a diagram for Markdown
            linecook plan --format graphviz | dot -Tsvg

            Linear is read; nothing is changed there, on disk or in a repository.
            """
    )

    @OptionGroup var configuration: ConfigurationOption

    @Argument(help: "Tickets, such as FRE-61; without any: what the workflows would take up.")
    var tickets: [String] = []

    @Option(help: "Only this workflow; with tickets, the one whose 'plan' holds.")
    var workflow: String?

    @Option(help: "How to print: text, one JSON document, a Mermaid or a Graphviz diagram.")
    var format = Format.text

    /// What `--format json` prints.
    struct Document: Encodable {
        var batches: [Batch]
        /// Tickets that would be started now.
        var starts: [TicketKey]
        /// Tickets without a run, with what holds each.
        var queue: [WaitNote]
        var problems: [String]
    }

    func run() async throws {
        let installation = try Installation(configuration)
        let loaded = try installation.workflows(named: workflow)
        let composition = try installation.composition(needsForge: false)
        let document: Document
        if tickets.isEmpty {
            document = try await Self.document(
                composition.makeService(
                    log: Composition.makeLog(LogThreshold(installation.configuration))
                )
                .preview(loaded, generator: SystemRandomNumberGenerator())
            )
        } else {
            let chosen = try Installation.one(of: loaded, "--workflow")
            document = try await Self.document(
                of: Installation.keys(tickets),
                by: chosen.inForce.workflow,
                from: composition
            )
        }
        try show(document)
        if !document.problems.isEmpty { throw Exit.failed }
    }

    private func show(_ document: Document) throws {
        switch format {
        case .json: try Console.document(document)
        case .mermaid: for batch in document.batches { Console.line(batch.mermaid) }
        case .graphviz: for batch in document.batches { Console.line(batch.graphviz) }
        case .text: Self.showText(document)
        }
        guard format != .json else { return }
        for problem in document.problems { Console.error(problem.inOneLine(limit: 400)) }
    }

    private static func showText(_ document: Document) {
        var reasons: [TicketKey: String] = [:]
        for note in document.queue { reasons[note.ticket] = note.reason }
        for batch in document.batches {
            for member in batch.tickets where reasons[member.ticket] == nil {
                reasons[member.ticket] = member.words
            }
        }
        for key in document.starts { reasons[key] = "starts now" }
        let width = Console.outputIsTerminal ? Console.width : 200
        for batch in document.batches {
            let starts = batch.tickets.count { document.starts.contains($0.ticket) }
            let size = batch.tickets.count == 1 ? "1 ticket" : "\(batch.tickets.count) tickets"
            let phases = batch.phases.count == 1 ? "1 phase" : "\(batch.phases.count) phases"
            let starting =
                document.starts.isEmpty ? "" : "; \(starts) \(starts == 1 ? "starts" : "start") now"
            Console.line(
                "\(Ink.strong.paint(batch.name.inOneLine(limit: 80))): \(size) in \(phases)\(starting)"
            )
            Console.line(batch.tree(width: width, reasons: reasons))
        }
        let planned = Set(document.batches.flatMap { $0.tickets.map(\.ticket) })
        let others = document.queue.filter { !planned.contains($0.ticket) }
        if !others.isEmpty {
            Console.line("In no batch yet:")
            let column = others.map(\.ticket.rawValue.count).max() ?? 0
            for note in others {
                var key = note.ticket.rawValue
                let reason = note.reason.inOneLine(limit: 200)
                for line in reason.wrapped(to: max(20, width - column - 4)) {
                    let gap = String(repeating: " ", count: column - key.count)
                    Console.line("  \(key)\(gap)  \(line)")
                    key = ""
                }
            }
        }
        if document.batches.isEmpty && others.isEmpty {
            Console.line("Nothing to do: no ticket is ready.")
        }
    }

    static func document(_ preview: Preview) -> Document {
        let starts = preview.begun.map(\.ticket.key)
        let before = Dictionary(
            preview.before.queue.map { ($0.ticket, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        // What nothing holds before the tick may be held by those that are started in it.
        let queue = preview.scheduler.queue.map { note in
            guard let now = before[note.ticket], now.reason != Scheduler.startsNow else {
                return note
            }
            return now
        }
        return Document(
            batches: preview.batches.filter { !$0.isDelivered },
            starts: starts,
            queue: queue,
            problems: preview.problems
        )
    }

    /// The plan of certain tickets, as if they were a batch.
    static func document(
        of keys: [TicketKey],
        by workflow: Workflow,
        from composition: Composition
    ) async throws -> Document {
        let found = try await composition.planned(keys, by: workflow)
        let plan = Plan(of: found.tickets, settings: workflow.plan)
        var batch = Batch(
            of: found.tickets,
            settings: workflow.plan,
            workflow: workflow.name,
            number: 0,
            at: composition.time.now().wall
        )
        batch.name = "plan"
        batch.refresh()
        let ready = plan.ready.map { ticket in
            WaitNote(
                ticket: ticket.key,
                title: ticket.title,
                reason: "ready: none of these blocks it"
            )
        }
        let waiting = plan.waiting.map { waiting in
            WaitNote(
                ticket: waiting.ticket.key,
                title: waiting.ticket.title,
                reason: waiting.words
            )
        }
        return Document(
            batches: batch.tickets.isEmpty ? [] : [batch],
            starts: [],
            queue: ready + waiting,
            problems: found.missing.map {
                "\($0): Linear has no such ticket, or the token can't see it"
            }
        )
    }
}

extension Plan.Waiting {
    /// Why it waits, by Linear's states alone.
    fileprivate var words: String {
        switch cause {
        case .cycle(let members):
            return "waits for itself: \(members.map(\.rawValue).joined(separator: " → "));"
                + " remove one of these relations in Linear"
        case .failed(let chain): return "held: \(Scheduler.words(of: chain))"
        case .blockers(let keys):
            let words = keys.map { key in
                let state = ticket.blockers.first { $0.key == key }?.state.name ?? "open"
                return "\(key) (\(state))"
            }
            return "blocked by \(words.joined(separator: ", "))"
        }
    }
}
