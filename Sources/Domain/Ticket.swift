#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A Linear issue, as far as Linecook knows it; all text in it was written by strangers.
package struct Ticket: Codable, Equatable, Sendable {
    /// Linear's UUID; stays the same when the ticket moves to another team and changes its key.
    package var id: String
    package var key: TicketKey
    package var title: String
    /// Markdown; `nil` when the ticket has none or when it hasn't been fetched (a poll doesn't).
    package var description: String?
    package var url: String
    package var priority: Priority
    package var estimate: Double?
    package var created: Date
    package var updated: Date
    package var state: TicketState
    /// Names of the labels, in Linear's order.
    package var labels: [String]
    package var project: String?
    /// The ticket that this one is a sub-issue of; `nil`, too, when it hasn't been fetched (a poll doesn't).
    package var parent: TicketKey?
    /// The tickets that this one waits for, finished ones included, each with why.
    package var blockers: [Blocker]
    /// The files and globs that its text names; `nil` when nobody has looked.
    package var paths: [String]?

    package init(
        id: String,
        key: TicketKey,
        title: String,
        description: String? = nil,
        url: String,
        priority: Priority = .none,
        estimate: Double? = nil,
        created: Date,
        updated: Date,
        state: TicketState,
        labels: [String] = [],
        project: String? = nil,
        parent: TicketKey? = nil,
        blockers: [Blocker] = [],
        paths: [String]? = nil
    ) {
        self.id = id
        self.key = key
        self.title = title
        self.description = description
        self.url = url
        self.priority = priority
        self.estimate = estimate
        self.created = created
        self.updated = updated
        self.state = state
        self.labels = labels
        self.project = project
        self.parent = parent
        self.blockers = blockers
        self.paths = paths
    }

    /// The blockers that hold this ticket back now.
    package var unfinishedBlockers: [Blocker] { blockers.filter { !$0.state.isFinished } }
}

/// How urgent a ticket is; the raw values are Linear's.
package enum Priority: Int, Codable, Sendable, CaseIterable {
    case none = 0
    case urgent = 1
    case high = 2
    case medium = 3
    case low = 4

    /// The place in the queue: urgent first, no priority last.
    package var rank: Int { self == .none ? 5 : rawValue }
}

/// A column of the team's board.
package struct TicketState: Codable, Equatable, Sendable {
    package var id: String
    package var name: String
    package var type: StateType

    package init(id: String, name: String, type: StateType) {
        self.id = id
        self.name = name
        self.type = type
    }

    /// Whether Linear counts the ticket as closed, whatever the team calls the state.
    package var isFinished: Bool { type.isFinished }
}

/// What a workflow state means to Linear, whatever the team calls it.
package enum StateType: Codable, Equatable, Sendable {
    case triage
    case backlog
    case unstarted
    case started
    case completed
    case canceled
    case duplicate
    /// A type that Linear added after this program was written.
    case other(String)

    package init(_ text: String) {
        switch text {
        case "triage": self = .triage
        case "backlog": self = .backlog
        case "unstarted": self = .unstarted
        case "started": self = .started
        case "completed": self = .completed
        case "canceled": self = .canceled
        case "duplicate": self = .duplicate
        default: self = .other(text)
        }
    }

    package var name: String {
        switch self {
        case .triage: "triage"
        case .backlog: "backlog"
        case .unstarted: "unstarted"
        case .started: "started"
        case .completed: "completed"
        case .canceled: "canceled"
        case .duplicate: "duplicate"
        case .other(let name): name
        }
    }

    /// A duplicate is closed too: nobody will ever complete it.
    package var isFinished: Bool {
        switch self {
        case .completed, .canceled, .duplicate: true
        case .triage, .backlog, .unstarted, .started, .other: false
        }
    }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}

/// A ticket that another one waits for.
package struct Blocker: Codable, Equatable, Sendable {
    package var id: String
    package var key: TicketKey
    package var state: TicketState
    /// `nil` in records older than the other causes: a relation.
    package var cause: DependencyCause?

    package init(
        id: String,
        key: TicketKey,
        state: TicketState,
        cause: DependencyCause = .relation
    ) {
        self.id = id
        self.key = key
        self.state = state
        self.cause = cause
    }
}

/// What a poll saw of a ticket that Linecook holds already.
package struct TrackedTicket: Equatable, Sendable {
    package enum Presence: Equatable, Sendable {
        /// There, with its present state and the names of its labels.
        case present(key: TicketKey, state: TicketState, labels: [String])
        /// Archived, in the trash, or deleted for good.
        case gone
    }
    package var id: String
    package var presence: Presence
    /// What people have written on it since it was asked for, oldest first.
    package var replies: [Reply]

    package init(id: String, presence: Presence, replies: [Reply] = []) {
        self.id = id
        self.presence = presence
        self.replies = replies
    }
}
