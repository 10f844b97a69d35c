import Disk
import Domain
import ProcessTree
import RunStore
import Sandbox
import SystemPackage
import Testing

/// What becomes of old runs, by hand and by the daemon.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(5))) struct PruneTests {
    /// Says enough for a log that is worth compressing, and changes nothing.
    private static let agent = """
        cat > /dev/null
        for n in $(seq 200); do echo "{\\"event\\":\\"message\\",\\"text\\":\\"I think of $n.\\"}"; done
        """

    /// Makes the run of ENG-1 one of 2024, and a second one of it.
    private static func age(_ site: Site) async throws {
        try #require(try site.run(of: 1).isAtRest)
        try await site.shell(
            """
            cd state/runs/ENG-1
            sed -i 's/"20[0-9][0-9]-/"2024-/' 1/run.json
            cp -a 1 2 && sed -i 's/"run": 1,/"run": 2,/' 2/run.json
            rm -r ../../history && mkdir ../../history
            """
        )
        let (text, code) = try await site.linecook("runs", "reindex")
        #expect(text == "The history tells of 2 runs.\n" && code == 0)
    }

    @Test func `logs are compressed, read all the same, and removed before their runs`()
        async throws
    {
        try await Site.with([LinearSeed.Issue(title: "One")], agent: Self.agent) { site in
            try await site.linecook("run", "--until-idle")
            let nothing = try await site.linecook("runs", "prune")
            #expect(nothing.code == 2)
            #expect(nothing.text.contains("nothing says what may go; set 'retention'"))
            let young = try await site.linecook("runs", "prune", "--older-than", "1d")
            #expect(young.text == "Nothing to be pruned.\n")
            try await Self.age(site)

            func rows(_ text: String) -> [String] {
                text.split(separator: "\n").dropLast().map(String.init)
            }
            let would = try await site.linecook(
                "runs",
                "prune",
                "--dry-run",
                "--compress-older-than",
                "1d"
            )
            for line in would.text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
            #expect(would.text.contains("\ncompress  ENG-1/1  2024-"), "\(would.text)")
            #expect(try !site.text("state/runs/ENG-1/1/attempt-1/events.jsonl").isEmpty)
            let did = try await site.linecook("runs", "prune", "--compress-older-than", "1d")
            #expect(rows(did.text) == rows(would.text))
            #expect(did.text.contains("2 runs with compressed logs; "), "\(did.text)")
            #expect(did.code == 0)
            let logs = try await site.linecook("logs", "ENG-1")
            #expect(logs.text.contains("I think of 1.") && logs.text.contains("I think of 200."))
            let kept = try await site.shellOutput(
                "gzip -dc state/runs/ENG-1/2/attempt-1/agent.jsonl.gz"
            )
            #expect(kept.hasSuffix("\"text\":\"I think of 200.\"}\n"))

            let json = try await site.linecook(
                "runs",
                "prune",
                "--logs-older-than",
                "1d",
                "--older-than",
                "1d",
                "--format",
                "json"
            )
            #expect(json.text.contains("\"action\": \"remove_run\""), "\(json.text)")
            #expect(json.text.contains("\"action\": \"remove_logs\""), "\(json.text)")
            #expect(try await site.linecook("runs").text.split(separator: "\n").count == 2)
            #expect(try site.store.runNumbers(of: try site.run(of: 1).ticket.key) == [2])
            let gone = try await site.linecook("logs", "ENG-1")
            #expect(gone.text.contains("Its log was removed, as 'retention' says;"), "\(gone.text)")
            #expect(try await site.linecook("runs", "show", "ENG-1").code == 0)
        }
    }

    @Test func `the daemon prunes once a day, and goes on where a kill broke that off`()
        async throws
    {
        try await Site.with([LinearSeed.Issue(title: "One")], agent: Self.agent) { site in
            try await site.linecook("run", "--until-idle")
            try await Self.age(site)
            try await site.shell("cp -a state/runs/ENG-1/2 state/runs/ENG-1/3")
            try await site.shell("sed -i 's/\"run\": 2,/\"run\": 3,/' state/runs/ENG-1/3/run.json")
            // Killed after the first folder was gone and before its line was.
            try site.write("state/prune.json", #"{"schema": 1, "removed": {"ENG-1": [1]}}"#)
            try await site.shell("rm -r state/runs/ENG-1/1")
            var daemon = try site.startDaemon()
            try await site.waitForLog("pruned")
            daemon.signal(15)
            try await daemon.waitForExit()
            #expect(try site.store.listing(limit: 10).map(\.id.number) == [2])
            #expect(try site.store.runNumbers(of: try site.run(of: 1).ticket.key) == [2, 3])

            // Without a setting nothing else goes; with one, the daemon takes it over as it runs.
            daemon = try site.startDaemon()
            try await site.waitForLog("started")
            try await site.shell("rm -f state/pruned.json")
            try await site.shell("echo 'retention: { runs: { age: 30d } }' >> Config/linecook.yml")
            try await site.waitForLog("1 run removed", times: 1)
            #expect(try site.store.runNumbers(of: try site.run(of: 1).ticket.key) == [3])
            daemon.signal(15)
            try await daemon.waitForExit()
        }
    }
}
