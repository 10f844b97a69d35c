import Agent
import Domain
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct CodexSampleTests {
    /// What the genuine program printed in one case, and what Linecook makes of it.
    struct CodexSample: Sendable, CustomTestStringConvertible {
        var file: String
        var status: AgentTermination.Status
        var outcome: Outcome
        /// Without those of the cache, and written ones.
        var tokens: [Int]?
        /// The first and the last part of the session's UUID.
        var session: String
        var reason: String?
        var testDescription: String { file }
    }

    static let overloaded =
        "unexpected status 503 Service Unavailable: Overloaded, url: http://127.0.0.1:8398/v1/responses"
    static let samples = [
        CodexSample(
            file: "big-output-clipped.jsonl",
            status: .exited(0),
            outcome: .succeeded,
            tokens: [181_905, 200_307],
            session: "01a209fe-4a932ab29460"
        ),
        CodexSample(
            file: "error-400.jsonl",
            status: .exited(1),
            outcome: .misconfigured,
            session: "01a209ff-fae118811ada",
            reason: "fake: bad request"
        ),
        CodexSample(
            file: "error-401.jsonl",
            status: .exited(1),
            outcome: .authFailed,
            session: "01a209ff-22367646b2cf",
            reason: "unexpected status 401 Unauthorized: fake: invalid x-api-key, url:"
                + " http://127.0.0.1:8398/v1/responses"
        ),
        CodexSample(
            file: "error-429.jsonl",
            status: .exited(1),
            outcome: .rateLimited,
            session: "01a209fe-c953560c439e",
            reason: "exceeded retry limit, last status: 429 Too Many Requests"
        ),
        CodexSample(
            file: "error-503-overloaded.jsonl",
            status: .exited(1),
            outcome: .overloaded,
            session: "01a209fe-62834cb0802a",
            reason: overloaded
        ),
        CodexSample(
            file: "error-dropped.jsonl",
            status: .exited(1),
            outcome: .overloaded,
            session: "01a209fe-f6002965c06a",
            reason: "stream disconnected before completion: Transport error: network error: error"
                + " decoding response body"
        ),
        CodexSample(
            file: "error-no-key.jsonl",
            status: .exited(1),
            outcome: .authFailed,
            session: "01a209ff-fdad1b37c11b",
            reason: "Missing environment variable: `FAKE_OPENAI_KEY`."
        ),
        CodexSample(
            file: "read-only-sandbox.jsonl",
            status: .exited(0),
            outcome: .succeeded,
            tokens: [10_578, 245],
            session: "01a20a01-bad91d55109c"
        ),
        CodexSample(
            file: "sigint-before-answer.jsonl",
            status: .exited(1),
            outcome: .agentFailed,
            session: "01a209ff-c5efecbd34fc",
            reason: "exit 1"
        ),
        CodexSample(
            file: "sigterm-in-tool.jsonl",
            status: .signaled(15),
            outcome: .agentFailed,
            session: "01a209fe-2321663b8b63",
            reason: "ended by SIGTERM, which Linecook didn't send"
        ),
        CodexSample(
            file: "success-no-change.jsonl",
            status: .exited(0),
            outcome: .succeeded,
            tokens: [3431, 52],
            session: "01a209fe-8ca2-9d88265af5d2"
        ),
        CodexSample(
            file: "success.jsonl",
            status: .exited(0),
            outcome: .succeeded,
            tokens: [10_540, 245],
            session: "01a209fe-c17250ff2fa0"
        ),
        CodexSample(
            file: "tool-errors.jsonl",
            status: .exited(0),
            outcome: .succeeded,
            tokens: [6972, 150],
            session: "01a209fe-60cd15fdc01b"
        ),
        CodexSample(
            file: "workspace-write-in-worktree.jsonl",
            status: .exited(0),
            outcome: .succeeded,
            tokens: [10_816, 245],
            session: "01a20a01-cc13121b8"
        ),
    ]

    private func read(_ file: String) throws -> (AgentStream, [AgentEvent]) {
        var stream = AgentStream(kind: .codex)
        let events = stream.read(try Fixture.bytes("codex/" + file)) + stream.finish()
        return (stream, events)
    }

    @Test(arguments: samples)
    func `a sample is judged by what it says and how it ended`(sample: CodexSample) throws {
        let (stream, events) = try read(sample.file)
        let verdict = AgentVerdict(
            stream.summary,
            end: AgentTermination(sample.status),
            standardError: []
        )
        #expect(verdict.outcome == sample.outcome)
        #expect(verdict.reason == sample.reason)
        let session = try #require(verdict.report.session)
        let parts = sample.session.split(separator: "-")
        #expect(session.hasPrefix(parts[0]) && session.hasSuffix(parts[parts.count - 1]))
        let tokens = [verdict.report.inputTokens, verdict.report.outputTokens].compactMap(\.self)
        #expect(tokens == sample.tokens ?? [])
        // It tells neither: unknown is not zero.
        #expect(verdict.report.turns == nil && verdict.report.costUSD == nil)
        // Every line was understood.
        #expect(!events.contains { if case .output = $0 { true } else { false } })
    }

    @Test func `every sample is in the table`() throws {
        #expect(Set(Self.samples.map(\.file)) == Set(try Fixture.names(in: "codex")))
    }

    @Test func `a run reads like a conversation`() throws {
        func lines(_ file: String) throws -> [String] {
            var text = AgentText(width: 100, worktree: "/repo")
            return try read(file).1.flatMap { text.lines(for: $0, at: .distantPast) }.map(\.text)
        }
        #expect(
            try lines("tool-errors.jsonl") == [
                "session",
                "→ command ls /nonexistent-dir; exit 3",
                "  ✗ exit 3: ls: cannot access '/nonexistent-dir': No such file or directory",
                "Two tools failed; I stop here.",
                "the agent is done",
                "6972 tokens in (and 6971 cached), 150 out",
            ]
        )
        let retry = try lines("error-503-overloaded.jsonl").joined(separator: " ")
        #expect(retry.contains("provider: unexpected status 503 Service"), "\(retry)")
        #expect(retry.contains("(HTTP 503); try 1 of 5"), "\(retry)")
    }

    @Test func `what went to the cache or came from it isn't counted twice`() {
        var stream = AgentStream(kind: .codex)
        let usage =
            #"{"input_tokens":100,"cached_input_tokens":60,"cache_write_input_tokens":30,"output_tokens":5}"#
        _ = stream.read(Array("{\"type\":\"turn.completed\",\"usage\":\(usage)}\n".utf8))
        let report = stream.summary.report(after: AgentTermination(.exited(0)))
        #expect((report.inputTokens, report.cacheWriteTokens, report.tokens) == (10, 30, 45))
    }

    @Test func `a success that isn't told of is none`() throws {
        let (stream, _) = try read("sigint-before-answer.jsonl")
        let verdict = AgentVerdict(
            stream.summary,
            end: AgentTermination(.exited(0)),
            standardError: []
        )
        #expect(verdict.outcome == .agentFailed)
    }

    @Test func `a flag that it doesn't know is a mistake of the workflow's`() {
        let verdict = AgentVerdict(
            AgentStream(kind: .codex).summary,
            end: AgentTermination(.exited(2)),
            standardError: Array(
                "error: unexpected argument '--nope' found\n\nFor more information, try '--help'.\n"
                    .utf8
            )
        )
        #expect(verdict.outcome == .misconfigured)
        #expect(verdict.reason == "exit 2: error: unexpected argument '--nope' found")
    }
}
