import Disk
import Domain
import Forge
import HTTP
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A GitHub of one repository, `acme/shop`, in memory; it does what it is asked, unless it is told to fail.
actor ScriptedGitHub: GitHubTransport {
    /// What becomes of one request.
    enum Fault: Sendable {
        /// This is the answer, and nothing is done.
        case answer(HTTPResponse)
        /// The connection breaks before the request has arrived.
        case unreachable
        /// The request is carried out and its answer lost.
        case lostAnswer
        /// The request is carried out and a gateway answers 502.
        case badGateway
    }
    struct Pull: Sendable {
        var number: Int
        var title: String
        var body: String
        var head: String
        var base: String
        var draft: Bool
        var sha: String
        var state = "open"
        var merged = false
        var labels: [String] = []
        var reviewers: [String] = []
        var owner = "acme"
    }

    private(set) var pulls: [Pull]
    private(set) var requests: [HTTPRequest] = []
    /// The branches that were pushed, and where they stand.
    private let branches: [String: String]
    /// For the next request whose method and path begin so; the first that fits is used up.
    private var faults: [(String, Fault)]
    /// How many lists don't show yet what was opened.
    private var delay: Int

    init(
        pulls: [Pull] = [],
        branches: [String: String] = [:],
        faults: [(String, Fault)] = [],
        delay: Int = 0
    ) {
        self.pulls = pulls
        self.branches = branches
        self.faults = faults
        self.delay = delay
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        requests.append(request)
        let prefix = "https://api.github.com/repos/acme/shop/"
        guard request.url.hasPrefix(prefix) else { return .json(404, ["message": "Not Found"]) }
        let line = "\(request.method.rawValue) \(request.url.dropFirst(prefix.count))"
        guard let index = faults.firstIndex(where: { line.hasPrefix($0.0) }) else {
            return answer(line, request.body)
        }
        switch faults.remove(at: index).1 {
        case .answer(let response): return response
        case .unreachable: throw .unreachable(host: "api.github.com", why: "no route")
        case .lostAnswer:
            _ = answer(line, request.body)
            throw .interrupted(host: "api.github.com", why: "connection reset", sent: true)
        case .badGateway:
            _ = answer(line, request.body)
            return HTTPResponse(status: 502, body: Array("<html>Bad Gateway</html>".utf8))
        }
    }

    private func answer(_ line: String, _ body: [UInt8]) -> HTTPResponse {
        let words = line.split(whereSeparator: { " /?".contains($0) }).map(String.init)
        switch (words.first, words.count) {
        case ("GET", _) where line.hasPrefix("GET pulls?"): return list(line)
        case ("GET", _):
            guard let pull = pulls.first(where: { "\($0.number)" == words.last }) else {
                return .json(404, ["message": "Not Found"])
            }
            return HTTPResponse(status: 200, body: Array(pull.json.utf8))
        case ("POST", 2): return create(body)
        case ("POST", _): return complete(words, body)
        case ("PATCH", _):
            guard let index = pulls.firstIndex(where: { "\($0.number)" == words.last })
            else { return .json(404, ["message": "Not Found"]) }
            if let aim = try? RecordDecoder.value(Aim.self, from: body) {
                return retarget(index, to: aim.base)
            }
            guard let text = try? RecordDecoder.value(Text.self, from: body) else {
                return .json(400, ["message": "Problems parsing JSON"])
            }
            pulls[index].title = text.title
            pulls[index].body = text.body
            return HTTPResponse(status: 200, body: Array(pulls[index].json.utf8))
        default: return .json(404, ["message": "Not Found"])
        }
    }

    private func retarget(_ index: Int, to base: String) -> HTTPResponse {
        if pulls[index].state == "closed" {
            return .refusal(
                #"{"resource":"PullRequest","code":"custom","message":"Cannot change the base branch of a closed pull request."}"#
            )
        }
        guard base == "main" || branches[base] != nil else {
            return .refusal(#"{"resource":"PullRequest","field":"base","code":"invalid"}"#)
        }
        pulls[index].base = base
        return HTTPResponse(status: 200, body: Array(pulls[index].json.utf8))
    }

    private func list(_ line: String) -> HTTPResponse {
        var listed = Array(pulls.reversed())
        if delay > 0, !listed.isEmpty {
            delay -= 1
            listed.removeFirst()
        }
        if line.contains("state=open") { listed = listed.filter { $0.state == "open" } }
        let json = "[\(listed.map(\.json).joined(separator: ","))]"
        return HTTPResponse(status: 200, body: Array(json.utf8))
    }

    private func create(_ body: [UInt8]) -> HTTPResponse {
        guard let draft = try? RecordDecoder.value(Draft.self, from: body) else {
            return .json(400, ["message": "Problems parsing JSON"])
        }
        guard let sha = branches[draft.head] else {
            return .refusal(#"{"resource":"PullRequest","field":"head","code":"invalid"}"#)
        }
        if pulls.contains(where: {
            $0.head == draft.head && $0.base == draft.base && $0.state == "open"
        }) {
            return .refusal(
                #"{"code":"custom","message":"A pull request already exists for acme:\#(draft.head)."}"#
            )
        }
        pulls.append(
            Pull(
                number: (pulls.last?.number ?? 0) + 1,
                title: draft.title,
                body: draft.body,
                head: draft.head,
                base: draft.base,
                draft: draft.draft,
                sha: sha
            )
        )
        return HTTPResponse(status: 201, body: Array(pulls[pulls.count - 1].json.utf8))
    }

    private func complete(_ words: [String], _ body: [UInt8]) -> HTTPResponse {
        guard words.count == 4, let index = pulls.firstIndex(where: { "\($0.number)" == words[2] })
        else { return .json(404, ["message": "Not Found"]) }
        if let labels = try? RecordDecoder.value(Labels.self, from: body) {
            pulls[index].labels += labels.labels
        } else if let asked = try? RecordDecoder.value(Reviewers.self, from: body) {
            pulls[index].reviewers +=
                asked.reviewers + asked.team_reviewers.map { "acme/\($0)" }
        }
        return .json(200, [:])
    }

    private struct Draft: Decodable {
        var title: String
        var body: String
        var head: String
        var base: String
        var draft: Bool
    }
    private struct Aim: Decodable {
        var base: String
    }
    private struct Text: Decodable {
        var title: String
        var body: String
    }
    private struct Labels: Decodable {
        var labels: [String]
    }
    private struct Reviewers: Decodable {
        var reviewers: [String]
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var team_reviewers: [String]  // GitHub's own name for it
    }
}

extension ScriptedGitHub.Pull {
    fileprivate var json: String {
        let users = reviewers.map { JSONNode.object([(name: "login", value: .string($0))]) }
        return JSONNode.object([
            (name: "number", value: .number("\(number)")),
            (name: "html_url", value: .string("https://github.com/acme/shop/pull/\(number)")),
            (name: "state", value: .string(state)),
            (name: "draft", value: .bool(draft)),
            (name: "merged_at", value: merged ? .string("2026-11-23T19:40:02Z") : .null),
            (name: "title", value: .string(title)),
            (name: "body", value: body.isEmpty ? .null : .string(body)),
            (name: "head", value: branch(head, sha)),
            (name: "base", value: branch(base, "0")),
            (
                name: "labels",
                value: .array(labels.map { .object([(name: "name", value: .string($0))]) })
            ),
            (name: "requested_reviewers", value: .array(users)),
            (name: "requested_teams", value: .array([])),
        ]).lineText
    }

    private func branch(_ name: String, _ sha: String) -> JSONNode {
        .object([
            (name: "ref", value: .string(name)), (name: "sha", value: .string(sha)),
            (name: "user", value: .object([(name: "login", value: .string(owner))])),
        ])
    }
}

extension HTTPResponse {
    static func json(
        _ status: Int,
        _ members: [String: String],
        _ headers: HTTPHeaders = [:]
    ) -> Self {
        let node = JSONNode.object(members.map { (name: $0.key, value: .string($0.value)) })
        return HTTPResponse(status: status, headers: headers, body: Array(node.lineText.utf8))
    }

    /// GitHub's 422, with the details of an error.
    static func refusal(_ detail: String) -> Self {
        let text = #"{"message":"Validation Failed","errors":[\#(detail)]}"#
        return HTTPResponse(status: 422, body: Array(text.utf8))
    }
}

/// Time that stands still.
struct StoppedClock: TimeSource {
    var wall = Date(timeIntervalSince1970: 1_700_000_000)
    func now() -> Moment { Moment(wall: wall, uptime: .zero) }
    func sleep(untilUptime deadline: Duration) async throws {}
}

/// A proposal for the branch `feature/FRE-1-x` at commit `aaa`.
func proposal(
    head: String = "feature/FRE-1-x",
    commit: String = "aaa",
    title: String = "FRE-1: A thing",
    body: String = "Done.",
    base: String = "main",
    labels: [String] = [],
    reviewers: [String] = []
) -> PullRequestProposal {
    PullRequestProposal(
        title: title,
        body: body,
        head: head,
        headCommit: commit,
        base: base,
        ticket: TicketKey("FRE-1"),
        draft: true,
        labels: labels,
        reviewers: reviewers
    )
}
