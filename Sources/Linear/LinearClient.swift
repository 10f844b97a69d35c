package import Domain
package import HTTP

/// The tracker: reads tickets from Linear and writes to them.
///
/// States and labels are remembered for an hour; an unknown one is asked for at once. All text that comes
/// from Linear is data: nothing here interprets it.
package actor LinearClient {
    let connection: LinearConnection
    private let time: any TimeSource
    private var teams: [String: LinearTeam] = [:]
    private var owner: LinearViewer?
    private var labels = LabelNames()
    /// The uptime when teams and labels are forgotten.
    private var forgetting: Duration
    /// Comments that are known to exist, so that a change needn't try to create them.
    var knownComments: Set<String> = []

    private static let memory = Duration.seconds(3600)
    /// How many missing tickets one poll asks for singly; the others stay unknown until the next.
    private static let confirmationLimit = 10

    /// Sends nothing yet.
    ///
    /// A token that starts with `lin_oauth_` is sent as a bearer token, any other as a personal API key.
    package init(
        endpoint: String,
        token: Secret,
        transport: any LinearTransport,
        time: any TimeSource,
        randomness: any RandomNumberGenerator & Sendable
    ) {
        connection = LinearConnection(
            endpoint: endpoint,
            token: token,
            transport: transport,
            time: time,
            randomness: randomness
        )
        self.time = time
        forgetting = time.now().uptime + Self.memory
    }

    /// What is left of the token's budgets, as of the latest answer; costs no request.
    package var budget: LinearBudget {
        get async { await connection.budget }
    }

    /// Whom the token belongs to, once any poll or `team` has asked.
    package var viewer: LinearViewer? { owner }

    /// A team with its states, from memory where it is fresh.
    ///
    /// - Throws: `LinearError`; `unknownTeam` when the token sees none with this key.
    package func team(_ key: String) async throws(LinearError) -> LinearTeam {
        forgetInTime()
        if let team = teams[key.lowercased()] { return team }
        let answer = try await connection.fetch(
            TeamQuery.request(key),
            as: TeamQuery.Answer.self
        )
        guard let record = answer.teams.nodes.first else { throw .unknownTeam(key.cleaned) }
        return remember(record, answer.viewer, as: key)
    }

    /// The state of this name; a team whose memory lacks it is asked once more.
    func state(named name: String, team key: String) async throws(LinearError) -> TicketState {
        let wasRemembered = teams[key.lowercased()] != nil
        if let state = try await team(key).state(named: name) { return state }
        if wasRemembered { forgetTeam(key) }
        return try await team(key).requireState(named: name)
    }

    func forgetTeam(_ key: String) { teams[key.lowercased()] = nil }

    /// Everything that the selection selects, and what became of the tracked tickets.
    ///
    /// With `wantsSubIssues` a ticket's unfinished sub-issues, of whatever team, stand among its blockers.
    ///
    /// - Throws: `LinearError`; then nothing is known, and no ticket has vanished.
    package func poll(
        _ selection: TicketSelection,
        wantsSubIssues: Bool = false,
        tracked ids: [String] = [],
        watches: [ReplyWatch] = []
    ) async throws(LinearError) -> Poll {
        forgetInTime()
        let team = teams[selection.team.lowercased()]
        var progress = PollProgress(
            selection,
            tracked: ids,
            watches: watches,
            needsTeam: team.map { Self.missingState(of: selection, in: $0) != nil } ?? true,
            wantsSubIssues: wantsSubIssues
        )
        while let request = try progress.nextRequest() {
            try progress.take(try await connection.fetch(request, as: PollAnswer.self))
            guard let record = progress.team, let viewer = progress.viewer else { continue }
            let team = remember(record, viewer, as: selection.team)
            if let name = Self.missingState(of: selection, in: team) {
                _ = try team.requireState(named: name)
            }
        }
        var tracked = progress.tracked
        var gone: [TrackedTicket] = []
        for id in progress.missing.prefix(Self.confirmationLimit) {
            if let record = try await lookUp(id) {
                tracked.append(record)
            } else {
                gone.append(TrackedTicket(id: id, presence: .gone))
            }
        }
        let labels = try await labelNames(
            for: progress.free.flatMap(\.labelIds) + progress.blocked.flatMap(\.issue.labelIds)
                + tracked.flatMap(\.labelIds)
        )
        var notes = progress.notes
        let tickets = try await tickets(of: progress, labels, &notes).filter {
            !selection.excludes($0.labels)
        }
        return Poll(
            tickets: tickets,
            tracked: tracked.map { record in
                let watch = watches.first { $0.ticket == record.id }
                return record.tracked(
                    labels: labels,
                    replies: Self.replies(in: progress, to: watch)
                )
            } + gone,
            notes: notes
        )
    }

    // MARK: - Parts of a poll

    private static func replies(in progress: PollProgress, to watch: ReplyWatch?) -> [Reply] {
        guard let watch else { return [] }
        return progress.replies.compactMap { $0.reply(to: watch) }.sorted { $0.at < $1.at }
    }

    /// A typing mistake in a state's name would otherwise look like a team without tickets, or come to
    /// light only when an agent's work is done.
    private static func missingState(of selection: TicketSelection, in team: LinearTeam) -> String?
    {
        let moves = selection.transitions
        let names = selection.states + [moves.started, moves.review, moves.failed, moves.done]
        return names.first { team.state(named: $0) == nil }
    }

    /// A ticket with a blocker that can't be read is left out: it may not be ready.
    private func tickets(
        of progress: PollProgress,
        _ labels: LabelNames,
        _ notes: inout [String]
    ) async throws(LinearError) -> [Ticket] {
        var tickets: [Ticket] = []
        var withheld = Set(progress.blocked.map(\.issue.id))
        for record in progress.blocked {
            if let blockers = try await blockers(of: record, and: progress.subIssues) {
                tickets.append(record.issue.ticket(labels: labels, blockers: blockers))
            } else {
                notes.append("\(record.issue.identifier) waits: a blocker of it can't be read")
            }
        }
        for issue in progress.free where withheld.insert(issue.id).inserted {
            if let blockers = progress.subIssues[issue.id] {
                tickets.append(issue.ticket(labels: labels, blockers: blockers))
            } else {
                notes.append("\(issue.identifier) waits: a blocker of it can't be read")
            }
        }
        return tickets.sorted { ($0.created, $0.key) > ($1.created, $1.key) }
    }

    /// All blockers, each once, those by relation first; further pages are fetched.
    ///
    /// `nil` when one can't be read.
    func blockers(
        of record: BlockedIssueRecord,
        and subIssues: SubIssues
    ) async throws(LinearError) -> [Blocker]? {
        guard let children = subIssues[record.issue.id] else { return nil }
        var blockers: [Blocker] = []
        var page = record.inverseRelations
        while true {
            for node in page.nodes {
                guard case .record(let relation) = node else { return nil }
                guard let blocker = relation.blocker else { continue }
                if !blockers.contains(where: { $0.id == blocker.id }) { blockers.append(blocker) }
            }
            guard let info = page.pageInfo, info.hasNextPage else {
                let related = Set(blockers.map(\.id))
                return blockers + children.filter { !related.contains($0.id) }
            }
            guard let cursor = info.endCursor else {
                throw .malformedAnswer(what: "relations have a next page without a cursor")
            }
            let answer: IssueAnswer<RelationsRecord>
            do throws(LinearError) {
                answer = try await connection.fetch(
                    Self.relationsRequest(of: record.issue.id, after: cursor),
                    as: IssueAnswer<RelationsRecord>.self
                )
            } catch .notFound {
                return nil  // deleted since the page before
            }
            page = answer.issue.inverseRelations
            if let next = page.pageInfo, next.hasNextPage, next.endCursor == cursor {
                throw .malformedAnswer(what: "relations repeat a page")
            }
        }
    }

    private static func relationsRequest(of id: String, after cursor: String) -> GraphQLRequest {
        GraphQLRequest(
            operationName: "Relations",
            query: """
                query Relations($id: String!, $after: String) { issue(id: $id) { \
                inverseRelations(first: 100, after: $after) { nodes { \(RelationRecord.fields) } \
                pageInfo { hasNextPage endCursor } } } }
                """,
            variables: ["id": .string(id), "after": .string(cursor)]
        )
    }

    /// The tracked ticket itself, `nil` when Linear says that there is none.
    ///
    /// Asked singly: `issue` isn't nullable, so one that is gone would take the others with it.
    private func lookUp(_ id: String) async throws(LinearError) -> TrackedRecord? {
        do throws(LinearError) {
            return try await connection.fetch(
                GraphQLRequest(
                    operationName: "Tracked",
                    query: "query Tracked($id: String!) "
                        + "{ issue(id: $id) { \(TrackedRecord.fields) } }",
                    variables: ["id": .string(id)]
                ),
                as: IssueAnswer<TrackedRecord>.self
            ).issue
        } catch .notFound {
            return nil
        }
    }

    // MARK: - Memory

    /// The names of these labels; those that no one has asked for within the hour are asked for.
    func labelNames(for ids: [String]) async throws(LinearError) -> LabelNames {
        while true {
            // Looked at again after each answer: all may have been forgotten meanwhile.
            let asked = Array(labels.unknown(among: ids).prefix(250))
            if asked.isEmpty { return labels }
            let answer = try await connection.fetch(
                GraphQLRequest(
                    operationName: "Labels",
                    query: """
                        query Labels($labels: IssueLabelFilter) { issueLabels(filter: $labels, \
                        first: \(asked.count), includeArchived: true) { nodes { id name } } }
                        """,
                    variables: ["labels": ["id": ["in": .list(asked.map { .string($0) })]]]
                ),
                as: LabelsAnswer.self
            )
            labels.learn(answer.issueLabels.nodes, askedFor: asked)
        }
    }

    private func remember(
        _ record: TeamRecord,
        _ viewer: LinearViewer,
        as key: String
    ) -> LinearTeam {
        let team = LinearTeam(record)
        teams[key.lowercased()] = team
        owner = viewer
        return team
    }

    func forgetInTime() {
        let now = time.now().uptime
        guard now >= forgetting else { return }
        teams = [:]
        labels = LabelNames()
        forgetting = now + Self.memory
    }
}

struct IssueAnswer<Record: Decodable & Sendable>: Decodable, Sendable {
    var issue: Record
}

private struct RelationsRecord: Decodable, Sendable {
    var inverseRelations: Page<Readable<RelationRecord>>
}

private struct LabelsAnswer: Decodable, Sendable {
    var issueLabels: Page<NamedRecord>
}
