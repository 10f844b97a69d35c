import Domain
import ProcessTree
import RunStore
import Sandbox
import SystemPackage
import Testing

private let isAvailable: @Sendable () async throws -> Bool = {
    await Confinement.obstacle(environment: ["PATH": "/usr/bin:/bin"]) == nil
}

@Suite(.serialized, .inTurn, .enabled("bubblewrap works here", isAvailable))
struct SandboxedAgentTests {
    /// Tries what it must not, and writes down what it could.
    private static let burglar = """
        could() { echo "$1" >> could.txt; }
        git=$(git rev-parse --git-common-dir)
        cat "$HOME/Config/linecook.yml" > /dev/null 2>&1 && could "read the configuration"
        ls "$HOME/state/open" > /dev/null 2>&1 && could "read the state"
        git config core.fsmonitor /bin/true 2>/dev/null && could "write the configuration of git"
        echo x > "$git/hooks/pre-push" 2>/dev/null && could "plant a hook"
        git update-ref refs/heads/develop HEAD~0 2>/dev/null && could "move the base"
        touch "$HOME/x" 2>/dev/null && test -e "$HOME/../outside" && could "write the home folder"
        grep -qs lin_api_test /proc/[0-9]*/environ && could "read the daemon's environment"
        test -n "$LINECOOK_PROMPT" && cat "$LINECOOK_PROMPT" > prompt.txt
        echo done >> could.txt
        git add -A && git -c user.name=A -c user.email=a@b commit -qm "work"
        """

    /// Holds where the home folder isn't seen.
    private static let sealed = "test $HOME && test ! -e $HOME/Config/linecook.yml"

    @Test(.timeLimit(.minutes(5)))
    func `an agent in the sandbox reaches its worktree and its branch, and nothing else`()
        async throws
    {
        let ticket = [LinearSeed.Issue(title: "Ticket")]
        let workflow = """
              sandbox: bubblewrap
            verify:
              steps:
                - { name: sealed, run: '\(Self.sealed)' }
            hooks: { after_create: '\(Self.sealed)', before_run: '\(Self.sealed)' }
            """
        try await Site.with(ticket, agent: Self.burglar, workflow: workflow) { site in
            let text = try site.text("workflows/site.yml")
                .replacing("base: develop,", with: "base: develop, setup: '\(Self.sealed)',")
            try site.write("workflows/site.yml", text)
            let (told, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(told)")
            let run = try site.run(of: 1)
            #expect(run.state == .inReview, "\(run.summary)")
            let could = try await site.shellOutput(
                "git -C remote.git show '\(run.branch):could.txt'"
            )
            #expect(could == "done\n")
            let prompt = try await site.shellOutput(
                "git -C remote.git show '\(run.branch):prompt.txt'"
            )
            #expect(prompt.hasPrefix("ENG-1: Ticket"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func
        `a killed attempt is cleaned up in the sandbox, too, which shows the folders it is told to`()
        async throws
    {
        let agent = """
            test "$LINECOOK_ATTEMPT_NUMBER" = 2 || { echo > "$HOME/shared/started"; exec sleep 300; }
            echo work > work
            """
        let workflow = """
              sandbox: bubblewrap
              sandbox_paths: { write: [~/shared] }
            hooks: { after_run: '\(Self.sealed) && echo $LINECOOK_OUTCOME >> $HOME/shared/cleaned' }
            """
        let ticket = [LinearSeed.Issue(title: "Ticket")]
        try await Site.with(ticket, agent: agent, workflow: workflow) { site in
            try await site.shell("mkdir shared && mkfifo shared/started")
            let daemon = try site.startDaemon("--until-idle")
            try await site.shell("read -r a < shared/started; :")
            let path = site.root.appending("state/runs/ENG-1/1/attempt-1/process.json")
            let record = try #require(try site.store.value(ProcessRecord.self, at: path))
            #expect(record.attempt.signal(9))
            try await daemon.waitForExit()
            #expect(try site.run(of: 1).attempts.map(\.outcome) == [.lost, .succeeded])
            #expect(try site.text("shared/cleaned") == "lost\nsucceeded\n")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a kept worktree of some folders serves sandboxed agents, and prune saves their work`()
        async throws
    {
        let tickets = [
            LinearSeed.Issue(title: "One"), LinearSeed.Issue(title: "Two", state: "Backlog"),
        ]
        let agent = """
            could() { echo "$1" >> web/could-$LINECOOK_TICKET; }
            git=$(git rev-parse --git-common-dir)
            git config core.fsmonitor /bin/true 2>/dev/null && could "write the configuration"
            echo x > "$git/hooks/pre-push" 2>/dev/null && could "plant a hook"
            ls > web/seen-$LINECOOK_TICKET; stat -c %i README > web/inode-$LINECOOK_TICKET
            mkdir -p cache; echo "$LINECOOK_TICKET" >> cache/of; echo cache > .gitignore
            git add -A && git -c user.name=A -c user.email=a@b commit -qm work
            if [ "$LINECOOK_TICKET" = ENG-2 ]; then echo more > web/more; exit 3; fi
            """
        let workflow = "  sandbox: bubblewrap"
        try await Site.with(tickets, agent: agent, workflow: workflow) { site in
            try await site.shell(
                """
                cd clone; mkdir web docs; echo w > web/w; echo d > docs/d; git add .
                git -c user.name=A -c user.email=a@b commit -qm folders; git push -q origin develop; cd ..
                sed -i -e 's/base: develop,/base: develop, pool: 1, keep: [cache], sparse: [web],/' \
                    -e 's/attempts: 3/attempts: 1/' workflows/site.yml
                """
            )
            _ = try await site.linecook("run", "--until-idle")
            let first = try site.run(of: 1)
            #expect(first.state == .inReview, "\(first.summary)")
            #expect(try await site.linecook("pulls", "merge", "1").code == 0)
            // The worktree is kept when the merge has been seen.
            _ = try await site.linecook("run", "--until-idle")
            try await site.linear.move("ENG-2", to: "Todo")
            let (text, _) = try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 2).state == .failed, "\(text)")
            let seen =
                "cd wt/ENG-2; cat web/seen-ENG-2 cache/of; ls web; cat web/inode-* | sort -u | wc -l"
            #expect(
                try await site.shellOutput(seen)
                    == """
                    README
                    cache
                    web
                    ENG-1
                    ENG-2
                    inode-ENG-1
                    inode-ENG-2
                    more
                    seen-ENG-1
                    seen-ENG-2
                    w
                    1

                    """
            )
            let (pruned, code) = try await site.linecook("worktree", "prune")
            #expect(code == 0 && pruned.contains("linecook/saved/ENG-2-1"), "\(pruned)")
            #expect(
                try await site.shellOutput(
                    "git -C clone show linecook/saved/ENG-2-1:web/more; git -C clone ls-tree --name-only linecook/saved/ENG-2-1"
                ) == "more\n.gitignore\nREADME\ndocs\nweb\n"
            )
        }
    }
}
