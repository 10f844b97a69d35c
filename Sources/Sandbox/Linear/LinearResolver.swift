#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Answers the fields of `LinearSchema` out of the world, for one user.
struct LinearResolver: GraphQLResolver {
    typealias Record = LinearWorld.Record

    /// Fields that lead to one other record, whose id lies in the field of the same name with `Id`.
    static let references: [String: [String: String]] = [
        "WorkflowState": ["team": "Team"], "IssueLabel": ["team": "Team", "parent": "IssueLabel"],
        "Issue": [
            "team": "Team", "state": "WorkflowState", "project": "Project", "assignee": "User",
            "delegate": "User", "creator": "User", "parent": "Issue", "cycle": "Cycle",
        ],
        "Cycle": ["team": "Team"],
        "Comment": ["issue": "Issue", "user": "User", "parent": "Comment"],
        "Attachment": ["issue": "Issue", "creator": "User"],
        "Document": ["issue": "Issue", "creator": "User"],
        "IssueRelation": ["issue": "Issue", "relatedIssue": "Issue"],
    ]

    /// Fields of a record that lead to all records of a type that name it in a field.
    private static let collections: [String: [String: (type: String, by: String)]] = [
        "Team": ["states": ("WorkflowState", "teamId"), "issues": ("Issue", "teamId")],
        "WorkflowState": ["issues": ("Issue", "stateId")],
        "IssueLabel": ["children": ("IssueLabel", "parentId")],
        "Project": ["issues": ("Issue", "projectId")], "Cycle": ["issues": ("Issue", "cycleId")],
        "Issue": [
            "children": ("Issue", "parentId"), "comments": ("Comment", "issueId"),
            "attachments": ("Attachment", "issueId"), "documents": ("Document", "issueId"),
            "relations": ("IssueRelation", "issueId"),
            "inverseRelations": ("IssueRelation", "relatedIssueId"),
        ],
        "Comment": ["children": ("Comment", "parentId")],
    ]

    private static let lists = [
        "teams": "Team", "users": "User", "workflowStates": "WorkflowState",
        "issueLabels": "IssueLabel", "projects": "Project", "issues": "Issue",
        "comments": "Comment",
    ]

    private static let single = [
        "team": "Team", "user": "User", "workflowState": "WorkflowState",
        "issueLabel": "IssueLabel", "project": "Project", "issue": "Issue", "comment": "Comment",
        "attachment": "Attachment",
    ]

    var world: LinearWorld
    /// The id of the user who asks.
    let actor: String
    let operation: String?
    let now: Date
    /// What was asked to change, in order, whether or not it did.
    private(set) var mutations: [LinearMutation] = []

    init(world: LinearWorld, actor: String, operation: String?, now: Date) {
        self.world = world
        self.actor = actor
        self.operation = operation
        self.now = now
    }

    mutating func resolve(
        _ field: String,
        of type: String,
        source: GraphQLSource,
        arguments: [String: JSONValue]
    ) throws(GraphQLError) -> GraphQLAnswer {
        switch (type, source) {
        case ("Query", _): return try query(field, arguments)
        case ("Mutation", _):
            var entry = LinearMutation(operation: operation, field: field, arguments: arguments)
            do throws(GraphQLError) {
                let answer = try mutate(field, arguments)
                mutations.append(entry)
                return answer
            } catch {
                entry.error = error.message
                mutations.append(entry)
                throw error
            }
        case (_, .record(let type, let id)):
            guard let record = world.record(type, id) else { return .null }
            return try self.field(field, of: record, arguments)
        case (_, .root), (_, .ready): return .null
        }
    }

    private func query(
        _ field: String,
        _ arguments: [String: JSONValue]
    ) throws(GraphQLError) -> GraphQLAnswer {
        switch field {
        case "viewer": return Self.answer(world.record("User", actor))
        case "organization":
            return Self.answer(world.record("Organization", world.organizationID))
        case "attachmentsForURL":
            let found = world.all("Attachment").filter { $0["url"] == arguments["url"] }
            return try LinearPage(arguments).connection(found)
        case "user" where arguments["id"] == "me": return Self.answer(world.record("User", actor))
        default:
            if let type = Self.lists[field] {
                return try connection(world.all(type), type, arguments)
            }
            if let type = Self.single[field] {
                return Self.answer(try world.need(type, arguments["id"]))
            }
            throw GraphQLError(message: "Query.\(field) isn't simulated", kind: .input())
        }
    }

    private func field(
        _ name: String,
        of record: Record,
        _ arguments: [String: JSONValue]
    ) throws(GraphQLError) -> GraphQLAnswer {
        if let target = Self.references[record.type]?[name] {
            return Self.answer(world.record(target, record["\(name)Id"].text))
        }
        if let (type, key) = Self.collections[record.type]?[name] {
            return try connection(
                world.all(type).filter { $0[key].text == record.id },
                type,
                arguments
            )
        }
        switch (record.type, name) {
        case ("User", "isMe"): return .leaf(.boolean(record.id == actor))
        case ("Cycle", _) where name.hasPrefix("is"):
            return .leaf(world.isCycle(record, name, at: LinearWorld.text(of: now)))
        case (_, "organization"):
            return Self.answer(world.record("Organization", world.organizationID))
        case ("Organization", "teams"): return try connection(world.all("Team"), "Team", arguments)
        case ("Organization", "users"), ("Team", "members"):
            return try connection(world.all("User"), "User", arguments)
        case ("Organization", "labels"):
            return try connection(world.all("IssueLabel"), "IssueLabel", arguments)
        case ("Team", "labels"):
            let labels = world.all("IssueLabel").filter {
                $0["teamId"] == .null || $0["teamId"].text == record.id
            }
            return try connection(labels, "IssueLabel", arguments)
        case ("Team", "projects"):
            let projects = world.all("Project").filter {
                $0["teamIds"].items.contains(.string(record.id))
            }
            return try connection(projects, "Project", arguments)
        case ("Team", "defaultIssueState"):
            return Self.answer(try world.defaultState(of: record.id))
        case ("Project", "teams"):
            let teams = record["teamIds"].items.compactMap { world.record("Team", $0.text) }
            return try connection(teams, "Team", arguments)
        case ("Issue", "labels"):
            let labels = record["labelIds"].items.compactMap {
                world.record("IssueLabel", $0.text)
            }
            return try connection(labels, "IssueLabel", arguments)
        case ("IssueLabel", "issues"):
            let issues = world.all("Issue").filter {
                $0["labelIds"].items.contains(.string(record.id))
            }
            return try connection(issues, "Issue", arguments)
        default: return .leaf(record[name])
        }
    }

    private func connection(
        _ records: [Record],
        _ type: String,
        _ arguments: [String: JSONValue]
    ) throws(GraphQLError) -> GraphQLAnswer {
        let page = try LinearPage(arguments)
        guard let wanted = arguments["filter"], wanted != .null else {
            return try page.connection(records)
        }
        let filter = LinearFilter(world: world, actor: actor, now: now)
        var found: [Record] = []
        for record in records where try filter.passes(record, wanted, type: type) {
            found.append(record)
        }
        return try page.connection(found)
    }

    static func answer(_ record: Record?) -> GraphQLAnswer {
        record.map { .object(.record(type: $0.type, id: $0.id)) } ?? .null
    }
}
