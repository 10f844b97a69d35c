import Domain

/// Which pages of a search for whole tickets are still to be asked for, and what has come so far.
///
/// One request asks for 50 tickets with description and relations and for 50 unfinished sub-issues of
/// theirs: 1,775 points by the documented rule.
struct TicketSearch {
    private(set) var tickets: [BlockedIssueRecord] = []
    private(set) var subIssues = SubIssues()

    private var ticketPages: IssuePages
    private var subIssuePages: IssuePages
    /// The project that has to be there for the answer to mean anything.
    private var project: String?
    private var seen: Set<String> = []
    private var requestCount = 0

    private static let page = 50
    /// 5,000 tickets; a server that promises more pages for ever is not believed.
    private static let requestLimit = 100

    /// How many keys one search takes.
    static let keyLimit = page

    /// The tickets with these keys, `keyLimit` at most, whatever their states.
    init(keys: some Sequence<TicketKey>) {
        self.init(.keys(keys))
    }

    /// The open tickets of the project with this name, in one team or in all.
    init(project: String, team: String?) {
        var parts: [GraphQLValue] = [
            ["project": ["name": ["eqIgnoreCase": .string(project)]]], .unfinished,
        ]
        if let team { parts.append(["team": ["key": ["eqIgnoreCase": .string(team)]]]) }
        self.init(["and": .list(parts)])
        self.project = project
    }

    private init(_ filter: GraphQLValue) {
        ticketPages = IssuePages(
            "tickets",
            filter,
            BlockedIssueRecord.fields(of: IssueRecord.wholeFields)
        )
        subIssuePages = IssuePages(
            "subIssues",
            SubIssueRecord.filter(parents: filter),
            SubIssueRecord.fields
        )
    }

    /// What to ask next, `nil` once all is there.
    mutating func nextRequest() throws(LinearError) -> GraphQLRequest? {
        var draft = QueryDraft()
        ticketPages.ask(for: Self.page, in: &draft)
        subIssuePages.ask(for: Self.page, in: &draft)
        if draft.fields.isEmpty { return nil }
        if let project {
            draft.parameters.append("$project: ProjectFilter")
            draft.fields.append("projects(filter: $project, first: 1) { nodes { id name } }")
            draft.variables["project"] = ["name": ["eqIgnoreCase": .string(project)]]
        }
        requestCount += 1
        guard requestCount <= Self.requestLimit else {
            throw .malformedAnswer(what: "there are more than \(Self.requestLimit) pages")
        }
        return draft.request(named: "Tickets")
    }

    /// Takes over the answer to the request before.
    ///
    /// - Throws: `unknownProject`; `malformedAnswer`, too, for a single record that can't be read, since
    ///   whoever asks for tickets by name mustn't get others.
    mutating func take(_ answer: Answer) throws(LinearError) {
        if let project {
            guard let projects = answer.projects else {
                throw .malformedAnswer(what: "'projects' is null")
            }
            if projects.nodes.isEmpty { throw .unknownProject(project.cleaned) }
            self.project = nil
        }
        for node in try ticketPages.take(answer.tickets) {
            switch node {
            case .record(let record):
                if seen.insert(record.issue.id).inserted { tickets.append(record) }
            case .unreadable(let id):
                throw .malformedAnswer(
                    what: "the record of ticket \(id?.cleaned ?? "without an id") is malformed"
                )
            }
        }
        subIssues.take(try subIssuePages.take(answer.subIssues))
    }

    /// The parts of an answer; `nil` when not asked for, or when Linear broke its word.
    struct Answer: Decodable, Sendable {
        var tickets: Page<Readable<BlockedIssueRecord>>?
        var subIssues: Page<SubIssueRecord>?
        var projects: Page<NamedRecord>?
    }
}

extension GraphQLValue {
    /// An `IssueFilter` for the tickets with these keys.
    ///
    /// By team and number: whether a filter on `id` takes keys isn't documented. A ticket that has moved
    /// to another team is found by its present key only.
    static func keys(_ keys: some Sequence<TicketKey>) -> GraphQLValue {
        let teams = Dictionary(grouping: Set(keys), by: \.team).sorted { $0.key < $1.key }
        return [
            "or": .list(
                teams.map { team, keys in
                    [
                        "team": ["key": ["eqIgnoreCase": .string(team)]],
                        "number": ["in": .list(keys.sorted().map { .integer($0.number) })],
                    ]
                }
            )
        ]
    }
}
