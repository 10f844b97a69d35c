import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Linear's objects, as far as our documents ask for them.
///
/// A key that isn't one makes a record unreadable.
struct StateRecord: Decodable, Sendable {
    var id: String
    var name: String
    var type: String

    var state: TicketState { TicketState(id: id, name: name, type: StateType(type)) }
}

struct NamedRecord: Decodable, Sendable {
    var id: String
    var name: String
}

/// An issue without its relations.
struct IssueRecord: Decodable, Sendable {
    struct Project: Decodable, Sendable {
        var name: String
    }
    struct Parent: Decodable, Sendable {
        var identifier: String
    }
    var id: String
    var identifier: TicketKey
    var title: String
    /// Only asked for when a ticket is wanted whole, as is `parent`.
    var description: String?
    var url: String
    var priority: Double
    var estimate: Double?
    var createdAt: Date
    var updatedAt: Date
    var state: StateRecord
    var labelIds: [String]
    var project: Project?
    var parent: Parent?

    static let fields = """
        id identifier title url priority estimate createdAt updatedAt labelIds \
        state { id name type } project { name }
        """
    static let wholeFields = "\(fields) description parent { identifier }"

    func ticket(labels: LabelNames, blockers: [Blocker]) -> Ticket {
        Ticket(
            id: id,
            key: identifier,
            title: title,
            description: description,
            url: url,
            priority: Int(exactly: priority).flatMap(Priority.init) ?? .none,
            estimate: estimate,
            created: createdAt,
            updated: updatedAt,
            state: state.state,
            labels: labels.names(of: labelIds),
            project: project?.name,
            parent: parent.flatMap { TicketKey($0.identifier) },
            blockers: blockers
        )
    }
}

/// An issue of which others say that they block it.
struct BlockedIssueRecord: Decodable, Sendable {
    var issue: IssueRecord
    var inverseRelations: Page<Readable<RelationRecord>>

    static func fields(of issue: String) -> String {
        """
        \(issue) inverseRelations(first: 5) \
        { nodes { \(RelationRecord.fields) } pageInfo { hasNextPage endCursor } }
        """
    }

    private enum CodingKeys: CodingKey {
        case inverseRelations
    }

    init(from decoder: any Decoder) throws {
        issue = try IssueRecord(from: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        inverseRelations = try container.decode(
            Page<Readable<RelationRecord>>.self,
            forKey: .inverseRelations
        )
    }
}

/// An issue that another one depends on.
struct TicketReference: Decodable, Sendable, Identifiable {
    var id: String
    var identifier: TicketKey
    var state: StateRecord

    static let fields = "id identifier state { id name type }"

    func blocker(_ cause: DependencyCause) -> Blocker {
        Blocker(id: id, key: identifier, state: state.state, cause: cause)
    }
}

/// A relation, seen from the issue that it points at; `issue` is where it starts.
struct RelationRecord: Decodable, Sendable {
    var type: String
    var issue: TicketReference

    static let fields = "type issue { \(TicketReference.fields) }"

    /// `nil` for relations of another kind.
    var blocker: Blocker? { type == "blocks" ? issue.blocker(.relation) : nil }
}

/// An issue that Linecook holds already.
struct TrackedRecord: Decodable, Sendable {
    var id: String
    var identifier: TicketKey
    var state: StateRecord
    var labelIds: [String]
    var archivedAt: Date?
    var trashed: Bool?

    static let fields = "id identifier labelIds archivedAt trashed state { id name type }"

    func tracked(labels: LabelNames, replies: [Reply]) -> TrackedTicket {
        guard archivedAt == nil, trashed != true else {
            return TrackedTicket(id: id, presence: .gone)
        }
        return TrackedTicket(
            id: id,
            presence: .present(
                key: identifier,
                state: state.state,
                labels: labels.names(of: labelIds)
            ),
            replies: replies
        )
    }
}

/// A comment on an issue that a run waits on.
struct ReplyRecord: Decodable, Sendable {
    struct Reference: Decodable, Sendable {
        var id: String
    }
    struct Author: Decodable, Sendable {
        var name: String
        var app: Bool
    }
    var id: String
    var body: String
    var createdAt: Date
    var issue: Reference?
    /// `nil` for an integration and for somebody who isn't in the workspace.
    var user: Author?
    var botActor: BotActor?

    /// Whatever it is.
    struct BotActor: Decodable, Sendable {
        var id: String?
    }

    static let fields = "id body createdAt issue { id } user { name app } botActor { id }"

    /// What begins every comment of Linecook's own.
    static let ownBeginning = "**Linecook:**"

    /// `nil` for what no person wrote as an answer.
    func reply(to watch: ReplyWatch) -> Reply? {
        guard issue?.id == watch.ticket, createdAt > watch.since, id != watch.own,
            botActor == nil, let user, !user.app, !body.hasPrefix(Self.ownBeginning),
            !body.allSatisfy(\.isWhitespace)
        else { return nil }
        return Reply(comment: id, at: createdAt, author: user.name, text: body)
    }
}

struct TeamRecord: Decodable, Sendable {
    struct State: Decodable, Sendable {
        var id: String
        var name: String
        var type: String
        var position: Double
    }
    var id: String
    var key: String
    var name: String
    var states: Page<State>

    static let fields = """
        id key name states(first: 100) { nodes { id name type position } }
        """
}
