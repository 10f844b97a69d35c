import Domain
import HTTP
import Linear
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(5))) struct PollTests {
    private let selection = TicketSelection(team: "FRE", allLabels: ["agent"])

    @Test func `one request brings tickets, blockers, tracked tickets and the team`() async throws {
        let linear = ScriptedLinear([
            Fixture.poll(
                free: Fixture.page([Fixture.issue("FRE-1")]),
                blocked: Fixture.page([Fixture.blocked("FRE-2", by: ["OPS-7"])]),
                tracked: [Fixture.tracked("FRE-8"), Fixture.tracked("FRE-9", archived: true)]
            ),
            Fixture.labels,
        ])
        let client = LinearClient(linear)
        let poll = try await client.poll(selection, tracked: ["id-FRE-8", "id-FRE-9"])
        #expect(poll.tickets.map(\.key.rawValue) == ["FRE-2", "FRE-1"])
        #expect(poll.tickets.map { $0.blockers.map(\.key.rawValue) } == [["OPS-7"], []])
        #expect(poll.tickets.first?.blockers.first?.state.isFinished == true)
        #expect(poll.tickets.first?.labels == ["agent"])
        #expect(poll.tickets.first?.priority == .high)
        let state = TicketState(id: "s-prog", name: "In Progress", type: .started)
        let key = try #require(TicketKey("FRE-8"))
        #expect(
            poll.tracked == [
                TrackedTicket(
                    id: "id-FRE-8",
                    presence: .present(key: key, state: state, labels: [])
                ),
                TrackedTicket(id: "id-FRE-9", presence: .gone),
            ]
        )
        #expect(linear.requests.count == 2)
        #expect(await client.viewer?.name == "Bot")
    }

    /// A comment on FRE-8; `user` is JSON.
    private static func comment(
        _ id: String,
        _ body: String,
        at second: Int,
        user: String = #"{"name": "Kim", "app": false}"#,
        bot: String = "null",
        on ticket: String = "FRE-8"
    ) -> String {
        """
        {"id": "\(id)", "body": "\(body)", "createdAt": "2026-11-23T10:00:\(second).500Z",
        "issue": {"id": "id-\(ticket)"}, "user": \(user), "botActor": \(bot)}
        """
    }

    @Test func `what a person answered comes with the poll, and nothing that nobody wrote`()
        async throws
    {
        let since = try Date("2026-11-23T10:00:20Z", strategy: .iso8601)
        let app = #"{"name": "Linecook", "app": true}"#
        let linear = ScriptedLinear([
            Fixture.poll(
                tracked: [Fixture.tracked("FRE-8"), Fixture.tracked("FRE-9")],
                replies: [
                    Self.comment("c7", "Then blue.", at: 40),
                    Self.comment("c6", "Or green?", at: 30),
                    Self.comment("c5", "too old", at: 10),
                    Self.comment("own", "edited", at: 31),
                    Self.comment("c4", "by an app", at: 32, user: app),
                    Self.comment("c3", "synced", at: 33, user: "null"),
                    Self.comment("c2", "a bot", at: 34, bot: #"{"id": "b"}"#),
                    Self.comment("c1", "**Linecook:** Needs a person.", at: 35),
                    Self.comment("c0", " ", at: 36),
                    Self.comment("d1", "nobody asked", at: 37, on: "FRE-9"), #"{"id": 7}"#,
                ]
            ),
            Fixture.labels,
        ])
        let client = LinearClient(linear)
        let watch = ReplyWatch(ticket: "id-FRE-8", since: since, own: "own")
        let poll = try await client.poll(
            selection,
            tracked: ["id-FRE-8", "id-FRE-9"],
            watches: [watch]
        )
        #expect(poll.tracked.map { $0.replies.map(\.text) } == [["Or green?", "Then blue."], []])
        #expect(poll.tracked.first?.replies.map(\.author) == ["Kim", "Kim"])
        // No request of its own, and not a dear one.
        let request = try #require(linear.requests.first)
        #expect(request.contains("CommentFilter"))
        #expect(request.contains(#""createdAt":{"gt":"2026-11-23T10:00:20Z"}"#))
        #expect(try QueryCost.points(ofBody: request) < 900)
        let quiet = ScriptedLinear([
            Fixture.poll(tracked: [Fixture.tracked("FRE-8")]), Fixture.labels,
        ])
        _ = try await LinearClient(quiet).poll(selection, tracked: ["id-FRE-8"])
        #expect(quiet.requests.first?.contains("CommentFilter") == false)
    }

    @Test func `cycle, delegate and filter are values beside the query and cost nothing`()
        async throws
    {
        var narrow = selection
        narrow.delegate = "Agent \"7\""
        narrow.cycle = .number(12)
        narrow.filter = .mapping([
            "or": .list([
                .mapping(["title": .mapping(["contains": .string("\") { id } }")])]),
                .mapping(["estimate": .mapping(["lte": .number(2.5)])]),
            ])
        ])
        var costs: [Double] = []
        for selection in [selection, narrow] {
            let linear = ScriptedLinear([Fixture.poll(), Fixture.labels])
            _ = try await LinearClient(linear).poll(selection)
            let request = try #require(linear.requests.first)
            costs.append(try QueryCost.points(ofBody: request))
            guard selection == narrow else { continue }
            let query = try #require(request.firstRange(of: #""query":""#))
            let text = request[query.upperBound...].replacing(#"\""#, with: "").prefix {
                $0 != "\""
            }
            #expect(!text.contains("Agent") && !text.contains("estimate: {"))
            for part in [
                #"{"cycle":{"number":{"eq":12}}}"#,
                #"{"delegate":{"or":[{"name":{"eqIgnoreCase":"Agent \"7\""}},"#,
                #"{"title":{"contains":"\") { id } }"}}"#, #"{"estimate":{"lte":2.5}}"#,
            ] {
                // In each part of the poll: tickets without blockers, with blockers, and sub-issues.
                #expect(request.split(separator: part).count >= 3, "\(part): \(request)")
            }
        }
        #expect(costs[0] == costs[1])
        #expect(costs[0] < 1000)
    }

    @Test(arguments: [(CycleChoice.active, "isActive"), (.next, "isNext")])
    func `the active cycle and the next are asked for by what they are`(
        cycle: CycleChoice,
        field: String
    ) async throws {
        var selection = selection
        selection.cycle = cycle
        selection.delegate = "me"
        let linear = ScriptedLinear([Fixture.poll(), Fixture.labels])
        _ = try await LinearClient(linear).poll(selection)
        #expect(linear.requests[0].contains(#"{"cycle":{"\#(field)":{"eq":true}}}"#))
        #expect(linear.requests[0].contains(#"{"delegate":{"isMe":{"eq":true}}}"#))
    }

    @Test func `a second poll asks for neither team nor labels again`() async throws {
        let page = Fixture.page([Fixture.issue("FRE-1")])
        let linear = ScriptedLinear([
            Fixture.poll(free: page), Fixture.labels,
            .json(#"{"data": {"free": \#(page), "blocked": \#(Fixture.empty)}}"#),
        ])
        let client = LinearClient(linear)
        let first = try await client.poll(selection)
        #expect(try await client.poll(selection) == first)
        #expect(linear.requests.count == 3)
        #expect(linear.requests.last?.contains("teams(") == false)
    }

    @Test func `all pages are read, and a ticket that comes twice counts once`() async throws {
        let linear = ScriptedLinear([
            Fixture.poll(
                free: Fixture.page([Fixture.issue("FRE-1"), Fixture.issue("FRE-3")], next: "c1"),
                blocked: Fixture.page([Fixture.blocked("FRE-3", by: ["FRE-1"])])
            ),
            .json(
                """
                {"data": {"free": \(Fixture.page([Fixture.issue("FRE-1"), Fixture.issue("FRE-2")]))}}
                """
            ),
            Fixture.labels,
        ])
        let poll = try await LinearClient(linear).poll(selection)
        #expect(poll.tickets.map(\.key.rawValue) == ["FRE-3", "FRE-2", "FRE-1"])
        #expect(poll.tickets.first?.blockers.count == 1)
        let second = linear.requests[1]
        #expect(second.contains(#""freeAfter":"c1""#))
        #expect(!second.contains("blocked:"))
    }

    @Test func `further blockers than fit a page are fetched`() async throws {
        let linear = ScriptedLinear([
            Fixture.poll(
                blocked: Fixture.page([Fixture.blocked("FRE-2", by: ["FRE-1"], next: "r1")])
            ),
            Fixture.labels,
            .json(
                """
                {"data": {"issue": {"inverseRelations": \(Fixture.relations(["FRE-1", "FRE-5"]))}}}
                """
            ),
        ])
        let poll = try await LinearClient(linear).poll(selection)
        #expect(poll.tickets.first?.blockers.map(\.key.rawValue) == ["FRE-1", "FRE-5"])
    }

    @Test func `a malformed record is left out with a note, and never makes a ticket ready`()
        async throws
    {
        let linear = ScriptedLinear([
            Fixture.poll(
                free: Fixture.page([
                    Fixture.issue("../../etc"), #"{"id": "bare\u001b[2J"}"#, "7",
                    Fixture.issue("FRE-1"),
                ]),
                blocked: Fixture.page([Fixture.blocked("FRE-2", by: ["no key"])])
            ),
            Fixture.labels,
        ])
        let poll = try await LinearClient(linear).poll(selection)
        #expect(poll.tickets.map(\.key.rawValue) == ["FRE-1"])
        #expect(
            poll.notes == [
                "a ticket was left out because its record is malformed: id-../../etc",
                "a ticket was left out because its record is malformed: bare [2J",
                "a ticket was left out because its record is malformed: without an id",
                "FRE-2 waits: a blocker of it can't be read",
            ]
        )
    }

    @Test func `a tracked ticket is gone only when Linear says that there is none`() async throws {
        let linear = ScriptedLinear([
            Fixture.poll(tracked: []),
            .json(#"{"data": {"issue": \#(Fixture.tracked("FRE-1"))}}"#),
            .error("Entity not found: Issue", code: "INPUT_ERROR", path: "issue"),
        ])
        let poll = try await LinearClient(linear).poll(
            selection,
            tracked: ["id-FRE-1", "id-FRE-2"]
        )
        #expect(poll.tracked.map(\.id) == ["id-FRE-1", "id-FRE-2"])
        #expect(poll.tracked.map { $0.presence == .gone } == [false, true])
    }

    @Test func `many missing tickets stay unknown rather than cost a request each`() async throws {
        let ids = (1...70).map { "id-FRE-\($0)" }
        let gone = ScriptedLinear.Answer.error("Entity not found: Issue", code: "INPUT_ERROR")
        let linear = ScriptedLinear(
            [Fixture.poll(tracked: [])] + [ScriptedLinear.Answer](repeating: gone, count: 10)
        )
        let poll = try await LinearClient(linear).poll(selection, tracked: ids)
        #expect(poll.tracked.count == 10)
    }

    @Test func `more tracked tickets than fit a page are asked in chunks`() async throws {
        let keys = (1...250).map { "FRE-\($0)" }
        let linear = ScriptedLinear([
            Fixture.poll(tracked: keys.prefix(200).map { Fixture.tracked($0) }),
            .json(
                """
                {"data": {"tracked": \(Fixture.page(keys.suffix(50).map { Fixture.tracked($0) }))}}
                """
            ),
        ])
        let poll = try await LinearClient(linear).poll(selection, tracked: keys.map { "id-\($0)" })
        #expect(poll.tracked.count == 250)
        #expect(linear.requests[0].contains("first: 200"))
        #expect(linear.requests[1].contains("first: 50"))
    }

    @Test func `a team that isn't there is an error, not a team without tickets`() async throws {
        let team = #""teams": {"nodes": []}, "viewer": {"id": "m", "name": "B", "email": "e"}"#
        let linear = ScriptedLinear([Fixture.poll(team: team)])
        let client = LinearClient(linear)
        await #expect(throws: LinearError.unknownTeam("FRE")) { try await client.poll(selection) }
    }

    @Test func `a state that isn't there is an error that lists those that are`() async throws {
        var selection = selection
        selection.states = ["Ready"]
        let linear = ScriptedLinear([Fixture.poll()])
        let client = LinearClient(linear)
        let error = await #expect(throws: LinearError.self) { try await client.poll(selection) }
        #expect(
            error?.description == "Linear: team FRE has no state 'Ready'; "
                + "it has Backlog, Todo, In Progress, In Review, Done"
        )
    }

    @Test func `a ticket with an excluded label is never given, whatever Linear sends`()
        async throws
    {
        var selection = selection
        selection.noLabels = ["AGENT"]
        let linear = ScriptedLinear([
            Fixture.poll(free: Fixture.page([Fixture.issue("FRE-1")])), Fixture.labels,
        ])
        #expect(try await LinearClient(linear).poll(selection).tickets.isEmpty)
    }
}
