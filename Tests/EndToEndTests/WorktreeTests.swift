import Domain
import RunStore
import Sandbox
import Testing

/// The folders of tickets that are over, with the real program.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct WorktreeTests {
    private let ticket = [LinearSeed.Issue(title: "One")]

    @Test(.timeLimit(.minutes(5)))
    func `prune says what would go, saves what is nowhere else, and leaves open runs alone`()
        async throws
    {
        let tickets = [LinearSeed.Issue(title: "One"), LinearSeed.Issue(title: "Two")]
        let agent = """
            echo work > "work-$LINECOOK_TICKET"
            if [ "$LINECOOK_TICKET" = ENG-1 ]; then exit 3; fi
            """
        let workflow = "deliver: { cleanup: never }"
        try await Site.with(tickets, agent: agent, workflow: workflow) { site in
            _ = try await site.linecook("run", "--until-idle")
            let (dry, _) = try await site.linecook("worktree", "prune", "--dry-run")
            let line = "would be removed, saved first: uncommitted: work-ENG-1"
            #expect(dry.contains(line), "\(dry)")
            #expect(!dry.contains("ENG-2"))
            #expect(try await site.shellOutput("ls wt") == "ENG-1\nENG-2\n")
            let (text, code) = try await site.linecook("worktree", "prune", "--format", "json")
            #expect(code == 0)
            #expect(text.contains("linecook/saved/ENG-1-1"), "\(text)")
            #expect(
                try await site.shellOutput(
                    "ls wt; git -C clone show linecook/saved/ENG-1-1:work-ENG-1"
                ) == "ENG-2\nwork\n"
            )
            #expect(
                try await site.linecook("worktree", "prune").text
                    == "No worktrees of runs at rest.\n"
            )
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a merged ticket's worktree is given to the next one, with the folders that are kept`()
        async throws
    {
        let tickets = [
            LinearSeed.Issue(title: "One"), LinearSeed.Issue(title: "Two", blockedBy: ["ENG-1"]),
        ]
        let agent = """
            ls -A > "../seen-$LINECOOK_TICKET"; stat -c %i README >> ../inodes
            echo cache > .gitignore; mkdir -p cache; echo "$LINECOOK_TICKET" > cache/of
            echo work > "work-$LINECOOK_TICKET"
            """
        try await Site.with(tickets, agent: agent) { site in
            try await site.shell(
                "sed -i 's/base: develop,/base: develop, pool: 2, keep: [cache],/' workflows/site.yml"
            )
            _ = try await site.linecook("run", "--until-idle")
            _ = try await site.linecook("pulls", "merge", "1")
            let (text, _) = try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).cleanup == "removed")
            #expect(
                try site.text("wt/seen-ENG-2") == ".git\n.gitignore\nREADME\ncache\nwork-ENG-1\n",
                "\(text)"
            )
            // The very same files.
            #expect(try await site.shellOutput("sort -u wt/inodes | wc -l | tr -d ' '") == "1\n")
        }
    }
}
