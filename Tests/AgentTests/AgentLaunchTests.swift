import Agent
import Domain
import SystemPackage
import Testing

@Suite struct AgentLaunchTests {
    private func context(_ session: AgentContext.Session = .fresh("5f0c")) throws -> AgentContext {
        AgentContext(
            attemptID: "FRE-69/1/2@abc",
            ticket: try #require(TicketKey("FRE-69")),
            run: 1,
            attempt: 2,
            session: session,
            slot: 3,
            worktree: "/work tree",
            promptFile: "/state/prompt.md",
            base: "main",
            branch: "linecook/FRE-69"
        )
    }

    @Test func `claude-code is started headless, bounded, with its prompt on standard input`()
        throws
    {
        let launch = AgentLaunch(
            settings: AgentSettings(
                arguments: ["--add-dir", "/docs"],
                model: "sonnet",
                maxTurns: 50,
                budget: 5,
                allowedTools: ["Bash(git *)", "Edit"]
            ),
            context: try context(),
            parent: ["PATH": "/bin", "CLAUDECODE": "1", "LINEAR_API_KEY": "x"]
        )
        #expect(launch.executable == "claude")
        #expect(
            launch.arguments == [
                "-p", "--output-format", "stream-json", "--verbose", "--session-id", "5f0c",
                "--max-turns", "50", "--max-budget-usd", "5.0", "--model", "sonnet",
                "--permission-mode", "acceptEdits", "--allowedTools", "Bash(git *),Edit",
                "--add-dir",
                "/docs",
            ]
        )
        #expect(launch.input == "/state/prompt.md")
        #expect(launch.directory == "/work tree")
        #expect(
            launch.environment == [
                "PATH": "/bin", "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "CLAUDE_CODE_MAX_RETRIES": "4",
                "DISABLE_AUTOUPDATER": "1", "DISABLE_ERROR_REPORTING": "1",
                "DISABLE_TELEMETRY": "1",
                "LINECOOK_ATTEMPT": "FRE-69/1/2@abc", "LINECOOK_ATTEMPT_NUMBER": "2",
                "LINECOOK_BASE": "main", "LINECOOK_BRANCH": "linecook/FRE-69",
                "LINECOOK_BUDGET": "5.0", "LINECOOK_MAX_TURNS": "50", "LINECOOK_MODEL": "sonnet",
                "LINECOOK_PROMPT": "/state/prompt.md", "LINECOOK_RUN": "1", "LINECOOK_SLOT": "3",
                "LINECOOK_TICKET": "FRE-69",
            ]
        )
    }

    @Test func `a session that goes on is resumed and not named anew`() throws {
        let launch = AgentLaunch(
            settings: AgentSettings(),
            context: try context(.resumed("5f0c")),
            parent: [:]
        )
        #expect(launch.arguments.contains(["--resume", "5f0c"]))
        #expect(!launch.arguments.contains("--session-id"))
    }

    @Test func `a command gets its own arguments and nothing else`() throws {
        let settings = AgentSettings(
            kind: .command,
            command: "./agent",
            arguments: ["a b", "$HOME"]
        )
        let launch = AgentLaunch(settings: settings, context: try context(), parent: [:])
        #expect(launch.executable == "./agent")
        #expect(launch.arguments == ["a b", "$HOME"])
        #expect(launch.input == "/state/prompt.md")
        #expect(launch.environment["LINECOOK_SLOT"] == "3")
        #expect(launch.environment["DISABLE_TELEMETRY"] == nil)
    }

    @Test func `only what is needed or named passes from the service's environment`() {
        let parent = [
            "PATH": "p", "HOME": "h", "LC_ALL": "C", "TERM": "t", "TMPDIR": "d", "USER": "u",
            "SHELL": "s", "LANG": "l", "GITHUB_TOKEN": "secret", "LINEAR_API_KEY": "secret",
            "LINECOOK_TOKEN": "secret", "ANTHROPIC_API_KEY": "named", "SSH_AUTH_SOCK": "secret",
            "CLAUDECODE": "1",
        ]
        let names = ["ANTHROPIC_API_KEY", "CLAUDECODE", "NOT_SET"]
        #expect(
            AgentEnvironment.allowed(of: parent, naming: names) == [
                "PATH": "p", "HOME": "h", "LC_ALL": "C", "TERM": "t", "TMPDIR": "d", "USER": "u",
                "SHELL": "s", "LANG": "l", "ANTHROPIC_API_KEY": "named",
            ]
        )
    }

    @Test func `codex is started headless in its sandbox, with its prompt on standard input`()
        throws
    {
        let launch = AgentLaunch(
            settings: AgentSettings(
                kind: .codex,
                arguments: ["-c", "x=1"],
                model: "gpt-5.2-codex"
            ),
            context: try context(),
            parent: ["PATH": "/bin", "OPENAI_API_KEY": "x"]
        )
        #expect(launch.executable == "codex")
        #expect(
            launch.arguments == [
                "exec", "--json", "--sandbox", "workspace-write", "--model", "gpt-5.2-codex", "-c",
                "x=1", "-",
            ]
        )
        #expect(launch.input == "/state/prompt.md")
        #expect(launch.directory == "/work tree")
        #expect(launch.environment["OPENAI_API_KEY"] == nil)
        #expect(launch.environment["LINECOOK_TICKET"] == "FRE-69")
    }

    @Test(arguments: [
        ["--sandbox", "danger-full-access"], ["-s", "read-only"], ["--sandbox=read-only"],
        ["--dangerously-bypass-approvals-and-sandbox"], ["--full-auto"],
    ])
    func `codex keeps the sandbox that the team chooses`(arguments: [String]) throws {
        let launch = AgentLaunch(
            settings: AgentSettings(kind: .codex, arguments: arguments),
            context: try context(),
            parent: [:]
        )
        #expect(launch.arguments == ["exec", "--json"] + arguments + ["-"])
    }

    @Test func `a session of codex goes on under the name that it gave itself`() throws {
        let launch = AgentLaunch(
            settings: AgentSettings(kind: .codex),
            context: try context(.resumed("01a2")),
            parent: [:]
        )
        #expect(
            launch.arguments.suffix(5) == ["--sandbox", "workspace-write", "resume", "01a2", "-"]
        )
    }

    @Test func `a command takes its prompt as a file or as an argument`() throws {
        var settings = AgentSettings(kind: .command, command: "./agent", arguments: ["-p"])
        settings.prompt = .file
        let file = AgentLaunch(settings: settings, context: try context(), parent: [:])
        #expect(file.arguments == ["-p", "/state/prompt.md"])
        #expect(file.input == "/dev/null")
        settings.prompt = .argument
        var context = try context()
        context.prompt = "--help me"
        let argument = AgentLaunch(settings: settings, context: context, parent: [:])
        // A prompt is no option, whatever it begins with.
        #expect(argument.arguments == ["-p", "\n--help me"])
        #expect(argument.input == "/dev/null")
    }
}
