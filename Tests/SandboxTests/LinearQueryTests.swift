import Sandbox
import Testing
import WebServer

@Suite struct LinearQueryTests {
    private let client: LinearClient

    init() throws {
        client = try LinearClient(
            LinearSeed(
                teams: [
                    .init(
                        key: "ENG",
                        name: "Engineering",
                        cycles: [
                            .init(startsInDays: -20), .init(name: "Now", startsInDays: -6),
                            .init(startsInDays: 8), .init(startsInDays: 22),
                        ]
                    )
                ],
                labels: ["bug", "infra"],
                projects: ["Apollo"],
                issues: [
                    .init(
                        title: "first",
                        priority: 2,
                        labels: ["infra"],
                        project: "Apollo",
                        assignee: "Ada Human",
                        cycle: 2
                    ),
                    .init(
                        title: "second",
                        labels: ["bug", "infra"],
                        delegate: "Agent",
                        cycle: 3,
                        blockedBy: ["ENG-1"]
                    ),
                    .init(title: "third", state: "Backlog", priority: 1, estimate: 3, cycle: 4),
                    .init(title: "fourth", state: "Done", priority: 3, labels: ["bug"], cycle: 1),
                    .init(
                        title: "fifth",
                        state: "In Progress",
                        priority: 4,
                        blockedBy: ["ENG-1", "ENG-4"],
                        parent: "ENG-3",
                        documents: [
                            .init(title: "ENG-5.md", content: "Do it"),
                            .init(title: "Notes", content: ""),
                        ],
                        attachments: [
                            .init(title: "ENG-5", url: "https://uploads.linear.app/a/b/c"),
                            .init(title: "Design", url: "https://example.com/design"),
                        ]
                    ),
                ]
            )
        )
    }

    private func numbers(_ arguments: String) async throws -> [Int] {
        let nodes = try await client.value(
            "issues.nodes",
            of: "{ issues(\(arguments)) { nodes { number } } }"
        )
        return nodes.items.compactMap {
            if case .integer(let number)? = $0["number"] { number } else { nil }
        }
    }

    @Test
    func `a document with fragments, aliases, variables and directives is answered in its order`()
        async
    {
        let query = """
            query Poll($key: String!, $all: Boolean = false) {
              one: issue(id: $key) { ...Core, number @include(if: $all), url @skip(if: true) }
              viewer { ... on User { name } isMe __typename }
            }
            # what a poll wants to know
            fragment Core on Issue { title state { type name } labels { nodes { name } } project { name } }
            """
        #expect(
            await client.ask(query, ["key": "eng-1"])
                == #"{"data":{"one":{"title":"first","state":{"type":"unstarted","name":"Todo"},"#
                + #""labels":{"nodes":[{"name":"infra"}]},"project":{"name":"Apollo"}},"#
                + #""viewer":{"name":"Runner Bot","isMe":true,"__typename":"User"}}}"#
        )
    }

    @Test func `a blocker is seen from the ticket that waits, with its state`() async {
        let query =
            "{ issue(id: \"ENG-2\") { inverseRelations { nodes { type issue { identifier state { type } } } } } }"
        #expect(
            await client.ask(query)
                == #"{"data":{"issue":{"inverseRelations":{"nodes":[{"type":"blocks","issue":"#
                + #"{"identifier":"ENG-1","state":{"type":"unstarted"}}}]}}}}"#
        )
    }

    @Test func `what hangs on a ticket is found by its title, and its sub-issues from above`() async
    {
        let query = """
            query($title: String!) { issue(id: "ENG-5") {
              parent { identifier children { nodes { identifier } } }
              documents(filter: { or: [{ title: { eqIgnoreCase: $title } }] }) { nodes { title content } }
              attachments(filter: { title: { eqIgnoreCase: "eng-5" } }) { nodes { title url } }
            } }
            """
        #expect(
            await client.ask(query, ["title": "eng-5.MD"])
                == #"{"data":{"issue":{"parent":{"identifier":"ENG-3","children":{"nodes":["#
                + #"{"identifier":"ENG-5"}]}},"documents":{"nodes":[{"title":"ENG-5.md","#
                + #""content":"Do it"}]},"attachments":{"nodes":[{"title":"ENG-5","#
                + #""url":"https://uploads.linear.app/a/b/c"}]}}}}"#
        )
    }

    @Test(arguments: [
        ("", [5, 4, 3, 2, 1]),
        ("id: { in: [\"ENG-1\", \"ENG-3\"] }", [3, 1]),
        ("team: { key: { eq: \"ENG\" } }, state: { name: { in: [\"Todo\"] } }", [2, 1]),
        ("team: { key: { eq: \"OPS\" } }", []),
        ("state: { name: { eqIgnoreCase: \"todo\" } }", [2, 1]),
        ("state: { name: { neq: \"Todo\" } }", [5, 4, 3]),
        ("state: { type: { nin: [\"completed\", \"started\"] } }", [3, 2, 1]),
        ("labels: { some: { name: { eq: \"bug\" } } }", [4, 2]),
        ("labels: { every: { name: { neq: \"bug\" } } }", [5, 3, 1]),
        ("labels: { and: [{ name: { eq: \"bug\" } }, { name: { eq: \"infra\" } }] }", [2]),
        ("labels: { length: { eq: 0 } }", [5, 3]),
        ("project: { name: { eq: \"Apollo\" } }", [1]), ("project: { null: true }", [5, 4, 3, 2]),
        ("assignee: { email: { eq: \"ada.human@example.com\" } }", [1]),
        ("cycle: { isActive: { eq: true } }", [1]), ("cycle: { isNext: { eq: true } }", [2]),
        ("cycle: { isFuture: { eq: true } }", [3, 2]), ("cycle: { isPrevious: { eq: true } }", [4]),
        ("cycle: { number: { in: [2, 4] } }", [3, 1]), ("cycle: { null: true }", [5]),
        ("cycle: { name: { eqIgnoreCase: \"now\" } }", [1]),
        ("delegate: { name: { eqIgnoreCase: \"agent\" } }", [2]),
        ("delegate: { null: true }", [5, 4, 3, 1]),
        ("assignee: { isMe: { eq: true } }", []), ("priority: { lte: 2, neq: 0 }", [3, 1]),
        ("estimate: { null: false }", [3]), ("hasBlockedByRelations: { eq: true }", [5, 2]),
        ("hasBlockingRelations: { eq: true }", [4, 1]),
        ("parent: { null: true }", [4, 3, 2, 1]), ("parent: { number: { eq: 3 } }", [5]),
        ("parent: { and: [{ team: { key: { eq: \"ENG\" } } }, { priority: { gt: 1 } }] }", []),
        ("children: { some: { state: { type: { nin: [\"completed\"] } } } }", [3]),
        ("children: { length: { eq: 0 } }", [5, 4, 2, 1]),
        ("or: [{ priority: { eq: 1 } }, { title: { startsWith: \"fi\" } }]", [5, 3, 1]),
        ("and: [{ priority: { gte: 1 } }, { priority: { lt: 4 } }]", [4, 3, 1]),
        ("createdAt: { lt: \"-P1D\" }", [5, 4, 3, 2, 1]),
        ("updatedAt: { gt: \"2099-01-01T00:00:00.000Z\" }", []),
        ("state: null", [5, 4, 3, 2, 1]),
    ])
    func `a filter lets through what Linear lets through`(filter: String, found: [Int]) async throws
    {
        #expect(try await numbers("filter: { \(filter) }") == found)
    }

    @Test(arguments: [
        ("sort: [{ priority: { order: Ascending } }]", [3, 1, 4, 5, 2]),
        ("sort: [{ createdAt: { order: Ascending } }]", [1, 2, 3, 4, 5]), ("last: 2", [2, 1]),
        ("first: 2, orderBy: updatedAt", [5, 4]),
    ])
    func `issues come in the order that was asked for`(arguments: String, found: [Int]) async throws
    {
        #expect(try await numbers(arguments) == found)
    }

    @Test func `a walk over the pages sees each ticket once although the place of one changes`()
        async throws
    {
        let query = """
            query($after: String) {
              issues(first: 2, after: $after, orderBy: updatedAt) {
                nodes { number } pageInfo { hasNextPage endCursor }
              }
            }
            """
        var seen: [JSONValue] = []
        var cursor = JSONValue.null
        repeat {
            let page = try await client.value("issues", of: query, ["after": cursor])
            seen += page["nodes"]?.items.compactMap { $0["number"] } ?? []
            cursor = page["pageInfo"]?["endCursor"] ?? .null
            if page["pageInfo"]?["hasNextPage"] != true { break }
            try await client.sandbox.move("ENG-4", to: "Todo")
        } while true
        #expect(seen == [5, 4, 3, 2, 1])
    }

    @Test func `archived tickets are only listed on request`() async throws {
        try await client.sandbox.archive("ENG-5")
        #expect(try await numbers("first: 50") == [4, 3, 2, 1])
        #expect(try await numbers("includeArchived: true") == [5, 4, 3, 2, 1])
    }

    @Test(arguments: [
        ("{ issues { nodes { foo } } }", "Cannot query field \"foo\" on type \"Issue\"."),
        (
            "{ issues(foo: 1) { nodes { id } } }",
            "Unknown argument \"foo\" on field \"Query.issues\"."
        ),
        (
            "{ issues(filter: { foo: { eq: 1 } }) { nodes { id } } }",
            "Field \"foo\" is not defined by type \"IssueFilter\"."
        ),
        (
            "{ issues(filter: { labels: { some: { nam: { eq: \"a\" } } } }) { nodes { id } } }",
            "Field \"nam\" is not defined by type \"IssueLabelFilter\"."
        ),
        (
            "{ issues(filter: { children: { null: true } }) { nodes { id } } }",
            "Field \"null\" is not defined by type \"IssueCollectionFilter\"."
        ),
        (
            "{ issue(id: \"ENG-1\") { documents(filter: { content: { eq: 1 } }) { nodes { id } } } }",
            "Field \"content\" is not defined by type \"DocumentFilter\"."
        ),
        (
            "{ issues }",
            "Field \"issues\" of type \"IssueConnection!\" must have a selection of subfields."
                + " Did you mean \"issues { ... }\"?"
        ),
        (
            "{ issue { id } }",
            "Field \"issue\" argument \"id\" of type \"String!\" is required, but it was not provided."
        ),
        (
            "query Q($id: String) { issue(id: $id) { id } }",
            "Variable \"$id\" of type \"String\" used in position expecting type \"String!\"."
        ),
        (
            "query Q($id: String!) { viewer { id } }",
            "Variable \"$id\" is never used in operation \"Q\"."
        ),
        ("{ issue(id: $id) { id } }", "Variable \"$id\" is not defined."),
        (
            "{ viewer { ...F } } fragment F on User { ...F }",
            "Cannot spread fragment \"F\" within itself."
        ),
        (
            "{ a: viewer { id } a: organization { id } }",
            "Fields \"a\" conflict because \"viewer\" and \"organization\" are different fields. Use"
                + " different aliases on the fields to fetch both if this was intentional."
        ),
        (
            "{ issues(orderBy: priority) { nodes { id } } }",
            "Value \"priority\" does not exist in \"PaginationOrderBy\" enum."
        ),
        (
            "mutation { issueUpdate(id: \"ENG-1\", input: { state: \"Done\" }) { success } }",
            "Field \"state\" is not defined by type \"IssueUpdateInput\"."
        ),
    ])
    func `a document that the schema doesn't hold is refused before it is carried out`(
        query: String,
        message: String
    ) async throws {
        let answer = await client.send(query)
        let errors = try JSONValue(parsing: Array(answer.body.utf8))["errors"]?.items ?? []
        #expect(answer.status == 400)
        #expect(errors.compactMap { $0["message"]?.text } == [message])
        #expect(errors.first?["extensions"]?["code"] == "GRAPHQL_VALIDATION_FAILED")
    }

    @Test(arguments: [
        "{", "{ viewer { id }", "{ viewer { name(: } }", "query \"\"\"x", "{ a: \"\\u12\" }",
    ])
    func `a document that can't be read is refused`(query: String) async {
        let answer = await client.send(query)
        #expect(answer.status == 400)
        #expect(answer.body.contains("GRAPHQL_PARSE_FAILED"))
    }

    @Test func `variables that don't fit are refused`() async {
        let query = "query($filter: IssueFilter) { issues(filter: $filter) { nodes { id } } }"
        let answer = await client.send(query, ["filter": ["status": ["eq": "Todo"]]])
        #expect(answer.status == 400)
        #expect(answer.body.contains(#"Field \"status\" is not defined by type \"IssueFilter\"."#))
    }

    @Test func `an issue that isn't there takes the whole answer with it`() async {
        let answer = await client.send("{ viewer { id } issue(id: \"ENG-99\") { id } }")
        #expect(answer.status == 200)
        #expect(answer.body.hasSuffix(#""data":null}"#))
        #expect(answer.body.contains(#""message":"Entity not found: Issue""#))
    }

    @Test(arguments: [
        (nil, 401, "AUTHENTICATION_ERROR"), ("wrong", 401, "AUTHENTICATION_ERROR"),
        ("Bearer lin_api_test", 400, "Remove the Bearer prefix"),
        ("Bearer lin_oauth_test", 200, "viewer"), ("lin_api_test", 200, "viewer"),
    ])
    func `a credential opens the workspace or is refused`(
        authorization: String?,
        status: Int,
        text: String
    ) async {
        var client = client
        client.authorization = authorization
        let answer = await client.send("{ viewer { app } }")
        #expect(answer.status == status)
        #expect(answer.body.contains(text))
    }

    @Test
    func `each answer tells what is left of the hour's requests, and none is left at the end`()
        async throws
    {
        let client = try LinearClient(requestsPerHour: 2)
        for left in ["1", "0"] {
            let answer = await client.send("{ viewer { id } }")
            #expect(answer.headers["x-ratelimit-requests-remaining"] == left)
        }
        let refused = await client.send("{ viewer { id } }")
        #expect(refused.status == 400)
        #expect(refused.body.contains("\"RATELIMITED\""))
    }
}
