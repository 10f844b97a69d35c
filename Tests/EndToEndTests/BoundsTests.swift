import Disk
import Domain
import ProcessTree
import RunStore
import Sandbox
import SystemPackage
import Testing

/// Agents that would go on for ever, eat all memory, or flood what reads them.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct BoundsTests {
    private let ticket = [LinearSeed.Issue(title: "Ticket 1")]

    /// Makes the site's only attempt its last one, and adds to its agent's settings.
    private func restrict(_ site: Site, agent: String) throws {
        try site.write(
            "workflows/site.yml",
            try site.text("workflows/site.yml")
                .replacing("retry: { attempts: 3,", with: "retry: { attempts: 1,")
                .replacing("  grace: 1s\n", with: "  grace: 1s\n  \(agent)\n")
        )
    }

    @Test(.timeLimit(.minutes(5)))
    func `an agent that talks on and changes nothing is stalled`() async throws {
        // The file is written again and again, with what it holds already.
        let agent = """
            while :; do
              echo '{"event":"message","text":"still at it"}'
              echo same > work.txt
              sleep 0.05
            done
            """
        try await Site.with(ticket, agent: agent) { site in
            try restrict(site, agent: "idle_work: 1s")
            try await site.linecook("run", "--until-idle")
            let attempt = try #require(try site.run(of: 1).attempts.last)
            #expect(attempt.outcome == .stalled)
            #expect(
                attempt.reason == "changed no file and did nothing new for 1.0 s (agent.idle_work)"
            )
            #expect(try #require(attempt.seconds) < 10)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an agent whose files change goes on for as long as it likes`() async throws {
        let agent = """
            for n in 1 2 3 4 5 6 7 8 9 10; do echo "step $n"; echo "$n" > work.txt; sleep 0.5; done
            """
        try await Site.with(ticket, agent: agent) { site in
            try restrict(site, agent: "idle_work: 3s")
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).attempts.map(\.outcome) == [.succeeded])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an agent that eats the memory is ended with the reason`() async throws {
        let agent = "exec python3 -c 'held = b\"x\" * 200_000_000; import time; time.sleep(60)'"
        try await Site.with(ticket, agent: agent) { site in
            try restrict(site, agent: "memory: 60MB")
            try await site.linecook("run", "--until-idle")
            let attempt = try #require(try site.run(of: 1).attempts.last)
            let reason = try #require(attempt.reason)
            #expect(attempt.outcome == .agentFailed)
            #expect(reason.hasSuffix("agent.memory allows 60 MB"), "\(reason)")
        }
    }

    /// Tests/Benchmarks/output.py measures the same with a gigabyte.
    @Test(.timeLimit(.minutes(5)))
    func `a flood of output is cut in the log, and what comes after it is heard`() async throws {
        // Events, a line of 30 MB, and bytes that no text has; then what counts.
        let agent = """
            echo work > work.txt
            echo '{"event":"message","text":"first"}'
            yes '{"event":"tool","tool":"Read","argument":"x"}' | head -c 300000
            echo
            head -c 30000000 /dev/zero | tr '\\0' x
            printf '\\n\\377\\376\\0\\033[2J\\033]0;title\\007\\302\\233\\342\\200\\256rtl\\n'
            echo '{"event":"usage","turns":3}'
            printf '%s\\n' '{"event":"message","text":"last \\u001b[31mred\\u202e"}'
            grep VmHWM "/proc/$(sed -n 's/.*"pid": \\([0-9]*\\).*/\\1/p' "${LINECOOK_PROMPT%/*}/process.json" | head -1)/status" > "$HOME/peak"
            """
        let limits = "limits: { output: 200KB }"
        try await Site.with(ticket, agent: agent, workflow: limits) { site in
            try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            let attempt = try #require(run.attempts.last)
            #expect(attempt.outcome == .succeeded)
            #expect(attempt.agent?.turns == 3)
            #expect(attempt.agent?.lastMessage == "last <U+001B>[31mred<U+202E>")
            let folder = site.root.appending("state/runs/ENG-1/1/attempt-1")
            let log = try #require(try LocalFileSystem().read(folder.appending("agent.jsonl")))
            #expect(log.count > 190_000 && log.count < 200_100)
            #expect(log.starts(with: Array(#"{"event":"message","text":"first"}"#.utf8)))
            // As it came, but for what is left out between.
            let text = String(decoding: log, as: UTF8.self)
            #expect(text.contains(" bytes left out …]\n"))
            #expect(log.contains([0xFF, 0xFE, 0, 0x1B]))
            #expect(text.hasSuffix("red\\u202e\"}\n"))
            // Three times the limit of a line, the program itself, and never what was put out.
            let words = try site.text("peak").split(separator: " ")
            #expect(try #require(Int(words[1])) < 60_000, "\(words)")
            let shown = [
                try await site.linecook("logs", "ENG-1").text,
                try await site.linecook("status").text,
                try await site.linecook("runs", "show", "ENG-1").text,
                try await site.linear.issue("ENG-1").comments.joined(),
            ]
            for text in shown {
                #expect(!text.isEmpty && text.unicodeScalars.allSatisfy(Self.isHarmless))
            }
        }
    }

    /// No control but line end and tab, and nothing that changes the order of what is read.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: scalar == "\n" || scalar == "\t"
        case .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a machine that stood still takes no time from anybody`() async throws {
        let agent = """
            echo working
            echo "$$ $PPID" > "$HOME/started"
            read -r go < "$HOME/go"
            echo work > work.txt
            """
        let checks = "verify: { steps: [{ name: check, run: 'true' }] }"
        try await Site.with(ticket, agent: agent, workflow: checks) { site in
            // What isn't lost may take a while on a busy machine.
            try restrict(site, agent: "idle_work: 6s")
            try site.write(
                "workflows/site.yml",
                try site.text("workflows/site.yml").replacing("timeout: 4m", with: "timeout: 10s")
                    .replacing("stall: 3m", with: "stall: 6s")
            )
            try await site.shell("mkfifo started go")
            let daemon = try site.startDaemon("--until-idle")
            let line = try await site.shellOutput("read -r a < started; echo \"$a\"")
            let record = try #require(
                try site.store.value(
                    ProcessRecord.self,
                    at: site.root.appending("state/runs/ENG-1/1/attempt-1/process.json")
                )
            )
            let all = "\(daemon.pid) \(record.attempt.pid) \(line.replacing("\n", with: ""))"
            try await site.shell("kill -STOP \(all); sleep 11; kill -CONT \(all); echo go > go")
            try await daemon.waitForExit()
            let attempt = try #require(try site.run(of: 1).attempts.last)
            #expect(attempt.outcome == .succeeded, "\(attempt.reason ?? "")")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an agent that asks finds the end of its input and no terminal`() async throws {
        let agent = """
            cat > /dev/null
            if read -r answer; then exit 4; fi
            if (: < /dev/tty) 2> /dev/null; then exit 5; fi
            echo work > work.txt
            """
        try await Site.with(ticket, agent: agent) { site in
            _ = try await site.onTerminal("run", "--until-idle")
            #expect(try site.run(of: 1).attempts.map(\.outcome) == [.succeeded])
        }
    }
}
