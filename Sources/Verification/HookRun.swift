package import Domain
package import ProcessTree
package import SystemPackage

/// Runs one hook of a workflow's, like a step of the verification: under a supervisor, with a log.
package struct HookRun: Sendable {
    /// What came of it.
    package struct End: Equatable, Sendable {
        package var result: CheckResult
        /// `nil` when it was ended, or never started.
        package var exit: Int32?
        /// What it said last: at most 60 lines and 4 KB, harmless.
        package var output: String

        /// Whether the hook sends the agent back to work.
        package var isSentBack: Bool { exit == 2 }
    }
    package var hook: Hook
    /// A shell command of the workflow's; text of a ticket never gets here.
    package var command: String
    package var timeout: Duration
    /// All that it gets.
    package var environment: [String: String]
    /// By which what it leaves behind is found.
    package var marker: String?
    /// The sandbox that it runs in.
    package var confinement: Confinement?
    /// What it may hold with all that it starts, in bytes; no bound when `nil`.
    package var memory: Int?
    /// The most that its log holds, in bytes.
    package var outputLimit: Int

    package init(
        _ hook: Hook,
        command: String,
        timeout: Duration,
        environment: [String: String],
        marker: String?,
        confinement: Confinement? = nil,
        memory: Int? = nil,
        outputLimit: Int = LimitSettings.standardOutput
    ) {
        self.hook = hook
        self.command = command
        self.timeout = timeout
        self.environment = environment
        self.marker = marker
        self.confinement = confinement
        self.memory = memory
        self.outputLimit = outputLimit
    }

    /// Runs it to its end, after which nothing of its processes is left.
    ///
    /// - Parameters:
    ///   - folder: Where it runs.
    ///   - logs: Where its log goes; a folder that is there.
    ///   - name: That folder relative to the run's, for the records; empty for the run's own.
    /// - Returns: What came of it; also when it couldn't be started.
    /// - Throws: `CancellationError` when the task was cancelled, once the hook is gone; `Errno` when the
    ///   log can't be written.
    package func run(in folder: FilePath, logsIn logs: FilePath, named name: String) async throws
        -> End
    {
        var log = try BoundedLog(
            logs.appending(hook.log),
            limitInBytes: outputLimit,
            cover: SecretCover(of: environment)
        )
        let request = ProcessRequest(
            command: ["sh", "-c", command],
            environment: environment,
            directory: folder,
            timeout: timeout,
            grace: .seconds(5),
            memoryInBytes: memory,
            marker: marker,
            confinement: confinement
        )
        var exit: Int32?
        var reason: String?
        var seconds = 0.0
        do {
            let end = try await runTree(request) { chunk in try log.append(chunk.bytes) }
            seconds = end.duration.inSeconds
            switch (end.cause, end.termination) {
            case (.itself, .exited(let code)):
                exit = code
                reason = code == 0 ? nil : "exit \(code)"
            case (.itself, .signaled): reason = "\(end.termination)"
            case (.timedOut, _): reason = "timed out after \(timeout.inWords)"
            case (.overMemory(let bytes), _):
                reason = MemoryWords.reason(held: bytes, limit: memory)
            case (.stopped, _), (.stalled, _): reason = "stopped after \(end.duration.inWords)"
            }
        } catch let error as ProcessTreeError {
            reason = "\(error)"
        }
        let output = excerpt(of: log.end)
        try log.close()
        try Task.checkCancellation()
        return End(
            result: CheckResult(
                check: hook.rawValue,
                passed: reason == nil,
                reason: reason,
                seconds: (seconds * 10).rounded() / 10,
                log: name.isEmpty ? hook.log : "\(name)/\(hook.log)"
            ),
            exit: exit,
            output: output
        )
    }
}
