#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A point in time, told to those who decide by those who act.
package struct Moment: Equatable, Sendable {
    /// UTC, for schedules and records; jumps when the host's clock is set.
    package var wall: Date
    /// Time since some fixed point, for deadlines within one process; never goes back and never
    /// reaches the disk.
    package var uptime: Duration

    package init(wall: Date, uptime: Duration) {
        self.wall = wall
        self.uptime = uptime
    }
}

/// The only door to time.
package protocol TimeSource: Sendable {
    func now() -> Moment
    /// Returns once `uptime` is reached.
    ///
    /// - Throws: `CancellationError`, as soon as the task is cancelled.
    func sleep(untilUptime deadline: Duration) async throws
}

extension TimeSource {
    /// Returns once `duration` has passed.
    ///
    /// - Throws: `CancellationError`, as soon as the task is cancelled.
    package func sleep(for duration: Duration) async throws {
        try await sleep(untilUptime: now().uptime + duration)
    }
}
