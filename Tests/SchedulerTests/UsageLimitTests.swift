import Agent
import Attempt
import Cron
import Domain
import Scheduler
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// From what Claude Code prints at its limit to the moment at which the run goes on.
@Suite struct UsageLimitTests {
    struct Limit: Sendable, CustomTestStringConvertible {
        /// What the program says, or the event that it prints.
        var said: String
        var event = ""
        var now: String
        var end: String
        var testDescription: String { "\(said) at \(now)" }
    }

    /// In Berlin clocks go from 2 to 3 on 29 March 2026, and from 3 to 2 on 25 October.
    private static let limits = [
        Limit(
            said: "You've hit your limit · resets 8pm (Europe/Berlin)",
            now: "2026-03-28T20:00:00Z",
            end: "2026-03-29T18:00:00Z"
        ),
        Limit(
            said: "You've hit your limit · resets 8pm (Europe/Berlin)",
            now: "2026-10-24T19:00:00Z",
            end: "2026-10-25T19:00:00Z"
        ),
        Limit(
            said: "You've hit your weekly limit · resets Oct 26, 8:30am (Europe/Berlin)",
            now: "2026-10-24T19:00:00Z",
            end: "2026-10-26T07:30:00Z"
        ),
        // At an hour that comes twice the first one, at one that doesn't come the next there is.
        Limit(
            said: "You've hit your limit · resets 2:30am (Europe/Berlin)",
            now: "2026-10-24T19:00:00Z",
            end: "2026-10-25T00:30:00Z"
        ),
        Limit(
            said: "Claude AI usage limit reached|1774807200",
            now: "2026-03-28T20:00:00Z",
            end: "2026-03-29T18:00:00Z"
        ),
        Limit(
            said: "Claude AI usage limit reached|1792954800",
            now: "2026-10-24T19:00:00Z",
            end: "2026-10-25T19:00:00Z"
        ),
        Limit(
            said: "You've hit your 5-hour limit · resets 9pm (Europe/Berlin)",
            event: #"{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","#
                + #""resetsAt":1774807260}}"# + "\n",
            now: "2026-03-28T20:00:00Z",
            end: "2026-03-29T18:01:00Z"
        ),
    ]

    private static let zones = ZoneFiles(
        folders: [
            FilePath(#filePath).removingLastComponent().removingLastComponent()
                .appending("CronTests/Fixtures/zoneinfo").string
        ],
        read: { FileManager.default.contents(atPath: $0).map(Array.init) },
        linkTarget: { _ in nil }
    )

    private func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    /// What the attempt's process makes of a run that came to this limit.
    private func result(_ limit: Limit, at now: Date) -> AttemptResult {
        let lines = """
            {"type":"system","subtype":"init","session_id":"s","model":"m"}
            \(limit.event){"type":"assistant","message":{"model":"<synthetic>","content":[]},"error":"rate_limit"}
            {"type":"result","subtype":"success","is_error":true,"api_error_status":429,"num_turns":1,\
            "result":"\(limit.said)","session_id":"s","total_cost_usd":0}

            """
        var stream = AgentStream(kind: .claudeCode)
        _ = stream.read(Array(lines.utf8))
        let verdict = AgentVerdict(
            stream.summary,
            end: AgentTermination(.exited(1)),
            standardError: []
        )
        var result = AttemptResult(outcome: verdict.outcome, reason: verdict.reason, ended: now)
        result.agent = verdict.report
        result.retryAt = verdict.retryAt(now: now) { reset, now in
            reset.next(after: now, zones: Self.zones, environment: [:])
        }
        return result
    }

    @Test(arguments: limits)
    func `a limit holds the provider until it ends, spends nothing, and then all go on at once`(
        limit: Limit
    ) throws {
        var bench = Bench()
        bench.now.wall = try date(limit.now)
        var workflow = Bench.workflow()
        workflow.agent = AgentSettings(kind: .claudeCode)
        let tickets = [Bench.ticket(1), Bench.ticket(2)]
        _ = bench.start(workflow, with: [tickets[0]])
        bench.begin(1)
        let ended = SchedulerEvent.attemptEnded(
            Bench.id(1),
            attempt: 1,
            result(limit, at: bench.now.wall)
        )
        #expect(bench.handle(ended).launched == [])
        let run = try #require(bench.saved[Bench.id(1)])
        #expect(run.state == .parked)
        #expect(run.next.contains("or with 'linecook retry FRE-1'"))
        #expect(run.retry?.at == (try date(limit.end)))
        _ = bench.pass(.seconds(30))
        let poll = SchedulerEvent.polled(
            workflow: "portfolio",
            bench.report(tickets, tracked: [Bench.present(1, "In Progress", .started)])
        )
        #expect(bench.handle(poll).claimed == [])
        let rest = try date(limit.end).timeIntervalSince(bench.now.wall)
        #expect(bench.pass(.seconds(rest - 1)).launched == [])
        // The timer is set to the end itself: nobody waits for a poll.
        let deadline = try #require(bench.scheduler.nextDeadline(after: bench.now))
        #expect(deadline - bench.now.uptime <= .seconds(1))
        let resumed = bench.pass(.seconds(1))
        #expect(resumed.launched == [Bench.id(1)])
        #expect(resumed.claimed == [Bench.id(2)])
        for attempt in 2...4 {
            let failed = bench.result(.agentFailed)
            _ = bench.handle(.attemptEnded(Bench.id(1), attempt: attempt, failed))
            _ = bench.pass(.seconds(900))
        }
        #expect(bench.saved[Bench.id(1)]?.state == .failed)
        #expect(bench.saved[Bench.id(1)]?.attempts.count == 4)
    }
}
