import Domain
import RunStore
import Sandbox
import Testing

/// Runs that stop for a person and go on with what one writes, with a stand-in for Claude Code.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct ReplyTests {
    /// The first attempt is denied a command and runs out of turns; the second one works.
    private static let agent = """
        n=$LINECOOK_ATTEMPT_NUMBER
        echo "$*" > "../arguments-$n"; cat > "../prompt-$n"
        flag= id=
        for word; do
            case "$flag" in --session-id|--resume) id=$word;; esac
            flag=$word
        done
        echo '{"type":"system","subtype":"init","session_id":"'$id'","model":"m"}'
        if [ $n = 1 ]; then
            echo '{"type":"assistant","message":{"id":"a","content":[{"type":"tool_use","id":"t","name":"Bash","input":{"command":"npm install \\u001b[31mleft-pad"}}]}}'
            echo '{"type":"system","subtype":"permission_denied","tool_name":"Bash","tool_use_id":"t","message":"no"}'
            echo '{"type":"result","subtype":"error_max_turns","is_error":true,"num_turns":2,"terminal_reason":"max_turns","session_id":"'$id'","total_cost_usd":0.1,"errors":["Reached maximum number of turns (1)"]}'
            exit 1
        fi
        echo "work $n" > work
        echo '{"type":"result","subtype":"success","is_error":false,"num_turns":1,"session_id":"'$id'","total_cost_usd":0.3}'
        """

    @Test(.timeLimit(.minutes(5)))
    func `a denial is on the ticket, and a person's answer there brings the agent's session on`()
        async throws
    {
        let ticket = [LinearSeed.Issue(title: "One")]
        try await Site.with(ticket, agent: Self.agent, kind: "claude-code") { site in
            try await site.linecook("run", "--until-idle")
            let asked = try site.run(of: 1)
            #expect(asked.state == .needsHuman)
            #expect(
                asked.attempts.first?.agent?.denials
                    == [Denial(tool: "Bash", input: "npm install \u{1B}[31mleft-pad")]
            )
            let comment = try #require(try await site.linear.issue("ENG-1").comments.last)
            #expect(comment.contains("What it wasn't allowed to do:"))
            #expect(comment.contains("npm install"))
            #expect(!comment.utf8.contains(0x1B))
            let (shown, _) = try await site.linecook("runs", "show", "ENG-1")
            #expect(shown.contains("npm install") && !shown.utf8.contains(0x1B))
            // What a program writes is no answer.
            try await site.linear.comment("ENG-1", "Build #7 passed", asApp: true)
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).attempts.count == 1)
            try await site.linear.comment("ENG-1", "Use blue.\n```\nand nothing else")
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            let run = try site.run(of: 1)
            #expect(run.run == 1 && run.state == .inReview)
            #expect(run.attempts.map(\.outcome) == [.maxTurns, .succeeded])
            #expect(run.attempts.map(\.agent?.costUSD) == [0.1, 0.2])
            #expect(run.replies?.map(\.attempt) == [2])
            let session = try #require(run.attempts.first?.agent?.session)
            #expect(try site.text("wt/arguments-2").contains("--resume \(session)"))
            let prompt = try site.text("wt/prompt-2")
            #expect(prompt.hasPrefix("Your work on ENG-1 stopped because a person was needed."))
            // A fence in the answer doesn't end the one around it.
            #expect(prompt.contains("````\nUse blue.\n```\nand nothing else\n````"))
            #expect(!prompt.contains("ENG-1: One"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an agent without sessions starts anew, told what happened and what was answered`()
        async throws
    {
        let agent = """
            n=$LINECOOK_ATTEMPT_NUMBER
            cat > "../prompt-$n"
            echo "work $n" > work
            echo '{"event":"message","text":"Which colour?"}'
            [ $n = 2 ] || echo '{"event":"outcome","outcome":"max_turns","reason":"asked"}'
            """
        try await Site.with([LinearSeed.Issue(title: "One")], agent: agent) { site in
            try await site.linecook("run", "--until-idle")
            #expect(try site.run(of: 1).state == .needsHuman)
            try await site.linear.comment("ENG-1", "Use blue.")
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            #expect(try site.run(of: 1).attempts.map(\.outcome) == [.maxTurns, .succeeded])
            let prompt = try site.text("wt/prompt-2")
            #expect(prompt.hasPrefix("ENG-1: One"))
            #expect(prompt.contains("# What happened before"))
            #expect(prompt.contains("the agent said last: Which colour?"))
            #expect(prompt.contains("```\nUse blue.\n```"))
        }
    }
}
