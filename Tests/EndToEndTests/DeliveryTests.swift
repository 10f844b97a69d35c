import Domain
import ProcessTree
import RunStore
import Sandbox
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

/// The whole way, from a ready ticket to its pull request, with the real program.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct DeliveryTests {
    private static let worker = """
        echo "work on $LINECOOK_TICKET" > "work-$LINECOOK_TICKET.txt"
        git add -A && git -c user.name=A -c user.email=a@b commit -qm "work on $LINECOOK_TICKET"
        """

    private func tickets(_ count: Int) -> [LinearSeed.Issue] {
        (1...count).map { LinearSeed.Issue(title: "Ticket \($0); rm -rf $HOME `x` ../..") }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a ready ticket becomes a branch, a draft pull request and a ticket in review`()
        async throws
    {
        try await Site.with(tickets(3), agent: Self.worker) { site in
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            for number in 1...3 {
                let run = try site.run(of: number)
                #expect(run.state == .inReview)
                #expect(run.attempts.map(\.outcome) == [.succeeded])
                let issue = try await site.linear.issue("ENG-\(number)")
                #expect(issue.state == "In Review")
                #expect(issue.comments.count == 1)
                #expect(issue.attachments.count == 1)
                try await site.shell("git -C remote.git rev-parse -q --verify '\(run.branch)'")
            }
            let (pulls, _) = try await site.linecook("pulls")
            #expect(pulls.split(separator: "\n").count == 4, "\(pulls)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a blocked ticket starts after its blocker's merge and finds its work`() async throws {
        let tickets = [
            LinearSeed.Issue(title: "First"),
            LinearSeed.Issue(title: "Second", blockedBy: ["ENG-1"]),
        ]
        let agent = """
            if [ "$LINECOOK_TICKET" = ENG-2 ]; then test -f work-ENG-1.txt || exit 7; fi
            \(Self.worker)
            """
        try await Site.with(tickets, agent: agent) { site in
            let (first, _) = try await site.linecook("run", "--until-idle")
            #expect(first.contains("ENG-2  blocked by ENG-1 (in review)"), "\(first)")
            #expect(try await site.linecook("pulls", "merge", "1").code == 0)
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).state == .done)
            #expect(try site.run(of: 1).cleanup == "removed")
            #expect(try await site.linear.issue("ENG-1").state == "Done")
            #expect(try site.run(of: 2).state == .inReview)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a failed attempt is tried again, told of the failure, in the same worktree`()
        async throws
    {
        let agent = """
            cat > "prompt-$LINECOOK_ATTEMPT_NUMBER.txt"
            if [ "$LINECOOK_ATTEMPT_NUMBER" = 1 ]; then exit 3; fi
            """
        let steps = """
            verify:
              steps:
                - { name: second, run: "test -f prompt-3.txt || { echo 'no third prompt'; exit 4; }" }
            """
        try await Site.with(tickets(1), agent: agent, workflow: steps) { site in
            try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(
                run.attempts.map(\.outcome) == [.agentFailed, .verificationFailed, .succeeded]
            )
            #expect(run.attempts[1].reason == "second: exit 4")
            let third = try site.text("wt/ENG-1/prompt-3.txt")
            #expect(third.contains("no third prompt"))
            #expect(try site.text("wt/ENG-1/prompt-2.txt").contains("exit 3"))
            #expect(run.state == .inReview)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what a change shouldn't hold is told to the next attempt, and secrets aren't pushed`()
        async throws
    {
        let agent = #"""
            cat > "../prompt-$LINECOOK_ATTEMPT_NUMBER.txt"
            commit() { git add -A && git -c user.name=A -c user.email=a@b commit -qm "$1"; }
            case "$LINECOOK_ATTEMPT_NUMBER" in
                1) echo 'console.log(1)' > a.js; echo "t: ghp_$(printf 'aB1c%.0s' 1 2 3 4 5 6 7 8 9)" > b
                   commit bad ;;
                2) echo 'log(1)' > a.js; echo 1 > b; commit better ;;
                3) git reset -q --soft HEAD~2; echo 1 > page.js; commit good ;;
            esac
            """#
        var ticket = LinearSeed.Issue(title: "Page")
        ticket.description = "## Files to create\n\n- `page.js`\n"
        try await Site.with([ticket], agent: agent) { site in
            try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(
                run.attempts.map(\.outcome) == [
                    .verificationFailed, .verificationFailed, .succeeded,
                ]
            )
            #expect(run.attempts.map { $0.pushed == nil } == [true, true, false])
            let checks = run.attempts.map { $0.verification.filter { !$0.passed }.map(\.check) }
            #expect(
                checks == [["debug_statements", "touch", "secrets"], ["touch", "secrets"], []]
            )
            let second = try site.text("wt/prompt-2.txt")
            #expect(second.contains("a.js:1: console.log"))
            #expect(second.contains("b:1: a GitHub token"))
            #expect(second.contains("page.js: the ticket lists it"))
            let third = try site.text("wt/prompt-3.txt")
            #expect(third.contains("a GitHub token in an earlier commit"))
            let told = try await site.shellOutput("cat wt/prompt-*.txt state/runs/ENG-1/1/run.json")
            #expect(!told.contains("aB1c"))
            let pushed = try await site.shellOutput("git -C remote.git log --all -p")
            #expect(pushed.contains("page.js") && !pushed.contains("aB1c"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an agent that changes nothing fails the ticket, and the ticket says so`() async throws {
        try await Site.with(tickets(1), agent: "echo nothing to do") { site in
            let (_, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 1)
            let run = try site.run(of: 1)
            #expect(run.state == .failed)
            #expect(run.attempts.map(\.outcome) == [.noChanges])
            let issue = try await site.linear.issue("ENG-1")
            #expect(issue.state == "Backlog")
            #expect(issue.comments.count == 1)
            #expect(issue.comments.first?.contains("changed nothing") == true)
            #expect(try await site.linecook("pulls").text == "No open pull requests.\n")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a hanging agent and a grandchild that ignores signals are gone at the timeout`()
        async throws
    {
        let agent = """
            setsid sh -c 'trap "" TERM INT HUP; echo $$ > "$0/stubborn.pid"; while :; do sleep 1; done' "$HOME" &
            sleep 300
            """
        try await Site.with(tickets(1), agent: agent) { site in
            try await site.shell(
                "sed -i.bak -e 's/timeout: 4m/timeout: 8s/' -e 's/attempts: 3/attempts: 1/'"
                    + " workflows/site.yml"
            )
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).attempts.map(\.outcome) == [.timedOut])
            let text = try site.text("stubborn.pid").split(separator: "\n").first
            let pid = try #require(text.flatMap { Int32($0) })
            #expect(kill(pid, 0) == -1 && errno == ESRCH)
        }
    }

    /// What a person may do to a ticket while its agent works.
    enum Departure: CaseIterable {
        case moved
        case deleted
        case unlabeled

        var reason: String {
            switch self {
            case .moved: "the ticket was moved to Canceled"
            case .deleted: "the ticket was deleted or archived"
            case .unlabeled: "the label agent was taken off"
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Departure.allCases)
    func `a ticket that a person takes away stops its agent, and its work is kept`(
        departure: Departure
    ) async throws {
        let agent = """
            echo half > half.txt
            echo go > "$HOME/started"
            sleep 300
            """
        let labeled = [LinearSeed.Issue(title: "Ticket", labels: ["agent"])]
        try await Site.with(labeled, agent: agent) { site in
            try await site.shell(
                "mkfifo started; sed -i.bak 's/states: .Todo./&, labels: { all: [agent] }/'"
                    + " workflows/site.yml"
            )
            let daemon = try site.startDaemon("--until-idle")
            try await site.shell("cat started > /dev/null")
            switch departure {
            case .moved: try await site.linear.move("ENG-1", to: "Canceled")
            case .deleted: try await site.linear.delete("ENG-1")
            case .unlabeled: try await site.linear.label("ENG-1", remove: ["agent"])
            }
            try await daemon.waitForExit()
            let run = try site.run(of: 1)
            #expect(run.state == .cancelled)
            #expect(run.reason == departure.reason)
            #expect(try site.text("wt/ENG-1/half.txt") == "half\n")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `agents see neither the daemon's token nor variables that nobody named`() async throws {
        try await Site.with(tickets(1), agent: "env > environment.txt") { site in
            try await site.linecook("run", "--until-idle")
            let seen = try site.text("wt/ENG-1/environment.txt")
            #expect(seen.contains("LINECOOK_TICKET=ENG-1"))
            #expect(!seen.contains("lin_api_test") && !seen.contains("SECRET_OF_THE_DAEMON"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `Claude Code is called with its limits, and its own account of the work is kept`()
        async throws
    {
        let sample = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../AgentTests/Fixtures/claude-code/success.jsonl").standardized.path
        let agent = """
            printf '%s\\n' "$@" > arguments.txt
            cat > prompt.txt
            cat '\(sample)'
            """
        try await Site.with(tickets(1), agent: agent, kind: "claude-code") { site in
            try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.state == .inReview, "\(run.summary)")
            let report = try #require(run.attempts.last?.agent)
            #expect(report.turns != nil && report.costUSD != nil && report.session != nil)
            let arguments = try site.text("wt/ENG-1/arguments.txt").split(separator: "\n")
            #expect(arguments.contains("--max-turns") && arguments.contains("acceptEdits"))
            #expect(try site.text("wt/ENG-1/prompt.txt").hasPrefix("ENG-1: Ticket 1"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a state that the board doesn't have ends the run with its name and few requests`()
        async throws
    {
        try await Site.with(tickets(1), agent: Self.worker) { site in
            try await site.shell(
                "sed -i.bak 's/states: .Todo./&, transitions: { failed: Shelf }/' workflows/site.yml"
            )
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 2)
            #expect(text.contains("Shelf") && text.contains("Backlog"), "\(text)")
            #expect(await site.linear.requests.count < 5)
        }
    }
}
