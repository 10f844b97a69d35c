#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The records of one workspace, and the rules by which they change.
struct LinearWorld: Sendable {
    /// One object of the schema: its scalar fields as Linear names them, and `teamId` for `team`.
    struct Record: Equatable, Sendable {
        let type: String
        let id: String
        var values: [String: JSONValue]

        subscript(name: String) -> JSONValue {
            get { values[name] ?? .null }
            set { values[name] = newValue }
        }
    }

    /// Linear's defaults, in their order on the board.
    static let states = [
        ("Triage", "triage"), ("Backlog", "backlog"), ("Todo", "unstarted"),
        ("In Progress", "started"), ("In Review", "started"), ("Done", "completed"),
        ("Canceled", "canceled"), ("Duplicate", "duplicate"),
    ]
    static let priorities = ["No priority", "Urgent", "High", "Medium", "Low"]
    static let origin = "https://linear.app/sandbox"

    private var tables: [String: [String: Record]] = [:]
    private var identifiers: [String: String] = [:]
    private var chance: SplitMix64
    private let clock: @Sendable () -> Date
    /// While the workspace is being filled: the time of the latest record.
    private var seedTime: Date?
    private(set) var syncID = 0
    /// The user of each credential, `Bearer` included.
    private(set) var credentials: [String: String] = [:]
    private(set) var organizationID = ""
    /// Who does what people do.
    private(set) var personID = ""

    /// Seeded records lie a minute apart and in the past, so that their order by age is plain.
    init(
        _ seed: LinearSeed,
        chance: UInt64,
        clock: @escaping @Sendable () -> Date
    ) throws(GraphQLError) {
        self.chance = SplitMix64(seed: chance)
        self.clock = clock
        seedTime = clock().addingTimeInterval(-7 * 86_400)
        organizationID = try insert("Organization", ["name": "Sandbox", "urlKey": "sandbox"]).id
        for user in seed.users { try insert(user) }
        for team in seed.teams { try insert(team) }
        for label in seed.labels { try insertLabel(named: label) }
        for project in seed.projects { try insertProject(named: project) }
        for issue in seed.issues { try createIssue(issue) }
        seedTime = nil
    }

    // MARK: Records

    func all(_ type: String) -> [Record] { tables[type].map { Array($0.values) } ?? [] }

    func record(_ type: String, _ id: String?) -> Record? {
        id.flatMap { tables[type]?[$0] }
    }

    /// - Throws: "Entity not found".
    func need(_ type: String, _ reference: JSONValue?) throws(GraphQLError) -> Record {
        let text = reference?.text
        let id = type == "Issue" ? issueID(text ?? "") : text
        guard let record = record(type, id) else { throw .notFound(type) }
        return record
    }

    /// The UUID of an issue that is named by UUID or identifier; anything else comes back as it is.
    func issueID(_ reference: String) -> String {
        identifiers[reference.uppercased()] ?? reference
    }

    /// The record of a name or a key.
    func named(_ name: String, _ type: String, team: String? = nil) throws(GraphQLError) -> Record {
        let found = all(type).first { record in
            (record["name"].text == name || record["key"].text == name)
                && (team == nil || record["teamId"].text == team || record["teamId"] == .null)
        }
        guard let found else { throw .notFound(type) }
        return found
    }

    func now() -> String { Self.text(of: clock()) }

    /// RFC 3339 with milliseconds, so that times compare as text.
    static func text(of date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    @discardableResult
    mutating func insert(
        _ type: String,
        _ values: [String: JSONValue]
    ) throws(GraphQLError) -> Record {
        let id = values["id"]?.text ?? chance.uuid()
        guard Self.isUUID(id) else { throw .argument("id must be a UUID", of: "id") }
        guard tables[type]?[id] == nil else {
            throw GraphQLError(
                message: "conflict on insert of \(type)",
                kind: .input(),
                presentable: "Entity \(id) already exists."
            )
        }
        seedTime = seedTime?.addingTimeInterval(61)
        let time = values["createdAt"] ?? .string(seedTime.map(Self.text) ?? now())
        var record = Record(type: type, id: id, values: values)
        record["id"] = .string(id)
        record["createdAt"] = time
        record["updatedAt"] = time
        tables[type, default: [:]][id] = record
        syncID += 1
        return record
    }

    /// Stores the record as changed now, if it is changed at all.
    mutating func update(_ record: Record, touching: Bool = true) {
        guard let old = self.record(record.type, record.id), old != record else { return }
        var record = record
        if touching, seedTime == nil { record["updatedAt"] = .string(now()) }
        tables[record.type]?[record.id] = record
        syncID += 1
    }

    mutating func remove(_ record: Record) {
        tables[record.type]?[record.id] = nil
        if record.type == "Issue" {
            identifiers = identifiers.filter { $0.value != record.id }
            for relation in relations(of: record.id) { remove(relation) }
            for type in ["Comment", "Attachment", "Document"] {
                for child in all(type) where child["issueId"].text == record.id { remove(child) }
            }
        }
        syncID += 1
    }

    mutating func register(_ identifier: String, for id: String) { identifiers[identifier] = id }

    func relations(of issue: String) -> [Record] {
        all("IssueRelation").filter {
            $0["issueId"].text == issue || $0["relatedIssueId"].text == issue
        }
    }

    private static func isUUID(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12]
            && parts.joined().allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }

    // MARK: Filling

    private mutating func insert(_ user: LinearSeed.User) throws(GraphQLError) {
        let handle = user.name.lowercased().replacing(" ", with: ".")
        let isApp = user.oauthToken != nil
        let id = try insert(
            "User",
            [
                "name": .string(user.name), "displayName": .string(handle),
                "email": .string("\(handle)@example.com"), "active": true,
                "admin": .boolean(personID.isEmpty), "app": .boolean(isApp), "guest": false,
                "url": .string("\(Self.origin)/profiles/\(handle)"),
            ]
        ).id
        if personID.isEmpty { personID = id }
        if let key = user.apiKey { credentials[key] = id }
        if let token = user.oauthToken { credentials["Bearer \(token)"] = id }
    }

    private mutating func insert(_ team: LinearSeed.Team) throws(GraphQLError) {
        let id = try insert(
            "Team",
            [
                "key": .string(team.key), "name": .string(team.name),
                "displayName": .string(team.name), "private": false, "timezone": "UTC",
            ]
        ).id
        for (position, state) in Self.states.enumerated() {
            try insert(
                "WorkflowState",
                [
                    "name": .string(state.0), "type": .string(state.1), "teamId": .string(id),
                    "position": .integer(position), "color": "#e2e2e2",
                ]
            )
        }
        let now = clock()
        func day(_ days: Int) -> JSONValue {
            .string(Self.text(of: now.addingTimeInterval(Double(days) * 86_400)))
        }
        for (index, cycle) in team.cycles.enumerated() {
            try insert(
                "Cycle",
                [
                    "number": .integer(index + 1), "name": JSONValue(cycle.name),
                    "teamId": .string(id), "startsAt": day(cycle.startsInDays),
                    "endsAt": day(cycle.startsInDays + 14),
                ]
            )
        }
    }

    @discardableResult
    private mutating func insertLabel(named name: String) throws(GraphQLError) -> Record {
        try insert("IssueLabel", ["name": .string(name), "color": "#95a2b3", "isGroup": false])
    }

    private mutating func insertProject(named name: String) throws(GraphQLError) {
        let slug = String(chance.uuid().prefix(12).filter(\.isHexDigit))
        try insert(
            "Project",
            [
                "name": .string(name), "description": "", "slugId": .string(slug),
                "url": .string("\(Self.origin)/project/\(slug)"), "color": "#bec2c8",
                "state": "started",
                "teamIds": .array(all("Team").map { .string($0.id) }),
            ]
        )
    }

    /// A ticket as a person makes it.
    @discardableResult
    mutating func createIssue(_ issue: LinearSeed.Issue) throws(GraphQLError) -> Record {
        let teams = all("Team").sorted {
            ($0["createdAt"].text ?? "") < ($1["createdAt"].text ?? "")
        }
        var team = teams.first
        if let key = issue.team { team = try named(key, "Team") }
        guard let team else { throw .notFound("Team") }
        var input: [JSONValue.Member] = [
            .init(name: "teamId", value: .string(team.id)),
            .init(name: "title", value: .string(issue.title)),
            .init(name: "description", value: JSONValue(issue.description)),
            .init(name: "priority", value: .integer(issue.priority)),
            .init(name: "estimate", value: issue.estimate.map(JSONValue.integer) ?? .null),
            .init(
                name: "stateId",
                value: .string(try named(issue.state, "WorkflowState", team: team.id).id)
            ),
        ]
        if let project = issue.project {
            input.append(.init(name: "projectId", value: .string(try named(project, "Project").id)))
        }
        if let assignee = issue.assignee {
            input.append(.init(name: "assigneeId", value: .string(try named(assignee, "User").id)))
        }
        if let delegate = issue.delegate {
            input.append(.init(name: "delegateId", value: .string(try named(delegate, "User").id)))
        }
        if let cycle = issue.cycle {
            let found = all("Cycle").first {
                $0["teamId"].text == team.id && $0["number"] == .integer(cycle)
            }
            guard let found else { throw .notFound("Cycle") }
            input.append(.init(name: "cycleId", value: .string(found.id)))
        }
        if let parent = issue.parent {
            input.append(.init(name: "parentId", value: .string(parent)))
        }
        input.append(
            .init(name: "labelIds", value: .array(try labelIDs(issue.labels, team: team.id)))
        )
        let record = try createIssue(.object(input), number: issue.number, by: personID)
        for key in issue.blockedBy {
            try relate(try need("Issue", .string(key)), record, as: "blocks")
        }
        for document in issue.documents { try insert(document, on: record) }
        for attachment in issue.attachments {
            let input: JSONValue = [
                "issueId": .string(record.id), "title": .string(attachment.title),
                "url": .string(attachment.url),
            ]
            _ = try attach(input, source: "url", by: personID)
        }
        return record
    }

    private mutating func insert(
        _ document: LinearSeed.Document,
        on issue: Record
    ) throws(GraphQLError) {
        let slug = String(chance.uuid().prefix(12).filter(\.isHexDigit))
        try insert(
            "Document",
            [
                "issueId": .string(issue.id), "creatorId": .string(personID),
                "title": .string(document.title), "content": .string(document.content),
                "slugId": .string(slug), "url": .string("\(Self.origin)/document/\(slug)"),
            ]
        )
    }

    /// The labels of these names; those that aren't there yet are made.
    mutating func labelIDs(
        _ names: [String],
        team: String?
    ) throws(GraphQLError) -> [JSONValue] {
        var ids: [JSONValue] = []
        for name in names {
            let known = all("IssueLabel").first {
                $0["name"].text == name && ($0["teamId"] == .null || $0["teamId"].text == team)
            }
            if let known {
                ids.append(.string(known.id))
            } else {
                ids.append(.string(try insertLabel(named: name).id))
            }
        }
        return ids
    }
}

/// A small, good generator whose sequence is known (Steele, Lea and Flood, 2014), for ids that repeat
/// from run to run.
struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A version 4 UUID in small letters.
    mutating func uuid() -> String {
        var digits = [next(), next()].flatMap { word in
            let text = String(word, radix: 16)
            return Array(String(repeating: "0", count: 16 - text.count) + text)
        }
        digits[12] = "4"
        digits[16] = "a"
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
            .joined(separator: "-")
    }
}
