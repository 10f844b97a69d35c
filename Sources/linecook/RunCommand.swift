import ArgumentParser
import Domain
import Logging
import ProcessTree
import RunStore
import Scheduler
import Service
import SystemPackage
import WorkflowFile

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "The daemon: polls Linear and works what is ready.",
        discussion: """
            linecook run                  until it's told to stop
            linecook run --until-idle     until nothing can go on without a person, then says what waits
            linecook run --once           one poll and its runs

            SIGTERM: it leaves at once; agents go on by themselves, and the next start adopts them.
            Ctrl-C: it takes up nothing new and waits for the agents that work; once more: it stops \
            them, keeps their work, and the next start goes on.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption

    @Flag(help: "Poll once, work what is ready, then end.")
    var once = false

    @Flag(help: "End when nothing can go on without a person.")
    var untilIdle = false

    func validate() throws {
        if once && untilIdle {
            throw ValidationError("--once and --until-idle exclude each other")
        }
    }

    func run() async throws {
        let installation = try Installation(configuration)
        let workflows = try installation.workflows()
        let settings = installation.configuration
        let composition = Composition(
            configuration: settings,
            linearToken: try installation.secret(
                settings.linear.token,
                for: "Linear",
                hint: "make a key in Linear under Settings, Security & access, Personal API keys"
            ),
            githubToken: settings.forge == .local
                ? nil
                : try installation.secret(
                    settings.github.token,
                    for: "GitHub",
                    hint: "make a token with read and write access to pull requests, or set"
                        + " 'forge: local'"
                ),
            attemptEnvironment: installation.attemptEnvironment,
            environment: installation.context.environment
        )
        let lock = try Self.takeLock(composition.store)
        defer { lock.release() }
        let log = Composition.makeLog(settings)
        let service = composition.makeService(log: log)
        let stops = StopSignals()
        log.info(
            "started",
            metadata: [
                "state": "\(settings.state)",
                "workflows": "\(workflows.map(\.inForce.workflow.name).joined(separator: ","))",
            ]
        )
        let end = try await service.run(
            workflows,
            mode: once ? .once : untilIdle ? .untilIdle : .forever,
            signals: stops.makeStream(),
            generator: SystemRandomNumberGenerator()
        )
        switch end {
        case .finished(let ended, let open, let queue):
            try RunReport(ended: ended, open: open, queue: queue).show(output.format)
            if ended.contains(where: { $0.state == .failed }) { throw Exit.failed }
            if open.contains(where: { $0.state == .needsHuman }) { throw Exit.failed }
        case .stuck(let reason, let isRetryable):
            guard isRetryable else { throw UsageError(reason) }
            Console.error("linecook: \(reason)")
            throw Exit.failed
        case .stopped(let working):
            if working > 0 {
                let agents = working == 1 ? "1 agent works" : "\(working) agents work"
                log.info("stopped; \(agents) on, and the next start adopts what they make")
            } else {
                log.info("stopped")
            }
            if stops.wasInterrupted { throw Exit.interrupted }
        }
    }

    /// One daemon for each state folder.
    static func takeLock(_ store: RunStore) throws -> FileLock {
        do { try store.makeFolder(store.layout.root) } catch { throw UsageError("\(error)") }
        let path = store.layout.lock
        let holder = "process \(ProcessIdentity.current.pid)"
        if let lock = try FileLock.take(at: path, holder: holder) { return lock }
        let other = FileLock.holder(at: path) ?? "another process"
        throw UsageError(
            "\(store.layout.root): \(other.inOneLine(limit: 80)) runs here already; one daemon for each"
                + " state folder"
        )
    }
}
