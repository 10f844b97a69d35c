import Domain
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Nine tickets in four phases as they may go: retries, a stall, a limit, a failure, and some still on their way.
struct NineTickets {
    /// 24 November 2026, 08:00 UTC.
    static let start = Date(timeIntervalSince1970: 1_795_507_200)

    static func minutes(_ minutes: Double) -> Date { start.addingTimeInterval(minutes * 60) }

    static func key(_ number: Int) throws -> TicketKey { try #require(TicketKey("FRE-\(number)")) }

    static func workflow() -> Workflow {
        Workflow(
            name: "portfolio",
            tickets: TicketSelection(team: "FRE"),
            repository: RepositorySettings(path: FilePath("/srv/portfolio")),
            agent: AgentSettings(kind: .command),
            prompt: PromptSettings(file: FilePath("default.md"), text: "")
        )
    }

    /// A run whose attempts were from one minute to another; the last one goes on when its end is `nil`.
    static func run(
        _ number: Int,
        _ title: String,
        _ state: RunState,
        _ attempts: [(from: Double, to: Double?, outcome: Outcome?, reason: String?)],
        cost: Double = 0,
        reason: String? = nil
    ) throws -> Run {
        let ticket = Ticket(
            id: "id-\(number)",
            key: try key(number),
            title: title,
            url: "https://linear.app/fresh/issue/FRE-\(number)/x",
            created: start,
            updated: start,
            state: TicketState(id: "todo", name: "Todo", type: .unstarted)
        )
        var run = Run(
            ticket: ticket,
            workflow: workflow(),
            number: 1,
            branch: "linecook/FRE-\(number)",
            worktree: "../w",
            comment: "c",
            at: start
        )
        run.state = state
        run.reason = reason
        run.batch = "portfolio-2"
        run.attempts = attempts.enumerated().map { index, times in
            var attempt = Attempt(number: index + 1, started: minutes(times.from))
            attempt.outcome = times.outcome
            attempt.reason = times.reason
            if let end = times.to {
                attempt.ended = minutes(end)
                attempt.seconds = (end - times.from) * 60
            }
            return attempt
        }
        run.refreshTotals()
        run.totals.costUSD = cost
        if state == .done || state == .inReview {
            run.pullRequest = PullRequest(
                number: number - 60,
                url: "https://github.com/fresh/portfolio/pull/\(number - 60)",
                draft: state == .inReview,
                state: state == .done ? .merged : .open
            )
        }
        return run
    }

    static func runs() throws -> [Run] {
        [
            try run(
                69,
                "Design tokens as CSS variables",
                .done,
                [(0, 14, .succeeded, nil)],
                cost: 0.84
            ),
            try run(
                70,
                "Content model for projects & posts",
                .done,
                [
                    (0, 11, .verificationFailed, "the step 'test' ended with exit 1"),
                    (11.5, 23, .succeeded, nil),
                ],
                cost: 1.91
            ),
            try run(
                71,
                "Layout with header and footer",
                .inReview,
                [(14, 31, .succeeded, nil)],
                cost: 1.1
            ),
            try run(
                72,
                "Project page",
                .inReview,
                [
                    (23, 38, .stalled, "silent for 10 min"), (39, 40, .rateLimited, nil),
                    (55, 71, .succeeded, nil),
                ],
                cost: 2.4
            ),
            try run(73, "Post page with footnotes", .done, [(31, 49, .succeeded, nil)], cost: 1.3),
            try run(
                74,
                "Search over all posts",
                .failed,
                [
                    (40, 40.2, .setupFailed, "the setup command ended with exit 127"),
                    (40.7, 40.9, .setupFailed, "the setup command ended with exit 127"),
                    (42, 42.2, .setupFailed, "the setup command ended with exit 127"),
                ],
                reason: "no attempt is left: the setup command ended with exit 127"
            ),
            try run(
                75,
                "Feeds",
                .running,
                [(50, 55, .cancelled, nil), (71, nil, nil, nil)],
                cost: 0.2
            ),
        ]
    }

    static func batch() throws -> Batch {
        let titles = [
            "Design tokens as CSS variables", "Content model for projects & posts",
            "Layout with header and footer", "Project page", "Post page with footnotes",
            "Search over all posts", "Feeds", "Search page", "Release notes for the new portfolio",
        ]
        let phases = [("A", [69, 70]), ("B", [71, 72, 73]), ("C", [74, 75]), ("D", [76, 77])]
        var members: [Batch.Member] = []
        for (phase, numbers) in phases {
            for number in numbers {
                var member = Batch.Member(
                    ticket: try key(number),
                    id: "id-\(number)",
                    title: titles[number - 69],
                    phase: phase
                )
                member.run = number < 76 ? 1 : nil
                members.append(member)
            }
        }
        members[7].leave(Batch.skipped, "FRE-74, which it waits for, failed", at: minutes(42.2))
        members[8].reason = "waits for FRE-72 and FRE-75"
        let edges: [(Int, Int, DependencyCause)] = [
            (71, 69, .relation), (72, 70, .relation), (72, 70, .mention), (73, 69, .mention),
            (74, 73, .relation), (75, 72, .subIssue), (76, 74, .relation), (77, 72, .mention),
            (77, 75, .phase),
        ]
        return Batch(
            workflow: "portfolio",
            number: 2,
            started: start,
            phases: try phases.map { name, numbers in
                Batch.Phase(name: name, tickets: try numbers.map(key))
            },
            tickets: members,
            dependencies: try edges.map { ticket, on, cause in
                Batch.Dependency(ticket: try key(ticket), on: try key(on), cause: cause)
            },
            overlaps: [
                Batch.Overlap(
                    tickets: [try key(72), try key(74)],
                    paths: ["Sources/Pages/Page.swift"]
                )
            ]
        )
    }

    /// The batch before: at its end, and only listed.
    static func batchBefore() throws -> Batch {
        var member = Batch.Member(
            ticket: try key(60),
            id: "id-60",
            title: "First steps",
            phase: "A"
        )
        member.run = 1
        member.state = RunState.done.rawValue
        member.started = start.addingTimeInterval(-7200)
        member.ended = start.addingTimeInterval(-5400)
        member.seconds = 1800
        var batch = Batch(
            workflow: "portfolio",
            number: 1,
            started: start.addingTimeInterval(-7260),
            phases: [Batch.Phase(name: "A", tickets: [try key(60)])],
            tickets: [member],
            dependencies: [],
            overlaps: []
        )
        batch.refresh()
        return batch
    }
}
