import Disk
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

/// A person's hand in the state folder of the real program.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(5))) struct EditedStateTests {
    /// Says that it's at work, and ends when it's told to.
    private static let agent = """
        cat > /dev/null
        echo begun > ../../begun-$LINECOOK_TICKET
        cat ../../go-$LINECOOK_TICKET > page
        """

    private static func broken(_ site: Site) async throws -> [String] {
        let found = try await site.shellOutput("cd state && find . -name '*.broken-*' | sort")
        return found.split(separator: "\n").map { line in
            String(line.prefix(upTo: line.firstRange(of: ".broken-")?.lowerBound ?? line.endIndex))
        }
    }

    @Test func `edits, deletions and copies while agents work lose nothing and run nothing twice`()
        async throws
    {
        let tickets = (1...3).map { LinearSeed.Issue(title: "Ticket \($0)") }
        try await Site.with(tickets, agent: Self.agent, workflow: "slots: { total: 4 }") { site in
            try await site.shell("for n in 1 2 3; do mkfifo begun-ENG-$n go-ENG-$n; done")
            let daemon = try site.startDaemon()
            try await site.shell("cat begun-ENG-1 begun-ENG-2 begun-ENG-3")
            try await site.shell(
                """
                cd state
                cp -a runs/ENG-1/1 runs/ENG-1/1.bak; cp -a runs/ENG-1/1 runs/ENG-1/2
                echo '{"mine' > runs/ENG-1/1/run.json; echo 'mine' > open/ENG-1.json
                echo mine > ticks.json; echo mine > breaker.json; echo mine >> history/2026-01.jsonl
                rm runs/ENG-2/1/run.json open/ENG-2.json; cp open/ENG-3.json open/ENG-9.json
                cp open/ENG-3.json 'open/ENG-3 (copy).json'; rm -r history; echo mine > service.json
                """
            )
            try await site.shell("for n in 1 2 3; do echo $n > go-ENG-$n; done")
            try await site.waitForLog("in review", times: 3)
            daemon.signal(15)
            try await daemon.waitForExit()
            let status = try await site.linecook("status")
            #expect(status.code == 3)
            #expect(
                status.text.contains("run.json: it was changed while the service was at work"),
                "\(status.text)"
            )
            #expect(
                Set(try await Self.broken(site)).isSuperset(of: [
                    "./open/ENG-1.json", "./runs/ENG-1/1/run.json",
                ])
            )
            for number in 1...3 {
                let id = RunID(ticket: try #require(TicketKey("ENG-\(number)")), number: 1)
                let run = try #require(try site.store.run(id))
                #expect(run.state == .inReview && run.attempts.count == 1)
            }
            let pulls = try await site.shellOutput("ls state/forge/pulls | grep -c json")
            #expect(pulls == "3\n")
            // The next start takes all of it over, copies and all.
            let again = try await site.linecook("run", "--until-idle")
            #expect(again.code == 0, "\(again.text)")
            #expect(try await site.shellOutput("ls state/forge/pulls | grep -c json") == "3\n")
        }
    }

    @Test
    func
        `files broken, deleted and copied while it was down are named, and agents are not doubled`()
        async throws
    {
        let tickets = (1...4).map { LinearSeed.Issue(title: "Ticket \($0)") }
        try await Site.with(tickets, agent: Self.agent, workflow: "slots: { total: 4 }") { site in
            try await site.shell("for n in 1 2 3 4; do mkfifo begun-ENG-$n go-ENG-$n; done")
            var daemon = try site.startDaemon()
            try await site.shell("cat begun-ENG-1 begun-ENG-2 begun-ENG-3 begun-ENG-4")
            daemon.signal(9)
            try await daemon.waitForExit()
            try await site.shell(
                """
                cd state
                echo '{"mine' > runs/ENG-1/1/run.json
                echo mine > open/ENG-2.json; cp -a runs/ENG-2/1 runs/ENG-2/2
                rm runs/ENG-3/1/run.json
                rm open/ENG-4.json
                for f in ticks.json breaker.json history/2026-11.jsonl history/2026-01.jsonl; do echo mine > $f; done
                """
            )
            // All tickets stand where new ones are taken from: nothing but the files keeps them from a second agent.
            for number in 1...4 { try await site.linear.move("ENG-\(number)", to: "Todo") }
            daemon = try site.startDaemon()
            try await site.waitForLog("is gone, but ENG-4/1")
            try await site.shell("echo 2 > go-ENG-2")
            try await site.waitForLog("in review")
            daemon.signal(15)
            try await daemon.waitForExit()
            let status = try await site.linecook("status", "--format", "json")
            for words in [
                "ENG-1/1/run.json: it isn't valid JSON; set aside as run.json.broken-",
                "ENG-2.json: it isn't valid JSON; set aside as ENG-2.json.broken-",
                "ENG-3/1/run.json: there is no such file any more",
                "ENG-1/1: an agent of it is at work", "ENG-3/1: an agent of it is at work",
                "open/ENG-4.json is gone, but ENG-4/1 isn't at rest",
                "ticks.json: ", "breaker.json: ",
            ] {
                #expect(status.text.contains(words), "\(words)\n\(status.text)")
            }
            let attempts = try await site.shellOutput(
                "ls -d state/runs/*/[0-9]/attempt-* | grep -c -v ENG-2/2"
            )
            #expect(attempts == "4\n")
            let reindex = try await site.linecook("runs", "reindex")
            #expect(
                reindex.text.contains(
                    "open/ENG-4.json: it was gone; the next start goes on with ENG-4/1"
                )
            )
            // Whose run was lost is taken up anew once its agent has ended: the next one waits for nobody.
            try await site.shell(
                """
                for n in 1 3 4; do
                  echo $n > go-ENG-$n; rm go-ENG-$n begun-ENG-$n; echo again > go-ENG-$n
                done
                """
            )
            try await site.linear.move("ENG-4", to: "In Progress")
            let last = try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 4).state == .inReview, "\(last.text)")
        }
    }
}
