package import Domain
package import SystemPackage

/// Where attempts run.
///
/// An attempt is a folder: `job.json` goes in, `result.json` comes out, and `lock` is held for as long as
/// it's alive. Starting one that runs or has ended already does no harm.
package protocol Executor: Sendable {
    /// Starts the attempt whose job lies in `folder`, and returns once its process is there.
    ///
    /// - Throws: `ExecutorError`.
    func start(_ folder: FilePath) async throws

    /// How an attempt stands that an earlier daemon may have started.
    func fate(of folder: FilePath) async -> AttemptStanding

    /// Waits for the attempt's end; one that leaves no result is swept away, has its clean-up hook run where that
    /// is due, and is reported as lost.
    ///
    /// - Throws: `CancellationError`, at which the attempt goes on.
    func result(of folder: FilePath, job id: String) async throws -> AttemptResult

    /// Ends what a lost attempt may have left at work.
    ///
    /// - Returns: How many processes that were.
    func sweepUp(job id: String) async -> Int

    /// Asks a live attempt to end; its result follows.
    func stop(_ folder: FilePath) async
}

/// How an attempt stands.
package enum AttemptStanding: Equatable, Sendable {
    case notStarted
    case alive
    case ended(AttemptResult)
    /// It died and had begun with the team's hooks: `result(of:job:)` runs the one that is due.
    case unclosed
    /// It died, and nothing is left to do for it.
    case lost
}

/// An attempt that can't be started.
package struct ExecutorError: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
