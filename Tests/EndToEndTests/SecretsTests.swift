import Disk
import Domain
import RunStore
import Sandbox
import SystemPackage
import Testing

/// Secrets are planted wherever one may be, and everything that is written, printed, sent or passed is searched.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(5))) struct SecretsTests {
    /// Shows all that it has and all that it can see of its parents' calls, and fails or not by its ticket.
    private static let agent = """
        cat > /dev/null
        { env; tr '\\0' '\\n' < /proc/self/environ; } | grep -v '^AGENT_API_KEY=' > ../../dump-$LINECOOK_TICKET
        for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $file; echo; done >> ../../dump-$LINECOOK_TICKET 2> /dev/null
        echo "{\\"event\\":\\"message\\",\\"text\\":\\"my key is $AGENT_API_KEY\\"}"
        printf '%s' "$AGENT_API_KEY" | cut -c 1-9 | tr -d '\\n'; printf '%s\\n' "$AGENT_API_KEY" | cut -c 10-
        echo "key: $AGENT_API_KEY" >&2
        echo "$LINECOOK_TICKET" > work.txt
        if test "$LINECOOK_TICKET" = ENG-2; then echo "I can't go on with $AGENT_API_KEY" >&2; exit 1; fi
        """

    private static let workflow = """
          environment: [AGENT_API_KEY]
        slots: { total: 3 }
        hooks: { before_run: "echo hook with $AGENT_API_KEY" }
        verify:
          steps:
            - { name: show, run: "env; echo and $AGENT_API_KEY; ! grep ENG-3 work.txt" }
        """

    @Test func `no secret is anywhere but where it was put`() async throws {
        let secrets = [
            "lin_api_test", "github_pat_Ab3Cd5Ef7Gh9Ij1K", "hook-Zx9Cv8Bn7Mq6",
            "page-Lk5Jh4Gf3Ds2",
            "agent-Pw3Oe5Ir7Ut9", "mirror-Yt6Re4Wq2As1", "inner-Vb5Nm7Kl9Jh3",
        ]
        let inTicket = "ticket-Ds4Fg6Hj8Kl2"
        let tickets = (1...3).map {
            LinearSeed.Issue(title: "Ticket \($0)", description: "The password is \(inTicket).")
        }
        try await Site.with(tickets, agent: Self.agent, workflow: Self.workflow) { site in
            // Read by the shell, so that it's in no argument.
            try site.write(
                "secrets.env",
                """
                LINEAR_API_KEY=\(secrets[0]); GITHUB_TOKEN=\(secrets[1]); GH_TOKEN=\(secrets[1])
                WEBHOOK_SECRET=\(secrets[2]); HTTP_TOKEN=\(secrets[3]); AGENT_API_KEY=\(secrets[4])

                """
            )
            try site.write("github-token", secrets[1] + "\n")
            try await site.shell(
                """
                echo 'github: { token: file:../github-token }' >> Config/linecook.yml
                printf '[remote "mirror"]\\n url = https://me:%s@mirror.invalid/a.git\\n' \(secrets[5]) >> clone/.git/config
                printf '[url "https://me:%s@inner.invalid/"]\\n insteadOf = inner:\\n' \(secrets[6]) >> clone/.git/config
                sed -i 's/attempts: 3/attempts: 2/' workflows/site.yml
                """
            )
            try await site.shell(
                """
                set -a; . ./secrets.env; set +a; mkdir out
                say() { name=$1; shift; '\(try site.programPath)' "$@" > out/$name 2>&1 || true; }
                say run run --until-idle
                for format in text json; do
                    say status-$format status --format $format
                    say runs-$format runs --format $format
                    say doctor-$format doctor --format $format
                    for n in 1 2 3; do
                        say show-$n-$format runs show ENG-$n --format $format
                        say logs-$n-$format logs ENG-$n --format $format
                        say explain-$n-$format explain ENG-$n --format $format
                    done
                done
                say report report --output -; say report-json report --format json
                say resolved validate --resolved; say plan plan
                """
            )
            let said = try site.text("out/run")
            try #require(said.contains("in review"), "\(said)")
            #expect(try site.run(of: 1).state == .inReview)
            #expect(try site.run(of: 2).attempts.last?.outcome == .agentFailed)
            #expect(try site.run(of: 3).attempts.last?.outcome == .verificationFailed)
            // What was printed was covered, not lost: the search below would find it.
            let log = try site.text("state/runs/ENG-1/1/attempt-1/agent.jsonl")
            #expect(
                log.contains("my key is [value of AGENT_API_KEY]\"}\n[value of AGENT_API_KEY]\n"),
                "\(log)"
            )
            #expect(
                try site.run(of: 2).attempts.last?.reason?.contains("[value of AGENT_API_KEY]")
                    == true
            )

            var comments = ""
            for number in 1...3 {
                comments += try await site.linear.issue("ENG-\(number)").comments.joined()
            }
            try site.write("comments", comments)
            try await site.shell(
                "git -C clone log --all -p > history && git -C remote.git log --all -p >> history"
            )
            let kept =
                "secrets.env|github-token|clone/.git/config|clone/.git/linecook-git/config(.seen)?"
            for secret in secrets {
                let places = try await site.shellOutput(
                    "grep -rlaF -e '\(secret)' . | grep -vxE '\\./(\(kept))' || true"
                )
                #expect(places == "", "\(secret)")
            }
            let told = try await site.shellOutput(
                "grep -rlaF -e '\(inTicket)' comments history out state/forge state/history state/open state/service.json || true"
            )
            #expect(told == "", "of a ticket's text only the agent is told")
            let dumps = try await site.shellOutput("cat dump-ENG-*")
            #expect(
                !dumps.contains("SECRET_OF_THE_DAEMON") && dumps.contains("LINECOOK_TICKET=ENG-1")
            )
        }
    }
}
