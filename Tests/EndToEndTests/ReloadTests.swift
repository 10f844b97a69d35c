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

/// Files that are edited while the daemon runs.
@Suite(.serialized, .inTurn)
struct ReloadTests {
    /// Says that it works, and works on once the file is there.
    private static let waiter = """
        echo "$LINECOOK_TICKET" > "$HOME/started-$LINECOOK_TICKET"
        read -r go < "$HOME/go-$LINECOOK_TICKET"
        cat > "$HOME/prompt-$LINECOOK_TICKET"
        echo work > "work-$LINECOOK_TICKET.txt"
        """

    private func start(_ number: Int, in state: String, _ site: Site) async throws {
        _ = try await site.linear.create(LinearSeed.Issue(title: "New", state: state))
        try await site.shell("read -r a < started-ENG-\(number); :")
    }

    private func finish(_ number: Int, _ site: Site) async throws {
        try await site.shell("echo go > go-ENG-\(number)")
        try await site.waitForLog("ENG-\(number) in review")
        #expect(try site.run(of: number).state == .inReview)
    }

    @Test(.timeLimit(.minutes(5)))
    func `files that are edited while agents work are in force, and the runs keep their own`()
        async throws
    {
        try await Site.with(
            [LinearSeed.Issue(title: "First")],
            agent: Self.waiter,
            workflow: "slots: { total: 8 }"
        ) { site in
            try await site.shell(
                "for n in 1 2 3 4 5 6; do mkfifo started-ENG-$n go-ENG-$n; done"
            )
            let original = try site.text("workflows/site.yml")
            let daemon = try site.startDaemon()
            try await site.shell("read -r a < started-ENG-1; :")

            // In place, then by rename, then an included template.
            try await site.shell(
                "sed 's/states: .Todo./states: [Backlog], transitions: { failed: Todo }/'"
                    + " workflows/site.yml > new;"
                    + " cat new > workflows/site.yml"
            )
            try await site.waitForLog("workflow changed file=workflows/site.yml")
            try await site.shell(
                "sed 's/attempts: 3/attempts: 1/' workflows/site.yml > new; mv new workflows/site.yml"
            )
            try await site.waitForLog("workflow changed", times: 2)
            try await site.shell("echo 'Another template.' > workflows/prompt.md")
            try await site.waitForLog("workflow changed", times: 3)
            try await start(2, in: "Backlog", site)

            // The configuration: what can't take effect at once is said, the rest is in force.
            try await site.shell("echo 'slots: 9' >> Config/linecook.yml")
            try await site.waitForLog("configuration changed")
            try await site.shell("sed -i.bak 's/^state: .*/state: elsewhere/' Config/linecook.yml")
            try await site.waitForLog("not in force yet")
            try await site.shell("mv Config/linecook.yml.bak Config/linecook.yml")
            try await site.waitForLog("mended")
            #expect(try await site.linecook("status").text.contains("2 of 9 slots taken"))

            // Broken: the last good version stays in force.
            try await site.shell("echo 'agnet: {}' >> workflows/site.yml")
            try await site.waitForLog("warning: not in force, the version before is")
            let lines = original.split(separator: "\n", omittingEmptySubsequences: false).count
            let error = "workflows/site.yml:\(lines):1: error: no key 'agnet' here"
            let (text, code) = try await site.linecook("status")
            #expect(code == 0)
            #expect(text.contains("problem: \(error)"), "\(text)")
            #expect(text.contains("stays in force"), "\(text)")
            let (json, _) = try await site.linecook("status", "--format", "json")
            #expect(json.contains("\"kind\": \"broken\""), "\(json)")
            try await start(3, in: "Backlog", site)
            try await finish(2, site)
            try await site.shell("sed -i.bak '/agnet/d' workflows/site.yml && rm workflows/*.bak")
            try await site.waitForLog("mended", times: 2)
            #expect(try await !site.linecook("status").text.contains("problem"))

            // Added, then removed while its run goes on.
            try site.write(
                "workflows/second.yml",
                original.replacing("name: site", with: "name: second")
            )
            try await site.waitForLog("workflow added")
            try await start(4, in: "Todo", site)
            try await site.shell("rm workflows/second.yml")
            try await site.waitForLog("workflow removed")
            #expect(try await site.linecook("status").text.contains("second: its file is gone"))
            _ = try await site.linear.create(LinearSeed.Issue(title: "Nobody's", state: "Todo"))
            try await start(6, in: "Backlog", site)
            for number in [1, 3, 4, 6] { try await finish(number, site) }
            #expect(try site.store.runNumbers(of: #require(TicketKey("ENG-5"))) == [])

            #expect(try site.run(of: 4).workflow == "second")
            #expect(try site.text("state/runs/ENG-1/1/workflow.yml") == original)
            #expect(try site.text("prompt-ENG-1").hasPrefix("ENG-1: First"))
            #expect(try site.text("prompt-ENG-2").hasPrefix("Another template."))
            let copy = try site.text("state/runs/ENG-3/1/workflow.yml")
            #expect(copy.contains("[Backlog]") && copy.contains("attempts: 1"))
            // One line for each change, however often the files were looked at.
            let log = try site.text("daemon.log")
            #expect(log.split(separator: "\n").count { $0.contains("not in force") } == 2, "\(log)")
            #expect(daemon.signal(SIGTERM))
            try await daemon.waitForExit()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an included file and the defaults of the configuration are in force once saved`()
        async throws
    {
        let agent = """
            cat > "$HOME/prompt-$LINECOOK_TICKET"
            echo work > work.txt
            """
        try await Site.with([], agent: agent) { site in
            try await site.shell(
                "mkdir workflows/parts; echo 'Old rules.' > workflows/parts/rules.md"
            )
            try site.write("workflows/prompt.md", "{% include \"parts/rules.md\" %}\n")
            let daemon = try site.startDaemon()
            try await site.waitForLog("started")
            try await site.shell("echo 'New rules.' > workflows/parts/rules.md")
            try await site.waitForLog("workflow changed")
            let defaults = "defaults: { repository: { setup: 'echo new > \"$HOME/setup\"' } }\n"
            let configuration = try site.text("Config/linecook.yml")
            try site.write("Config/linecook.yml", configuration + defaults)
            try await site.waitForLog("workflow changed", times: 2)
            _ = try await site.linear.create(LinearSeed.Issue(title: "New", state: "Todo"))
            try await site.waitForLog("ENG-1 in review")
            #expect(try site.text("prompt-ENG-1").hasPrefix("New rules."))
            #expect(try site.text("setup") == "new\n")
            #expect(daemon.signal(SIGTERM))
            try await daemon.waitForExit()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a sandbox that doesn't work here isn't put in force by a save`() async throws {
        try await Site.with([], agent: "echo work > work.txt") { site in
            try await site.shell(
                """
                mkdir bin && printf '#!/bin/sh\necho no namespaces; exit 1\n' > bin/bwrap
                chmod +x bin/bwrap && cp workflows/site.yml good
                """
            )
            let daemon = try site.startDaemon()
            try await site.waitForLog("started")
            try await site.shell("echo '  sandbox: bubblewrap' >> workflows/site.yml")
            try await site.waitForLog("warning: not in force, the version before is")
            let problem =
                "workflows/site.yml: 'agent.sandbox' is bubblewrap, but bubblewrap doesn't work here:"
            #expect(try await site.linecook("status").text.contains(problem))
            _ = try await site.linear.create(LinearSeed.Issue(title: "New", state: "Todo"))
            try await site.waitForLog("ENG-1 in review")
            try await site.shell("mv good workflows/site.yml")
            try await site.waitForLog("mended, and in force")
            #expect(daemon.signal(SIGTERM))
            try await daemon.waitForExit()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a tick that can't be written asks for no tickets until it can`() async throws {
        let ticket = [LinearSeed.Issue(title: "Waits")]
        try await Site.with(ticket, agent: "echo work > work.txt") { site in
            try await site.shell(
                "sed -i.bak 's/{ every: 1s }/{ cron: \"0 0 1 1 *\" }/' workflows/site.yml"
                    + " && rm workflows/*.bak"
            )
            let daemon = try site.startDaemon()
            try await site.waitForLog("started")
            // The daemon has read its records by the time that it sees a change.
            try await site.shell("echo 'slots: 9' >> Config/linecook.yml")
            try await site.waitForLog("configuration changed")
            try await site.shell(
                """
                rm -f state/ticks.json && mkdir state/ticks.json
                sed 's/{ cron: .* }/{ cron: "* * * * * *", seconds: true }/' workflows/site.yml > new
                mv new workflows/site.yml
                """
            )
            try await site.waitForLog("polls fail")
            #expect(try site.store.runNumbers(of: #require(TicketKey("ENG-1"))) == [])
            try await site.shell("rmdir state/ticks.json")
            try await site.waitForLog("ENG-1 in review")
            try await site.waitForLog("polls work again")
            #expect(daemon.signal(SIGTERM))
            try await daemon.waitForExit()
        }
    }
}
