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

/// What happens to agents when the daemon stops, however often and in whatever way.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct ManyStopsTests {
    /// Says that it works, and works on once it's told to.
    private static let waiter = """
        echo "$LINECOOK_TICKET $$" >> "$HOME/agents.txt"
        [ "$LINECOOK_ATTEMPT_NUMBER" != 1 ] || echo go > "$HOME/started"
        read -r go < "$HOME/go-$LINECOOK_TICKET"
        echo work > "work-$LINECOOK_TICKET.txt"
        """

    private static func number(_ name: String, _ usual: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
    }

    /// A daemon with so many agents at work, all of which wait to be told to go on.
    private func withAgents(
        _ count: Int,
        body: @Sendable (Site, ProcessIdentity) async throws -> Void
    ) async throws {
        let tickets = (1...count).map { LinearSeed.Issue(title: "Ticket \($0)") }
        let slots = "slots: { total: \(count) }"
        try await Site.with(tickets, agent: Self.waiter, workflow: slots) { site in
            let configuration = try site.text("Config/linecook.yml")
            try site.write("Config/linecook.yml", configuration + "slots: \(count)\n")
            try await site.shell(
                """
                mkfifo started
                for n in $(seq \(count)); do mkfifo "go-ENG-$n"; done
                """
            )
            let daemon = try site.startDaemon("--until-idle")
            // Who opens it for reading and writing sees no end between two agents.
            try await site.shell(
                "exec 3<> started; for n in $(seq \(count)); do read -r line <&3; done"
            )
            try await body(site, daemon)
        }
    }

    private func letGo(_ site: Site, _ count: Int) async throws {
        try await site.shell("for n in $(seq \(count)); do echo go > \"go-ENG-$n\"; done")
    }

    private func agents(_ site: Site) throws -> [Int32] {
        try site.text("agents.txt").split(separator: "\n").compactMap { line in
            line.split(separator: " ").last.flatMap { Int32($0) }
        }
    }

    private func expectDelivered(_ site: Site, _ count: Int, attempts: [Outcome]) async throws {
        for number in 1...count {
            let run = try site.run(of: number)
            #expect(run.run == 1 && run.state == .inReview)
            #expect(run.attempts.map(\.outcome) == attempts)
            let issue = try await site.linear.issue("ENG-\(number)")
            #expect(issue.comments.count == 1 && issue.attachments.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `four agents outlive ten kills of the daemon, and none is started again`() async throws {
        try await withAgents(4) { site, first in
            var daemon = first
            let agents = try agents(site)
            for kill in 1...10 {
                #expect(daemon.signal(SIGKILL))
                try await daemon.waitForExit()
                daemon = try site.startDaemon("--until-idle")
                try await site.waitForLog("started state=", times: kill + 1)
            }
            #expect(agents.allSatisfy { kill($0, 0) == 0 }, "the same processes work on")
            try await letGo(site, 4)
            try await daemon.waitForExit()
            #expect(try self.agents(site) == agents)
            try await expectDelivered(site, 4, attempts: [.succeeded])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `SIGTERM leaves eight agents at work, and the next start takes them over`() async throws {
        try await withAgents(8) { site, first in
            let agents = try agents(site)
            #expect(first.signal(SIGTERM))
            try await first.waitForExit()
            #expect(agents.allSatisfy { kill($0, 0) == 0 })
            let second = try site.startDaemon("--until-idle")
            try await letGo(site, 8)
            try await second.waitForExit()
            #expect(try self.agents(site) == agents)
            try await expectDelivered(site, 8, attempts: [.succeeded])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a second Ctrl-C stops eight agents and what they started, and the next start goes on`()
        async throws
    {
        try await withAgents(8) { site, first in
            let agents = try agents(site)
            #expect(first.signal(SIGINT))
            try await site.waitForLog("8 agents may finish, Ctrl-C once more stops them")
            #expect(agents.allSatisfy { kill($0, 0) == 0 })
            #expect(first.signal(SIGINT))
            try await first.waitForExit()
            #expect(agents.allSatisfy { kill($0, 0) == -1 && errno == ESRCH })
            #expect(await sweep(marker: site.root.string, grace: .zero).swept == 0)
            for number in 1...8 {
                let run = try site.run(of: number)
                #expect(!run.isAtRest && run.liveAttempt == nil, "\(run.state)")
                #expect(run.attempts.map(\.outcome) == [.cancelled])
            }
            // What they did is there still.
            let second = try site.startDaemon("--until-idle")
            try await letGo(site, 8)
            try await second.waitForExit()
            try await expectDelivered(site, 8, attempts: [.cancelled, .succeeded])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `of two daemons that start at once exactly one runs`() async throws {
        let rounds = Self.number("LINECOOK_START_ROUNDS", 5)
        try await Site.with([], agent: "true") { site in
            let program = try site.programPath
            for round in 1...rounds {
                let text = try await site.shellOutput(
                    """
                    rm -f ended started one.* two.*; mkfifo ended started
                    # Who opens them for reading and writing waits for nobody.
                    exec 3<> ended 4<> started
                    for name in one two; do
                      mkfifo $name.lines
                      { tee $name.log < $name.lines | grep --line-buffered -F 'started state=' >&4 || true; } &
                      { sh -c 'echo "$$" > '$name'.pid; exec "$1" run 2> '$name'.lines' sh '\(program)' \
                        || echo "$name $?" >&3; } &
                    done
                    read -r name code <&3
                    read -r line <&4
                    [ "$name" = one ] && left=$(cat two.pid) || left=$(cat one.pid)
                    kill "$left"; wait || true
                    echo "$code $left"; cat one.log two.log
                    """
                )
                let words = text.split(separator: "\n", maxSplits: 1)[0].split(separator: " ")
                try #require(words.count == 2, "round \(round): \(text)")
                #expect(words[0] == "2", "round \(round): \(text)")
                #expect(text.contains("process \(words[1]) runs here already"), "\(text)")
                #expect(text.components("started state=") == 1, "round \(round): \(text)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a process that got the number of a dead attempt is left alone`() async throws {
        let agent = """
            if [ "$LINECOOK_ATTEMPT_NUMBER" = 1 ]; then
              echo go > "$HOME/started"
              read -r go < "$HOME/go"
            fi
            echo work > work.txt
            """
        try await Site.with([LinearSeed.Issue(title: "One")], agent: agent) { site in
            try await site.shell("mkfifo started go")
            let daemon = try site.startDaemon("--until-idle")
            try await site.shell("exec 3<> started; read -r line <&3")
            let path = site.root.appending("state/runs/ENG-1/1/attempt-1/process.json")
            var record = try #require(try site.store.value(ProcessRecord.self, at: path))
            try await site.shell("kill -9 \(daemon.pid) \(record.attempt.pid)")
            try await daemon.waitForExit()
            try await record.attempt.waitForExit()
            // As after a start of the machine: somebody else has these numbers now.
            let stranger = try DetachedProcess.start(
                executable: "/bin/sleep",
                arguments: ["300"],
                environment: [:],
                directory: "/",
                standardError: site.root.appending("stranger.log")
            )
            defer { _ = stranger.signal(SIGKILL) }
            let reused = ProcessIdentity(
                pid: stranger.pid,
                startTime: record.attempt.startTime,
                bootID: record.attempt.bootID
            )
            record = ProcessRecord(attempt: reused, agent: reused)
            try site.store.write(record, to: path)
            let second = try site.startDaemon("--until-idle")
            try await second.waitForExit()
            #expect(kill(stranger.pid, 0) == 0)
            try await expectDelivered(site, 1, attempts: [.lost, .succeeded])
        }
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
