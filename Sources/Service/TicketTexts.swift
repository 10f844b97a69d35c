import Domain
import Linear
import Planner

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the texts of tickets say about files and other tickets, remembered until a ticket changes.
///
/// A poll doesn't bring descriptions; they are asked for once, when a ticket is new or was edited.
actor TicketTexts {
    private struct Facts {
        var updated: Date
        var mentions: [TicketKey]
        var paths: [String]
    }
    /// By workflow, then by the ticket's id.
    private var known: [String: [String: Facts]] = [:]

    /// Adds to tickets what their texts say, as far as the workflow wants that.
    func complete(
        _ tickets: [Ticket],
        for workflow: Workflow,
        from client: LinearClient
    ) async throws -> [Ticket] {
        let sources = workflow.plan.dependencies
        guard sources.contains(.mentions) || sources.contains(.files) else { return tickets }
        var facts: [String: Facts] = [:]
        for ticket in tickets {
            if let found = known[workflow.name]?[ticket.id], found.updated == ticket.updated {
                facts[ticket.id] = found
            }
        }
        let unknown = tickets.filter { facts[$0.id] == nil }
        let descriptions =
            unknown.isEmpty ? [:] : try await client.descriptions(of: unknown.map(\.id))
        for ticket in unknown {
            let text = ticket.title + "\n\n" + (descriptions[ticket.id]?.description ?? "")
            facts[ticket.id] = Facts(
                updated: ticket.updated,
                mentions: TicketText.mentions(in: text).filter { $0 != ticket.key },
                paths: TicketText.paths(in: text)
            )
        }
        known[workflow.name] = facts
        var completed = tickets
        if sources.contains(.files) {
            for index in completed.indices {
                completed[index].paths = facts[completed[index].id]?.paths
            }
        }
        if sources.contains(.mentions) {
            let mentioned = completed.map { facts[$0.id]?.mentions ?? [] }
            try await Self.add(mentioned, to: &completed, from: client)
        }
        return completed
    }

    /// Adds the tickets that others' texts name, with the states that they have now.
    static func add(
        _ mentions: [[TicketKey]],
        to tickets: inout [Ticket],
        from client: LinearClient
    ) async throws {
        var found: [TicketKey: Blocker] = [:]
        for ticket in tickets {
            found[ticket.key] = Blocker(
                id: ticket.id,
                key: ticket.key,
                state: ticket.state,
                cause: .mention
            )
        }
        let elsewhere = Set(mentions.joined()).subtracting(found.keys)
        if !elsewhere.isEmpty {
            for (key, blocker) in try await client.states(of: elsewhere.sorted()) {
                found[key] = blocker
            }
        }
        for index in tickets.indices {
            let known = Set(tickets[index].blockers.map(\.id))
            for key in mentions[index] {
                // A ticket that doesn't exist, or isn't to be seen, holds nobody.
                guard var blocker = found[key], !known.contains(blocker.id) else { continue }
                blocker.cause = .mention
                tickets[index].blockers.append(blocker)
            }
        }
    }
}
