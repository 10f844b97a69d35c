import Domain
import HTTP
import Linear
import Testing

@Suite(.timeLimit(.minutes(5))) struct SubIssueTests {
    private let selection = TicketSelection(team: "FRE", allLabels: ["agent"])

    private func blockers(_ ticket: Ticket?) -> [String] {
        ticket?.blockers.map { "\($0.key) \($0.cause?.rawValue ?? "")" } ?? []
    }

    @Test func `a ticket waits for its unfinished sub-issues, in the one request of a poll`()
        async throws
    {
        let linear = ScriptedLinear([
            Fixture.poll(
                free: Fixture.page([Fixture.issue("FRE-1"), Fixture.issue("FRE-3")]),
                blocked: Fixture.page([Fixture.blocked("FRE-2", by: ["FRE-5"])]),
                subIssues: Fixture.page([
                    Fixture.subIssue("OPS-7", of: "FRE-1"), Fixture.subIssue("FRE-5", of: "FRE-2"),
                    Fixture.subIssue("FRE-6", of: "FRE-2"), Fixture.subIssue("FRE-6", of: "FRE-2"),
                    Fixture.subIssue("FRE-8", of: "FRE-9"), Fixture.subIssue("FRE-4", of: nil),
                ])
            ),
            Fixture.labels,
        ])
        let poll = try await LinearClient(linear).poll(selection, wantsSubIssues: true)
        #expect(poll.tickets.map(\.key.rawValue) == ["FRE-3", "FRE-2", "FRE-1"])
        #expect(blockers(poll.tickets[0]) == [])
        #expect(blockers(poll.tickets[1]) == ["FRE-5 relation", "FRE-6 sub_issue"])
        #expect(blockers(poll.tickets[2]) == ["OPS-7 sub_issue"])
        #expect(poll.tickets[2].unfinishedBlockers.count == 1)
        #expect(poll.notes == [])
    }

    @Test func `further pages of sub-issues are read before any ticket counts as free`()
        async throws
    {
        let linear = ScriptedLinear([
            Fixture.poll(
                free: Fixture.page([Fixture.issue("FRE-1"), Fixture.issue("FRE-2")]),
                subIssues: Fixture.page(
                    (10..<26).map { Fixture.subIssue("FRE-\($0)", of: "FRE-1") },
                    next: "c1"
                )
            ),
            .json(
                """
                {"data": {"subIssues": \(Fixture.page([
                    Fixture.subIssue("FRE-25", of: "FRE-1"), Fixture.subIssue("FRE-30", of: "FRE-2"),
                ]))}}
                """
            ),
            Fixture.labels,
        ])
        let poll = try await LinearClient(linear).poll(selection, wantsSubIssues: true)
        #expect(poll.tickets.map(\.blockers.count) == [1, 16])
        #expect(linear.requests[1].contains(#""subIssuesAfter":"c1""#))
        #expect(!linear.requests[1].contains("free:"))
    }

    @Test func `a sub-issue that can't be read holds its ticket and no other`() async throws {
        let linear = ScriptedLinear([
            Fixture.poll(
                free: Fixture.page([Fixture.issue("FRE-1"), Fixture.issue("FRE-2")]),
                blocked: Fixture.page([Fixture.blocked("FRE-3", by: [])]),
                subIssues: Fixture.page([
                    Fixture.subIssue("no key", of: "FRE-1"), Fixture.subIssue("", of: "FRE-3"),
                ])
            ),
            Fixture.labels,
        ])
        let poll = try await LinearClient(linear).poll(selection, wantsSubIssues: true)
        #expect(poll.tickets.map(\.key.rawValue) == ["FRE-2"])
        #expect(
            poll.notes == [
                "FRE-3 waits: a blocker of it can't be read",
                "FRE-1 waits: a blocker of it can't be read",
            ]
        )
    }

    @Test(arguments: [
        "null", Fixture.page([#"{"id": "x", "parent": {}}"#]),
        #"{"nodes": [], "pageInfo": {"hasNextPage": true, "endCursor": null}}"#,
    ])
    func `an answer that leaves open who has sub-issues is an error`(page: String) async throws {
        let answer = Fixture.poll(
            free: Fixture.page([Fixture.issue("FRE-1")]),
            subIssues: page
        )
        let client = LinearClient(ScriptedLinear([answer, answer, answer]))
        let error = await #expect(throws: LinearError.self) {
            try await client.poll(selection, wantsSubIssues: true)
        }
        #expect(error?.isRetryable == true)
    }

    @Test func `a workflow that doesn't want sub-issues doesn't pay for them`() async throws {
        let linear = ScriptedLinear([Fixture.poll()])
        _ = try await LinearClient(linear).poll(selection)
        #expect(!linear.requests[0].contains("subIssues"))
    }

    @Test(arguments: [(0, 705.8, 848.4), (100, 985.8, 1128.4)])
    func `a poll costs less than 1,000 points, and once an hour 142.6 more for the team`(
        tracked: Int,
        points: Double,
        first: Double
    ) async throws {
        let keys = (1..<(tracked + 1)).map { "FRE-\($0)" }
        let answer = Fixture.poll(
            subIssues: Fixture.empty,
            tracked: tracked == 0 ? nil : keys.map { Fixture.tracked($0) }
        )
        let linear = ScriptedLinear([answer, answer])
        let client = LinearClient(linear)
        for _ in 1...2 {
            _ = try await client.poll(
                selection,
                wantsSubIssues: true,
                tracked: keys.map { "id-\($0)" }
            )
        }
        let costs = try linear.requests.map { try QueryCost.points(ofBody: $0) }
        #expect(costs == [first, points])
    }
}
