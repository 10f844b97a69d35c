import Domain
import HTTP
import Linear
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(5))) struct TicketSearchTests {
    private func keys(_ numbers: some Sequence<Int>, team: String = "FRE") -> [TicketKey] {
        numbers.compactMap { TicketKey("\(team)-\($0)") }
    }

    private static func whole(_ key: String, by blockers: [String] = []) -> String {
        Fixture.issue(
            key,
            more: #", "description": "Do **it**", "parent": {"identifier": "FRE-60"}, "#
                + #""inverseRelations": "#
                + Fixture.relations(blockers)
        )
    }

    private static let projects = #", "projects": {"nodes": [{"id": "p", "name": "Portfolio"}]}"#

    private static func answer(
        _ tickets: String,
        subIssues: String = Fixture.empty,
        projects: String = ""
    ) -> ScriptedLinear.Answer {
        .json("{\"data\": {\"tickets\": \(tickets), \"subIssues\": \(subIssues)\(projects)}}")
    }

    private static func references(_ nodes: [String]) -> ScriptedLinear.Answer {
        .json("{\"data\": {\"issues\": \(Fixture.page(nodes))}}")
    }

    @Test func `named tickets come whole and as they were named, and unknown keys are missing`()
        async throws
    {
        let linear = ScriptedLinear([
            Self.answer(
                Fixture.page([Self.whole("OPS-2"), Self.whole("FRE-9", by: ["FRE-1"])]),
                subIssues: Fixture.page([Fixture.subIssue("FRE-3", of: "FRE-9")])
            ),
            Fixture.labels,
        ])
        let asked = keys([9, 9, 404]) + keys([2], team: "OPS")
        let tickets = try await LinearClient(linear).tickets(asked)
        #expect(tickets.map(\.key.rawValue) == ["FRE-9", "OPS-2"])
        #expect(tickets[0].description == "Do **it**")
        #expect(tickets[0].labels == ["agent"])
        #expect(tickets[0].parent == TicketKey("FRE-60"))
        #expect(tickets[0].blockers.map(\.key.rawValue) == ["FRE-1", "FRE-3"])
        #expect(tickets[0].blockers.map(\.cause) == [.relation, .subIssue])
        #expect(linear.requests[0].contains(#""number":{"in":[9,404]}"#))
        #expect(try QueryCost.points(ofBody: linear.requests[0]) == 1775)
    }

    @Test func `more tickets or sub-issues than fit a page are read to the end`() async throws {
        let linear = ScriptedLinear([
            Self.answer(
                Fixture.page((1...50).map { Self.whole("FRE-\($0)") }, next: "t1"),
                subIssues: Fixture.page([Fixture.subIssue("FRE-90", of: "FRE-1")], next: "s1"),
                projects: Self.projects
            ),
            Self.answer(
                Fixture.page([Self.whole("FRE-50"), Self.whole("FRE-51")]),
                subIssues: Fixture.page([Fixture.subIssue("FRE-91", of: "FRE-1")], next: "s2")
            ),
            .json(
                """
                {"data": {"subIssues": \(Fixture.page([Fixture.subIssue("FRE-92", of: "FRE-51")]))}}
                """
            ),
            Fixture.labels,
        ])
        let tickets = try await LinearClient(linear).tickets(inProject: "Portfolio")
        #expect(tickets.map(\.key.number) == Array(1...51))
        #expect(tickets.map(\.blockers.count).filter { $0 > 0 } == [2, 1])
        #expect(linear.requests[2].contains(#""subIssuesAfter":"s2""#))
        #expect(!linear.requests[2].contains("tickets:"))
    }

    @Test func `fifty keys go in a request`() async throws {
        let linear = ScriptedLinear([
            Self.answer(Fixture.page((1...50).map { Self.whole("FRE-\($0)") })), Fixture.labels,
            Self.answer(Fixture.page([Self.whole("FRE-51")])),
        ])
        let tickets = try await LinearClient(linear).tickets(keys(1...51))
        #expect(tickets.map(\.key.number) == Array(1...51))
    }

    @Test func `a project's tickets are the open ones, of one team where it is named`()
        async throws
    {
        let linear = ScriptedLinear([
            .json("{\"data\": {\(Fixture.team)}}"),
            Self.answer(
                Fixture.page([Self.whole("FRE-2"), Self.whole("FRE-1")]),
                projects: Self.projects
            ),
            Fixture.labels,
        ])
        let tickets = try await LinearClient(linear).tickets(inProject: "portfolio", team: "FRE")
        #expect(tickets.map(\.key.rawValue) == ["FRE-1", "FRE-2"])
        let request = linear.requests[1]
        #expect(request.contains(#""nin":["completed","canceled","duplicate"]"#))
        #expect(request.contains(#"{"team":{"key":{"eqIgnoreCase":"FRE"}}}"#))
        #expect(request.contains(#"{"project":{"name":{"eqIgnoreCase":"portfolio"}}}"#))
        #expect(try QueryCost.points(ofBody: request) == 1776.2)
    }

    @Test func `a project that isn't there is an error, not a project without tickets`()
        async throws
    {
        let linear = ScriptedLinear([
            Self.answer(Fixture.empty, projects: #", "projects": {"nodes": []}"#)
        ])
        let client = LinearClient(linear)
        let error = await #expect(throws: LinearError.self) {
            try await client.tickets(inProject: "Nope")
        }
        #expect(
            error?.description
                == "Linear: no project 'Nope' that this token can see; check its name in Linear"
        )
    }

    @Test(arguments: [
        (
            answer(Fixture.page([#"{"id": "id-FRE-1"}"#])),
            "the record of ticket id-FRE-1 is malformed"
        ),
        (answer(Fixture.page([whole("FRE-1", by: ["x"])])), "a blocker of FRE-1 can't be read"),
        (
            answer(
                Fixture.page([whole("FRE-1")]),
                subIssues: Fixture.page([Fixture.subIssue("x", of: "FRE-1")])
            ), "a blocker of FRE-1 can't be read"
        ),
    ])
    func `named tickets are whole or an error`(answer: ScriptedLinear.Answer, what: String)
        async throws
    {
        let client = LinearClient(ScriptedLinear([answer, Fixture.labels]))
        await #expect(throws: LinearError.malformedAnswer(what: what)) {
            try await client.tickets(keys([1]))
        }
    }

    @Test func `an answer in part is asked again rather than taken for tickets that are missing`()
        async throws
    {
        let part = ScriptedLinear.Answer.json(
            """
            {"data": {"issues": \(Fixture.empty)},
            "errors": [{"message": "Internal server error", "path": ["issues", "nodes", 1]}]}
            """
        )
        let linear = ScriptedLinear([part, Self.references([Fixture.subIssue("FRE-1", of: nil)])])
        let states = try await LinearClient(linear).states(of: keys([1]))
        #expect(states.count == 1)
        #expect(linear.requests.count == 2)
    }

    @Test func `the states of mentioned tickets come by key, and unknown keys are missing`()
        async throws
    {
        let first = (1...50).filter { $0 != 7 }.map { Fixture.subIssue("FRE-\($0)", of: nil) }
        let linear = ScriptedLinear([
            Self.references(first + [Fixture.subIssue("FRE-900", of: nil)]),
            Self.references([Fixture.subIssue("OPS-1", of: nil)]),
        ])
        let asked = keys(1...50) + keys([1, 2]) + keys([1], team: "OPS")
        let states = try await LinearClient(linear).states(of: asked)
        #expect(states.count == 50)
        #expect(states[keys([7])[0]] == nil)
        let blocker = try #require(states[keys([1], team: "OPS")[0]])
        #expect(blocker.id == "id-OPS-1")
        #expect(blocker.state.type == .unstarted)
        #expect(blocker.cause == .mention)
        #expect(linear.requests.count == 2)
        #expect(try QueryCost.points(ofBody: linear.requests[0]).rounded() == 125)
    }

    @Test func `descriptions come by id with their age, fifty in a request`() async throws {
        func text(_ id: String, _ description: String) -> String {
            """
            {"id": "\(id)", "updatedAt": "2026-11-21T10:00:00.000Z", "description": \(description)}
            """
        }
        let linear = ScriptedLinear([
            Self.references([text("1", "\"after FRE-2\""), text("2", "null"), #"{"id": "3"}"#]),
            Self.references([text("51", "\"\"")]),
        ])
        let ids = (1...51).map(String.init)
        let texts = try await LinearClient(linear).descriptions(of: ids + ids)
        #expect(texts.keys.sorted() == ["1", "2", "51"])
        #expect(texts["1"]?.description == "after FRE-2")
        #expect(texts["1"]?.updated.timeIntervalSince1970 == 1_795_255_200)
        #expect(texts["2"]?.description == nil)
        #expect(linear.requests.count == 2)
        #expect(try QueryCost.points(ofBody: linear.requests[0]) == 65)
    }

    @Test func `nothing is asked when nothing is named`() async throws {
        let linear = ScriptedLinear([])
        let client = LinearClient(linear)
        #expect(try await client.tickets([]).isEmpty)
        #expect(try await client.states(of: []).isEmpty)
        #expect(try await client.descriptions(of: []).isEmpty)
    }
}
