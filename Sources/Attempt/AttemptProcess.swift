import Disk
package import Domain
import ProcessTree
import RunStore
package import SystemPackage

/// `linecook attempt DIR`: one attempt from worktree to `result.json`, in a process of its own.
///
/// It holds `lock` while it lives and writes `result.json` last, so that whoever comes later can tell: a
/// result means ended, a held lock means alive, neither means that it died. A second process for the same
/// folder leaves at once; one that finds that the first has died runs the clean-up hook that is due and
/// writes the result, but no agent.
package struct AttemptProcess: Sendable {
    /// How the process ends.
    package enum End: Equatable, Sendable {
        case finished(AttemptResult)
        /// Another process has this attempt, or it has ended before.
        case notOurs
        /// The folder isn't an attempt's, or can't be written.
        case unusable(String)
    }
    let folder: FilePath
    let environment: [String: String]
    let time: any TimeSource
    let makeSession: @Sendable () -> String
    private let disk = LocalFileSystem()

    /// - Parameters:
    ///   - folder: the attempt's, with `job.json` in it.
    ///   - environment: the caller's, of which only what is allowed passes to agent, steps and git.
    ///   - time: for deadlines and records.
    ///   - makeSession: a new UUID for the agent's session.
    package init(
        folder: FilePath,
        environment: [String: String],
        time: any TimeSource,
        makeSession: @escaping @Sendable () -> String
    ) {
        self.folder = folder
        self.environment = environment
        self.time = time
        self.makeSession = makeSession
    }

    /// Runs the attempt to its end; each element of `stops` asks it to end early, its work kept.
    package func run(stops: AsyncStream<Void>) async -> End {
        do {
            guard let lock = try FileLock.take(at: folder.appending(AttemptFile.lock)) else {
                return .notOurs
            }
            defer { lock.release() }
            guard try disk.read(folder.appending(AttemptFile.result)) == nil else {
                return .notOurs
            }
            // An agent may have been at work here already: it's never started twice under one number.
            let isLost = try disk.read(folder.appending(AttemptFile.process)) != nil
            let process = ProcessRecord(attempt: .current)
            try write(process, as: AttemptFile.process)
            guard let bytes = try disk.read(folder.appending(AttemptFile.job)) else {
                return .unusable("\(folder): there is no \(AttemptFile.job) in it")
            }
            let job: AttemptJob
            do {
                job = try RecordDecoder.value(
                    AttemptJob.self,
                    from: bytes,
                    completedFrom: try OlderRecord.job()
                )
            } catch {
                return .unusable(
                    "\(folder.appending(AttemptFile.job)): \(RecordDecoder.explanation(of: error))"
                )
            }
            let result = await result(of: job, isLost: isLost, stops: stops)
            CrashPoint.beforeResult.reach()
            try write(result, as: AttemptFile.result)
            CrashPoint.afterResult.reach()
            return .finished(result)
        } catch {
            return .unusable("\(error)")
        }
    }

    private func result(
        of job: AttemptJob,
        isLost: Bool,
        stops: AsyncStream<Void>
    ) async -> AttemptResult {
        let work = AttemptWork(
            job: job,
            folder: folder,
            environment: environment,
            time: time,
            session: makeSession(),
            disk: disk
        )
        return await withTaskGroup(of: AttemptResult?.self) { group in
            group.addTask { isLost ? await work.closeLost() : await work.run() }
            group.addTask {
                for await _ in stops { return nil }
                return nil
            }
            var result: AttemptResult?
            while result == nil, let next = await group.next() {
                if let next { result = next } else { group.cancelAll() }
            }
            group.cancelAll()
            return result
                ?? AttemptResult(outcome: .cancelled, reason: nil, ended: time.now().wall)
        }
    }

    private func write(_ value: some Encodable, as name: String) throws {
        try disk.write(
            Array(try RecordEncoder.prettyText(of: value).utf8),
            to: folder.appending(name)
        )
    }
}
