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
    /// How long the machine has slept since that point, which `uptime` leaves out: together they show whether
    /// `wall` moved because time passed or because somebody set the clock.
    package var slept: Duration

    package init(wall: Date, uptime: Duration, slept: Duration = .zero) {
        self.wall = wall
        self.uptime = uptime
        self.slept = slept
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
