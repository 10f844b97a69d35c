import Domain
import HTTP
import Linear
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(5))) struct LinearWriteTests {
    private static let team = ScriptedLinear.Answer.json("{\"data\": {\(Fixture.team)}}")
    private let comment = LinearWrite.comment(id: "c-1", ticket: "t", body: "b")
    private let link = LinearWrite.attach(
        ticket: "t",
        url: "https://x/1",
        title: "Pull",
        subtitle: nil
    )

    @Test func `several writes go in one request, and a claim brings the ticket whole`()
        async throws
    {
        let issue = Fixture.issue("FRE-1", more: #", "description": "Do **it**""#)
        let linear = ScriptedLinear([
            Self.team,
            .json(
                """
                {"data": {"w0": {"success": true, "issue": \(issue)}, "w1": {"success": true},
                "w2": {"success": true}}}
                """
            ),
            Fixture.labels,
        ])
        let claim = LinearWrite.claim(ticket: "id-FRE-1", to: "in progress", team: "FRE")
        let results = await LinearClient(linear).perform([claim, comment, link])
        guard case .success(.ticket(let ticket)) = results[0] else {
            Issue.record("\(results[0])")
            return
        }
        #expect(ticket.description == "Do **it**")
        #expect(ticket.labels == ["agent"])
        #expect(results[1...] == [.success(.done), .success(.done)])
        #expect(linear.requests[1].contains(#""stateId":"s-prog""#))
        #expect(linear.requests.count == 3)
    }

    /// Where a ticket stands, and whether a late word of its run may move it to review.
    @Test(arguments: [
        ("In Progress", "started", true), ("Somewhere", "started", true),
        ("Todo", "unstarted", true), ("IN REVIEW", "completed", true),
        ("Done", "completed", false), ("Canceled", "canceled", false),
        ("Duplicate", "duplicate", false),
    ])
    func `a ticket that a person closed isn't opened again`(
        name: String,
        type: String,
        isMoved: Bool
    ) async throws {
        let success = (isMoved ? ["w0", "w1"] : ["w0"]).map { #""\#($0)": {"success": true}"# }
        let linear = ScriptedLinear(
            [
                .json(
                    """
                    {"data": {"issues": {"nodes": [{"id": "id-FRE-1", "identifier": "FRE-1",
                    "state": {"id": "s", "name": "\(name)", "type": "\(type)"}}]}}}
                    """
                )
            ] + (isMoved ? [Self.team] : [])
                + [.json("{\"data\": {\(success.joined(separator: ","))}}")]
        )
        let move = LinearWrite.move(
            ticket: "id-FRE-1",
            to: "In Progress",
            team: "FRE",
            own: ["In Progress", "In Review"]
        )
        let results = await LinearClient(linear).perform([move, comment])
        #expect(results == [.success(.done), .success(.done)])
        #expect(linear.requests.last?.contains("issueUpdate") == isMoved)
        #expect(linear.requests.last?.contains("commentCreate") == true)
    }

    @Test func `where a ticket stands has to be known before it's moved`() async throws {
        let linear = ScriptedLinear([
            .error("no", code: "AUTHENTICATION_ERROR", status: 401),
            .json(#"{"data": {"w0": {"success": true}}}"#),
        ])
        let move = LinearWrite.move(ticket: "t", to: "In Progress", team: "FRE", own: [])
        let results = await LinearClient(linear).perform([move, comment])
        #expect(throws: LinearError.self) { try results[0].get() }
        #expect(results[1] == .success(.done))
        #expect(!linear.requests.contains { $0.contains("issueUpdate") })
    }

    @Test func `a comment that is there already is changed, now and later`() async throws {
        let done = ScriptedLinear.Answer.json(#"{"data": {"w0": {"success": true}}}"#)
        let linear = ScriptedLinear([
            .error("conflict on insert of Comment", code: "INPUT_ERROR", path: "w0"), done, done,
        ])
        let client = LinearClient(linear)
        for _ in 1...2 {
            #expect(await client.perform([comment]) == [.success(.done)])
        }
        #expect(linear.requests.map { $0.contains("commentUpdate") } == [false, true, true])
    }

    /// A machine's clock can be wrong by hours; what people answer is compared with Linear's.
    @Test func `a comment, made or changed, is told with its time by Linear's clock`() async throws
    {
        func written(_ comment: String) -> ScriptedLinear.Answer {
            .json(#"{"data": {"w0": {"success": true, "comment": \#(comment)}}}"#)
        }
        let linear = ScriptedLinear([
            written(#"{"updatedAt": "2026-11-26T10:00:00.250Z"}"#),
            written(#"{"updatedAt": "2026-11-26T11:00:00.000Z"}"#),
            // It's written all the same.
            written(#"{"updatedAt": "yesterday"}"#),
        ])
        let client = LinearClient(linear)
        var outcomes: [WriteOutcome] = []
        for _ in 1...3 { outcomes += try await client.perform([comment]).map { try $0.get() } }
        let first = Date(timeIntervalSince1970: 1_795_687_200.25)
        #expect(
            outcomes == [.written(first), .written(first.addingTimeInterval(3599.75)), .done]
        )
        #expect(linear.requests.map { $0.contains("commentUpdate") } == [false, true, true])
    }

    @Test func `one write that fails doesn't keep the others from being done`() async throws {
        let linear = ScriptedLinear([
            .error("Entity not found: Issue", code: "INPUT_ERROR", path: "w0"),
            .json(#"{"data": {"w0": {"success": true}}}"#),
        ])
        let results = await LinearClient(linear).perform([comment, link])
        #expect(results == [.failure(.notFound(entity: "Issue")), .success(.done)])
    }

    @Test func `an error that doesn't say whose it is is searched for by halves`() async throws {
        let linear = ScriptedLinear([
            .error("Bad input", code: "BAD_USER_INPUT", status: 400),
            .json(#"{"data": {"w0": {"success": true}}}"#),
            .error("Bad input", code: "BAD_USER_INPUT", status: 400),
        ])
        let results = await LinearClient(linear).perform([comment, link])
        #expect(results == [.success(.done), .failure(.misunderstood(message: "Bad input"))])
    }

    @Test func `a lost answer is followed by the same request`() async throws {
        let linear = ScriptedLinear([
            .failure(.interrupted(host: "h", why: "reset", sent: true)),
            .json(#"{"data": {"w0": {"success": true}}}"#),
        ])
        #expect(await LinearClient(linear).perform([link]) == [.success(.done)])
        #expect(linear.requests[0] == linear.requests[1])
    }

    @Test func `no more than twenty writes go in one request`() async throws {
        func answer(_ count: Int) -> ScriptedLinear.Answer {
            let fields = (0..<count).map { #""w\#($0)": {"success": true}"# }
            return .json(#"{"data": {\#(fields.joined(separator: ","))}}"#)
        }
        let linear = ScriptedLinear([answer(20), answer(20), answer(5)])
        let writes = (0..<45).map {
            LinearWrite.attach(ticket: "t", url: "https://x/\($0)", title: "x", subtitle: nil)
        }
        let results = await LinearClient(linear).perform(writes)
        #expect(results.allSatisfy { $0 == .success(.done) })
        #expect(linear.requests.count == 3)
    }

    @Test func `writes that come while one is under way go together in the next`() async throws {
        let one = HTTPResponse(
            status: 200,
            headers: ["Content-Type": "application/json"],
            body: Array(#"{"data": {"w0": {"success": true}}}"#.utf8)
        )
        let fields = (0..<2).map { #""w\#($0)": {"success": true}"# }.joined(separator: ",")
        let linear = ScriptedLinear([.held(one), .json(#"{"data": {\#(fields)}}"#)])
        let writer = LinearWriter(client: LinearClient(linear), time: SleptTime())
        try await withThrowingTaskGroup(of: WriteOutcome.self) { group in
            group.addTask { try await writer.submit(link) }
            for await _ in linear.arrivals { break }
            group.addTask { try await writer.submit(comment) }
            group.addTask { try await writer.submit(link) }
            while await writer.waitingCount < 2 { await Task.yield() }
            linear.release()
            for try await outcome in group { #expect(outcome == .done) }
        }
        #expect(linear.requests.count == 2)
    }
}
