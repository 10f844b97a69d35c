import Disk
package import Domain
package import Executor
package import Logging
import ProcessTree
package import RunStore
package import Scheduler
package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A workflow with its file and source, as the service is given it.
package struct LoadedWorkflow: Equatable, Sendable {
    package var inForce: WorkflowInForce
    /// As the user would write it.
    package var file: String
    /// The file's bytes; each run keeps a copy.
    package var source: [UInt8]
    /// All files that it was read from, absolute, its own first; none for one that isn't read again.
    package var files: [FilePath]

    package init(
        inForce: WorkflowInForce,
        file: String,
        source: [UInt8],
        files: [FilePath] = []
    ) {
        self.inForce = inForce
        self.file = file
        self.source = source
        self.files = files
    }

    /// Unique among the workflows in force.
    package var name: String { inForce.workflow.name }
}

/// When `Service.run` comes to its end by itself.
package enum ServiceMode: Equatable, Sendable {
    /// Until it's told to stop.
    case forever
    /// One poll, and the runs that it started or found.
    case once
    /// Until nothing can go on without a person.
    case untilIdle
}

/// How `Service.run` ended.
package enum ServiceEnd: Equatable, Sendable {
    /// Nothing was left to do; these runs ended meanwhile, and these wait.
    case finished(ended: [Run], open: [Run], queue: [WaitNote])
    /// Linear can't be asked, and nothing else is under way.
    case stuck(reason: String, isRetryable: Bool)
    /// Told to stop; so many attempts go on by themselves.
    case stopped(working: Int)
}

/// What a person asks of a running service.
package enum ServiceSignal: Sendable {
    /// Take up nothing new, return when what runs has ended.
    case drain
    /// Stop what runs, in a way that the next start goes on from, and return.
    case interrupt
    /// Return now; what runs goes on by itself and is adopted by the next start.
    case leave
}

/// The daemon: turns the scheduler's commands into effects, and what comes of them into events.
package struct Service: Sendable {
    package let configuration: ServiceConfiguration
    package let version: String
    /// The prompt file that is run; `nil` for the daemon.
    package let promptFile: String?
    let store: RunStore
    let tracker: any Tracker
    let delivery: any Delivery
    let executor: any Executor
    /// What hooks may see a part of; without the daemon's tokens.
    let environment: [String: String]
    let time: any TimeSource
    let log: Logger
    /// Whether people's requests in the state folder are looked for.
    let heedsRequests: Bool
    /// How soon such a request is seen.
    let requestInterval: Duration
    /// Prunes the state folder by these settings and says what came of it; the daemon doesn't prune when `nil`.
    let prune: (@Sendable (RetentionSettings) async throws -> String)?
    let names: @Sendable (Workflow, Ticket) -> (branch: String, worktree: String)
    /// How many bytes are free where a path is; `nil` where that can't be told.
    let freeBytes: @Sendable (FilePath) -> Int?

    package init(
        configuration: ServiceConfiguration,
        version: String,
        promptFile: String? = nil,
        store: RunStore,
        tracker: any Tracker,
        delivery: any Delivery,
        executor: any Executor,
        environment: [String: String],
        time: any TimeSource,
        log: Logger,
        freeBytes: (@Sendable (FilePath) -> Int?)? = nil,
        heedsRequests: Bool = false,
        requestInterval: Duration = .seconds(2),
        prune: (@Sendable (RetentionSettings) async throws -> String)? = nil,
        names: @escaping @Sendable (Workflow, Ticket) -> (branch: String, worktree: String)
    ) {
        self.configuration = configuration
        self.version = version
        self.promptFile = promptFile
        self.store = store
        self.tracker = tracker
        self.delivery = delivery
        self.executor = executor
        self.environment = environment
        self.time = time
        self.log = log
        self.freeBytes = freeBytes ?? { Volume.freeBytes(at: $0) }
        self.heedsRequests = heedsRequests
        self.requestInterval = requestInterval
        self.prune = prune
        self.names = names
    }

    /// Runs until the mode's end or a signal.
    ///
    /// - Parameters:
    ///   - workflows: those in force.
    ///   - mode: when to return by itself.
    ///   - signals: what a person asks meanwhile.
    ///   - settings: where changes of the configuration and the workflows are seen; without it, none is.
    ///   - generator: for jitter and comment ids.
    ///   - observe: called with each run that was saved.
    /// - Returns: why it came back.
    /// - Throws: `RunStoreError` when the state folder can't be used.
    package func run(
        _ workflows: [LoadedWorkflow],
        mode: ServiceMode,
        signals: AsyncStream<ServiceSignal>,
        settings: SettingsWatch? = nil,
        generator: some RandomNumberGenerator & Sendable,
        observe: @escaping @Sendable (Run) -> Void = { _ in }
    ) async throws -> ServiceEnd {
        try store.prepare()
        let (inputs, feed) = AsyncStream<ServiceInput>.makeStream()
        let engine = ServiceEngine(
            service: self,
            workflows: workflows,
            mode: mode,
            generator: generator,
            feed: feed,
            observe: observe
        )
        return try await engine.run(inputs, signals: signals, settings: settings)
    }
}
