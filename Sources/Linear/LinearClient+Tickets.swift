package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What a ticket's author wrote, as of a moment.
package struct TicketDescription: Equatable, Sendable {
    /// When the ticket was last changed; a text as old as the ticket in a poll is still the present one.
    package var updated: Date
    /// Markdown; `nil` when the ticket has none.
    package var description: String?

    /// Made by the client, and by whoever stands in for it.
    package init(updated: Date, description: String?) {
        self.updated = updated
        self.description = description
    }
}

extension LinearClient {
    /// These tickets whole: with description and with all blockers, unfinished sub-issues among them.
    ///
    /// In the order of `keys`, each once. A ticket that Linear doesn't know under its key, or that is
    /// archived or in the trash, is missing. A request for every 50 keys.
    package func tickets(_ keys: [TicketKey]) async throws(LinearError) -> [Ticket] {
        var found: [TicketKey: Ticket] = [:]
        var rest = keys.eachOnce[...]
        while !rest.isEmpty {
            let asked = rest.prefix(TicketSearch.keyLimit)
            rest = rest.dropFirst(asked.count)
            for ticket in try await tickets(of: TicketSearch(keys: asked)) {
                found[ticket.key] = ticket
            }
        }
        return keys.eachOnce.compactMap { found[$0] }
    }

    /// The open tickets of the project with this name (capitals don't matter), whole, by their keys.
    ///
    /// - Throws: `LinearError`; `unknownProject` and `unknownTeam` when the token sees none of that name.
    package func tickets(
        inProject name: String,
        team: String? = nil
    ) async throws(LinearError) -> [Ticket] {
        if let team { _ = try await self.team(team) }
        return try await tickets(of: TicketSearch(project: name, team: team))
            .sorted { $0.key < $1.key }
    }

    private func tickets(of search: TicketSearch) async throws(LinearError) -> [Ticket] {
        forgetInTime()
        var search = search
        while let request = try search.nextRequest() {
            try search.take(try await connection.fetch(request, as: TicketSearch.Answer.self))
        }
        let labels = try await labelNames(for: search.tickets.flatMap(\.issue.labelIds))
        var tickets: [Ticket] = []
        for record in search.tickets {
            guard let blockers = try await blockers(of: record, and: search.subIssues) else {
                throw .malformedAnswer(
                    what: "a blocker of \(record.issue.identifier) can't be read"
                )
            }
            tickets.append(record.issue.ticket(labels: labels, blockers: blockers))
        }
        return tickets
    }

    /// The states of tickets that another ticket's text names, of whatever team.
    ///
    /// A ticket that Linear doesn't know under its key, or that is archived or in the trash, is missing. A
    /// request for every 50 keys.
    package func states(
        of keys: [TicketKey]
    ) async throws(LinearError) -> [TicketKey: Blocker] {
        var states: [TicketKey: Blocker] = [:]
        var rest = keys.eachOnce[...]
        while !rest.isEmpty {
            let asked = Set(rest.prefix(Self.page))
            rest = rest.dropFirst(asked.count)
            let answer = try await connection.fetch(
                Self.request("States", .keys(asked), TicketReference.fields, count: asked.count),
                as: IssuesAnswer<TicketReference>.self
            )
            for ticket in answer.issues.nodes where asked.contains(ticket.identifier) {
                states[ticket.identifier] = ticket.blocker(.mention)
            }
        }
        return states
    }

    /// The descriptions of tickets by their ids, which a poll leaves out; for a cache of the caller's.
    ///
    /// One that is archived, gone or can't be read is missing. A request for every 50 ids.
    package func descriptions(
        of ids: [String]
    ) async throws(LinearError) -> [String: TicketDescription] {
        var texts: [String: TicketDescription] = [:]
        for text in try await records(ofTickets: ids, "Descriptions", TextRecord.fields)
            as [TextRecord]
        {
            texts[text.id] = TicketDescription(
                updated: text.updatedAt,
                description: text.description
            )
        }
        return texts
    }

    /// The states of tickets by their ids.
    ///
    /// One that is archived, gone or can't be read is missing. A request for every 50 ids.
    func states(ofTickets ids: [String]) async throws(LinearError) -> [String: TicketState] {
        var states: [String: TicketState] = [:]
        for ticket in try await records(ofTickets: ids, "Columns", TicketReference.fields)
            as [TicketReference]
        {
            states[ticket.id] = ticket.state.state
        }
        return states
    }

    private func records<Record: Decodable & Sendable & Identifiable<String>>(
        ofTickets ids: [String],
        _ name: String,
        _ fields: String
    ) async throws(LinearError) -> [Record] {
        var records: [Record] = []
        var rest = ids.eachOnce[...]
        while !rest.isEmpty {
            let asked = rest.prefix(Self.page)
            rest = rest.dropFirst(asked.count)
            let answer = try await connection.fetch(
                Self.request(
                    name,
                    ["id": ["in": .list(asked.map { .string($0) })]],
                    fields,
                    count: asked.count
                ),
                as: IssuesAnswer<Readable<Record>>.self
            )
            for case .record(let record) in answer.issues.nodes where asked.contains(record.id) {
                records.append(record)
            }
        }
        return records
    }

    private static let page = 50

    private static func request(
        _ name: String,
        _ filter: GraphQLValue,
        _ fields: String,
        count: Int
    ) -> GraphQLRequest {
        GraphQLRequest(
            operationName: name,
            query: "query \(name)($filter: IssueFilter) "
                + "{ issues(filter: $filter, first: \(count)) { nodes { \(fields) } } }",
            variables: ["filter": filter]
        )
    }
}

private struct IssuesAnswer<Node: Decodable & Sendable>: Decodable, Sendable {
    var issues: Page<Node>
}

private struct TextRecord: Decodable, Sendable, Identifiable {
    var id: String
    var updatedAt: Date
    var description: String?

    static let fields = "id updatedAt description"
}

extension Array where Element: Hashable {
    /// Without repetitions.
    fileprivate var eachOnce: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
