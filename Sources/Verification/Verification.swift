package import Domain
package import ProcessTree
package import SystemPackage

/// Runs what must hold before a person is asked to look.
package struct Verification: Sendable {
    private let environment: [String: String]
    private let marker: String?
    private let confinement: Confinement?
    private let memory: Int?
    private let output: Int
    private let time: any TimeSource

    /// - Parameters:
    ///   - environment: All that a step gets.
    ///   - marker: The attempt's id, by which what a step leaves behind is found.
    ///   - confinement: What of the machine a step sees; all of it when `nil`.
    ///   - memory: What a step may hold with all that it starts, in bytes; no bound when `nil`.
    ///   - output: The most that a log holds, in bytes.
    ///   - time: For the deadline.
    package init(
        environment: [String: String],
        marker: String?,
        confinement: Confinement? = nil,
        memory: Int? = nil,
        output: Int = LimitSettings.standardOutput,
        time: any TimeSource
    ) {
        self.environment = environment
        self.marker = marker
        self.confinement = confinement
        self.memory = memory
        self.output = output
        self.time = time
    }

    /// Runs all steps one after the other, also after one has failed: a prompt that tells of the
    /// lint errors too spares an attempt.
    ///
    /// A step that failed is run again as often as it may be, and noted as flaky when it then passes.
    /// When a step's result is in, nothing of its processes is left. Both its streams go to
    /// `verify-NAME.log`, the beginning and the end of it when it is longer than a log may be.
    ///
    /// - Parameters:
    ///   - steps: Each a shell command of the workflow; text of a ticket never gets here.
    ///   - worktree: Where they run.
    ///   - folder: Where the logs go; an absolute path of a folder that is there.
    ///   - name: The folder relative to the run's, for the records.
    ///   - deadline: The uptime at which the attempt's time is up. A step that hasn't been started by
    ///     then counts as failed.
    /// - Returns: A result for each step.
    /// - Throws: `CancellationError` when the task was cancelled, once the step that ran is gone;
    ///   `Errno` when a log can't be written.
    package func run(
        _ steps: [VerificationSettings.Step],
        in worktree: FilePath,
        logsIn folder: FilePath,
        named name: String,
        deadline: Duration? = nil
    ) async throws -> Report {
        var report = Report(results: [], failureOutput: nil)
        for step in steps {
            try Task.checkCancellation()
            let file = "verify-\(step.name).log"
            var log = try BoundedLog(
                folder.appending(file),
                limitInBytes: output,
                cover: SecretCover(of: environment)
            )
            var end = try await end(of: step, in: worktree, left: left(until: deadline), log: &log)
            var seconds = end.duration
            var first: String?
            for _ in 0..<step.retry {
                guard let reason = end.reason, left(until: deadline) ?? .seconds(1) > .zero else {
                    break
                }
                try Task.checkCancellation()
                first = first ?? reason
                try log.append(Array("\n[\(reason); it is run again]\n\n".utf8))
                end = try await self.end(
                    of: step,
                    in: worktree,
                    left: left(until: deadline),
                    log: &log
                )
                seconds += end.duration
            }
            let output = log.end
            try log.close()
            try Task.checkCancellation()
            let isFlaky = first != nil && end.reason == nil
            report.results.append(
                CheckResult(
                    check: step.name,
                    passed: end.reason == nil,
                    reason: end.reason,
                    seconds: (seconds.inSeconds * 10).rounded() / 10,
                    log: name.isEmpty ? file : "\(name)/\(file)",
                    flaky: isFlaky ? true : nil,
                    note: isFlaky ? first.map { "flaky: \($0), then passed" } : nil
                )
            )
            if let reason = end.reason, report.failureOutput == nil {
                let said = excerpt(of: output)
                report.failureOutput = "\(step.name): \(reason)" + (said.isEmpty ? "" : "\n\(said)")
            }
        }
        return report
    }

    private func left(until deadline: Duration?) -> Duration? {
        deadline.map { $0 - time.now().uptime }
    }

    /// - Returns: Why the step failed, `nil` when it passed, and how long it took.
    private func end(
        of step: VerificationSettings.Step,
        in worktree: FilePath,
        left: Duration?,
        log: inout BoundedLog
    ) async throws -> (reason: String?, duration: Duration) {
        if let left, left <= .zero { return ("not run: the attempt's time was up", .zero) }
        let timeout = min(step.timeout, left ?? step.timeout)
        let request = ProcessRequest(
            command: ["sh", "-c", step.run],
            environment: environment,
            directory: worktree,
            timeout: timeout,
            grace: .seconds(5),
            memoryInBytes: memory,
            marker: marker,
            confinement: confinement
        )
        do {
            let end = try await runTree(request) { chunk in try log.append(chunk.bytes) }
            return (reason(for: end, step: step, timeout: timeout), end.duration)
        } catch let error as ProcessTreeError {
            return ("\(error)", .zero)
        }
    }

    private func reason(
        for end: TreeEnd,
        step: VerificationSettings.Step,
        timeout: Duration
    ) -> String? {
        switch end.cause {
        case .itself: end.termination == .exited(code: 0) ? nil : "\(end.termination)"
        case .timedOut where timeout < step.timeout:
            "the attempt's time was up after \(end.duration.inWords)"
        case .timedOut: "timed out after \(step.timeout.inWords)"
        case .overMemory(let bytes): MemoryWords.reason(held: bytes, limit: memory)
        case .stopped, .stalled: "stopped after \(end.duration.inWords)"
        }
    }
}

extension [VerificationSettings.Step] {
    /// These steps in a checkout that has nothing but the commit's files: first comes what a worktree is set
    /// up with, a shell command of the workflow's.
    package func after(setup: String?) -> [VerificationSettings.Step] {
        guard let setup else { return self }
        return [.init(name: "clean-setup", run: setup, timeout: .seconds(3600))] + self
    }
}
