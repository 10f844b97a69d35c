import Disk
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

/// Prompts that people write: files of them, one beside the templates, one in Linear.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct PromptFileTests {
    private static let agent = """
        cat > "$HOME/prompt-$LINECOOK_TICKET"
        echo "$LINECOOK_TICKET" >> "$HOME/order"
        echo work > "work-$LINECOOK_TICKET.txt"
        """

    /// The article's format, with tickets that are nowhere but here.
    private static let file = """
        ---
        phases:
          A: { prompts: [1, 2], parallel: false, depends_on_phases: [] }
          B: { prompts: [3], parallel: true, depends_on_phases: [A] }
        ---

        # Prompts

        ## Prompt 1: Second to none

        Do the first thing.

        ## Prompt 2: The other one

        Do the second thing.

        ## Prompt 3: HND-7 What comes last

        Do the third thing.

        """

    @Test(.timeLimit(.minutes(5)))
    func `a file runs without Linear, one after the other where it says so`() async throws {
        try await Site.with([], agent: Self.agent, workflow: "plan: { base: stacked }") { site in
            try site.write("prompts-mine.md", Self.file)
            try site.write("workflows/prompt.md", "{{ ticket.description }}\n")
            let text = try await site.shellOutput(
                "env -u LINEAR_API_KEY \(try site.programPath) orchestrate prompts-mine.md --yes 2>&1"
            )
            #expect(text.contains("Linear isn't told of these tickets"), "\(text)")
            #expect(try site.text("order") == "PROMPT-1\nPROMPT-2\nHND-7\n")
            #expect(try site.text("prompt-HND-7").contains("Do the third thing."))
            let third = try #require(TicketKey("HND-7"))
            let run = try #require(try site.store.run(RunID(ticket: third, number: 1)))
            #expect(run.state == .inReview && run.phase == "C")
            #expect(run.branch == "linecook/HND-7-what-comes-last")
            #expect(run.promptFile?.hasSuffix("/prompts-mine.md") == true)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a part of a file can be run alone`() async throws {
        try await Site.with([], agent: Self.agent) { site in
            try site.write("prompts-mine.md", Self.file)
            #expect(
                try await site.linecook("orchestrate", "prompts-mine.md", "--phase", "B", "--yes")
                    .code == 0
            )
            #expect(try site.text("order") == "HND-7\n")
            #expect(
                try await site.linecook("orchestrate", "prompts-mine.md", "--only", "2", "--yes")
                    .code == 0
            )
            #expect(try site.text("order") == "HND-7\nPROMPT-2\n")
            #expect(
                try await site.linecook("orchestrate", "prompts-mine.md", "--phase", "X").code == 2
            )
            // Nobody is there to say yes.
            #expect(try await site.linecook("orchestrate", "prompts-mine.md").code == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `after kill -9 the same call goes on where it was`() async throws {
        let waiter = """
            echo "$LINECOOK_TICKET" >> "$HOME/order"
            if [ "$LINECOOK_TICKET" = PROMPT-2 ] && [ -p "$HOME/started" ]; then
              echo x > "$HOME/started"; read -r go < "$HOME/go"
            fi
            echo work > "work-$LINECOOK_TICKET.txt"
            """
        try await Site.with([], agent: waiter, workflow: "plan: { base: stacked }") { site in
            try site.write("prompts-mine.md", Self.file)
            try await site.shell("mkfifo started go")
            let first = try site.start(["orchestrate", "prompts-mine.md", "--yes"])
            try await site.shell("read -r a < started; :")
            #expect(first.signal(SIGKILL))
            try await first.waitForExit()
            let second = try site.start(["orchestrate", "prompts-mine.md", "--yes"])
            try await site.shell("echo go > go")
            try await second.waitForExit()
            #expect(try site.text("order") == "PROMPT-1\nPROMPT-2\nHND-7\n")
            // Somebody else's runs aren't the daemon's, and hold their tickets all the same.
            #expect(try await site.linecook("run", "--until-idle").code == 0)
            #expect(try site.text("order") == "PROMPT-1\nPROMPT-2\nHND-7\n")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what failed is tried again by the next call, and its dependants are held till then`()
        async throws
    {
        let agent = """
            echo "$LINECOOK_TICKET" >> "$HOME/order"
            if [ "$LINECOOK_TICKET" = PROMPT-2 ] && [ ! -f "$HOME/mended" ]; then exit 0; fi
            echo work > "work-$LINECOOK_TICKET.txt"
            """
        try await Site.with([], agent: agent, workflow: "plan: { base: stacked }") { site in
            try site.write("prompts-mine.md", Self.file)
            let first = try await site.linecook("orchestrate", "prompts-mine.md", "--yes")
            #expect(first.code == 1)
            #expect(first.text.contains("HND-7  held: PROMPT-2 failed"), "\(first.text)")
            try await site.shell("touch mended")
            #expect(try await site.linecook("orchestrate", "prompts-mine.md", "--yes").code == 0)
            #expect(try site.text("order") == "PROMPT-1\nPROMPT-2\nPROMPT-2\nHND-7\n")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a prompt beside the templates wins over one in Linear, and that one over the ticket`()
        async throws
    {
        let tickets = [
            LinearSeed.Issue(
                title: "One",
                description: "ticket one",
                documents: [.init(title: "ENG-1.md", content: "document one")]
            ),
            LinearSeed.Issue(
                title: "Two",
                description: "ticket two",
                documents: [.init(title: "ENG-2", content: "document two")]
            ),
            LinearSeed.Issue(title: "Three", description: "ticket three"),
        ]
        try await Site.with(tickets, agent: Self.agent) { site in
            try site.write("workflows/prompt.md", "{{ ticket.description }}\n")
            try site.write("workflows/ENG-1.md", "file one")
            #expect(try await site.linecook("run", "--until-idle").code == 0)
            #expect(try site.text("prompt-ENG-1") == "file one\n")
            #expect(try site.text("prompt-ENG-2") == "document two\n")
            #expect(try site.text("prompt-ENG-3") == "ticket three\n")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `writing prompts again keeps a person's edits and takes over what changed`() async throws {
        let tickets = [LinearSeed.Issue(title: "One", description: "as it was")]
        try await Site.with(tickets, agent: Self.agent) { site in
            #expect(try await site.linecook("prompts", "ENG-1").code == 0)
            let written = try site.text("prompts-site.md")
            try site.write("prompts-site.md", written + "\nMind the tests.\n")
            try await site.linear.edit("ENG-1", description: "as it is now")
            let again = try await site.linecook("prompts", "ENG-1")
            let merged = try site.text("prompts-site.md")
            #expect(merged.contains("Mind the tests."), "\(merged)")
            #expect(merged.contains("as it is now"), "\(again.text) \(merged)")
        }
    }
}
