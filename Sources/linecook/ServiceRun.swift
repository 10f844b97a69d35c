import Domain
import Logging
import ProcessTree
import RunStore
import Scheduler
import Service
import SystemPackage
import WorkflowFile

/// One run of the service under a command: one at a time for each state folder, ended by signals, with the
/// exit codes of `run`.
struct ServiceRun {
    let installation: Installation
    let composition: Composition
    let mode: ServiceMode
    let format: FormatOption.Format

    /// Runs the service to its end and says what came of it.
    ///
    /// - Parameters:
    ///   - workflows: Those in force.
    ///   - source: The prompt file and its tracker; `nil` for the daemon.
    ///   - observe: Called with each run that was saved.
    /// - Throws: `ExitCode`, or `UsageError` where somebody else uses the state folder.
    func run(
        _ workflows: [LoadedWorkflow],
        source: (file: String, tracker: any Tracker)? = nil,
        observe: @escaping @Sendable (Run) -> Void = { _ in }
    ) async throws {
        if let obstacle = await installation.sandboxObstacle(workflows) {
            throw UsageError(obstacle)
        }
        let lock = try await Self.takeLock(composition.store)
        defer { lock.release() }
        let threshold = LogThreshold(installation.configuration)
        let log = Composition.makeLog(threshold)
        let service = composition.makeService(log: log, source: source)
        let stops = StopSignals()
        log.info(
            "started",
            metadata: [
                "state": "\(installation.configuration.state)",
                "workflows": "\(workflows.map(\.name).joined(separator: ","))",
            ]
        )
        let end = try await service.run(
            workflows,
            mode: mode,
            signals: stops.makeStream(),
            settings: watch(workflows, threshold, isDaemon: source == nil),
            generator: SystemRandomNumberGenerator(),
            observe: observe
        )
        switch end {
        case .finished(let ended, let open, let queue):
            try RunReport(ended: ended, open: open, queue: queue).show(format)
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

    /// Where changes of the files are seen; nowhere for a prompt file, which is run as it was read, and for one
    /// poll, which is over too soon for a change to be meant for it.
    private func watch(
        _ workflows: [LoadedWorkflow],
        _ threshold: LogThreshold,
        isDaemon: Bool
    ) -> SettingsWatch? {
        guard isDaemon, mode != .once else { return nil }
        let source = InstallationFiles(installation: installation, threshold: threshold)
        return SettingsWatch(
            settings: Settings(
                installation.configuration,
                from: source.configurationFiles,
                workflows: workflows,
                in: installation.context.currentFolder,
                at: composition.time.now().wall
            ),
            source: source
        )
    }

    /// One daemon for each state folder.
    static func takeLock(_ store: RunStore) async throws -> FileLock {
        try StateFolder(path: store.layout.root).prepare()
        let path = store.layout.lock
        let holder = "process \(ProcessIdentity.current.pid)"
        if let lock = try FileLock.take(at: path, holder: holder) { return lock }
        let other = try await holderAlive(path) ?? "another process"
        throw UsageError(
            "\(store.layout.root): \(other.inOneLine(limit: 80)) runs here already; one daemon for each"
                + " state folder"
        )
    }

    /// Who holds the lock; one that has taken it this moment may not have put its own name there yet.
    private static func holderAlive(_ path: FilePath) async throws -> String? {
        for _ in 0..<20 {
            if let name = FileLock.holder(at: path), let number = name.split(separator: " ").last,
                let pid = Int32(number), ProcessIdentity.of(pid: pid) != nil
            {
                return name
            }
            try await SystemTime().sleep(for: .milliseconds(50))
        }
        return FileLock.holder(at: path)
    }
}
