import Cron
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The room against a look at every minute of ten years.
///
/// `CRON_EXPRESSIONS=200 swift test --filter BruteForceTests` compares that many expressions in each
/// zone and every one of their fires.
@Suite struct BruteForceTests {
    private static let asked = ProcessInfo.processInfo.environment["CRON_EXPRESSIONS"]
        .flatMap { Int($0) }

    static let zones = [
        "America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe",
        "Asia/Kathmandu", "UTC",
    ]

    private func clock(_ zone: String) throws -> ReferenceClock {
        let path = FixtureZones.folder + "/offsets.txt"
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        return try #require(
            text.split(separator: "\n").compactMap { ReferenceClock(line: $0) }
                .first { $0.zone == zone }
        )
    }

    /// Expressions that happen; one that never does is drawn again.
    private func expressions(_ count: Int, seed: UInt64) throws -> [CronExpression] {
        var random = RandomExpression(seed: seed)
        var found: [CronExpression] = []
        while found.count < count {
            let text = random.next()
            do {
                found.append(try CronExpression(text))
            } catch {
                guard case .neverHappens = error.problem else { throw error }
            }
        }
        return found
    }

    @Test(arguments: zones) func `every fire of ten years is where brute force finds it`(
        name: String
    ) async throws {
        let clock = try clock(name)
        let zone = try FixtureZones.zone(name)
        let start = try utc("\(clock.firstYear)-01-01 00:00")
        let end = try utc("\(clock.firstYear + 10)-01-01 00:00")
        let seed = UInt64(clock.firstYear + name.utf8.count)
        var compared = 0
        for expression in try expressions(Self.asked ?? 2, seed: seed) {
            // Other tests of this process want the processor too.
            await Task.yield()
            let reference = ReferenceExpression(expression.text)
            // A week earlier, so that the reference has seen the clocks.
            let fires = clock.fires(of: reference, from: start - 7 * 86_400, to: end)
            let schedule = Schedule.cron(expression, zone)
            // Of many fires some are compared, unless all are asked for.
            let stride = Self.asked == nil ? fires.count / 1500 + 1 : 1
            try compare(schedule, with: fires, every: stride, "\(expression) in \(name)")
            compared += fires.count / stride
        }
        #expect(compared > 100)
        if let asked = Self.asked { print("\(name): \(asked) expressions, \(compared) fires") }
    }

    @Test(arguments: zones.prefix(4)) func `every fire around a change of clocks is exact`(
        name: String
    ) async throws {
        let clock = try clock(name)
        let zone = try FixtureZones.zone(name)
        // Daily times in the hours that come twice or not at all, which chance seldom hits.
        let daily = try ["0 1", "40 1", "5 2", "45 2", "0 0", "0 23", "30 23", "20 1,2,23"]
            .map { try CronExpression("\($0) * * *") }
        for expression in try daily + expressions(Self.asked ?? 8, seed: 2026) {
            let reference = ReferenceExpression(expression.text)
            let schedule = Schedule.cron(expression, zone)
            for change in clock.changes.dropFirst().prefix(Self.asked == nil ? 4 : .max) {
                await Task.yield()
                let (start, end) = (change.at - 2 * 86_400, change.at + 2 * 86_400)
                let fires = clock.fires(of: reference, from: start - 86_400, to: end)
                    .filter { $0 >= start }
                let found = schedule.missedFires(since: start - 1, until: end - 1, limit: .max)
                #expect(found == fires, "\(expression) in \(name), change at \(change.at)")
                try compare(schedule, with: fires, every: 1, "\(expression) in \(name)")
            }
        }
    }

    /// Asks from each fire, and from the hours behind it, in which clocks may have been set back.
    private func compare(
        _ schedule: Schedule,
        with fires: [UnixSeconds],
        every step: Int,
        _ comment: String
    ) throws {
        for index in stride(from: 0, to: fires.count - 1, by: step) {
            let (fire, next) = (fires[index], fires[index + 1])
            for moment in stride(from: fire, to: min(next, fire + 7200), by: 1800) {
                let found = (
                    schedule.nextFire(after: moment), schedule.previousFire(before: moment + 1)
                )
                guard found.0 == next, found.1 == fire else {
                    Issue.record("\(comment): \(fire), \(next); from \(moment) \(found)")
                    return
                }
            }
        }
    }
}
