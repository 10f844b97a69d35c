package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A prompt file as the service's tracker: its prompts are the tickets, and Linear is told of those that it has.
package struct PromptFileTracker: Tracker {
    /// One prompt with the ticket that it's for.
    package struct Prompt: Sendable {
        /// With those that must be finished before as its blockers.
        package var ticket: Ticket
        package var written: WrittenPrompt
        /// Whether Linear has this ticket, and is to be told of it.
        package var isInLinear: Bool

        package init(ticket: Ticket, written: WrittenPrompt, isInLinear: Bool) {
            self.ticket = ticket
            self.written = written
            self.isInLinear = isInLinear
        }
    }

    private let prompts: [Prompt]
    private let linear: (any Tracker)?
    private let began: Date
    private let newestRun: @Sendable (TicketKey) throws -> Run?

    /// - Parameters:
    ///   - prompts: Those to be run.
    ///   - linear: `nil` where Linear has none of them.
    ///   - began: The start of this call; what failed before it is tried again, what fails after it isn't.
    ///   - newestRun: The newest run of this file's prompt for a ticket.
    package init(
        prompts: [Prompt],
        linear: (any Tracker)?,
        began: Date,
        newestRun: @escaping @Sendable (TicketKey) throws -> Run?
    ) {
        self.prompts = prompts
        self.linear = linear
        self.began = began
        self.newestRun = newestRun
    }

    package var promptsWin: Bool { true }

    package func poll(
        _ workflow: Workflow,
        candidates: Bool,
        tracked: TrackedQuestion
    ) async throws -> (candidates: [Ticket]?, tracked: [TrackedTicket], notes: [String]) {
        let known = Set(prompts.filter(\.isInLinear).map(\.ticket.id))
        let asked = TrackedQuestion(
            tickets: tracked.tickets.filter(known.contains),
            watches: tracked.watches.filter { known.contains($0.ticket) }
        )
        var seen: [TrackedTicket] = []
        var notes: [String] = []
        if let linear, !asked.isEmpty {
            let answer = try await linear.poll(workflow, candidates: false, tracked: asked)
            (seen, notes) = (answer.tracked, answer.notes)
        }
        return (candidates ? try tickets() : nil, seen, notes)
    }

    /// The prompts that have no run, or one that failed before this call.
    private func tickets() throws -> [Ticket] {
        var finished: Set<TicketKey> = []
        var left: [Ticket] = []
        for prompt in prompts {
            let run = try newestRun(prompt.ticket.key)
            switch run?.state {
            case nil: left.append(prompt.ticket)
            case .done: finished.insert(prompt.ticket.key)
            case .failed, .cancelled:
                if let ended = run?.ended, ended < began { left.append(prompt.ticket) }
            case .queued, .waiting, .running, .backingOff, .parked, .needsHuman, .delivering,
                .inReview:
                break
            }
        }
        for index in left.indices {
            for place in left[index].blockers.indices
            where finished.contains(left[index].blockers[place].key) {
                left[index].blockers[place].state.type = .completed
            }
        }
        return left
    }

    package func writtenPrompt(_ ticket: String, _ key: TicketKey) async throws -> WrittenPrompt? {
        prompts.first { $0.ticket.id == ticket }?.written
    }

    package func claim(_ ticket: String, for workflow: Workflow) async throws -> Ticket? {
        guard let prompt = prompts.first(where: { $0.ticket.id == ticket }) else { return nil }
        guard prompt.isInLinear, let linear else { return prompt.ticket }
        return try await linear.claim(ticket, for: workflow)
    }

    package func tell(_ run: Run, of workflow: Workflow, folder: String) async throws -> Date? {
        guard let linear,
            prompts.contains(where: { $0.ticket.id == run.ticket.id && $0.isInLinear })
        else { return nil }
        return try await linear.tell(run, of: workflow, folder: folder)
    }
}
