import Disk
import Domain
import RunStore
import Sandbox
import SystemPackage
import Testing

/// Plans, stacked branches and the commands of the prompt file, with the real program, git and processes.
@Suite(.serialized)
struct PlanningTests {
    private static let agent = """
        mkdir -p pages && echo "$LINECOOK_TICKET" > "pages/$LINECOOK_TICKET.html"
        git add -A && git -c user.name=a -c user.email=a@b commit -qm "$LINECOOK_TICKET: page"
        echo "Made pages/$LINECOOK_TICKET.html."
        """

    /// Nine tickets in four phases: 61 to 64, then 65 to 67, then 68, then 69.
    private static var portfolio: [LinearSeed.Issue] {
        let blockers: [Int: [Int]] = [
            65: [61], 66: [62], 67: [63], 68: [65], 69: [66, 68],
        ]
        return (61...69).map { number in
            LinearSeed.Issue(
                title: "Portfolio page \(number)",
                description:
                    "Add `pages/ENG-\(number).html`.\n\n## Acceptance criteria\n\n- It says its key",
                number: number,
                blockedBy: (blockers[number] ?? []).map { "ENG-\($0)" }
            )
        }
    }

    private static let branches = (61...69).map { "linecook/ENG-\($0)-portfolio-page-\($0)" }

    private static func remoteBranches(_ site: Site) async throws -> [String] {
        let text = try await site.shellOutput(
            "git -C remote.git for-each-ref --format='%(refname:short)' refs/heads/linecook/ENG*"
        )
        return text.split(separator: "\n").map(String.init).sorted()
    }

    @Test func `nine tickets become pull requests by the daemon, each on its blockers' branches`()
        async throws
    {
        try await Site.with(
            Self.portfolio,
            agent: Self.agent,
            workflow: "slots: { total: 4 }\nplan: { base: stacked }"
        ) { site in
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            #expect(try await Self.remoteBranches(site) == Self.branches)
            let second = try site.run(of: 65)
            #expect(second.base.branch == "linecook/ENG-61-portfolio-page-61")
            #expect(second.phase == "B" && second.batch == "site-1")
            let last = try site.run(of: 69)
            #expect(last.base.branch == "linecook/stack/ENG-69-1")
            let files = try await site.shellOutput("ls wt/ENG-69/pages")
            #expect(
                files.split(separator: "\n").map(String.init)
                    == [
                        "ENG-61.html", "ENG-62.html", "ENG-65.html", "ENG-66.html", "ENG-68.html",
                        "ENG-69.html",
                    ]
            )
            let prompt = try site.text("state/runs/ENG-65/1/attempt-1/job.json")
            #expect(prompt.contains("Made pages/ENG-61.html."))
        }
    }

    @Test func `the same nine go by the four commands, on the same branches`() async throws {
        try await Site.with(
            Self.portfolio,
            agent: Self.agent,
            workflow: "slots: { total: 4 }\nplan: { base: stacked }"
        ) { site in
            let written = try await site.linecook("prompts", "--workflow", "site")
            #expect(written.code == 0, "\(written.text)")
            #expect(written.text.contains("9 prompts in 4 phases"), "\(written.text)")
            let file = try site.text("prompts-site.md")
            #expect(file.contains("## Prompt 9: ENG-69 Portfolio page 69"))
            let dry = try await site.linecook("orchestrate", "prompts-site.md", "--dry-run")
            #expect(dry.code == 0 && dry.text.contains("ENG-69"), "\(dry.text)")
            let run = try await site.linecook("orchestrate", "prompts-site.md", "--yes")
            #expect(run.code == 0, "\(run.text)")
            #expect(try await Self.remoteBranches(site) == Self.branches)
            #expect(try site.run(of: 69).state == .inReview)
            let again = try await site.linecook("orchestrate", "prompts-site.md", "--yes")
            #expect(again.code == 0, "\(again.text)")
            #expect(try site.store.runNumbers(of: try #require(TicketKey("ENG-61"))) == [1])
        }
    }
}
