import Disk
package import Domain
import ProcessTree
import RunStore
import Synchronization
package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs attempts on this machine, each in a process of its own that outlives the daemon.
package struct LocalExecutor: Executor {
    private let program: FilePath
    private let environment: [String: String]
    private let time: any TimeSource
    private let disk = LocalFileSystem()
    /// The attempts that this daemon started and nobody waits for yet.
    private let started = StartedProcesses()

    /// - Parameters:
    ///   - program: this program; called as `program attempt FOLDER`.
    ///   - environment: what the attempts see; the daemon's tokens have been taken out.
    ///   - time: for the end of an attempt that left no result.
    package init(program: FilePath, environment: [String: String], time: any TimeSource) {
        self.program = program
        self.environment = environment
        self.time = time
    }

    package func start(_ folder: FilePath) async throws {
        do {
            let process = try DetachedProcess.start(
                executable: program,
                name: "linecook",
                arguments: ["attempt", folder.string],
                environment: environment,
                directory: folder,
                standardError: folder.appending(AttemptFile.errors)
            )
            started.withLock { $0[folder] = process }
        } catch {
            throw ExecutorError("\(error)")
        }
    }

    package func fate(of folder: FilePath) async -> AttemptStanding {
        if let result = result(in: folder) { return .ended(result) }
        if isHeld(folder) { return .alive }
        // Between the two looks it may have ended.
        if let result = result(in: folder) { return .ended(result) }
        guard record(in: folder) != nil else { return .notStarted }
        return hasHooks(folder) ? .unclosed : .lost
    }

    package func result(of folder: FilePath, job id: String) async throws -> AttemptResult {
        if let result = try await resultAtEnd(of: folder) { return result }
        var swept = await sweepUp(job: id)
        disk.removeLeftovers(in: folder)
        var result = AttemptResult(outcome: .lost, reason: .died, ended: time.now().wall)
        // A process of the attempt's own runs the hook that is due, and outlives the daemon as the attempt does.
        // Where none can be started the attempt is lost all the same.
        if hasHooks(folder), (try? await start(folder)) != nil {
            if let cleaned = try await resultAtEnd(of: folder) {
                result = cleaned
            } else {
                swept += await sweepUp(job: id)
            }
        }
        if result.outcome == .lost, swept > 0 {
            result.reason =
                "\(result.reason ?? .died); \(swept) of its processes were still alive and have been"
                + " ended"
        }
        return result
    }

    /// What the attempt came to, once none of its processes is there; `nil` when they left no result.
    private func resultAtEnd(of folder: FilePath) async throws -> AttemptResult? {
        if let process = started.withLock({ $0.removeValue(forKey: folder) }) {
            try await process.waitForExit()
        }
        // Another process may hold the attempt: one that an earlier daemon started.
        while result(in: folder) == nil, isHeld(folder), let holder = record(in: folder)?.attempt {
            try await holder.waitForExit()
        }
        return result(in: folder)
    }

    private func hasHooks(_ folder: FilePath) -> Bool {
        read(HookRecord.self, folder.appending(AttemptFile.hooks)) != nil
    }

    package func sweepUp(job id: String) async -> Int { await sweep(marker: id).swept }

    package func stop(_ folder: FilePath) async {
        guard result(in: folder) == nil else { return }
        let process = record(in: folder)?.attempt ?? started.withLock { $0[folder] }
        _ = process?.signal(SIGTERM)
    }

    private func isHeld(_ folder: FilePath) -> Bool {
        // A lock file that can't be opened was never made.
        (try? FileLock.isHeld(at: folder.appending(AttemptFile.lock))) ?? false
    }

    private func result(in folder: FilePath) -> AttemptResult? {
        read(AttemptResult.self, folder.appending(AttemptFile.result))
    }

    private func record(in folder: FilePath) -> ProcessRecord? {
        read(ProcessRecord.self, folder.appending(AttemptFile.process))
    }

    /// A record that can't be read says as little as one that isn't there: the attempt is lost.
    private func read<Value: Decodable>(_ type: Value.Type, _ path: FilePath) -> Value? {
        guard let bytes = try? disk.read(path) else { return nil }
        return try? RecordDecoder.value(type, from: bytes)
    }
}

/// The processes that were started here; a class because its lock has an identity.
private final class StartedProcesses: Sendable {
    private let processes = Mutex<[FilePath: ProcessIdentity]>([:])

    func withLock<Result>(
        _ body: (inout sending [FilePath: ProcessIdentity]) -> sending Result
    ) -> sending Result {
        processes.withLock(body)
    }
}

extension String {
    fileprivate static var died: String { "the attempt's process died without a result" }
}
