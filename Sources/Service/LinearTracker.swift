import Disk
package import Domain
package import Linear
import Planner

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Linear as the service's tracker.
package struct LinearTracker: Tracker {
    private let client: LinearClient
    private let writer: LinearWriter
    private let texts = TicketTexts()

    package init(client: LinearClient, time: any TimeSource) {
        self.client = client
        writer = LinearWriter(client: client, time: time)
    }

    package func poll(
        _ workflow: Workflow,
        candidates: Bool,
        tracked: TrackedQuestion
    ) async throws -> (candidates: [Ticket]?, tracked: [TrackedTicket], notes: [String]) {
        let sources = workflow.plan.dependencies
        let poll = try await client.poll(
            workflow.tickets,
            wantsSubIssues: candidates && sources.contains(.parents),
            tracked: tracked.tickets,
            watches: tracked.watches
        )
        guard candidates else { return (nil, poll.tracked, poll.notes) }
        let tickets = try await texts.complete(poll.tickets, for: workflow, from: client)
        return (tickets, poll.tracked, poll.notes)
    }

    /// Adds to whole tickets what their texts say of files and other tickets, as the workflow wants it.
    package static func complete(
        _ tickets: [Ticket],
        for workflow: Workflow,
        from client: LinearClient
    ) async throws -> [Ticket] {
        let sources = workflow.plan.dependencies
        var tickets = tickets
        var mentions: [[TicketKey]] = []
        for index in tickets.indices {
            let text = tickets[index].title + "\n\n" + (tickets[index].description ?? "")
            let own = tickets[index].key
            if sources.contains(.files) { tickets[index].paths = TicketText.paths(in: text) }
            mentions.append(TicketText.mentions(in: text).filter { $0 != own })
        }
        if sources.contains(.mentions) {
            try await TicketTexts.add(mentions, to: &tickets, from: client)
        }
        return tickets
    }

    package var promptsWin: Bool { false }

    package func writtenPrompt(_ ticket: String, _ key: TicketKey) async throws -> WrittenPrompt? {
        do {
            return try await client.writtenPrompt(for: ticket, key: key)
        } catch LinearError.notFound {
            return nil
        } catch LinearError.partialAnswer {
            // A token that may not see documents sees none; that must not hold every ticket back.
            return nil
        }
    }

    package func claim(_ ticket: String, for workflow: Workflow) async throws -> Ticket? {
        let write = LinearWrite.claim(
            ticket: ticket,
            to: workflow.tickets.transitions.started,
            team: workflow.tickets.team
        )
        do {
            guard case .ticket(let whole) = try await writer.submit(write) else { return nil }
            return whole
        } catch LinearError.notFound(let entity) where entity == "Issue" {
            return nil
        }
    }

    package func tell(_ run: Run, of workflow: Workflow, folder: String) async throws -> Date? {
        let writes = Self.writes(for: run, of: workflow, folder: folder)
        let writer = writer
        return try await withThrowingTaskGroup(of: Date?.self) { group in
            for write in writes {
                group.addTask {
                    do {
                        write.crashPoints.before.reach()
                        let outcome = try await writer.submit(write)
                        write.crashPoints.after.reach()
                        return if case .written(let date) = outcome { date } else { nil }
                    } catch LinearError.notFound(let entity) where entity == "Issue" {
                        // A ticket that was deleted meanwhile has nobody to be told.
                        return nil
                    }
                }
            }
            return try await group.reduce(nil) { $0 ?? $1 }
        }
    }

    /// What Linear is told of a run's state.
    static func writes(for run: Run, of workflow: Workflow, folder: String) -> [LinearWrite] {
        let transitions = workflow.tickets.transitions
        func move(_ state: String) -> LinearWrite {
            .move(
                ticket: run.ticket.id,
                to: state,
                team: workflow.tickets.team,
                own: [transitions.started, transitions.review]
            )
        }
        let comment = LinearWrite.comment(
            id: run.tracker.comment,
            ticket: run.ticket.id,
            body: TicketComment.body(for: run, folder: folder)
        )
        switch run.state {
        case .inReview:
            var writes = [move(transitions.review), comment]
            if let pullRequest = run.pullRequest {
                writes.append(
                    .attach(
                        ticket: run.ticket.id,
                        url: pullRequest.url,
                        title: "Pull request #\(pullRequest.number)",
                        subtitle: run.branch
                    )
                )
            }
            return writes
        case .failed: return [move(transitions.failed), comment]
        case .done: return [move(transitions.done)]
        case .needsHuman: return [comment]
        case .cancelled: return run.attempts.isEmpty ? [] : [comment]
        case .queued, .waiting, .running, .backingOff, .parked, .delivering: return []
        }
    }
}

extension LinearWrite {
    fileprivate var crashPoints: (before: CrashPoint, after: CrashPoint) {
        switch self {
        case .claim, .move: (.beforeStateChange, .afterStateChange)
        case .attach: (.beforeLink, .afterLink)
        case .comment: (.beforeComment, .afterComment)
        }
    }
}
