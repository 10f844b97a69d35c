import Cron
import Testing

@Suite struct ScheduleTests {
    private func every(_ text: String) throws -> Schedule { .every(try Interval(text)) }

    @Test func `an interval keeps its beat over a restart`() throws {
        let schedule = try every("7m")
        let first = try #require(schedule.nextFire(after: try utc("2026-01-01 00:00")))
        #expect(first % 420 == 0)
        #expect(schedule.nextFire(after: first - 1) == first)
        #expect(schedule.nextFire(after: first) == first + 420)
        #expect(schedule.previousFire(before: first) == first - 420)
        #expect(schedule.previousFire(before: first + 1) == first)
        #expect(try every("2m").nextFire(after: -1) == 0)
        #expect(try every("2m").previousFire(before: 0) == -120)
    }

    @Test(arguments: [
        ("2m", 120), ("90s", 90), ("1h30m", 5400), ("1d", 86_400), ("366d", 31_622_400),
    ])
    func `an interval is written in numbers and units`(text: String, seconds: Int) throws {
        let interval = try Interval(text)
        #expect(interval.seconds == seconds)
        #expect(try Interval(interval.description) == interval)
        #expect(try Interval(.seconds(seconds)) == interval)
    }

    @Test(arguments: ["", "5", "m", "5x", "5m1h", "1.5h", "-5m", "0m", "367d", "5 m", "５m"])
    func `what is no interval is refused`(text: String) {
        #expect(throws: CronError.self) { try Interval(text) }
    }

    @Test func `fractions of a second are no interval`() {
        #expect(throws: CronError.self) { try Interval(.milliseconds(1500)) }
        #expect(throws: CronError.self) { try Interval(.zero) }
    }

    @Test func `of three days missed the newest are kept up to the limit`() throws {
        let schedule = try FixtureZones.schedule("* * * * *")
        let (start, end) = (try utc("2026-11-20 12:00"), try utc("2026-11-23 12:00"))
        #expect(schedule.missedFires(since: start, until: end, limit: .max).count == 3 * 1440)
        #expect(schedule.missedFires(since: start, until: end, limit: 1) == [end])
        #expect(
            schedule.missedFires(since: start, until: end, limit: 10)
                == (0..<10).map { end - 540 + $0 * 60 }
        )
        #expect(schedule.missedFires(since: end, until: end, limit: 10) == [])
        #expect(schedule.missedFires(since: start, until: end, limit: 0) == [])
        // The watermark is exclusive, so that what has fired isn't missed.
        #expect(schedule.missedFires(since: end - 60, until: end, limit: 10) == [end])
        #expect(schedule.missedFires(since: end, until: start, limit: 10) == [])
    }

    @Test func `a year of missed seconds costs no more than its limit`() throws {
        let schedule = try FixtureZones.schedule("* * * * * *", seconds: true)
        let end = try utc("2026-11-23 12:00")
        let missed = schedule.missedFires(since: end - 366 * 86_400, until: end, limit: 10)
        #expect(missed == (0..<10).map { end - 9 + $0 })
    }

    @Test func `a time that the zone never shows has no fire, and the search ends`() throws {
        let never = try FixtureZones.schedule("*/5 2 * 3 SUN#2", in: "America/New_York")
        #expect(never.nextFire(after: try utc("2026-01-01 00:00")) == nil)
        #expect(never.previousFire(before: try utc("2126-01-01 00:00")) == nil)
    }

    @Test(arguments: ["0 0 29 2 *", "*/5 * * * *", "0 0 * 2 SUN#5", "@every 5m"])
    func `moments beyond every calendar are answered`(text: String) throws {
        let schedule = try FixtureZones.schedule(text, in: "Europe/Berlin")
        #expect(schedule.nextFire(after: .max) == nil)
        #expect(schedule.previousFire(before: .min) == nil)
        #expect(schedule.nextFire(after: .min) != nil)
        #expect(schedule.previousFire(before: .max) != nil)
        #expect(schedule.missedFires(since: .min, until: .max, limit: 2).count == 2)
        #expect(schedule.bend(at: .max) == nil)
    }

    /// Every wait of 400 years, after which the calendar repeats, is found.
    @Test(arguments: ["0 0 29 2 *", "0 0 * 2 SUN#5", "0 0 L-28 2 *", "0 0 29W 2 *"])
    func `the rarest date is always within reach`(text: String) throws {
        let schedule = try FixtureZones.schedule(text)
        var moment = try utc("2000-01-01 00:00")
        let end = try utc("2400-01-01 00:00")
        while moment < end {
            let next = try #require(schedule.nextFire(after: moment))
            #expect(schedule.previousFire(before: next + 1) == next)
            moment = next
        }
    }

    @Test func `jitter is the same every time and differs by name and fire`() throws {
        let schedule = try every("1h")
        let fire = try utc("2026-11-23 12:00")
        func jitter(_ seed: String, at fire: UnixSeconds) -> Duration {
            schedule.jitter(seed: seed, upTo: .seconds(600), at: fire)
        }
        #expect(jitter("portfolio", at: fire) == .milliseconds(286_557))
        let waits = (0..<1000).map { jitter("portfolio", at: fire + $0 * 3600) }
        #expect(waits.allSatisfy { (.zero)...(.seconds(600)) ~= $0 })
        #expect(Set(waits).count > 990)
        #expect(waits.min() ?? .zero < .seconds(10))
        #expect(waits.max() ?? .zero > .seconds(590))
        #expect(jitter("default", at: fire) != jitter("portfolio", at: fire))
    }

    @Test func `jitter never reaches the next fire`() throws {
        let schedule = try every("5s")
        let waits = (0..<1000).map { schedule.jitter(seed: "a", upTo: .seconds(3600), at: $0 * 5) }
        #expect(waits.allSatisfy { $0 < .seconds(5) })
        #expect(schedule.jitter(seed: "a", upTo: .zero, at: 0) == .zero)
        #expect(schedule.jitter(seed: "a", upTo: .seconds(-3), at: 0) == .zero)
    }
}
