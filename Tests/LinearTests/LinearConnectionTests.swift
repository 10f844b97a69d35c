import Domain
import HTTP
import Linear
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(5))) struct LinearConnectionTests {
    private let selection = TicketSelection(team: "FRE")

    private static func reply(_ text: String, status: Int = 200, type: String)
        -> ScriptedLinear
        .Answer
    {
        .reply(
            HTTPResponse(status: status, headers: ["Content-Type": type], body: Array(text.utf8))
        )
    }

    private static let passing: [ScriptedLinear.Answer] = [
        reply("<html>", status: 502, type: "text/html"),
        .failure(.interrupted(host: "h", why: "reset", sent: true)),
        .failure(.timedOut(host: "h", after: .seconds(20), sent: true)),
        .error("Internal server error", code: "INTERNAL_SERVER_ERROR", path: "free"),
        .json(""),
        .json(#"{"data": {"free": {"nodes"#),
        reply(#"{"data": {}}"#, type: "text/html"),
        .json(#"{"data": null}"#),
        .json(#"{"data": {"free": null}, "errors": [{"message": "Internal server error"}]}"#),
    ]

    @Test(arguments: passing.indices)
    func `a fault that passes is tried again after a short wait`(index: Int) async throws {
        let time = SleptTime()
        let linear = ScriptedLinear([Self.passing[index], Fixture.poll()])
        #expect(try await LinearClient(linear, time: time).poll(selection).tickets.isEmpty)
        #expect((.milliseconds(400)...(.milliseconds(600))).contains(time.slept))
    }

    @Test(arguments: passing.indices)
    func `a fault that stays is an error after three tries`(index: Int) async throws {
        let answer = Self.passing[index]
        let linear = ScriptedLinear([answer, answer, answer, Fixture.poll()])
        let client = LinearClient(linear)
        let error = await #expect(throws: LinearError.self) { try await client.poll(selection) }
        #expect(error?.isRetryable == true)
        #expect(linear.requests.count == 3)
    }

    @Test func `holes where the schema promises records are an error, not an empty team`()
        async throws
    {
        let linear = ScriptedLinear([Fixture.poll(free: "null")])
        let client = LinearClient(linear)
        await #expect(throws: LinearError.malformedAnswer(what: "'free' is null")) {
            try await client.poll(selection)
        }
    }

    @Test func `a token that isn't accepted is said once, with where to get another`() async throws
    {
        let linear = ScriptedLinear([
            .error("Authentication required", code: "AUTHENTICATION_ERROR", status: 401)
        ])
        let client = LinearClient(linear)
        let error = await #expect(throws: LinearError.self) { try await client.poll(selection) }
        #expect(
            error?.description == "Linear: the token isn't accepted (Authentication required); "
                + "make a personal API key under Settings, Security & access, and put it where "
                + "linear.token points ($LINEAR_API_KEY by default)"
        )
    }

    @Test(arguments: [("lin_api_x", "lin_api_x"), ("lin_oauth_x", "Bearer lin_oauth_x")])
    func `a personal key stands alone and an app's token is a bearer`(
        token: String,
        sent: String
    ) async throws {
        let linear = ScriptedLinear([Fixture.poll()])
        _ = try await LinearClient(linear, token: token).poll(selection)
        #expect(linear.authorization?.revealed == sent)
    }

    @Test func `a used-up budget is waited for, and not asked meanwhile`() async throws {
        let time = SleptTime()
        let linear = ScriptedLinear([
            .json(
                #"{"errors": [{"message": "Rate limit", "extensions": {"code": "RATELIMITED"}}]}"#,
                status: 400,
                headers: [
                    "X-RateLimit-Requests-Limit": "2500",
                    "X-RateLimit-Requests-Remaining": "0",
                    "X-RateLimit-Requests-Reset": "1790000090000",
                ]
            ),
            Fixture.poll(),
        ])
        let client = LinearClient(linear, time: time)
        _ = try await client.poll(selection)
        #expect((.seconds(90)...(.seconds(91))).contains(time.slept))
        #expect(linear.requests.count == 2)
        #expect(await client.budget.exhaustedUntil == nil)
        #expect(await client.budget.requests?.limit == 2500)
    }

    @Test func `a budget that is far away is told to the caller, and nothing is sent till then`()
        async throws
    {
        let linear = ScriptedLinear([
            .json("{}", status: 429, headers: ["Retry-After": "1800"]), Fixture.poll(),
        ])
        let client = LinearClient(linear)
        let until = SleptTime.start.addingTimeInterval(1800)
        for _ in 1...2 {
            await #expect(throws: LinearError.rateLimited(until: until)) {
                try await client.poll(selection)
            }
        }
        #expect(linear.requests.count == 1)
        #expect(await client.budget.exhaustedUntil == until)
    }

    @Test func `an error's text is cleaned before anyone sees it`() async throws {
        let linear = ScriptedLinear([
            .error(#"Bad\u001b[2J\nfield"#, code: "GRAPHQL_VALIDATION_FAILED", status: 400)
        ])
        let client = LinearClient(linear)
        await #expect(throws: LinearError.misunderstood(message: "Bad [2J field")) {
            try await client.poll(selection)
        }
    }

    @Test func `cancellation passes through as what it is`() async throws {
        let linear = ScriptedLinear([.failure(.cancelled(sent: true))])
        let client = LinearClient(linear)
        await #expect(throws: LinearError.cancelled) { try await client.poll(selection) }
    }
}
