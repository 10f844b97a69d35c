package import Domain

/// What one poll found; either whole or not at all.
package struct Poll: Equatable, Sendable {
    /// What the selection selects, with its blockers, without descriptions; newest first, each once.
    package var tickets: [Ticket]
    /// The tracked tickets that were found, or found to be gone.
    ///
    /// One that is missing here is unknown this
    /// time, and nothing follows from that.
    package var tracked: [TrackedTicket]
    /// Records that were left out, and why; cleaned for messages.
    package var notes: [String]
}

/// Which pages of a poll are still to be asked for, and what has come so far.
///
/// One request asks for all parts at once: tickets without blockers, tickets with blockers and their
/// relations, unfinished sub-issues of either, and the tracked tickets. Most teams' polls are whole after
/// it; what has more pages is asked again, in larger ones.
///
/// By the documented rule (0.1 a property, 1 an object, a connection times its page size) the first
/// request costs 275 + 354 + 76.8 for sub-issues + 2.8 a tracked ticket, 986 with 100 of them, and 143
/// more in the first poll of an hour, which also asks for the team. A later one costs 5,365 at most;
/// Linear refuses 10,000.
struct PollProgress {
    private enum Part {
        case pending(cursor: String?)  // then pending, or done
        case done
    }

    private(set) var free: [IssueRecord] = []
    private(set) var blocked: [BlockedIssueRecord] = []
    private(set) var subIssues = SubIssues()
    private(set) var tracked: [TrackedRecord] = []
    private(set) var team: TeamRecord?
    private(set) var viewer: LinearViewer?
    private(set) var notes: [String] = []
    /// Tracked tickets of which the answer says nothing, readable or not.
    private(set) var missing: [String] = []

    private let selection: TicketSelection
    private var needsTeam: Bool
    private var freePart = Part.pending(cursor: nil)
    private var blockedPart = Part.pending(cursor: nil)
    private var subIssuesPart: Part
    private var untold: ArraySlice<String>
    private var asked: ArraySlice<String> = []
    private var seenFree: Set<String> = []
    private var seenBlocked: Set<String> = []
    private var requestCount = 0

    private static let firstPages = (free: 50, blocked: 12, subIssues: 16)
    private static let laterPages = (free: 250, blocked: 100, subIssues: 100)
    private static let trackedPage = 200
    /// 25,000 free tickets; a server that promises more pages for ever is not believed.
    private static let requestLimit = 100

    init(
        _ selection: TicketSelection,
        tracked: [String],
        needsTeam: Bool,
        wantsSubIssues: Bool
    ) {
        self.selection = selection
        self.needsTeam = needsTeam
        subIssuesPart = wantsSubIssues ? .pending(cursor: nil) : .done
        var seen: Set<String> = []
        untold = tracked.filter { seen.insert($0).inserted }[...]
    }

    /// What to ask next, `nil` once all is there.
    mutating func nextRequest() throws(LinearError) -> GraphQLRequest? {
        let sizes = requestCount == 0 ? Self.firstPages : Self.laterPages
        var parameters: [String] = []
        var fields: [String] = []
        var variables: [String: GraphQLValue] = [:]
        func ask(
            _ alias: String,
            _ part: Part,
            size: Int,
            _ filter: GraphQLValue,
            _ node: String
        ) {
            guard case .pending(let cursor) = part else { return }
            parameters.append("$\(alias): IssueFilter, $\(alias)After: String")
            fields.append(
                """
                \(alias): issues(filter: $\(alias), first: \(size), after: $\(alias)After) \
                { nodes { \(node) } pageInfo { hasNextPage endCursor } }
                """
            )
            variables[alias] = filter
            if let cursor { variables["\(alias)After"] = .string(cursor) }
        }
        func selected(isBlocked: Bool) -> GraphQLValue {
            let has: GraphQLValue = ["hasBlockedByRelations": ["eq": .boolean(isBlocked)]]
            return ["and": .list(selection.filter + [has])]
        }
        ask("free", freePart, size: sizes.free, selected(isBlocked: false), IssueRecord.fields)
        ask(
            "blocked",
            blockedPart,
            size: sizes.blocked,
            selected(isBlocked: true),
            BlockedIssueRecord.fields
        )
        ask(
            "subIssues",
            subIssuesPart,
            size: sizes.subIssues,
            SubIssueRecord.filter(parents: selection.filter),
            SubIssueRecord.fields
        )
        asked = untold.prefix(Self.trackedPage)
        if !asked.isEmpty {
            parameters.append("$tracked: IssueFilter")
            fields.append(
                """
                tracked: issues(filter: $tracked, first: \(asked.count), includeArchived: true) \
                { nodes { \(TrackedRecord.fields) } }
                """
            )
            variables["tracked"] = ["id": ["in": .list(asked.map { .string($0) })]]
        }
        if fields.isEmpty { return nil }
        if needsTeam {
            parameters.append("$team: TeamFilter")
            fields.append(TeamQuery.fields)
            variables["team"] = TeamQuery.filter(selection.team)
        }
        requestCount += 1
        guard requestCount <= Self.requestLimit else {
            throw .malformedAnswer(what: "there are more than \(Self.requestLimit) pages")
        }
        return GraphQLRequest(
            operationName: "Poll",
            query: "query Poll(\(parameters.joined(separator: ", "))) "
                + "{ \(fields.joined(separator: "\n")) }",
            variables: variables
        )
    }

    /// Takes over the answer to the request before.
    mutating func take(_ answer: PollAnswer) throws(LinearError) {
        if needsTeam {
            guard let teams = answer.teams, let viewer = answer.viewer else {
                throw .malformedAnswer(what: "'teams' or 'viewer' is null")
            }
            guard let team = teams.nodes.first else { throw .unknownTeam(selection.team.cleaned) }
            self.team = team
            self.viewer = viewer
            needsTeam = false
        }
        for issue in try Self.advance(&freePart, with: answer.free, "free", &notes)
        where seenFree.insert(issue.id).inserted {
            free.append(issue)
        }
        for record in try Self.advance(&blockedPart, with: answer.blocked, "blocked", &notes)
        where seenBlocked.insert(record.issue.id).inserted {
            blocked.append(record)
        }
        subIssues.take(try Self.advance(&subIssuesPart, with: answer.subIssues, "subIssues"))
        if !asked.isEmpty { try takeTracked(answer.tracked) }
    }

    private mutating func takeTracked(
        _ page: Page<Readable<TrackedRecord>>?
    ) throws(LinearError) {
        guard let page else { throw .malformedAnswer(what: "'tracked' is null") }
        var silent = Set(asked)
        var hasNameless = false
        for node in page.nodes {
            switch node {
            case .record(let record):
                // A second edge of the same ticket, or one that wasn't asked for, is nothing.
                if silent.remove(record.id) != nil { tracked.append(record) }
            case .unreadable(let id):
                notes.append(Self.note(id))
                if let id { silent.remove(id) } else { hasNameless = true }
            }
        }
        if !hasNameless { missing += asked.filter { silent.contains($0) } }
        untold = untold.dropFirst(asked.count)
        asked = []
    }

    private static func advance<Record>(
        _ part: inout Part,
        with page: Page<Readable<Record>>?,
        _ name: String,
        _ notes: inout [String]
    ) throws(LinearError) -> [Record] {
        var records: [Record] = []
        for node in try advance(&part, with: page, name) {
            switch node {
            case .record(let record): records.append(record)
            case .unreadable(let id): notes.append(note(id))
            }
        }
        return records
    }

    private static func advance<Node>(
        _ part: inout Part,
        with page: Page<Node>?,
        _ name: String
    ) throws(LinearError) -> [Node] {
        guard case .pending(let cursor) = part else { return [] }
        guard let page, let info = page.pageInfo else {
            throw .malformedAnswer(what: "'\(name)' is null")
        }
        if info.hasNextPage {
            guard let next = info.endCursor, next != cursor else {
                throw .malformedAnswer(what: "'\(name)' has a next page without a cursor")
            }
            part = .pending(cursor: next)
        } else {
            part = .done
        }
        return page.nodes
    }

    private static func note(_ id: String?) -> String {
        "a ticket was left out because its record is malformed: \(id?.cleaned ?? "without an id")"
    }
}

/// The parts of a poll's answer; `nil` when not asked for, or when Linear broke its word.
struct PollAnswer: Decodable, Sendable {
    var free: Page<Readable<IssueRecord>>?
    var blocked: Page<Readable<BlockedIssueRecord>>?
    var subIssues: Page<SubIssueRecord>?
    var tracked: Page<Readable<TrackedRecord>>?
    var teams: Page<TeamRecord>?
    var viewer: LinearViewer?
}

/// The question for a team and for oneself.
enum TeamQuery {
    struct Answer: Decodable, Sendable {
        var teams: Page<TeamRecord>
        var viewer: LinearViewer
    }

    static let fields = """
        teams(filter: $team, first: 1) { nodes { \(TeamRecord.fields) } } viewer { id name email }
        """

    static func filter(_ key: String) -> GraphQLValue { ["key": ["eqIgnoreCase": .string(key)]] }

    static func request(_ key: String) -> GraphQLRequest {
        GraphQLRequest(
            operationName: "Team",
            query: "query Team($team: TeamFilter) { \(fields) }",
            variables: ["team": filter(key)]
        )
    }
}
