import Domain
import RunStore
import Sandbox
import Testing

/// Attempts that go on with a conversation, with a stand-in for Claude Code that prints what it prints.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct SessionTests {
    /// Keeps its arguments and its prompt; `cost` is what the session has cost so far.
    private static func claude(cost: String, before: String = "") -> String {
        """
        n=$LINECOOK_ATTEMPT_NUMBER
        echo "$*" >> "../arguments-$n"; cat > "../prompt-$n"
        flag= id=
        for word; do
            case "$flag" in --session-id|--resume) id=$word;; esac
            flag=$word
        done
        \(before)
        echo "work $n" > work
        echo '{"type":"system","subtype":"init","session_id":"'$id'","model":"m"}'
        echo '{"type":"result","subtype":"success","is_error":false,"num_turns":1,"session_id":"'$id'","total_cost_usd":'\(cost)',"modelUsage":{"m":{"cacheCreationInputTokens":'$((n * 600))'}}}'
        """
    }
    private static let steps = """
        verify: { steps: [{ name: check, run: "grep -q 'work 2' work || { echo 'a ``` fence'; exit 4; }" }] }
        """
    private let ticket = [LinearSeed.Issue(title: "One")]

    @Test(.timeLimit(.minutes(5)))
    func `a retry goes on with the agent's session, told of the failure alone`() async throws {
        // Its own count includes what the session cost before.
        let agent = Self.claude(cost: "$(test $n = 1 && echo 0.25 || echo 0.35)")
        try await Site.with(ticket, agent: agent, workflow: Self.steps, kind: "claude-code") {
            site in
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            let run = try site.run(of: 1)
            #expect(run.attempts.map(\.outcome) == [.verificationFailed, .succeeded])
            let session = try #require(run.attempts.first?.agent?.session)
            #expect(try site.text("wt/arguments-1").contains("--session-id \(session)"))
            #expect(try site.text("wt/arguments-2").contains("--resume \(session)"))
            #expect(run.attempts.map(\.agent?.session) == [session, session])
            #expect(run.attempts.map(\.agent?.costUSD) == [0.25, 0.1])
            #expect(run.attempts.map(\.agent?.cacheWriteTokens) == [600, 600])
            let prompt = try site.text("wt/prompt-2")
            #expect(prompt.hasPrefix("Your last attempt at ENG-1 was not accepted."))
            // A fence in the output doesn't end the one around it.
            #expect(prompt.contains("````") && prompt.contains("a ``` fence"))
            #expect(!prompt.contains("ENG-1: One"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a session that the agent doesn't know any more is followed by a fresh one at once`()
        async throws
    {
        let lost = """
            case " $* " in *" --resume "*)
                echo '{"type":"result","subtype":"error_during_execution","is_error":true,"num_turns":0,"session_id":"'$id'","total_cost_usd":0,"errors":["No conversation found with session ID: '$id'"]}'
                exit 1;;
            esac
            """
        let agent = Self.claude(cost: "0.25", before: lost)
        try await Site.with(ticket, agent: agent, workflow: Self.steps, kind: "claude-code") {
            site in
            let (text, code) = try await site.linecook("run", "--until-idle")
            #expect(code == 0, "\(text)")
            let run = try site.run(of: 1)
            #expect(run.attempts.map(\.outcome) == [.verificationFailed, .succeeded])
            let calls = try site.text("wt/arguments-2").split(separator: "\n")
            #expect(calls.map { $0.contains("--resume") } == [true, false])
            #expect(run.attempts[0].agent?.session != run.attempts[1].agent?.session)
            #expect(run.attempts[1].agent?.costUSD == 0.25)
            #expect(try site.text("wt/prompt-2").contains("ENG-1: One"))
        }
    }
}
