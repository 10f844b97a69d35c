import Disk
import Domain
import ProcessTree
import RunStore
import Sandbox
import SystemPackage
import Testing
import WebServer

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The real program at work in a folder of its own: a clone with a bare remote, an agent script, a workflow,
/// and a Linear-compatible server on loopback.
struct Site: Sendable {
    let root: FilePath
    let linear: LinearSandbox
    private let environment: [String: String]

    /// Sets everything up, runs `body`, and takes everything away.
    ///
    /// The agent's script runs in the worktree; programs in the site's `bin` come before others; the lines of `workflow` are added to the workflow file.
    static func with(
        _ tickets: [LinearSeed.Issue],
        agent: String,
        workflow: String = "",
        kind: String = "command",
        body: @Sendable (Site) async throws -> Void
    ) async throws {
        let seed = LinearSeed(issues: tickets)
        let linear = try LinearSandbox(seed: seed, requestsPerHour: 100_000, clock: { Date() })
        let root = FilePath("/tmp/linecook-site-\(UUID().uuidString)")
        let answer: WebServer.Handler = { await linear.answer($0) }
        try await WebServer().whileRunning(handler: answer) { port in
            let site = Site(root: root, linear: linear, port: port)
            let result: Result<Void, any Error>
            do {
                try await site.build(agent, workflow, kind: kind, port: port)
                try await body(site)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            // A test that failed may have left its daemon at work.
            _ = await sweep(marker: root.string, grace: .zero)
            try? FileManager.default.removeItem(atPath: root.string)
            try result.get()
        }
    }

    private init(root: FilePath, linear: LinearSandbox, port: Int) {
        self.root = root
        self.linear = linear
        let parent = ProcessInfo.processInfo.environment
        environment = [
            "PATH": "\(root)/bin:\(parent["PATH"] ?? "/usr/bin:/bin")", "HOME": root.string,
            "LANG": "C",
            "LINEAR_API_KEY": "lin_api_test", "SECRET_OF_THE_DAEMON": "not for agents",
            "GIT_CONFIG_NOSYSTEM": "1", attemptVariable: root.string,
        ]
    }

    var store: RunStore { RunStore(root: root.appending("state"), disk: LocalFileSystem()) }

    private func build(_ agent: String, _ workflow: String, kind: String, port: Int) async throws {
        let disk = LocalFileSystem()
        try disk.makeFolder(root.appending("Config"))
        try disk.makeFolder(root.appending("workflows"))
        try await shell(
            """
            git init -q --bare -b develop remote.git && git clone -q remote.git clone 2>/dev/null
            cd clone && git checkout -q -B develop && echo hello > README && git add README
            git -c user.name=A -c user.email=a@b commit -qm init && git push -q origin develop
            """
        )
        try disk.write(Array("#!/bin/sh\n\(agent)\n".utf8), to: root.appending("agent.sh"))
        try await shell("chmod +x agent.sh")
        try disk.write(
            Array(
                """
                state: ../state
                workflows: ../workflows
                linear: { endpoint: "http://127.0.0.1:\(port)/graphql", token: $LINEAR_API_KEY }
                forge: local

                """.utf8
            ),
            to: root.appending("Config/linecook.yml")
        )
        try disk.write(
            Array(
                """
                name: site
                schedule: { every: 1s }
                tickets: { team: ENG, states: [Todo] }
                repository: { path: ../clone, base: develop, worktree: "../wt/{{ ticket.key }}" }
                prompt: { template: prompt.md }
                retry: { attempts: 3, delay: 1s, jitter: 0 }
                agent:
                  kind: \(kind)
                  command: \(root)/agent.sh
                  timeout: 4m
                  stall: 3m
                  grace: 1s
                \(workflow)

                """.utf8
            ),
            to: root.appending("workflows/site.yml")
        )
        try disk.write(
            Array("{{ ticket.key }}: {{ ticket.title }}\n{{ attempt.last_failure }}\n".utf8),
            to: root.appending("workflows/prompt.md")
        )
    }

    /// Runs shell lines in the site's folder; a failure is the test's.
    func shell(_ lines: String) async throws {
        let (text, code) = try await output(["/bin/sh", "-ec", lines])
        try #require(code == 0, "\(text)")
    }

    /// Returns once the daemon has logged so many lines that hold these words.
    func waitForLog(_ words: String, times: Int = 1) async throws {
        let pipe = "log-\(UUID().uuidString)"
        // What follows the log is ended with the shell.
        try await shell(
            """
            mkfifo \(pipe); tail -n +1 -f daemon.log > \(pipe) &
            test "$(grep -F -m \(times) -c -- '\(words)' < \(pipe))" = \(times)
            """
        )
    }

    /// What shell lines print in the site's folder; a failure is the test's.
    func shellOutput(_ lines: String) async throws -> String {
        let (text, code) = try await output(["/bin/sh", "-ec", lines])
        try #require(code == 0, "\(text)")
        return text
    }

    /// Runs the program to its end; what it printed on standard output, and its exit code.
    @discardableResult
    func linecook(_ arguments: String...) async throws -> (text: String, code: Int32) {
        try await output([try program.string] + arguments)
    }

    /// As with single arguments.
    func linecook(_ arguments: [String]) async throws -> (text: String, code: Int32) {
        try await output([try program.string] + arguments)
    }

    /// What a person's terminal gets of it; the end of a line is `\r\n` there.
    func onTerminal(_ arguments: String...) async throws -> String {
        try await onTerminal(arguments)
    }

    /// As with single arguments.
    func onTerminal(_ arguments: [String]) async throws -> String {
        let spawn = "import pty, sys; pty.spawn(sys.argv[1:])"
        return try await output(["python3", "-c", spawn, try program.string] + arguments).text
    }

    private func output(_ command: [String]) async throws -> (text: String, code: Int32) {
        let request = ProcessRequest(
            command: command,
            environment: environment,
            directory: root,
            timeout: .seconds(240)
        )
        var bytes: [UInt8] = []
        let end = try await runTree(request) { bytes += $0.bytes }
        guard case .exited(let code) = end.termination else { return ("\(end.termination)", -1) }
        return (String(decoding: bytes, as: UTF8.self), code)
    }

    /// Starts the daemon as an init system would, with nobody waiting for it.
    func startDaemon(_ arguments: String...) throws -> ProcessIdentity {
        try start(["run"] + arguments)
    }

    /// Starts a command with nobody waiting for it.
    func start(_ arguments: [String]) throws -> ProcessIdentity {
        try DetachedProcess.start(
            executable: try program,
            arguments: arguments,
            environment: environment,
            directory: root,
            standardError: root.appending("daemon.log")
        )
    }

    private var program: FilePath { get throws { try builtProgram() } }

    func run(of number: Int) throws -> Run {
        let key = try #require(TicketKey("ENG-\(number)"))
        let last = try #require(try store.runNumbers(of: key).last)
        return try #require(try store.run(RunID(ticket: key, number: last)))
    }

    func text(_ path: String) throws -> String {
        String(
            decoding: try #require(try LocalFileSystem().read(root.appending(path))),
            as: UTF8.self
        )
    }

    func write(_ path: String, _ text: String) throws {
        try LocalFileSystem().write(Array(text.utf8), to: root.appending(path))
    }

    /// For shell lines that call the program themselves.
    var programPath: String { get throws { try program.string } }
}

/// The program that was built beside these tests.
func builtProgram() throws -> FilePath {
    let own = DetachedProcess.ownExecutable.string
    // On Linux it's a link in /proc.
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: own)
    let path = FilePath(target ?? own).removingLastComponent().appending("linecook")
    try #require(FileManager.default.fileExists(atPath: path.string), "\(path) isn't built")
    return path
}
