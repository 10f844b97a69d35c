package import Agent
package import Cron

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension WallClockReset {
    /// The next moment after `now` at which a clock on the wall of its zone shows this time.
    ///
    /// - Parameters:
    ///   - now: The present wall clock time.
    ///   - files: Where the rules of zones lie.
    ///   - environment: For the machine's own zone.
    /// - Returns: `nil` where the zone or the date doesn't exist.
    package func next(
        after now: Date,
        zones files: ZoneFiles,
        environment: [String: String]
    ) -> Date? {
        let dayText = day.map(String.init) ?? "*"
        let monthText = month.map(String.init) ?? "*"
        guard
            // A zone or a date that doesn't exist is answered by the caller's fallback.
            let rules = try? zone.map({ try Zone.load($0, from: files) })
                ?? Zone.local(from: files, environment: environment),
            let cron = try? CronExpression("\(minute) \(hour) \(dayText) \(monthText) *"),
            let fire = Schedule.cron(cron, rules)
                .nextFire(after: Int(now.timeIntervalSince1970))
        else { return nil }
        return Date(timeIntervalSince1970: Double(fire))
    }
}
