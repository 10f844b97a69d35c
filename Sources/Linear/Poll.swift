package import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
    private(set) var free: [IssueRecord] = []
    private(set) var blocked: [BlockedIssueRecord] = []
    private(set) var subIssues = SubIssues()
    private(set) var tracked: [TrackedRecord] = []
    private(set) var team: TeamRecord?
    private(set) var viewer: LinearViewer?
    private(set) var replies: [ReplyRecord] = []
    private(set) var notes: [String] = []
    /// Tracked tickets of which the answer says nothing, readable or not.
    private(set) var missing: [String] = []

    private let selection: TicketSelection
    private var needsTeam: Bool
    private var freePages: IssuePages
    private var blockedPages: IssuePages
    private var subIssuePages: IssuePages
    private var untold: ArraySlice<String>
    private var watches: [ReplyWatch]
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
        watches: [ReplyWatch],
        needsTeam: Bool,
        wantsSubIssues: Bool
    ) {
        self.watches = watches
        self.selection = selection
        self.needsTeam = needsTeam
        func selected(isBlocked: Bool) -> GraphQLValue {
            let has: GraphQLValue = ["hasBlockedByRelations": ["eq": .boolean(isBlocked)]]
            return ["and": .list(selection.conditions + [has])]
        }
        freePages = IssuePages("free", selected(isBlocked: false), IssueRecord.fields)
        blockedPages = IssuePages(
            "blocked",
            selected(isBlocked: true),
            BlockedIssueRecord.fields(of: IssueRecord.fields)
        )
        subIssuePages = IssuePages(
            "subIssues",
            SubIssueRecord.filter(parents: ["and": .list(selection.conditions)]),
            SubIssueRecord.fields,
            isWanted: wantsSubIssues
        )
        var seen: Set<String> = []
        untold = tracked.filter { seen.insert($0).inserted }[...]
    }

    /// What to ask next, `nil` once all is there.
    mutating func nextRequest() throws(LinearError) -> GraphQLRequest? {
        let sizes = requestCount == 0 ? Self.firstPages : Self.laterPages
        var draft = QueryDraft()
        freePages.ask(for: sizes.free, in: &draft)
        blockedPages.ask(for: sizes.blocked, in: &draft)
        subIssuePages.ask(for: sizes.subIssues, in: &draft)
        asked = untold.prefix(Self.trackedPage)
        if !asked.isEmpty {
            draft.parameters.append("$tracked: IssueFilter")
            draft.fields.append(
                """
                tracked: issues(filter: $tracked, first: \(asked.count), includeArchived: true) \
                { nodes { \(TrackedRecord.fields) } }
                """
            )
            draft.variables["tracked"] = ["id": ["in": .list(asked.map { .string($0) })]]
        }
        askForReplies(in: &draft)
        if draft.fields.isEmpty { return nil }
        if needsTeam {
            draft.parameters.append("$team: TeamFilter")
            draft.fields.append(TeamQuery.fields)
            draft.variables["team"] = TeamQuery.filter(selection.team)
        }
        requestCount += 1
        guard requestCount <= Self.requestLimit else {
            throw .malformedAnswer(what: "there are more than \(Self.requestLimit) pages")
        }
        return draft.request(named: "Poll")
    }

    /// All tickets that wait are asked for at once, the newest comments only: 93 points by the documented rule.
    private mutating func askForReplies(in draft: inout QueryDraft) {
        guard let since = watches.map(\.since).min() else { return }
        draft.parameters.append("$replies: CommentFilter")
        draft.fields.append(
            "replies: comments(filter: $replies, first: 20) { nodes { \(ReplyRecord.fields) } }"
        )
        draft.variables["replies"] = [
            "issue": ["id": ["in": .list(watches.map { .string($0.ticket) })]],
            "createdAt": ["gt": .string(since.formatted(.iso8601))],
        ]
        watches = []
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
        for issue in readable(try freePages.take(answer.free))
        where seenFree.insert(issue.id).inserted {
            free.append(issue)
        }
        for record in readable(try blockedPages.take(answer.blocked))
        where seenBlocked.insert(record.issue.id).inserted {
            blocked.append(record)
        }
        subIssues.take(try subIssuePages.take(answer.subIssues))
        if !asked.isEmpty { try takeTracked(answer.tracked) }
        for node in answer.replies?.nodes ?? [] {
            // One that can't be read may be any integration's.
            if case .record(let reply) = node { replies.append(reply) }
        }
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

    private mutating func readable<Record>(_ nodes: [Readable<Record>]) -> [Record] {
        var records: [Record] = []
        for node in nodes {
            switch node {
            case .record(let record): records.append(record)
            case .unreadable(let id): notes.append(Self.note(id))
            }
        }
        return records
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
    var replies: Page<Readable<ReplyRecord>>?
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
