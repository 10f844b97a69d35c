import Domain

/// An unfinished sub-issue, as it is asked for: from the side of the child, so that one connection holds
/// those of all tickets and no ticket's are cut off.
struct SubIssueRecord: Decodable, Sendable {
    /// The id of the ticket that waits; `nil` when the two have been parted since they were found.
    var parent: String?
    /// `nil` when it can't be read.
    var blocker: Blocker?

    static let fields = "\(TicketReference.fields) parent { id }"

    /// Makes of an `IssueFilter` for tickets the one for their unfinished sub-issues.
    static func filter(parents: GraphQLValue) -> GraphQLValue {
        ["and": [["parent": parents], .unfinished]]
    }

    private enum CodingKeys: CodingKey {
        case parent
    }

    private struct Parent: Decodable {
        var id: String
    }

    /// A record that doesn't even say whose sub-issue it is spoils the answer: any ticket might wait for it.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        parent = try container.decodeIfPresent(Parent.self, forKey: .parent)?.id
        do {
            blocker = try TicketReference(from: decoder).blocker(.subIssue)
        } catch is DecodingError {
            blocker = nil
        }
    }
}

/// The unfinished sub-issues of many tickets, gathered page by page.
struct SubIssues: Equatable, Sendable {
    private var blockers: [String: [Blocker]] = [:]
    private var withheld: Set<String> = []

    /// The unfinished ones of this ticket, each once; `nil` when one of them can't be read.
    subscript(ticket: String) -> [Blocker]? {
        withheld.contains(ticket) ? nil : blockers[ticket, default: []]
    }

    /// Takes over a page; a sub-issue that comes twice counts once.
    mutating func take(_ records: [SubIssueRecord]) {
        for record in records {
            guard let parent = record.parent else { continue }
            guard let blocker = record.blocker else {
                withheld.insert(parent)
                continue
            }
            let isKnown = blockers[parent]?.contains { $0.id == blocker.id } ?? false
            // Filtered here, too: Linear may have finished it while it answered.
            if !isKnown, !blocker.state.isFinished { blockers[parent, default: []].append(blocker) }
        }
    }
}

extension GraphQLValue {
    /// An `IssueFilter` for what Linear doesn't count as closed.
    static let unfinished: GraphQLValue = [
        "state": [
            "type": [
                "nin": .list(
                    [StateType.completed, .canceled, .duplicate].map { .string($0.name) }
                )
            ]
        ]
    ]
}
