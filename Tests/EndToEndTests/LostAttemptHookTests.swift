import Disk
import Domain
import ProcessTree
import RunStore
import Sandbox
import SystemPackage
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a kill -9 must not keep from being cleaned up, with the real program.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct LostAttemptHookTests {
    private let ticket = [LinearSeed.Issue(title: "One")]
    /// Tells the supervisor's pid and works on for ever, with a server in a session of its own.
    private static let stuck = """
        setsid sleep 300 &
        echo $! > "$HOME/stray.pid"
        echo "$PPID" > "$HOME/started"
        exec sleep 300
        """
    private func attempt(_ site: Site) throws -> ProcessIdentity {
        let path = site.root.appending("state/runs/ENG-1/1/attempt-1/process.json")
        return try #require(try site.store.value(ProcessRecord.self, at: path)).attempt
    }

    @Test(.timeLimit(.minutes(5)))
    func `after kill -9 of an attempt its clean-up runs once, when its processes are gone`()
        async throws
    {
        let agent = """
            cat > "../prompt-$LINECOOK_ATTEMPT_NUMBER"
            if [ "$LINECOOK_ATTEMPT_NUMBER" = 1 ]; then
            \(Self.stuck)
            fi
            echo work > work
            """
        let hooks = """
            hooks:
              before_run: echo "before $LINECOOK_ATTEMPT_NUMBER" >> ../order
              after_run: |
                echo "after $LINECOOK_ATTEMPT_NUMBER $LINECOOK_OUTCOME in $(pwd -P)" >> ../order
                test "$LINECOOK_OUTCOME" = lost || exit 0
                stray=$(cut -d ' ' -f 3 "/proc/$(cat ../../stray.pid)/stat" 2> /dev/null)
                test -z "$stray" || test "$stray" = Z || echo "the server is still there"
                echo "stopped the database"
                exit 2
            """
        try await Site.with(ticket, agent: agent, workflow: hooks) { site in
            try await site.shell("mkfifo started")
            let daemon = try site.startDaemon("--until-idle")
            let supervisor = try await site.shellOutput("read -r a < started; echo $a")
            // As if it was amid a write.
            let half = "state/runs/ENG-1/1/attempt-1/.process.json.99999999-1.tmp"
            try site.write(half, "{")
            // With its supervisor, so that the server is left to the daemon.
            try await site.shell("kill -9 \(try attempt(site).pid) \(supervisor)")
            try await daemon.waitForExit()
            let run = try site.run(of: 1)
            #expect(run.attempts.map(\.outcome) == [.lost, .succeeded])
            let root = try await site.shellOutput("cd wt/ENG-1 && printf %s \"$(pwd -P)\"")
            #expect(
                try site.text("wt/order") == """
                    before 1
                    after 1 lost in \(root)
                    before 2
                    after 2 succeeded in \(root)

                    """
            )
            let lost = try #require(run.attempts.first)
            #expect(lost.reason?.contains("died without a result") == true)
            #expect(lost.hooks?.map(\.check) == ["before_run", "after_run"])
            #expect(lost.hooks?.map(\.reason) == [nil, "exit 2"])
            #expect(lost.hooks?.last?.log == "attempt-1/hook-after_run.log")
            #expect(
                try site.text("state/runs/ENG-1/1/attempt-1/hook-after_run.log")
                    == "stopped the database\n"
            )
            #expect(try site.text("wt/prompt-2").contains("stopped the database"))
            #expect(try LocalFileSystem().read(site.root.appending(half)) == nil)
            // What the attempt had told before it died is still there.
            let events = try site.text("state/runs/ENG-1/1/attempt-1/events.jsonl")
            #expect(events.contains("before_run") && events.contains("after_run"), "\(events)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what a hook began is cleaned up once by the start after daemon and attempt were killed`()
        async throws
    {
        let hooks = """
            retry: { attempts: 1 }
            hooks:
              before_run: echo "$PPID" > ../../started; exec sleep 300
              after_run: echo "after $LINECOOK_OUTCOME $LINECOOK_SLOT" >> ../order
              on_failure: echo "failed $LINECOOK_OUTCOME" >> ../order
            """
        try await Site.with(ticket, agent: "echo agent >> ../order") { site in
            let text = try site.text("workflows/site.yml")
                .replacing("retry: { attempts: 3, delay: 1s, jitter: 0 }\n", with: "")
            try site.write("workflows/site.yml", text + hooks + "\n")
            try await site.shell("mkfifo started")
            let daemon = try site.startDaemon("--until-idle")
            let supervisor = try await site.shellOutput("read -r a < started; echo $a")
            let attempt = try attempt(site)
            try await site.shell("kill -9 \(daemon.pid) \(attempt.pid) \(supervisor)")
            try await daemon.waitForExit()
            try await attempt.waitForExit()
            let (_, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 1)
            let run = try site.run(of: 1)
            #expect(run.state == .failed)
            #expect(run.attempts.map(\.outcome) == [.lost])
            #expect(run.attempts.first?.hooks?.map(\.check) == ["after_run"])
            #expect(run.hooks?.map(\.check) == ["on_failure"])
            #expect(try site.text("wt/order") == "after lost 0\nfailed lost\n")
            _ = try await site.linecook("run", "--until-idle")
            #expect(try site.text("wt/order") == "after lost 0\nfailed lost\n")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `clean-up that an attempt had done before it was killed isn't done again`() async throws {
        // The step's parent is its supervisor, and that one's parent the attempt.
        let workflow = """
            verify:
              steps:
                - name: check
                  run: test -f ../died || { touch ../died; kill -9 "$(cut -d ' ' -f 4 "/proc/$PPID/stat")"; exec sleep 300; }
            hooks: { after_run: 'echo "after $LINECOOK_ATTEMPT_NUMBER" >> ../order' }
            """
        try await Site.with(ticket, agent: "date +%N >> work", workflow: workflow) { site in
            _ = try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.attempts.map(\.outcome) == [.lost, .succeeded])
            #expect(run.attempts.first?.hooks?.map(\.check) == ["after_run"])
            #expect(try site.text("wt/order") == "after 1\nafter 2\n")
        }
    }
}
