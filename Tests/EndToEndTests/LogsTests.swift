import Disk
import Domain
import ProcessTree
import Sandbox
import SystemPackage
import Testing

/// What is left of an attempt for a person: its log and the script that repeats it.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(5))) struct LogsTests {
    private static let events = """
        {"event":"message","text":"I look at it."}
        {"event":"tool","tool":"sh","argument":"make \\u001b[2J"}
        {"event":"edited","path":"page.js","diff":"-a()\\n+b()"}
        {"event":"usage","turns":2,"cost_usd":0.25}
        {"event":"outcome","outcome":"succeeded"}
        """

    private static let agent = """
        cat > /dev/null
        cat "$(dirname "$0")/events"
        echo "$LINECOOK_ATTEMPT_NUMBER" > page.js
        """

    @Test func `any attempt of any run is shown, also while the service is down`() async throws {
        let steps = "verify: { steps: [{ name: odd, run: \"grep 2 page.js\" }] }"
        try await Site.with(
            [LinearSeed.Issue(title: "Page")],
            agent: Self.agent,
            workflow: steps
        ) { site in
            try site.write("events", Self.events + "\n")
            try await site.linecook("run", "--until-idle")
            try #require(try site.run(of: 1).state == .inReview)
            let first = try await site.linecook("logs", "ENG-1", "--attempt", "1", "--run", "1")
            #expect(first.code == 0)
            let lines = first.text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { String($0.drop { "0123456789: ".contains($0) }) }
            #expect(lines.first == "ENG-1, run 1, attempt 1")
            let told = try #require(lines.firstIndex(of: "I look at it."))
            #expect(
                lines[told...].prefix(6) == [
                    "I look at it.", "→ sh make <U+001B>[2J", "page.js", "-a()", "+b()",
                    "the agent is done",
                ]
            )
            #expect(first.text.contains(" 2 turns, 0.25 USD\n"))
            #expect(lines.count { $0 == "verification failed: odd: exit 1" } == 1, "\(first.text)")
            #expect(!first.text.contains("\u{1B}"))
            for line in lines { #expect(line.count <= 80, "\(line)") }
            let second = try await site.linecook("logs", "ENG-1")
            #expect(second.text.hasPrefix("ENG-1, run 1, attempt 2\n"))
            #expect(second.text.contains("  succeeded\n"), "\(second.text)")
            #expect(try await site.linecook("logs", "ENG-1", "--attempt", "3").code == 2)

            // With nothing to wait for, following ends by itself and says how it stands.
            let followed = try await site.linecook("logs", "ENG-1", "-f")
            #expect(followed.code == 0)
            #expect(followed.text.contains("In review"), "\(followed.text)")
        }
    }

    @Test func `following goes on over the end of an attempt and into the next one`() async throws {
        let agent = """
            cat > /dev/null
            echo "{\\"event\\":\\"message\\",\\"text\\":\\"this is try $LINECOOK_ATTEMPT_NUMBER\\"}"
            echo begun > ../../begun-$LINECOOK_ATTEMPT_NUMBER
            cat ../../go > page
            test "$LINECOOK_ATTEMPT_NUMBER" = 2
            """
        try await Site.with([LinearSeed.Issue(title: "Page")], agent: agent) { site in
            try await site.shell("mkfifo go begun-1 begun-2")
            let daemon = try site.startDaemon()
            try await site.shell("cat begun-1")
            // It reads the first attempt, which then fails; the second one ends in a pull request.
            let text = try await site.shellOutput(
                """
                '\(try site.programPath)' logs ENG-1 -f > followed &
                echo 1 > go; cat begun-2 > /dev/null; echo 2 > go; wait $!; cat followed
                """
            )
            daemon.signal(15)
            try await daemon.waitForExit()
            let heads = text.split(separator: "\n").filter { $0.hasPrefix("ENG-1, run") }
            #expect(heads == ["ENG-1, run 1, attempt 1", "ENG-1, run 1, attempt 2"], "\(text)")
            #expect(text.contains("this is try 1") && text.contains("this is try 2"), "\(text)")
            #expect(text.contains("the agent failed: exit 1"), "\(text)")
            #expect(text.contains("In review"), "\(text)")
        }
    }

    @Test func `following an attempt whose service is down goes to the attempt's end`() async throws
    {
        let agent = """
            cat > /dev/null; echo '{"event":"message","text":"first words"}'
            echo begun > ../../begun; cat ../../go > page
            echo '{"event":"message","text":"last words"}'
            """
        try await Site.with([LinearSeed.Issue(title: "Page")], agent: agent) { site in
            try await site.shell("mkfifo go begun shown")
            let daemon = try site.startDaemon()
            try await site.shell("cat begun")
            daemon.signal(9)
            try await daemon.waitForExit()
            // The agent goes on once it is followed.
            let text = try await site.shellOutput(
                """
                '\(try site.programPath)' logs ENG-1 -f > shown &
                while read -r line; do
                    echo "$line"
                    case "$line" in *"first words") echo 1 > go ;; esac
                done < shown
                """
            )
            #expect(text.contains("last words"), "\(text)")
            #expect(text.contains("The service isn't running;"), "\(text)")
        }
    }

    @Test(arguments: ["none", "bubblewrap"])
    func `rerun.sh repeats the agent's call: words, environment, folder and input`(
        sandbox: String
    ) async throws {
        if sandbox == "bubblewrap",
            await Confinement.obstacle(environment: ["PATH": "/usr/bin:/bin"]) != nil
        {
            return
        }
        let agent = """
            name=call-$(ls | grep -c '^call-')
            { printf '<%s>\\n' "$@"; env | grep -v '^_=' | sort; pwd; cat; } > "$name"
            """
        // Within the agent's own mapping, whose indent is the site's.
        let workflow = """
              arguments: ["two words", "it's", 'a "b" $HOME `c`', "*"]
              environment: [NAMED]
              sandbox: \(sandbox)
            """
        try await Site.with(
            [LinearSeed.Issue(title: "Don't `touch /tmp/x` $(y)")],
            agent: agent,
            workflow: workflow
        ) { site in
            try await site.shell("NAMED=\"a b'c\" '\(try site.programPath)' run --until-idle")
            try await site.shell(
                "NAMED=\"a b'c\" sh state/runs/ENG-1/1/attempt-1/rerun.sh"
            )
            let first = try site.text("wt/ENG-1/call-0")
            #expect(try site.text("wt/ENG-1/call-1") == first)
            #expect(first.hasPrefix("<two words>\n<it's>\n<a \"b\" $HOME `c`>\n<*>\n"), "\(first)")
            #expect(first.contains("\nNAMED=a b'c\n") && first.contains("ENG-1: Don't `touch"))
            let script = try site.text("state/runs/ENG-1/1/attempt-1/rerun.sh")
            #expect(!script.contains("a b'"), "the value is left to whoever runs it")
        }
    }
}
