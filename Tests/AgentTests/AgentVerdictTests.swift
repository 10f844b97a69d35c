import Agent
import Domain
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct AgentVerdictTests {
    private let now = Date(timeIntervalSince1970: 1_795_000_000)

    private func verdict(
        of kind: AgentSettings.Kind = .claudeCode,
        output: String = "",
        _ end: AgentTermination,
        error: String = ""
    ) -> AgentVerdict {
        var stream = AgentStream(kind: kind)
        _ = stream.read(Array(output.utf8)) + stream.finish()
        return AgentVerdict(stream.summary, end: end, standardError: Array(error.utf8))
    }

    @Test(arguments: [
        ("error: unknown option '--nope'", Outcome.misconfigured, false),
        (
            "--dangerously-skip-permissions cannot be used with root/sudo privileges",
            .misconfigured,
            false
        ),
        ("Error: Session ID 5f0c is already in use.", .agentFailed, true),
    ])
    func `claude-code that ends with one line on standard error is judged by it`(
        line: String,
        outcome: Outcome,
        isLost: Bool
    ) {
        let verdict = verdict(AgentTermination(.exited(1)), error: "warning: x\n\(line)\n\n")
        #expect(verdict.outcome == outcome)
        #expect(verdict.reason == line)
        #expect(verdict.sessionIsLost == isLost)
    }

    @Test func `a process that a signal or nothing at all ended has failed`() {
        let killed = verdict(AgentTermination(.signaled(9)))
        #expect(killed.outcome == .agentFailed)
        #expect(killed.reason == "ended by SIGKILL, which Linecook didn't send")
        #expect(killed.report.signal == 9)
        let missing = verdict(AgentTermination(.notStarted("no program 'claude' along PATH")))
        #expect(missing.outcome == .misconfigured)
        #expect(missing.reason == "the agent can't be started: no program 'claude' along PATH")
        #expect(
            verdict(AgentTermination(.exited(3)), error: "\u{1B}[31mboom").reason
                == "exit 3: <U+001B>[31mboom"
        )
    }

    @Test func `a command succeeds by its exit code unless it says otherwise`() {
        let success = verdict(of: .command, output: "done\n", AgentTermination(.exited(0)))
        #expect(success.outcome == .succeeded)
        #expect(success.reason == nil)
        #expect(success.report.lastMessage == "done")
        let failure = verdict(
            of: .command,
            output: #"{"event":"outcome","outcome":"succeeded"}"# + "\n",
            AgentTermination(.exited(4)),
            error: "out of ideas"
        )
        #expect(failure.outcome == .agentFailed)
        #expect(failure.reason == "exit 4: out of ideas")
        let limited = verdict(
            of: .command,
            output:
                #"{"event":"outcome","outcome":"rate_limited","retry_at":"2026-11-19T00:00:00Z"}"#,
            AgentTermination(.exited(0))
        )
        #expect(limited.outcome == .rateLimited)
        #expect(
            limited.retryAt(now: now) { _, _ in nil } == Date(timeIntervalSince1970: 1_795_046_400)
        )
        let absent = verdict(
            of: .command,
            AgentTermination(.exited(127)),
            error: "env: 'x': No such file"
        )
        #expect(absent.outcome == .misconfigured)
    }

    private static let result =
        #"{"type":"result","subtype":"success","is_error":true,"api_error_status":429,"result":"#

    @Test(arguments: [
        (
            "Claude AI usage limit reached|1795010000",
            LimitReset.at(.init(timeIntervalSince1970: 1_795_010_000))
        ),
        (
            "You've hit your limit · resets 8pm (Europe/Berlin)",
            .wallClock(WallClockReset(hour: 20, minute: 0, zone: "Europe/Berlin"))
        ),
        (
            "Claude usage limit reached. Your limit will reset at 1:30 PM (Etc/GMT+5).",
            .wallClock(WallClockReset(hour: 13, minute: 30, zone: "Etc/GMT+5"))
        ),
        (
            "Weekly limit reached · resets Oct 9, 12am (America/New_York)",
            .wallClock(
                WallClockReset(month: 10, day: 9, hour: 0, minute: 0, zone: "America/New_York")
            )
        ),
        (
            "You've hit your limit · resets 20:15",
            .wallClock(WallClockReset(hour: 20, minute: 15, zone: nil))
        ),
        ("Rate limited, the connection was reset", nil),
    ])
    func `a usage limit is read with the time of its end`(words: String, reset: LimitReset?) {
        let output = Self.result + "\"\(words)\"}\n"
        let verdict = verdict(output: output, AgentTermination(.exited(1)))
        #expect(verdict.outcome == .rateLimited)
        #expect(verdict.reason == words)
        #expect(verdict.reset == reset)
    }

    @Test(arguments: [
        (
            "You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), visit"
                + " https://chatgpt.com/settings/usage to purchase more credits or try again at 7:34 PM.",
            LimitReset.wallClock(WallClockReset(hour: 19, minute: 34, zone: nil))
        ),
        (
            "You’ve hit your usage limit. Upgrade to Pro or try again at Nov 28th, 2026 4:22 PM.",
            .wallClock(WallClockReset(month: 11, day: 28, hour: 16, minute: 22, zone: nil))
        ),
        (
            "You've hit your usage limit. Try again in 3 hours 12 minutes.",
            .after(seconds: 11_520)
        ),
        (
            "You've hit your usage limit. Try again in 2 days, 1 hour and 5 minutes.",
            .after(seconds: 176_700)
        ), ("You've hit your usage limit. Try again in less than a minute.", .after(seconds: 60)),
        ("You've hit your usage limit. Please try again in 7.66s.", .after(seconds: 7.66)),
        ("You've hit your usage limit, resets in 1h2m", .after(seconds: 3720)),
        ("You’ve hit your usage limit. Upgrade to Pro or try again later.", nil),
        ("You've hit your usage limit. Try again in a while.", nil),
    ])
    func `codex's usage limit is read with a time, a date or a span`(
        words: String,
        reset: LimitReset?
    ) {
        let output = #"{"type":"turn.failed","error":{"message":"\#(words)"}}"# + "\n"
        let verdict = verdict(of: .codex, output: output, AgentTermination(.exited(1)))
        #expect(verdict.outcome == .rateLimited)
        #expect(verdict.reset == reset)
    }

    @Test func `a span counts from now, at least a minute of it`() {
        func wait(_ seconds: Double) -> Double {
            LimitReset.moment(of: .after(seconds: seconds), now: now, fallback: .seconds(1)) {
                _,
                _ in nil
            }
            .timeIntervalSince(now)
        }
        #expect(wait(11_520) == 11_520)
        #expect(wait(7.66) == 60)
        #expect(wait(9e300) == 1)
    }

    @Test
    func `a session that codex doesn't know any more is lost, and a plan without it is refused`() {
        let lost = verdict(
            of: .codex,
            AgentTermination(.exited(1)),
            error: "WARNING: x\nError: thread/resume: thread/resume failed: no rollout found for"
                + " thread id 0199a213-81c0-7800-8aa1-bbab2a035a53 (code -32600)\n"
        )
        #expect(lost.sessionIsLost && lost.outcome == .agentFailed)
        let words =
            "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus."
        let refused = verdict(
            of: .codex,
            output: #"{"type":"turn.failed","error":{"message":"\#(words)"}}"# + "\n",
            AgentTermination(.exited(1))
        )
        #expect(refused.outcome == .authFailed)
    }

    @Test func `the event of a limit tells its end, even from the middle of another line`() {
        let event =
            #"{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1795010000}}"#
        for line in [event, #"{"type":"assistant","message":{"content":[{"text":"par"# + event] {
            let output =
                line + "\n" + Self.result
                + "\"You've hit your limit · resets 8pm (Europe/Berlin)\"}\n"
            let verdict = verdict(output: output, AgentTermination(.exited(1)))
            #expect(verdict.outcome == .rateLimited)
            #expect(verdict.reset == .at(Date(timeIntervalSince1970: 1_795_010_000)))
        }
        let allowed =
            #"{"type":"rate_limit_event","rate_limit_info":{"status":"allowed","resetsAt":1}}"#
        let success = #"{"type":"result","subtype":"success","is_error":false}"#
        let fine = verdict(output: allowed + "\n" + success, AgentTermination(.exited(0)))
        #expect(fine.outcome == .succeeded)
    }

    @Test func `without a time that can be, a limit is tried again after a while`() {
        let berlin = WallClockReset(hour: 20, minute: 0, zone: "Europe/Berlin")
        func wait(_ reset: LimitReset?, resolved: Date? = nil) -> Double {
            LimitReset.moment(of: reset, now: now, fallback: LimitReset.fallback) { _, _ in resolved
            }
            .timeIntervalSince(now)
        }
        #expect(wait(nil) == 1800)
        #expect(wait(.wallClock(berlin)) == 1800)
        #expect(wait(.wallClock(berlin), resolved: now + 7200) == 7200)
        #expect(wait(.at(now - 5)) == 60)
        #expect(wait(.at(now + 5_000_000)) == 1800)
        let overloaded = verdict(
            of: .command,
            output: #"{"event":"outcome","outcome":"overloaded"}"#,
            AgentTermination(.exited(1))
        )
        #expect(overloaded.retryAt(now: now) { _, _ in nil } == now + 120)
        #expect(verdict(AgentTermination(.exited(1))).retryAt(now: now) { _, _ in nil } == nil)
    }
}
