import Domain
import HTTP
import Linear
import Synchronization
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Stands in for Linear: plays answers in order, keeps what it was asked.
final class ScriptedLinear: LinearTransport {
    enum Answer: Sendable {
        case reply(HTTPResponse)
        case failure(HTTPError)
        /// Answered once `release` is called.
        case held(HTTPResponse)

        static func json(
            _ text: String,
            status: Int = 200,
            headers: HTTPHeaders = [:]
        ) -> Answer {
            var headers = headers
            headers["Content-Type"] = "application/json; charset=utf-8"
            return .reply(
                HTTPResponse(status: status, headers: headers, body: Array(text.utf8))
            )
        }

        static func error(_ message: String, code: String, path: String? = nil, status: Int = 200)
            -> Answer
        {
            let path = path.map { ", \"path\": [\"\($0)\"]" } ?? ""
            return .json(
                #"{"errors": [{"message": "\#(message)"\#(path), "extensions": {"code": "\#(code)"}}]"#
                    + #", "data": null}"#,
                status: status
            )
        }
    }

    private struct State {
        var answers: [Answer]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>
    /// One element a request that has come in.
    let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation
    private let gate: AsyncStream<Void>
    private let opening: AsyncStream<Void>.Continuation

    init(_ answers: [Answer]) {
        state = Mutex(State(answers: answers))
        (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        (gate, opening) = AsyncStream.makeStream(of: Void.self)
    }

    var messages: [HTTPRequest] { state.withLock { $0.requests } }
    /// The bodies, as text.
    var requests: [String] { messages.map { String(decoding: $0.body, as: UTF8.self) } }
    var authorization: Secret? { messages.first?.authorization }

    func release() { opening.yield() }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let answer = state.withLock { state -> Answer in
            state.requests.append(request)
            return state.answers.isEmpty
                ? .failure(.unavailable(why: "the script is over")) : state.answers.removeFirst()
        }
        arrived.yield()
        switch answer {
        case .reply(let response): return response
        case .failure(let error): throw error
        case .held(let response):
            for await _ in gate { break }
            return response
        }
    }
}

/// Time that passes only by being slept.
final class SleptTime: TimeSource {
    static let start = Date(timeIntervalSince1970: 1_790_000_000)
    private let uptime = Mutex(Duration.zero)

    var slept: Duration { uptime.withLock { $0 } }

    func now() -> Moment {
        let uptime = slept
        return Moment(wall: Self.start.addingTimeInterval(uptime.inSeconds), uptime: uptime)
    }

    func sleep(untilUptime deadline: Duration) async throws {
        try Task.checkCancellation()
        uptime.withLock { $0 = max($0, deadline) }
    }
}

/// Pieces of answers, as Linear writes them.
enum Fixture {
    static let team = """
        "teams": {"nodes": [{"id": "team", "key": "FRE", "name": "Free", "states": {"nodes": [
        {"id": "s-todo", "name": "Todo", "type": "unstarted", "position": 1},
        {"id": "s-back", "name": "Backlog", "type": "backlog", "position": 0},
        {"id": "s-prog", "name": "In Progress", "type": "started", "position": 2},
        {"id": "s-rev", "name": "In Review", "type": "started", "position": 3},
        {"id": "s-done", "name": "Done", "type": "completed", "position": 4}]}}]},
        "viewer": {"id": "me", "name": "Bot", "email": "bot@example.com"}
        """
    static let empty = #"{"nodes": [], "pageInfo": {"hasNextPage": false, "endCursor": null}}"#
    static let labels = ScriptedLinear.Answer.json(
        #"{"data": {"issueLabels": {"nodes": [{"id": "l-agent", "name": "agent"}]}}}"#
    )

    static func issue(_ key: String, more: String = "") -> String {
        """
        {"id": "id-\(key)", "identifier": "\(key)", "title": "A title", "url": "https://linear.app/x",
        "priority": 2, "estimate": null, "createdAt": "2026-11-20T10:00:00.000Z",
        "updatedAt": "2026-11-21T10:00:00.000Z", "labelIds": ["l-agent"], "project": null,
        "state": {"id": "s-todo", "name": "Todo", "type": "unstarted"}\(more)}
        """
    }

    static func blocked(_ key: String, by blockers: [String], next: String? = nil) -> String {
        issue(key, more: #", "inverseRelations": \#(relations(blockers, next: next))"#)
    }

    static func relations(_ blockers: [String], next: String? = nil) -> String {
        let nodes = blockers.map {
            """
            {"type": "blocks", "issue": {"id": "id-\($0)", "identifier": "\($0)",
            "state": {"id": "s-done", "name": "Done", "type": "completed"}}}
            """
        }
        return page(nodes, next: next)
    }

    static func subIssue(_ key: String, of parent: String?) -> String {
        let parent = parent.map { "{\"id\": \"id-\($0)\"}" } ?? "null"
        return """
            {"id": "id-\(key)", "identifier": "\(key)", "parent": \(parent),
            "state": {"id": "s-todo", "name": "Todo", "type": "unstarted"}}
            """
    }

    static func page(_ nodes: [String], next: String? = nil) -> String {
        let cursor = next.map { "\"\($0)\"" } ?? "null"
        return """
            {"nodes": [\(nodes.joined(separator: ","))],
            "pageInfo": {"hasNextPage": \(next != nil), "endCursor": \(cursor)}}
            """
    }

    static func tracked(_ key: String, archived: Bool = false) -> String {
        """
        {"id": "id-\(key)", "identifier": "\(key)", "labelIds": [], "trashed": null,
        "archivedAt": \(archived ? "\"2026-11-21T10:00:00.000Z\"" : "null"),
        "state": {"id": "s-prog", "name": "In Progress", "type": "started"}}
        """
    }

    static func poll(
        free: String? = Fixture.empty,
        blocked: String? = Fixture.empty,
        subIssues: String? = nil,
        tracked: [String]? = nil,
        replies: [String]? = nil,
        team: String = Fixture.team
    ) -> ScriptedLinear.Answer {
        var parts = [team]
        if let free { parts.append("\"free\": \(free)") }
        if let blocked { parts.append("\"blocked\": \(blocked)") }
        if let subIssues { parts.append("\"subIssues\": \(subIssues)") }
        if let tracked { parts.append("\"tracked\": \(page(tracked))") }
        if let replies { parts.append("\"replies\": \(page(replies))") }
        return .json("{\"data\": {\(parts.joined(separator: ","))}}")
    }
}

extension LinearClient {
    init(_ linear: ScriptedLinear, time: SleptTime = SleptTime(), token: String = "lin_api_x") {
        self.init(
            endpoint: "https://api.linear.app/graphql",
            token: Secret(token),
            transport: linear,
            time: time,
            randomness: SplitMix64(seed: 1)
        )
    }
}
