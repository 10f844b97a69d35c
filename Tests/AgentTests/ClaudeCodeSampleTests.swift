import Agent
import Domain
import SystemPackage
import Testing

/// What the genuine program printed in one case, and what Linecook makes of it.
struct Sample: Sendable, CustomTestStringConvertible {
    var file: String
    var exit: Int
    var outcome: Outcome
    var turns: Int?
    var input: Int?
    var output: Int?
    var cost: Double?
    /// The first part of the session's UUID.
    var session: String
    var reason: String?

    init(
        _ file: String,
        exit: Int = 0,
        _ outcome: Outcome,
        turns: Int?,
        tokens: (Int, Int)?,
        cost: Double?,
        session: String,
        reason: String? = nil
    ) {
        self.file = file
        self.exit = exit
        self.outcome = outcome
        self.turns = turns
        input = tokens?.0
        output = tokens?.1
        self.cost = cost
        self.session = session
        self.reason = reason
    }

    var testDescription: String { file }

    static let overloaded =
        "API Error: 529 Overloaded. This is a server-side issue, usually temporary — try again in a "
        + "moment. If it persists, check your inference gateway (127.0.0.1:8399)."

    static let succeeded = [
        Sample(
            "api-retry-then-success.jsonl",
            .succeeded,
            turns: 3,
            tokens: (36, 133),
            cost: 0.022472,
            session: "13d59203"
        ),
        Sample(
            "background-two-results.jsonl",
            .succeeded,
            turns: 3,
            tokens: (36, 77),
            cost: 0.021755,
            session: "7b8016be"
        ),
        Sample(
            "bare.jsonl",
            .succeeded,
            turns: 3,
            tokens: (36, 139),
            cost: 0.003966,
            session: "8e980e42"
        ),
        Sample(
            "big-output-clipped.jsonl",
            .succeeded,
            turns: 4,
            tokens: (48, 200_178),
            cost: 4.453142,
            session: "2da53fff"
        ),
        Sample(
            "connection-dropped-then-accepted.jsonl",
            .succeeded,
            turns: 1,
            tokens: (60, 42),
            cost: 0.033029,
            session: "970d5e1c"
        ),
        Sample(
            "grandchild.jsonl",
            .succeeded,
            turns: 5,
            tokens: (48, 238),
            cost: 0.03171,
            session: "138ca5e9"
        ),
        Sample(
            "hook-blocked.jsonl",
            .succeeded,
            turns: 3,
            tokens: (36, 133),
            cost: 0.022495,
            session: "cd9f26b5",
            reason: "permission was denied for Bash"
        ),
        Sample(
            "input-stream-json.jsonl",
            .succeeded,
            turns: 3,
            tokens: (36, 133),
            cost: 0.022729,
            session: "da4926b2"
        ),
        Sample(
            "model-fallback.jsonl",
            .succeeded,
            turns: 3,
            tokens: (36, 132),
            cost: 0.006308,
            session: "7ced28c9"
        ),
        Sample(
            "output-format-json.json",
            .succeeded,
            turns: 3,
            tokens: (36, 133),
            cost: 0.022472,
            session: "37331493"
        ),
        Sample(
            "partial-messages.jsonl",
            .succeeded,
            turns: 1,
            tokens: (12, 18),
            cost: 0.006798,
            session: "b9c2c494"
        ),
        Sample(
            "permission-denied.jsonl",
            .succeeded,
            turns: 3,
            tokens: (36, 135),
            cost: 0.022064,
            session: "6efdf73f",
            reason: "permission was denied for Bash, Write"
        ),
        Sample(
            "read-edit-commit.jsonl",
            .succeeded,
            turns: 4,
            tokens: (48, 165),
            cost: 0.029937,
            session: "72b5ab31"
        ),
        Sample(
            "subagent.jsonl",
            .succeeded,
            turns: 2,
            tokens: (36, 88),
            cost: 0.019601,
            session: "609a9b05"
        ),
        Sample(
            "success-no-change.jsonl",
            .succeeded,
            turns: 1,
            tokens: (12, 18),
            cost: 0.006803,
            session: "cd09ca6c"
        ),
        Sample(
            "success-uncommitted.jsonl",
            .succeeded,
            turns: 2,
            tokens: (24, 60),
            cost: 0.014244,
            session: "83569056"
        ),
        Sample(
            "success.jsonl",
            .succeeded,
            turns: 3,
            tokens: (36, 133),
            cost: 0.022472,
            session: "c300085b"
        ),
        Sample(
            "tool-errors.jsonl",
            .succeeded,
            turns: 3,
            tokens: (24, 81),
            cost: 0.014731,
            session: "a2d96a62"
        ),
    ]

    static let failed = [
        Sample(
            "api-error-400.jsonl",
            exit: 1,
            .misconfigured,
            turns: 1,
            tokens: (0, 0),
            cost: 0,
            session: "18c844b7",
            reason: "API Error: 400 fake: bad request"
        ),
        Sample(
            "api-error-401.jsonl",
            exit: 1,
            .authFailed,
            turns: 1,
            tokens: (0, 0),
            cost: 0,
            session: "e5cd78ea",
            reason: "Invalid API key · Fix external API key"
        ),
        Sample(
            "api-error-529-midway.jsonl",
            exit: 1,
            .overloaded,
            turns: 2,
            tokens: (12, 58),
            cost: 0.007603,
            session: "74e45537",
            reason: overloaded
        ),
        Sample(
            "api-error-529.jsonl",
            exit: 1,
            .overloaded,
            turns: 1,
            tokens: (0, 0),
            cost: 0,
            session: "e9a0244e",
            reason: overloaded
        ),
        Sample(
            "api-error-connection-refused.jsonl",
            exit: 1,
            .overloaded,
            turns: 1,
            tokens: (0, 0),
            cost: 0,
            session: "cc0f6086",
            reason:
                "API Error: Connection refused — a firewall or proxy may be blocking it (ECONNREFUSED)"
        ),
        Sample(
            "api-error-max-output-tokens.jsonl",
            exit: 1,
            .agentFailed,
            turns: 4,
            tokens: (48, 32),
            cost: 0.027019,
            session: "46af7e79",
            reason:
                "API Error: Claude's response exceeded the 128000 output token maximum. To configure "
                + "this behavior, set the CLAUDE_CODE_MAX_OUTPUT_TOKENS environment variable."
        ),
        Sample(
            "api-error-no-key.jsonl",
            exit: 1,
            .authFailed,
            turns: 1,
            tokens: (0, 0),
            cost: 0,
            session: "09f9d810",
            reason: "Not logged in · Please run /login"
        ),
        Sample(
            "api-error-timeout.jsonl",
            exit: 1,
            .overloaded,
            turns: 1,
            tokens: (0, 0),
            cost: 0,
            session: "cbb5d66e",
            reason: "Request timed out"
        ),
        Sample(
            "error-max-budget.jsonl",
            exit: 1,
            .budgetExceeded,
            turns: 3,
            tokens: (36, 138),
            cost: 0.022611,
            session: "88f26052",
            reason: "Reached maximum budget ($0.02)"
        ),
        Sample(
            "error-max-turns.jsonl",
            exit: 1,
            .maxTurns,
            turns: 3,
            tokens: (36, 138),
            cost: 0.022438,
            session: "d4eb8128",
            reason: "Reached maximum number of turns (3)"
        ),
        Sample(
            "resume-unknown-session.jsonl",
            exit: 1,
            .agentFailed,
            turns: 0,
            tokens: (0, 0),
            cost: 0,
            session: "3ca787dd",
            reason: "No conversation found with session ID: 3ca787dd-2ba3-4653-b236-7506c73aa034"
        ),
        Sample(
            "background-then-sigterm.jsonl",
            exit: 143,
            .agentFailed,
            turns: 2,
            tokens: (24, 63),
            cost: 0.014354,
            session: "52284b97",
            reason: "ended by SIGTERM, which Linecook didn't send"
        ),
        Sample(
            "sigint-after-tool.jsonl",
            .agentFailed,
            turns: 3,
            tokens: (12, 67),
            cost: 0.007778,
            session: "e24041b1",
            reason: "interrupted (aborted_streaming)"
        ),
        Sample(
            "sigint-before-answer.jsonl",
            .agentFailed,
            turns: nil,
            tokens: nil,
            cost: nil,
            session: "6038ba09",
            reason: "ended without a result; it was interrupted"
        ),
        Sample(
            "sigint-in-tool.jsonl",
            .agentFailed,
            turns: 3,
            tokens: (12, 47),
            cost: 0.007378,
            session: "36ab93d6",
            reason: "interrupted (aborted_tools)"
        ),
        Sample(
            "sigterm-before-answer.jsonl",
            exit: 143,
            .agentFailed,
            turns: nil,
            tokens: nil,
            cost: nil,
            session: "62eb12ec",
            reason: "ended by SIGTERM, which Linecook didn't send"
        ),
        Sample(
            "sigterm-in-tool.jsonl",
            exit: 143,
            .agentFailed,
            turns: 1,
            tokens: nil,
            cost: nil,
            session: "7ec9922d",
            reason: "ended by SIGTERM, which Linecook didn't send"
        ),
    ]
}

@Suite struct ClaudeCodeSampleTests {
    @Test(arguments: Sample.succeeded + Sample.failed)
    func `each recorded run gets its outcome, turns, tokens, cost and session`(
        sample: Sample
    ) throws {
        let stream = try read(sample.file)
        let verdict = AgentVerdict(
            stream.summary,
            end: AgentTermination(.exited(sample.exit)),
            standardError: []
        )
        #expect(verdict.outcome == sample.outcome)
        #expect(verdict.reason == sample.reason)
        #expect(verdict.report.turns == sample.turns)
        #expect(verdict.report.inputTokens == sample.input)
        #expect(verdict.report.outputTokens == sample.output)
        #expect(verdict.report.costUSD == sample.cost)
        #expect(verdict.report.session?.prefix(8) == sample.session[...])
        #expect(verdict.report.exit == sample.exit)
    }

    @Test func `a refusal is one although it says success`() throws {
        let stream = try read("api-error-refusal.jsonl")
        let end = AgentTermination(.exited(1))
        let verdict = AgentVerdict(stream.summary, end: end, standardError: [])
        #expect(verdict.outcome == .refused)
        #expect(verdict.reason?.hasPrefix("API Error: Opus 5.5's safeguards flagged") == true)
        #expect(verdict.report.costUSD == 0.013519)
        #expect(verdict.report.turns == 2)
        #expect(verdict.report.session == "bcb14fef" + (verdict.report.session?.dropFirst(8) ?? ""))
    }

    @Test(arguments: [
        (
            "permission-denied.jsonl",
            [
                "Write: /repo/T-7.txt",
                "Bash: git add -A && git -c user.name=Fake -c user.email=fake@localhost commit -q -m"
                    + " 'Do T-7' && git log --oneline -1",
            ]
        ),
        (
            "hook-blocked.jsonl",
            [
                "Bash: git add -A && git -c user.name=Fake -c user.email=fake@localhost commit -q -m"
                    + " 'Do T-7' && git log --oneline -1"
            ]
        ), ("tool-errors.jsonl", []),
    ])
    func `what was denied is told with what was wanted, each once`(
        file: String,
        denials: [String]
    ) throws {
        let verdict = AgentVerdict(
            try read(file).summary,
            end: AgentTermination(.exited(0)),
            standardError: []
        )
        #expect(verdict.report.denials?.map(\.description) ?? [] == denials)
    }

    @Test func `what was denied is short and harmless, whatever the agent wanted`() {
        var stream = AgentStream(kind: .claudeCode)
        for number in 1...100 {
            let wanted = "echo \(number) \\u001b]8;;x\\u0007 " + String(repeating: "x", count: 9000)
            let call =
                #"{"type":"assistant","message":{"id":"m","content":[{"type":"tool_use","#
                + #""id":"t\#(number)","name":"Bash","input":{"command":"\#(wanted)"}}]}}"#
            let denial =
                #"{"type":"system","subtype":"permission_denied","tool_name":"Bash","#
                + #""tool_use_id":"t\#(number)","message":"no"}"#
            _ = stream.read(Array((call + "\n" + denial + "\n" + denial + "\n").utf8))
        }
        let denials = stream.summary.report(after: AgentTermination(.exited(0))).denials ?? []
        #expect(denials.count == 20)
        #expect(denials.first?.input.hasPrefix("echo 1 ") == true)
        let isHarmless = denials.allSatisfy { denial in
            denial.input.count <= 201 && !denial.input.utf8.contains(0x1B)
        }
        #expect(isHarmless)
    }

    @Test func `every sample is in the table`() throws {
        let listed = Set(
            (Sample.succeeded + Sample.failed).map(\.file) + ["api-error-refusal.jsonl"]
        )
        #expect(listed == Set(try Fixture.names(in: "claude-code")))
    }

    @Test func `a lost session is said to be lost`() throws {
        let end = AgentTermination(.exited(1))
        let unknown = try read("resume-unknown-session.jsonl")
        #expect(AgentVerdict(unknown.summary, end: end, standardError: []).sessionIsLost)
        let refused = try read("api-error-refusal.jsonl")
        #expect(!AgentVerdict(refused.summary, end: end, standardError: []).sessionIsLost)
    }

    @Test(arguments: [
        (AgentTermination.Cause.timeout(.seconds(45 * 60)), Outcome.timedOut, "ended after 45 min"),
        (.stall(.seconds(600)), .stalled, "silent for 10 min"),
        (
            .idle(.seconds(1800)), .stalled,
            "changed no file and did nothing new for 30 min (agent.idle_work)"
        ),
        (
            .memory(held: 5_230_000_000, limit: 4_000_000_000), .agentFailed,
            "ended since it held 5.2 GB of memory with all that it had started; agent.memory allows 4 GB"
        ),
        (.cancel, .cancelled, "ended because it was cancelled"),
    ])
    func `an end that Linecook made is called by its cause`(
        cause: AgentTermination.Cause,
        outcome: Outcome,
        reason: String
    ) throws {
        for file in ["sigterm-in-tool.jsonl", "background-then-sigterm.jsonl"] {
            let stream = try read(file)
            let verdict = AgentVerdict(
                stream.summary,
                end: AgentTermination(.exited(143), endedFor: cause),
                standardError: []
            )
            #expect(verdict.outcome == outcome)
            #expect(verdict.reason == reason)
        }
    }

    @Test func `a resumed session costs what it cost since`() throws {
        let bytes = try Fixture.bytes("claude-code/success.jsonl")
        for (before, cost) in [(0.02, 0.002472), (1, 0.022472)] {
            var stream = AgentStream(kind: .claudeCode, before: AgentUsage(cost: before))
            _ = stream.read(bytes)
            let report = stream.summary.report(after: AgentTermination(.exited(0)))
            #expect(report.costUSD == cost)
        }
    }

    @Test(arguments: [((12, 40), (24, 93)), ((37, 134), (36, 133))])
    func `a resumed session read and wrote what it did since`(
        before: (Int, Int),
        since: (Int, Int)
    ) throws {
        let used = AgentUsage(inputTokens: before.0, outputTokens: before.1)
        var stream = AgentStream(kind: .claudeCode, before: used)
        _ = stream.read(try Fixture.bytes("claude-code/success.jsonl"))
        let report = stream.summary.report(after: AgentTermination(.exited(0)))
        #expect(report.inputTokens == since.0)
        #expect(report.outputTokens == since.1)
    }

    /// Its first answer takes 12 tokens, puts 1141 into the cache and begins with one, said in two lines.
    @Test(arguments: [(2, 1154), (3, 1154), (5, 2339)])
    func `tokens of an answer count once, and before there is a total`(
        lines: Int,
        tokens: Int
    ) throws {
        let stream = try read("success.jsonl", lines: lines)
        #expect(stream.summary.excess(over: settings(tokens: tokens)) == nil)
        let excess = "ended after \(tokens) tokens; it may use \(tokens - 1)"
        #expect(stream.summary.excess(over: settings(tokens: tokens - 1)) == excess)
        // What is known of one that was killed would be too little: all that it might use is counted.
        let killed = stream.summary.report(after: AgentTermination(.signaled(9)))
        #expect(killed.tokens == nil)
        let end = AgentTermination(.signaled(15), endedFor: .spending(excess))
        #expect(stream.summary.report(after: end).tokens == tokens)
    }

    @Test func `tokens of a sub-agent count before there is a total, too`() {
        var stream = AgentStream(kind: .claudeCode)
        let usage = #"{"input_tokens":3,"cache_creation_input_tokens":40,"output_tokens":1}"#
        let line =
            #"{"type":"assistant","parent_tool_use_id":"t","message":{"id":"m","content":[],"usage":"#
            + usage + "}}\n"
        _ = stream.read(Array(line.utf8))
        let excess = stream.summary.excess(over: settings(tokens: 43))
        #expect(excess == "ended after 44 tokens; it may use 43")
    }

    @Test func `a total counts what went to the cache, and what came after it is added`() throws {
        let bytes = try Fixture.bytes("claude-code/background-two-results.jsonl")
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        let totals = (1...lines.count).map { count in
            var stream = AgentStream(kind: .claudeCode)
            for line in lines.prefix(count) { _ = stream.read(line + [UInt8(ascii: "\n")]) }
            return stream.summary.report(after: AgentTermination(.exited(0))).tokens
        }
        let (first, second) = (24 + 2321 + 63, 36 + 3584 + 77)
        #expect(totals[..<6] == [nil, nil, nil, nil, nil, nil])
        #expect(totals[6...] == [first, first, first, first, first, first + 12 + 1263 + 1, second])
    }

    private func settings(tokens: Int) -> AgentSettings {
        var settings = AgentSettings()
        settings.kind = .claudeCode
        settings.tokens = tokens
        return settings
    }

    private func read(_ file: String, lines: Int = .max) throws -> AgentStream {
        var stream = AgentStream(kind: .claudeCode)
        let bytes = try Fixture.bytes("claude-code/" + file)
        let kept = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        _ = stream.read(Array(kept.prefix(lines).joined(separator: [UInt8(ascii: "\n")])))
        _ = stream.finish()
        return stream
    }
}
