import Domain
import Forge
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct PullRequestTextTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    /// A run of two attempts, the second one good.
    private func run(title: String = "Add a thing", message: String = "I added it.") throws -> Run {
        let workflow = Workflow(
            name: "shop",
            tickets: TicketSelection(team: "FRE"),
            repository: RepositorySettings(path: "/srv/shop"),
            agent: AgentSettings(),
            prompt: PromptSettings(file: "/srv/ticket.md", text: "")
        )
        let ticket = Ticket(
            id: "1",
            key: try #require(TicketKey("FRE-69")),
            title: title,
            url: "https://linear.app/acme/issue/FRE-69/add-a-thing",
            created: start,
            updated: start,
            state: TicketState(id: "1", name: "Todo", type: .unstarted)
        )
        var run = Run(
            ticket: ticket,
            workflow: workflow,
            number: 1,
            branch: "linecook/FRE-69-add-a-thing",
            worktree: "../shop-workspace-FRE-69",
            comment: "2",
            at: start
        )
        for number in 1...2 {
            var result = AttemptResult(
                outcome: number == 1 ? .verificationFailed : .succeeded,
                reason: number == 1 ? "lint: exit 1 | or so" : nil,
                ended: start.addingTimeInterval(300)
            )
            result.agent = AgentReport(kind: .claudeCode)
            result.agent?.lastMessage = message
            result.agent?.costUSD = 0.91
            result.changes = ChangeSummary(files: 4, insertions: 120, deletions: 3, commits: ["a"])
            result.verification = [
                CheckResult(check: "build", passed: true, reason: nil, seconds: 31, log: "b.log")
            ]
            var attempt = Attempt(number: number, started: start)
            attempt.finish(with: result)
            run.attempts.append(attempt)
        }
        run.refreshTotals()
        return run
    }

    private func proposal(_ run: Run) -> PullRequestProposal {
        PullRequestProposal(
            run: run,
            delivery: DeliverySettings(labels: ["agent"]),
            headCommit: "0123456789abcdef"
        )
    }

    @Test func `a person reads what was asked, done, checked and spent`() throws {
        let proposal = proposal(try run())
        #expect(proposal.title == "FRE-69: Add a thing")
        #expect(proposal.head == "linecook/FRE-69-add-a-thing")
        #expect(proposal.base == "main")
        #expect(
            proposal.body == """
                Ticket: [FRE-69](https://linear.app/acme/issue/FRE-69/add-a-thing) Add a thing

                ## What the agent says it did

                > I added it.

                ## Changes

                4 files, +120 −3, in 1 commit up to 0123456789ab.

                ## Checks

                | check | result | time |
                | --- | --- | --- |
                | build | passed | 31 s |

                ## Attempts

                | attempt | outcome | why | time |
                | ---: | --- | --- | --- |
                | 1 | verification failed | lint: exit 1 \\| or so | 5 min |
                | 2 | succeeded |  | 5 min |

                ---

                Made by Linecook, workflow shop, run 1 of this ticket: 2 attempts, 10 min, 1.82 USD.\
                 Please read it as you would a stranger's work.
                """
        )
    }

    @Test func `what has to be merged first stands at the top, and the base is its branch`() throws
    {
        var run = try run()
        run.base.branch = "linecook/FRE-61-cart"
        run.base.stack = [try below("FRE-61", "linecook/FRE-61-cart")]
        #expect(proposal(run).base == "linecook/FRE-61-cart")
        #expect(
            proposal(run).body.hasPrefix(
                """
                **Stacked on FRE-61 (branch `linecook/FRE-61-cart`)**: review and merge that first;\
                 this one is rebased and retargeted by itself.

                Ticket: [FRE-69]
                """
            )
        )
        run.base.stack?.append(try below("FRE-62", "linecook/FRE-62"))
        run.base.stack?.append(try below("FRE-63", "a`b"))
        #expect(
            proposal(run).body.hasPrefix(
                "**Stacked on FRE-61 (branch `linecook/FRE-61-cart`), FRE-62 (branch"
                    + " `linecook/FRE-62`) and FRE-63 (branch `ab`)**: review and merge those first;"
            )
        )
        run.base.stack = [try below("FRE-61", "linecook/FRE-61-cart", .merged)]
        #expect(proposal(run).body.hasPrefix("Ticket: "))
    }

    private func below(
        _ key: String,
        _ branch: String,
        _ fate: Run.StackedOn.Fate? = nil
    ) throws -> Run.StackedOn {
        var below = Run.StackedOn(
            ticket: try #require(TicketKey(key)),
            branch: branch,
            commit: "aaa"
        )
        below.fate = fate
        return below
    }

    @Test(arguments: [
        ("thanks @alice and @acme/core", "thanks ＠alice and ＠acme/core"),
        ("write to a@b.example", "write to a@b.example"),
        (
            "Fixes #12, closes acme/other#3, resolves GH-4",
            "Fixes ＃12, closes acme/other＃3, resolves GH‑4"
        ),
        ("Fixes ENG-7", "Fixes ENG‑7"),
        (
            "closes https://github.com/acme/other/issues/9",
            "closes https：//github.com/acme/other/issues/9"
        ),
        (
            "closes hthttps://tps://github.com/a/b/issues/9",
            "closes hthttps：//tps：//github.com/a/b/issues/9"
        ),
        ("@\u{200B}alice #\u{0}12 <\u{2060}img> [\u{200B}skip ci]", "＠alice ＃12 ＜img> ［skip ci]"),
        ("&commat;alice &#x23;12 R&D", "＆commat;alice ＆#x23;12 R&D"),
        ("see https://example.com/page", "see https://example.com/page"),
        ("a <!-- hidden --> b", "a ＜!-- hidden --> b"),
        ("<img src=x> </details>", "＜img src=x> ＜/details>"), ("1 < 2", "1 < 2"),
        ("![pixel](http://evil.example/p.png)", "！[pixel](http://evil.example/p.png)"),
        ("!![x](y)", "!！[x](y)"), ("now [SKIP CI] please", "now ［SKIP CI] please"),
        ("a\u{1B}[31mb\u{202E}c\u{200B}d", "a[31mbcd"),
    ])
    func `what has power in a title loses it and stays readable`(
        hostile: String,
        harmless: String
    ) throws {
        let proposal = proposal(try run(title: hostile, message: hostile))
        #expect(proposal.title == "FRE-69: \(harmless)")
        #expect(proposal.body.contains("\n> \(harmless)\n"))
    }

    @Test func `a title is one line and a message can't leave its quotation`() throws {
        let proposal = proposal(
            try run(
                title: "a\nb\r\nc \(String(repeating: "x", count: 400))",
                message: "one\n\n## Approved\r\n| a |\n\u{2028}```\nend"
            )
        )
        #expect(proposal.title.hasPrefix("FRE-69: a b c xxx"))
        #expect(proposal.title.count <= 256)
        #expect(
            proposal.body.contains("\n\n> one\n>\n> ## Approved\n> | a |\n> ```\n> end\n\n")
        )
    }

    @Test(arguments: [
        "https://evil.example/) ![x](y", "javascript:x",
        "https://evil.example/" + String(repeating: "x", count: 500),
    ])
    func `a link that could end early or lead anywhere isn't one`(url: String) throws {
        var run = try run()
        run.ticket.url = url
        #expect(proposal(run).body.hasPrefix("Ticket: **FRE-69** Add a thing\n"))
    }

    @Test func `what was denied, failed and noted is told, and what there isn't left out`() throws {
        var run = try run(title: " ", message: " \n")
        run.workflow = "shop | @all"
        run.attempts[1].agent?.denials = [Denial(tool: "Bash", input: "ping @all")]
        run.attempts[1].verification = [
            CheckResult(check: "a", passed: false, reason: "exit 1 \\ 2", seconds: 1, log: nil),
            CheckResult(check: "b", passed: true, reason: nil, seconds: 1, log: nil, note: "flaky"),
        ]
        let delivery = DeliverySettings(draft: true, labels: ["agent"], reviewers: ["kim"])
        var proposal = PullRequestProposal(run: run, delivery: delivery, headCommit: "0123")
        #expect(proposal.title == "FRE-69")
        #expect((proposal.draft, proposal.labels, proposal.reviewers) == (true, ["agent"], ["kim"]))
        #expect(!proposal.body.contains("What the agent says"))
        #expect(
            proposal.body.contains("It wasn't allowed to do this:\n\n> Bash: ping ＠all\n")
        )
        #expect(proposal.body.contains("| a | **failed**: exit 1 \\\\ 2 | 1.0 s |"))
        #expect(proposal.body.contains("| b | passed (flaky) | 1.0 s |"))
        #expect(proposal.body.contains("workflow shop \\| ＠all, run 1"))
        run.attempts[1].verification = []
        proposal = self.proposal(run)
        #expect(proposal.body.contains("## Checks\n\nThe workflow has no checks.\n"))
    }

    @Test(arguments: ["@a ", "e\u{301}\u{301}", "\n.", "👩‍👩‍👧‍👦", "|", "x"])
    func `the longest text still fits`(piece: String) throws {
        let long = String(repeating: piece, count: 200_000)
        var run = try run(title: long, message: long)
        for _ in 1...50 {
            var attempt = run.attempts[0]
            attempt.reason = long
            run.attempts.append(attempt)
        }
        let last = run.attempts.count - 1
        run.attempts[last].verification = Array(
            repeating: CheckResult(check: "x", passed: false, reason: long, seconds: 1, log: ""),
            count: 60
        )
        let body = proposal(run).body
        #expect(body.utf8.count < 60_000)
        #expect(body.contains("> … (cut here)"))
        #expect(body.contains("Made by Linecook"))
    }
}
