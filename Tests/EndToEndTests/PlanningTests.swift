import Disk
import Domain
import RunStore
import Sandbox
import SystemPackage
import Testing

/// Plans, stacked branches and the commands of the prompt file, with the real program, git and processes.
@Suite(.serialized, .inTurn)
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

    @Test(.timeLimit(.minutes(5)))
    func `nine tickets become pull requests by the daemon, each on its blockers' branches`()
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

    @Test(.timeLimit(.minutes(5)))
    func `the same nine go by the four commands, on the same branches`() async throws {
        try await Site.with(
            Self.portfolio,
            agent: Self.agent,
            workflow: """
                slots: { total: 4 }
                plan: { base: stacked }
                verify: { steps: [{ name: page, run: test -d pages }] }
                """
        ) { site in
            let written = try await site.linecook("prompts", "--workflow", "site")
            #expect(written.code == 0, "\(written.text)")
            #expect(written.text.contains("9 prompts in 4 phases"), "\(written.text)")
            let file = try site.text("prompts-site.md")
            #expect(file.contains("## Prompt 9: ENG-69 Portfolio page 69"))
            let scaffold = try await site.linecook("scaffold", "prompts-site.md")
            #expect(scaffold.code == 0 && scaffold.text.contains("prompt 9:"), "\(scaffold.text)")
            let scaffolded = try site.text("prompts-site.md")
            #expect(scaffolded.contains("#### File to create\n\n- `pages/ENG-69.html`"))
            #expect(try await site.linecook("scaffold", "prompts-site.md").code == 0)
            #expect(try site.text("prompts-site.md") == scaffolded)
            let dry = try await site.linecook("orchestrate", "prompts-site.md", "--dry-run")
            #expect(dry.code == 0 && dry.text.contains("ENG-69"), "\(dry.text)")
            let run = try await site.linecook("orchestrate", "prompts-site.md", "--yes")
            #expect(run.code == 0, "\(run.text)")
            #expect(try await Self.remoteBranches(site) == Self.branches)
            #expect(try site.run(of: 69).state == .inReview)
            #expect(try await site.linecook("verify", "wt/ENG-69").code == 0)
            #expect(try await site.linecook("verify", "clone").code == 1)
            let again = try await site.linecook("orchestrate", "prompts-site.md", "--yes")
            #expect(again.code == 0, "\(again.text)")
            #expect(try site.store.runNumbers(of: try #require(TicketKey("ENG-61"))) == [1])
        }
    }

    private static var pair: [LinearSeed.Issue] {
        [LinearSeed.Issue(title: "First"), LinearSeed.Issue(title: "Second", blockedBy: ["ENG-1"])]
    }

    @Test(.timeLimit(.minutes(5)))
    func `on the merge of its blocker a stacked pull request is rebased and aimed at the base`()
        async throws
    {
        try await Site.with(Self.pair, agent: Self.agent, workflow: "plan: { base: stacked }") {
            site in
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 2).base.branch == "linecook/ENG-1-first")
            // The base moves on meanwhile, as it does.
            try await site.shell(
                """
                cd clone && echo more > MORE && git add MORE
                git -c user.name=A -c user.email=a@b commit -qm more && git push -q origin develop
                """
            )
            #expect(try await site.linecook("pulls", "merge", "2").code == 1)
            #expect(try await site.linecook("pulls", "merge", "1").code == 0)
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            let run = try site.run(of: 2)
            #expect(run.state == .inReview && run.base.branch == "develop" && run.base.stack == nil)
            #expect(run.timeline.last?.why == "rebased onto develop")
            let own = try await site.shellOutput(
                "git -C remote.git rev-list --count develop..linecook/ENG-2-second"
            )
            #expect(own == "1\n")
            #expect(try await site.linecook("pulls", "merge", "2").code == 0)
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 2).state == .done)
            #expect(
                try await site.shellOutput("git -C remote.git show develop:pages/ENG-2.html")
                    == "ENG-2\n"
            )
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a stacked branch that conflicts with the base goes to a person, with the files`()
        async throws
    {
        try await Site.with(Self.pair, agent: Self.agent, workflow: "plan: { base: stacked }") {
            site in
            try await site.linecook("run", "--until-idle")
            try await site.shell(
                """
                cd clone && mkdir -p pages && echo other > pages/ENG-2.html && git add pages
                git -c user.name=A -c user.email=a@b commit -qm other && git push -q origin develop
                """
            )
            try await site.linecook("pulls", "merge", "1")
            #expect(try await site.linecook("run", "--until-idle").code == 1)
            let run = try site.run(of: 2)
            #expect(run.state == .needsHuman)
            #expect(run.reason == "it conflicts with develop in pages/ENG-2.html")
            #expect(try await site.linear.issue("ENG-2").comments.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `blockers whose branches conflict are named with their files before an agent starts`()
        async throws
    {
        let tickets = [
            LinearSeed.Issue(title: "One"), LinearSeed.Issue(title: "Two"),
            LinearSeed.Issue(title: "Three", blockedBy: ["ENG-1", "ENG-2"]),
        ]
        let agent =
            "echo $LINECOOK_TICKET > same.txt; git add -A; git -c user.name=a -c user.email=a@b commit -qm x"
        try await Site.with(tickets, agent: agent, workflow: "plan: { base: stacked }") { site in
            #expect(try await site.linecook("run", "--until-idle").code == 1)
            let run = try site.run(of: 3)
            #expect(run.state == .needsHuman)
            #expect(run.reason == "the branches of ENG-1, ENG-2 conflict in same.txt")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `plan and explain say what would start and what holds the rest, and change nothing`()
        async throws
    {
        try await Site.with(Self.pair, agent: Self.agent) { site in
            let plan = try await site.linecook("plan")
            #expect(plan.code == 0)
            #expect(
                plan.text.contains("site-1: 2 tickets in 2 phases; 1 starts now"),
                "\(plan.text)"
            )
            #expect(plan.text.contains("starts now") && plan.text.contains("blocked by ENG-1"))
            let first = try await site.linecook("explain", "ENG-1")
            #expect(first.text.contains("Nothing holds it: it starts at the next tick."))
            let second = try await site.linecook("explain", "eng-2")
            #expect(second.text.contains("Held by blockers: blocked by ENG-1 (Todo)."))
            #expect(try await site.linear.issue("ENG-1").state == "Todo")
            #expect(try await site.shellOutput("ls state/runs 2>/dev/null | wc -l") == "0\n")
            let diagram = try await site.linecook("plan", "--format", "mermaid")
            #expect(diagram.text.hasPrefix("flowchart") && diagram.text.contains("ENG-1"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `explain names the part of a selection that only Linear can answer`() async throws {
        try await Site.with([LinearSeed.Issue(title: "Page")], agent: ":") { site in
            try await site.shell(
                """
                sed -i.bak 's/states: .Todo./states: [Todo], assignee: me, cycle: active, filter: { title: { eq: Page } }/' \\
                    workflows/site.yml && rm workflows/site.yml.bak
                """
            )
            let (text, code) = try await site.linecook("explain", "ENG-1")
            #expect(code == 0)
            #expect(text.contains("No workflow takes it up."), "\(text)")
            #expect(text.contains("✗ assignee  another; it takes me\n"), "\(text)")
            #expect(text.contains("✗ cycle     another; it takes the active one\n"), "\(text)")
            #expect(text.contains("✓ filter    tickets.filter\n"), "\(text)")
        }
    }
}
