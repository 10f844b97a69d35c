import ArgumentParser
import Domain
import Linear
import Scheduler
import Service

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract:
            "Every gate that a ticket has to pass, its present value, and which one holds it.",
        discussion: """
            linecook explain FRE-69
            linecook explain FRE-69 --format json | jq '.gates[] | select(.holds)'

            Linear is read; nothing is changed.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption

    @Argument(help: "The ticket, such as FRE-69.")
    var ticket: String

    /// What `--format json` prints.
    struct Document: Encodable {
        struct Answer: Encodable {
            /// `nil` where the ticket has a run.
            var workflow: String?
            var gates: [Gate]
        }
        var ticket: TicketKey
        var verdict: String
        var answers: [Answer]
        var problems: [String]
    }

    func run() async throws {
        guard let key = try Installation.keys([ticket]).first else { return }
        let installation = try Installation(configuration)
        let loaded = try installation.workflows()
        let composition = try installation.composition(needsForge: false)
        let service = composition.makeService(
            log: Composition.makeLog(LogThreshold(installation.configuration))
        )
        let preview = try await service.preview(loaded, generator: SystemRandomNumberGenerator())
        let document = try await Self.document(key, preview, loaded, composition)
        switch output.format {
        case .json: try Console.document(document)
        case .text: Self.show(document)
        }
    }

    static func document(
        _ key: TicketKey,
        _ preview: Preview,
        _ workflows: [LoadedWorkflow],
        _ composition: Composition
    ) async throws -> Document {
        let starts = preview.begun.contains { $0.ticket.key == key }
        let before = preview.before.gates(of: key, at: preview.at)
        // What nothing holds before the tick may be held by those that are started in it.
        let isHeld = starts || before.contains(where: \.holds)
        let known = isHeld ? before : preview.scheduler.gates(of: key, at: preview.at)
        if !known.isEmpty {
            let holding = known.filter(\.holds)
            let verdict: String
            if starts {
                verdict = "Nothing holds it: it starts at the next tick."
            } else if let first = holding.first {
                verdict = "Held by \(first.name): \(first.value)."
            } else {
                verdict = "Nothing holds it."
            }
            return Document(
                ticket: key,
                verdict: verdict,
                answers: [.init(workflow: nil, gates: known)],
                problems: preview.problems
            )
        }
        guard let ticket = try await composition.makeLinearClient().tickets([key]).first else {
            return Document(
                ticket: key,
                verdict: "Linear has no ticket \(key), or the token can't see it.",
                answers: [],
                problems: preview.problems
            )
        }
        var answers: [Document.Answer] = []
        for loaded in workflows {
            let selection = loaded.inForce.workflow.tickets
            var gates = Scheduler.selectionGates(of: ticket, selection)
            if !gates.contains(where: \.holds) {
                gates += try await askedGates(key, selection, composition.makeLinearClient())
            }
            answers.append(.init(workflow: loaded.inForce.workflow.name, gates: gates))
        }
        let isTakenByNone = answers.allSatisfy { $0.gates.contains(where: \.holds) }
        return Document(
            ticket: key,
            verdict: isTakenByNone
                ? "No workflow takes it up."
                : "Linear didn't count it among the workflow's tickets; it may do so at the next poll.",
            answers: answers,
            problems: preview.problems
        )
    }

    /// The parts of a selection that only Linear can answer, each asked for alone.
    private static func askedGates(
        _ key: TicketKey,
        _ selection: TicketSelection,
        _ client: LinearClient
    ) async throws -> [Gate] {
        var plain = selection
        (plain.assignee, plain.delegate, plain.cycle, plain.filter) = (nil, nil, nil, nil)
        var parts: [(name: String, words: String, selection: TicketSelection)] = []
        if let assignee = selection.assignee {
            var part = plain
            part.assignee = assignee
            parts.append(("assignee", assignee, part))
        }
        if let delegate = selection.delegate {
            var part = plain
            part.delegate = delegate
            parts.append(("delegate", delegate, part))
        }
        if let cycle = selection.cycle {
            var part = plain
            part.cycle = cycle
            parts.append(("cycle", cycle.words, part))
        }
        if let filter = selection.filter {
            var part = plain
            part.filter = filter
            parts.append(("filter", "tickets.filter", part))
        }
        var gates: [Gate] = []
        for part in parts {
            let found = try await client.poll(part.selection).tickets.contains { $0.key == key }
            let value = found ? part.words : "another; it takes \(part.words)"
            gates.append(Gate(part.name, value, holds: !found))
        }
        return gates
    }

    private static func show(_ document: Document) {
        let holds = document.answers.contains { $0.gates.contains(where: \.holds) }
        Console.line(
            "\(Ink.strong.paint(document.ticket.rawValue))  "
                + (holds ? Ink.waiting : Ink.good).paint(document.verdict.inOneLine(limit: 400))
        )
        for answer in document.answers {
            Console.line("")
            if let workflow = answer.workflow {
                Console.line("Workflow \(workflow.inOneLine(limit: 80))")
            }
            let width = answer.gates.map(\.name.count).max() ?? 0
            for gate in answer.gates {
                let name = gate.name + String(repeating: " ", count: width - gate.name.count)
                let line = "\(gate.holds ? "✗" : "✓") \(name)  \(gate.value.inOneLine(limit: 400))"
                Console.line("  " + (gate.holds ? Ink.waiting.paint(line) : line))
            }
        }
        for problem in document.problems { Console.error(problem.inOneLine(limit: 400)) }
    }
}

extension CycleChoice {
    fileprivate var words: String {
        switch self {
        case .active: "the active one"
        case .next: "the next one"
        case .number(let number): "cycle \(number)"
        case .named(let name): "'\(name)'"
        }
    }
}
