import Domain
import ProcessTree
import Sandbox
import Testing

/// Tickets whose budget is used up, with the whole program and stand-ins for agents.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct TicketBudgetTests {
    /// The first attempt breaks off after 0.30 USD; the second one goes on and costs 0.20.
    private static let session = """
        n=$LINECOOK_ATTEMPT_NUMBER
        echo "$*" > "../arguments-$n"; cat > /dev/null
        flag= id=
        for word; do
            case "$flag" in --session-id|--resume) id=$word;; esac
            flag=$word
        done
        echo '{"type":"system","subtype":"init","session_id":"'$id'","model":"m"}'
        echo "work $n" > work
        if [ $n = 1 ]; then
            echo '{"type":"result","subtype":"error_during_execution","is_error":true,"num_turns":2,"session_id":"'$id'","total_cost_usd":0.3,"errors":["it broke"]}'
            exit 1
        fi
        echo '{"type":"result","subtype":"success","is_error":false,"num_turns":1,"session_id":"'$id'","total_cost_usd":0.5}'
        """

    @Test(.timeLimit(.minutes(5)))
    func `a ticket that has used its budget up is parked, and one command brings its session on`()
        async throws
    {
        let ticket = [LinearSeed.Issue(title: "One")]
        let budget = "budget: { ticket: 0.25 }\n"
        try await Site.with(ticket, agent: Self.session, workflow: budget, kind: "claude-code") {
            site in
            try await site.linecook("run", "--until-idle")
            let parked = try site.run(of: 1)
            #expect(parked.state == .needsHuman && parked.attempts.count == 1)
            #expect(
                parked.reason
                    == "the ticket's budget of 0.25 USD is used up: 0.30 spent; 'linecook retry ENG-1 --budget 1' raises it and goes on"
            )
            let comment = try #require(try await site.linear.issue("ENG-1").comments.last)
            #expect(comment.contains("linecook retry ENG-1 --budget 1'"))
            #expect(try site.text("wt/ENG-1/work").contains("work 1"))
            // Without the command nothing goes on.
            try await site.linear.comment("ENG-1", "Please go on.")
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).attempts.count == 1)
            let (asked, code) = try await site.linecook("retry", "ENG-1", "--budget", "1")
            #expect(code == 0 && asked.contains("the next `linecook run` goes on with ENG-1"))
            try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.state == .inReview && run.run == 1)
            #expect(run.budget == SpendingLimit(usd: 1))
            #expect(run.attempts.map(\.agent?.costUSD) == [0.3, 0.2])
            #expect(run.attempts.map(\.limit?.usd) == [0.25, 0.7])
            let arguments = try site.text("wt/arguments-2")
            #expect(arguments.contains("--resume") && arguments.contains("--max-budget-usd 0.7"))
            #expect(try await site.shellOutput("ls state/requests").isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a daemon that runs takes the command up, and the agent is told what was written`()
        async throws
    {
        let ticket = [LinearSeed.Issue(title: "One")]
        let budget = "budget: { ticket: 0.25 }\n"
        try await Site.with(ticket, agent: Self.session, workflow: budget, kind: "claude-code") {
            site in
            let daemon = try site.startDaemon()
            try await site.waitForLog("ENG-1 needs a person")
            try await site.linear.comment("ENG-1", "Use the second variant.")
            try await site.waitForLog("answered, for the next attempt")
            let (asked, code) = try await site.linecook("retry", "ENG-1", "--budget", "1")
            #expect(code == 0 && asked == "The daemon goes on with ENG-1.\n")
            try await site.waitForLog("ENG-1 in review")
            #expect(daemon.signal(15))
            try await daemon.waitForExit()
            let run = try site.run(of: 1)
            #expect(run.attempts.map(\.outcome) == [.agentFailed, .succeeded])
            #expect(
                try site.text("state/runs/ENG-1/1/attempt-2/prompt.md").contains(
                    "the second variant"
                )
            )
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an agent that says it has passed its bound is ended, and its work is kept`()
        async throws
    {
        let agent = """
            echo "half done" > work
            printf '{"event":"usage","input_tokens":900,"output_tokens":300}\\n'
            exec sleep 600
            """
        let ticket = [LinearSeed.Issue(title: "One")]
        let budget = "budget: { ticket_tokens: 1k }\n"
        try await Site.with(ticket, agent: agent, workflow: budget) { site in
            try await site.linecook("run", "--until-idle")
            let run = try site.run(of: 1)
            #expect(run.attempts.map(\.outcome) == [.budgetExceeded])
            #expect(run.attempts.first?.reason == "ended after 1200 tokens; it may use 1000")
            #expect(run.state == .needsHuman)
            #expect(run.reason?.contains("'linecook retry ENG-1 --tokens 2200'") == true)
            let commit = try #require(run.attempts.first?.changes?.commits.last)
            #expect(
                try await site.shellOutput("git -C clone show \(commit):work").contains("half done")
            )
        }
    }
}
