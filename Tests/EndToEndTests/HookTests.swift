import Domain
import RunStore
import Sandbox
import Testing

/// A team's own commands around the agent, with the real program.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct HookTests {
    private static let worker = #"echo "agent" >> ../order; echo work > "work-$LINECOOK_TICKET""#
    private let ticket = [LinearSeed.Issue(title: "One; touch ../pwned $(touch ../pwned)")]

    @Test(.timeLimit(.minutes(5)))
    func `the hooks run in their places, and know where they are`() async throws {
        let hooks = """
              environment: [SHOWN]
            verify: { steps: [{ name: check, run: echo check >> ../order }] }
            hooks:
              after_create: echo "created $PWD" >> ../order
              before_run: |
                echo "before $LINECOOK_TICKET $LINECOOK_SLOT $LINECOOK_ATTEMPT_NUMBER" >> ../order
                echo "title $LINECOOK_TITLE token ${LINEAR_API_KEY-none}"
              after_run: echo "after $LINECOOK_OUTCOME" >> ../order
              on_failure: echo "never" >> ../order
              before_remove: ""
            """
        try await Site.with(ticket, agent: Self.worker, workflow: hooks) { site in
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            let root = try await site.shellOutput("cd wt/ENG-1 && pwd -P")
            #expect(
                try site.text("wt/order") == """
                    created \(root)before ENG-1 0 1
                    agent
                    after succeeded
                    check

                    """
            )
            #expect(
                try site.text("state/runs/ENG-1/1/attempt-1/hook-before_run.log")
                    == "title One; touch ../pwned $(touch ../pwned) token none\n"
            )
            #expect(try await site.shellOutput("ls wt") == "ENG-1\norder\n")
            let attempt = try #require(try site.run(of: 1).attempts.first)
            #expect(attempt.hooks?.map(\.check) == ["after_create", "before_run", "after_run"])
            #expect(attempt.hooks?.allSatisfy(\.passed) == true)
            #expect(attempt.hooks?.last?.log == "attempt-1/hook-after_run.log")
            let (shown, _) = try await site.linecook("runs", "show", "ENG-1")
            #expect(shown.contains("passed, attempt-1/hook-after_run.log"), "\(shown)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a hook before the agent that fails, fails the attempt, and a repeated run creates once`()
        async throws
    {
        let hooks = """
            hooks:
              after_create: echo created >> ../order
              before_run: echo "no database"; test "$LINECOOK_ATTEMPT_NUMBER" = 2
              after_run: echo "cleaned $LINECOOK_OUTCOME" >> ../order
              on_failure: echo "failed $LINECOOK_OUTCOME" >> ../order
            """
        try await Site.with(ticket, agent: Self.worker, workflow: hooks) { site in
            _ = try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.attempts.map(\.outcome) == [.setupFailed, .succeeded])
            #expect(run.attempts.first?.reason == "before_run: exit 1")
            #expect(
                try site.text("wt/order")
                    == "created\ncleaned setup_failed\nagent\ncleaned succeeded\n"
            )
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `exit 2 after the agent sends the output back to it, until its attempts are spent`()
        async throws
    {
        let agent = #"cat > "../prompt-$LINECOOK_ATTEMPT_NUMBER"; date +%N >> work"#
        let hooks = """
            hooks:
              after_run: echo "write $LINECOOK_ATTEMPT_NUMBER tests"; exit 2
              on_failure: echo "$LINECOOK_TICKET $LINECOOK_OUTCOME" >> ../failed; echo why; exit 3
            """
        try await Site.with(ticket, agent: agent, workflow: hooks) { site in
            let (_, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 1)
            let run = try site.run(of: 1)
            #expect(run.state == .failed)
            #expect(run.attempts.map(\.outcome) == Array(repeating: .verificationFailed, count: 3))
            #expect(run.attempts.first?.reason == "after_run sent it back: exit 2")
            #expect(try site.text("wt/prompt-2").contains("write 1 tests"))
            #expect(try site.text("wt/prompt-3").contains("write 2 tests"))
            // Nothing of the work is lost: it's on the branch.
            try await site.shell("git -C remote.git cat-file -e '\(run.branch):work'")
            #expect(try site.text("wt/failed") == "ENG-1 verification_failed\n")
            #expect(run.hooks?.map(\.check) == ["on_failure"])
            #expect(run.hooks?.first?.reason == "exit 3")
            #expect(try site.text("state/runs/ENG-1/1/hook-on_failure.log") == "why\n")
            // Another start finds nothing left to do.
            _ = try await site.linecook("run", "--until-idle")
            #expect(try site.text("wt/failed") == "ENG-1 verification_failed\n")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a hook that fails in another way or takes too long is told of and changes nothing`()
        async throws
    {
        let hooks = """
            hooks:
              timeout: 3s
              after_run: echo begun; exec sleep 600
              before_remove: echo removing; exec sleep 600
            """
        try await Site.with(ticket, agent: Self.worker, workflow: hooks) { site in
            _ = try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).state == .inReview)
            _ = try await site.linecook("pulls", "merge", "1")
            _ = try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.attempts.first?.hooks?.first?.reason == "timed out after 3.0 s")
            #expect(run.hooks?.map(\.check) == ["before_remove"])
            #expect(run.hooks?.first?.reason == "timed out after 3.0 s")
            #expect(try site.text("state/runs/ENG-1/1/hook-before_remove.log") == "removing\n")
            #expect(run.cleanup == "removed")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `agents that run at once have slots of their own, counted from 0`() async throws {
        // Each waits for the other, so that both hold a slot; the third ticket gets one that is free again.
        let agent = """
            case "$LINECOOK_TICKET" in
              ENG-1) echo here > "$HOME/one"; read -r there < "$HOME/two" ;;
              ENG-2) read -r there < "$HOME/one"; echo here > "$HOME/two" ;;
            esac
            echo work > "work-$LINECOOK_TICKET"
            """
        let workflow = """
            slots: { total: 2 }
            hooks: { before_run: 'echo "$LINECOOK_SLOT" > "../slot-$LINECOOK_TICKET"' }
            """
        let tickets = ["One", "Two", "Three"].map { LinearSeed.Issue(title: $0) }
        try await Site.with(tickets, agent: agent, workflow: workflow) { site in
            try await site.shell("mkfifo one two")
            _ = try await site.linecook("run", "--until-idle")
            let slots = "cd wt && sort slot-ENG-1 slot-ENG-2 && cat slot-ENG-3"
            let shown = try await site.shellOutput(slots)
            #expect(shown == "0\n1\n0\n" || shown == "0\n1\n1\n", "\(shown)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `each hook has a clock, a log and an outcome of its own`() async throws {
        let hooks = """
            hooks:
              timeout: 3s
              after_create: echo create; test -f ../created || { touch ../created; exec sleep 600; }
              before_run: echo before; test "$LINECOOK_ATTEMPT_NUMBER" != 2 || exec sleep 600
              after_run: echo after; test "$LINECOOK_ATTEMPT_NUMBER" != 3 || exec sleep 600
              on_failure: echo failure; exec sleep 600
            """
        try await Site.with(ticket, agent: "exit 1", workflow: hooks) { site in
            _ = try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.attempts.map(\.outcome) == [.setupFailed, .setupFailed, .agentFailed])
            let late = "timed out after 3.0 s"
            #expect(
                run.attempts.map { ($0.hooks ?? []).map { [$0.check, $0.reason ?? ""] } } == [
                    [["after_create", late]],
                    [["after_create", ""], ["before_run", late], ["after_run", ""]],
                    [["before_run", ""], ["after_run", late]],
                ]
            )
            #expect(run.hooks?.map(\.reason) == [late])
            let logs = "cd state/runs/ENG-1/1 && cat */hook-*.log hook-on_failure.log"
            #expect(
                try await site.shellOutput(logs)
                    == "create\ncreate\nafter\nbefore\nafter\nbefore\nfailure\n"
            )
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `the hook before the worktree goes runs once, also after the daemon died in it`()
        async throws
    {
        // The hook's parent is its supervisor, and that one's parent the daemon.
        let hooks = """
            hooks:
              before_remove: |
                echo "$LINECOOK_TICKET in $(cat "work-$LINECOOK_TICKET")" >> ../removed
                test -f ../died || { touch ../died; kill -9 "$(cut -d ' ' -f 4 "/proc/$PPID/stat")"; exec sleep 600; }
            """
        try await Site.with(ticket, agent: Self.worker, workflow: hooks) { site in
            _ = try await site.linecook("run", "--until-idle")
            _ = try await site.linecook("pulls", "merge", "1")
            let (_, died) = try await site.linecook("run", "--until-idle")
            #expect(died != 0)
            #expect(try site.run(of: 1).hooks == nil)
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            let run = try site.run(of: 1)
            #expect(run.cleanup == "removed")
            #expect(run.hooks?.map(\.check) == ["before_remove"])
            #expect(try site.text("wt/removed") == "ENG-1 in work\nENG-1 in work\n")
            #expect(try await site.shellOutput("ls wt") == "died\norder\nremoved\n")
        }
    }
}
