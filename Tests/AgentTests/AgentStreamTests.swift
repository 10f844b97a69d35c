import Agent
import Domain
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct AgentStreamTests {
    @Test func `it doesn't matter where the pieces of a stream are cut`() throws {
        let bytes = try Fixture.bytes("claude-code/permission-denied.jsonl")
        var whole = AgentStream(kind: .claudeCode)
        let events = whole.read(bytes) + whole.finish()
        for size in [1, 7, 4096] {
            var stream = AgentStream(kind: .claudeCode)
            var found: [AgentEvent] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                found += stream.read(bytes[start..<min(start + size, bytes.count)])
            }
            found += stream.finish()
            #expect(found == events)
            #expect(stream.summary == whole.summary)
        }
    }

    @Test func `a line that is too long is skipped and the next one is read`() {
        var stream = AgentStream(kind: .command, lineLimit: 1000)
        var events: [AgentEvent] = []
        let piece = Array(repeating: UInt8(ascii: "x"), count: 999)
        for _ in 0..<100 { events += stream.read(piece) }
        events += stream.read(Array("\nafter\n".utf8))
        #expect(events == [.skipped(bytes: 99_900), .output("after")])
    }

    @Test func `broken bytes lose a character and not a line`() {
        var stream = AgentStream(kind: .command)
        var bytes = Array(#"{"event":"message","text":"a"#.utf8)
        bytes += [0xFF, 0x00] + Array("b\"}\r\nplain\0 ".utf8) + [0xC3]
        let events = stream.read(bytes) + stream.finish()
        #expect(events == [.message("a\u{FFFD}b"), .output("plain \u{FFFD}")])
    }

    @Test(arguments: [
        (#"{"event":"usage","input_tokens":12,"cost_usd":0.5,"turns":3}"#, true),
        (#"{"event":"outcome","outcome":"rate_limited","retry_at":1795463244}"#, true),
        (#"{"event":"outcome","outcome":"cancelled"}"#, false),
        (#"{"event":"outcome","outcome":"rate_limited","retry_at":"soon"}"#, false),
        (#"{"event":"dance"}"#, false), (#"{"level":"info"}"#, false), ("{", false), ("[1]", false),
    ])
    func `a command's line is an event, or else plain output`(line: String, isEvent: Bool) {
        var stream = AgentStream(kind: .command)
        let events = stream.read(Array((line + "\n").utf8))
        #expect((events != [.output(line)]) == isEvent)
    }

    @Test(arguments: [("success", Int.max, Int.max), ("error_max_turns", Int.min, 0)])
    func `turns and tokens that no sum can hold end nothing`(
        subtype: String,
        said: Int,
        turns: Int
    ) throws {
        let result =
            #"{"type":"result","subtype":"\#(subtype)","terminal_reason":"max_turns","num_turns":\#(said),"#
            + #""usage":{"input_tokens":\#(said),"output_tokens":\#(said)}}"#
        let answer =
            #"{"type":"assistant","message":{"id":"m","usage":{"input_tokens":\#(said)},"content":[]}}"#
        let lines = [answer, result, answer, result, answer, ""].joined(separator: "\n")
        var stream = AgentStream(kind: .claudeCode, before: AgentUsage())
        _ = stream.read(Array(lines.utf8))
        let report = stream.summary.report(after: AgentTermination(.exited(0)))
        #expect(report.turns.map { abs($0 - turns) <= 1 } == true)
        #expect((0...2_000_000_000_000).contains(report.tokens ?? -1))
    }

    @Test(arguments: [("1e308", 1e9), ("-5", 0), ("0.25", 0.25)])
    func `what an agent says that it cost stays an amount of money`(
        said: String,
        cost: Double
    ) throws {
        var stream = AgentStream(kind: .command, before: AgentUsage())
        _ = stream.read(Array("{\"event\":\"usage\",\"cost_usd\":\(said)}\n".utf8))
        let report = stream.summary.report(after: AgentTermination(.exited(0)))
        #expect(report.costUSD == cost)
    }

    @Test func `events survive their JSON form`() throws {
        let events: [AgentEvent] = [
            .started(session: "s", model: nil), .message("m\u{1B}"),
            .tool(name: "Bash", argument: "ls"),
            .toolFailed("x"), .denied(tool: "Write", argument: "a.txt", text: "no"),
            .retrying(
                AgentRetry(attempt: 1, limit: 4, seconds: 0.5, status: 529, reason: "overloaded")
            ),
            .limited(until: Date(timeIntervalSince1970: 1_795_463_244)), .limited(until: nil),
            .usage(AgentUsage(turns: 2, cost: 0.1, inputTokens: 3)),
            .outcome(
                AgentEnding(
                    .rateLimited,
                    reason: "r",
                    reset: .wallClock(
                        WallClockReset(
                            month: 10,
                            day: 9,
                            hour: 20,
                            minute: 5,
                            zone: "Europe/Berlin"
                        )
                    ),
                    sessionIsLost: true
                )
            ),
            .outcome(AgentEnding(.overloaded, reset: .after(seconds: 90))), .notice("n"),
            .output("o"), .skipped(bytes: 7),
        ]
        for event in events {
            let data = try JSONEncoder().encode(event)
            #expect(try JSONDecoder().decode(AgentEvent.self, from: data) == event)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a damaged stream is read to its end`() throws {
        let bytes = try Fixture.bytes("claude-code/error-max-turns.jsonl")
        var state: UInt64 = 1
        for _ in 0..<200 {
            var damaged = bytes
            for _ in 0..<20 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                damaged[Int(state >> 33) % damaged.count] = UInt8(truncatingIfNeeded: state >> 20)
            }
            var stream = AgentStream(kind: .claudeCode)
            var text = AgentText(width: 60, worktree: "/repo")
            for event in stream.read(damaged) + stream.finish() {
                for line in text.lines(for: event, at: .distantPast) { expectHarmless(line) }
            }
            let end = AgentTermination(.exited(1))
            let verdict = AgentVerdict(stream.summary, end: end, standardError: damaged.prefix(100))
            #expect(verdict.outcome != .succeeded)
        }
    }
}
