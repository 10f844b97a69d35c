import Domain
import ProcessTree
import RunStore
import Sandbox
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a kill of the daemon must not change.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct RestartTests {
    /// Says that it works, and works on once the file is there.
    private static let waiter = """
        echo $$ >> "$HOME/agents.txt"
        echo "$LINECOOK_TICKET" > "$HOME/started-$LINECOOK_TICKET"
        read -r go < "$HOME/go-$LINECOOK_TICKET"
        echo work > "work-$LINECOOK_TICKET.txt"
        """

    private func tickets(_ count: Int) -> [LinearSeed.Issue] {
        (1...count).map { LinearSeed.Issue(title: "Ticket \($0)") }
    }

    @Test(.timeLimit(.minutes(5)))
    func `agents that work go on through kill -9 of the daemon and are adopted`() async throws {
        try await Site.with(tickets(2), agent: Self.waiter) { site in
            try await site.shell("mkfifo started-ENG-1 started-ENG-2 go-ENG-1 go-ENG-2")
            let first = try site.startDaemon("--until-idle")
            try await site.shell("read -r a < started-ENG-1; read -r b < started-ENG-2; :")
            #expect(first.signal(SIGKILL))
            try await first.waitForExit()
            let second = try site.startDaemon("--until-idle")
            try await site.shell("echo go > go-ENG-1; echo go > go-ENG-2")
            try await second.waitForExit()
            for number in 1...2 {
                let run = try site.run(of: number)
                #expect(run.state == .inReview)
                #expect(run.attempts.count == 1)
                let issue = try await site.linear.issue("ENG-\(number)")
                #expect(issue.comments.count == 1 && issue.attachments.count == 1)
            }
            #expect(try site.text("agents.txt").split(separator: "\n").count == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a result that came while no daemon was there is delivered once`() async throws {
        try await Site.with(tickets(1), agent: Self.waiter) { site in
            try await site.shell("mkfifo started-ENG-1 go-ENG-1")
            let first = try site.startDaemon("--until-idle")
            try await site.shell("read -r a < started-ENG-1; :")
            #expect(first.signal(SIGKILL))
            try await first.waitForExit()
            let folder = "state/runs/ENG-1/1/attempt-1"
            let record = try #require(
                try site.store.value(
                    ProcessRecord.self,
                    at: site.root.appending("\(folder)/process.json")
                )
            )
            try await site.shell("echo go > go-ENG-1")
            try await record.attempt.waitForExit()
            #expect(try site.run(of: 1).state == .running)
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).state == .inReview)
            #expect(try site.run(of: 1).attempts.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an attempt that was killed is lost, swept and tried again`() async throws {
        let agent = """
            if [ "$LINECOOK_ATTEMPT_NUMBER" = 1 ]; then
              setsid sleep 300 &
              echo $! > "$HOME/stray.pid"
              echo "$PPID" > "$HOME/started"
              sleep 300
            fi
            echo work > work.txt
            """
        try await Site.with(tickets(1), agent: agent) { site in
            try await site.shell("mkfifo started")
            let daemon = try site.startDaemon("--until-idle")
            try await site.shell("read -r a < started; :")
            let record = try #require(
                try site.store.value(
                    ProcessRecord.self,
                    at: site.root.appending("state/runs/ENG-1/1/attempt-1/process.json")
                )
            )
            #expect(record.attempt.signal(SIGKILL))
            try await daemon.waitForExit()
            #expect(try site.run(of: 1).attempts.map(\.outcome) == [.lost, .succeeded])
            let text = try site.text("stray.pid").split(separator: "\n").first
            let pid = try #require(text.flatMap { Int32($0) })
            #expect(kill(pid, 0) == -1 && errno == ESRCH)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what outlives daemon, attempt and supervisor is ended before the next agent starts`()
        async throws
    {
        let agent = """
            if [ "$LINECOOK_ATTEMPT_NUMBER" = 1 ]; then
              setsid sleep 300 &
              echo $! > "$HOME/stray.pid"
              echo "$PPID" > "$HOME/started"
              sleep 300
            fi
            stray=$(cat "$HOME/stray.pid")
            # One that has ended may still wait for its parent.
            case "$(cut -d ' ' -f 3 "/proc/$stray/stat" 2> /dev/null)" in
              '' | Z) echo gone ;;
              *) echo alive ;;
            esac > stray.txt
            """
        try await Site.with(tickets(1), agent: agent) { site in
            try await site.shell("mkfifo started")
            let daemon = try site.startDaemon("--until-idle")
            let supervisor = try await site.shellOutput("read -r a < started; echo $a")
            let record = try #require(
                try site.store.value(
                    ProcessRecord.self,
                    at: site.root.appending("state/runs/ENG-1/1/attempt-1/process.json")
                )
            )
            try await site.shell("kill -9 \(daemon.pid) \(record.attempt.pid) \(supervisor)")
            try await daemon.waitForExit()
            try await record.attempt.waitForExit()
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).attempts.map(\.outcome) == [.lost, .succeeded])
            #expect(try site.text("wt/ENG-1/stray.txt") == "gone\n")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a limit of time holds while no daemon is there`() async throws {
        let agent = "echo working; echo $PPID > \"$HOME/started\"; sleep 300"
        let limits = "retry: { attempts: 1 }"
        try await Site.with(tickets(1), agent: agent, workflow: limits) { site in
            try site.write(
                "workflows/site.yml",
                try site.text("workflows/site.yml")
                    .replacing("timeout: 4m", with: "timeout: 1m")
                    .replacing("stall: 3m", with: "stall: 1s")
                    .replacing("retry: { attempts: 3, delay: 1s, jitter: 0 }\n", with: "")
            )
            try await site.shell("mkfifo started")
            let first = try site.startDaemon("--until-idle")
            try await site.shell("read -r a < started; :")
            #expect(first.signal(SIGKILL))
            try await first.waitForExit()
            let record = try #require(
                try site.store.value(
                    ProcessRecord.self,
                    at: site.root.appending("state/runs/ENG-1/1/attempt-1/process.json")
                )
            )
            // Nobody but the attempt itself can end it.
            try await record.attempt.waitForExit()
            try await site.linecook("run", "--until-idle")
            let attempt = try #require(try site.run(of: 1).attempts.last)
            #expect(attempt.outcome == .stalled)
            #expect(attempt.reason == "silent for 1.0 s")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a second daemon for the same state folder leaves with code 2`() async throws {
        try await Site.with(tickets(1), agent: Self.waiter) { site in
            try await site.shell("mkfifo started-ENG-1 go-ENG-1")
            let first = try site.startDaemon("--until-idle")
            try await site.shell("read -r a < started-ENG-1; :")
            let (text, code) = try await site.linecook("run")
            #expect(code == 2)
            #expect(text.contains("process \(first.pid) runs here already"), "\(text)")
            try await site.shell("echo go > go-ENG-1")
            try await first.waitForExit()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `ticks that passed while no daemon was there are made up for once`() async throws {
        try await Site.with(tickets(1), agent: "echo work > work.txt") { site in
            let yearly = try site.text("workflows/site.yml")
                .replacing("{ every: 1s }", with: #"{ cron: "0 0 1 1 *", timezone: UTC }"#)
            try site.write("workflows/site.yml", yearly)
            // The daemon last polled at New Year's Day of 2020.
            let settled = Date(timeIntervalSince1970: 1_577_836_800)
            var mark = TickMark(workflow: "site", settled: settled)
            mark.lastTick = settled
            try site.store.prepare()
            try site.store.save([mark])
            try await site.linecook("run", "--until-idle")
            let first = try #require(
                try site.store.tickMarks(at: settled, setsAside: false).marks.first
            )
            let missed = try #require(first.missed)
            #expect(missed.count >= 6 && missed.polls == 1)
            #expect(first.isAnswered && first.settled > settled)
            #expect(try site.run(of: 1).state == .inReview)
            try await site.linecook("run", "--until-idle")
            let second = try site.store.tickMarks(at: settled, setsAside: false).marks
            #expect(second == [first])
        }
    }
}
