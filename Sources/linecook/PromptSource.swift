import Domain
import Planner
import PromptFile
import Service
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The prompts of a file as tickets, in the order that its phases give them.
struct PromptSource {
    let file: FilePath
    let chosen: [PromptFile.Prompt]
    /// With blockers by the phases of the file.
    let tracked: [PromptFileTracker.Prompt]
    private let known: [TicketKey: Ticket]
    private let now: Date

    /// - Parameters:
    ///   - file: The prompt file.
    ///   - prompts: Its contents.
    ///   - chosen: Those to be run; the others count as finished.
    ///   - known: The tickets that Linear has.
    ///   - now: For tickets that are only in the file.
    init(
        file: FilePath,
        prompts: PromptFile,
        chosen: [PromptFile.Prompt],
        known: [TicketKey: Ticket],
        at now: Date
    ) {
        self.file = file
        self.chosen = chosen
        self.known = known
        self.now = now
        let name = file.lastComponent?.string ?? "prompts.md"
        var tickets: [Int: Ticket] = [:]
        for prompt in chosen { tickets[prompt.number] = Self.ticket(prompt, name, known, now) }
        let order = prompts.order
        tracked = chosen.compactMap { prompt in
            guard var ticket = tickets[prompt.number] else { return nil }
            ticket.blockers = (order[prompt.number] ?? []).compactMap { before in
                tickets[before].map {
                    Blocker(id: $0.id, key: $0.key, state: Self.open, cause: .phase)
                }
            }
            return PromptFileTracker.Prompt(
                ticket: ticket,
                written: WrittenPrompt(
                    source: "\(name), prompt \(prompt.number)",
                    text: prompt.body
                ),
                isInLinear: prompt.key.map { known[$0] != nil } ?? false
            )
        }
    }

    private static let open = TicketState(id: "prompt", name: "Todo", type: .unstarted)

    private static func ticket(
        _ prompt: PromptFile.Prompt,
        _ file: String,
        _ known: [TicketKey: Ticket],
        _ now: Date
    ) -> Ticket? {
        // The file's order is the queue's: the number stands for the age.
        let created = Date(timeIntervalSince1970: Double(prompt.number))
        if let key = prompt.key, var ticket = known[key] {
            ticket.title = prompt.title
            ticket.description = prompt.body
            ticket.created = created
            ticket.priority = .none
            return ticket
        }
        // Without a key of its own it's called after its number.
        guard let key = prompt.key ?? TicketKey("PROMPT-\(prompt.number)") else { return nil }
        return Ticket(
            id: "\(file)#\(prompt.number)",
            key: key,
            title: prompt.title,
            description: prompt.body,
            url: "",
            created: created,
            updated: now,
            state: open
        )
    }

    /// The workflow that these prompts are run by: another one's, with the order of the file.
    ///
    /// - Parameters:
    ///   - workflow: The team's.
    ///   - others: Names that are taken.
    /// - Returns: The workflow, named after the file.
    /// - Throws: `UsageError` when the file is called like a workflow.
    func workflow(from workflow: Workflow, others: [String]) throws -> Workflow {
        var settings = workflow
        settings.name = Self.name(of: file)
        guard !others.contains(settings.name) else {
            throw UsageError(
                "\(file): a workflow is called '\(settings.name)'; rename the prompt file"
            )
        }
        settings.schedule = ScheduleSettings()
        settings.tickets.allLabels = []
        settings.tickets.noLabels = []
        settings.tickets.batch = BatchSettings()
        for ticket in known.values.sorted(by: { $0.key < $1.key })
        where !settings.tickets.states.contains(ticket.state.name) {
            settings.tickets.states.append(ticket.state.name)
        }
        // The file says what waits for what.
        settings.plan.dependencies = []
        return settings
    }

    /// The prompts as a plan.
    func batch(_ workflow: Workflow) -> Batch {
        var batch = Batch(
            of: tracked.map(\.ticket),
            settings: workflow.plan,
            workflow: workflow.name,
            number: 0,
            at: now
        )
        batch.name = workflow.name
        batch.refresh()
        return batch
    }

    private static func name(of file: FilePath) -> String {
        let stem = file.stem ?? "prompts"
        let name = String(stem.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        return "file-" + String(name.prefix(56))
    }
}
