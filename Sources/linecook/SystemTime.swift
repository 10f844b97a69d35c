import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The machine's clocks; the one place that reads them.
struct SystemTime: TimeSource {
    // Doesn't run while the machine is suspended, so that waking up is no storm of timeouts.
    private static let clock = SuspendingClock()
    private static let origin = clock.now
    private static let sleepingClock = ContinuousClock()
    private static let sleepingOrigin = sleepingClock.now

    func now() -> Moment {
        // Starts at 1 s, so that no moment of this process is at zero.
        let uptime = Self.origin.duration(to: Self.clock.now)
        let elapsed = Self.sleepingOrigin.duration(to: Self.sleepingClock.now)
        return Moment(wall: Date(), uptime: uptime + .seconds(1), slept: elapsed - uptime)
    }

    func sleep(untilUptime deadline: Duration) async throws {
        try await Task.sleep(
            until: Self.origin.advanced(by: deadline - .seconds(1)),
            clock: Self.clock
        )
    }
}
