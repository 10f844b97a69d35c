/// When a workflow looks for work: a cron expression in a zone, or a fixed wait.
///
/// All fires are whole seconds. A fire depends on nothing but the schedule: not on when the service
/// was started, nor on the fire before.
package enum Schedule: Equatable, Sendable {
    case cron(CronExpression, Zone)
    /// At the multiples of the interval since 1970-01-01T00:00:00Z, so that a restart shifts nothing.
    case every(Interval)

    /// Longer than the longest wait of any expression, 40 years from a 29 February on a given
    /// weekday to the next one across 2100.
    private static let horizon = 45 * 366 * GregorianCalendar.secondsInDay
    /// The years 1 to 9999; there is no fire outside.
    static let allowed = -62_135_596_800...253_402_300_799

    /// The first fire after `moment`, which isn't one itself.
    ///
    /// - Returns: `nil` where none comes within 45 years: an expression that only names times which
    ///   the zone skips, such as `*/5 2 * 3 SUN#2` in New York; or a time after the year 9999.
    package func nextFire(after moment: UnixSeconds) -> UnixSeconds? {
        let moment = max(moment, Self.allowed.lowerBound - 1)
        guard moment < Self.allowed.upperBound else { return nil }
        let fire: UnixSeconds? =
            switch timing {
            case .every(let interval): Self.multiple(of: interval, after: moment)
            case .recurring(let times, let zone):
                times.nextMatch(after: moment, in: zone, Self.horizon)
            case .fixed(let times, let zone): times.nextRun(after: moment, in: zone, Self.horizon)
            }
        return fire.flatMap { Self.allowed.contains($0) ? $0 : nil }
    }

    /// The last fire before `moment`, which isn't one itself; `nil` as for `nextFire(after:)`.
    package func previousFire(before moment: UnixSeconds) -> UnixSeconds? {
        let moment = min(moment, Self.allowed.upperBound + 1)
        guard moment > Self.allowed.lowerBound else { return nil }
        let fire: UnixSeconds? =
            switch timing {
            case .every(let interval):
                Self.multiple(of: interval, after: moment - 1 - interval.seconds)
            case .recurring(let times, let zone):
                times.previousMatch(before: moment, in: zone, Self.horizon)
            case .fixed(let times, let zone):
                times.previousRun(before: moment, in: zone, Self.horizon)
            }
        return fire.flatMap { Self.allowed.contains($0) ? $0 : nil }
    }

    /// The fires after `start`, up to and at `end`: of more than `limit` the newest ones, ascending.
    ///
    /// It costs as much as `limit` fires, however long the service was down.
    package func missedFires(
        since start: UnixSeconds,
        until end: UnixSeconds,
        limit: Int
    ) -> [UnixSeconds] {
        var fires: [UnixSeconds] = []
        var moment = end == .max ? end : end + 1
        while fires.count < limit, let fire = previousFire(before: moment), fire > start {
            fires.append(fire)
            moment = fire
        }
        return fires.reversed()
    }

    /// How long after `fire` the work starts, so that many workflows don't start at once.
    ///
    /// The same arguments give the same wait, on every machine and after every restart.
    /// - Parameters:
    ///   - seed: the workflow's name.
    ///   - limit: the longest wait; it is cut so that the next fire never comes first.
    ///   - fire: one of this schedule's.
    /// - Returns: from zero to `limit`, in milliseconds.
    package func jitter(seed: String, upTo limit: Duration, at fire: UnixSeconds) -> Duration {
        var longest = limit.wholeMilliseconds
        if let next = nextFire(after: fire) { longest = min(longest, (next - fire) * 1000 - 1) }
        guard longest > 0 else { return .zero }
        let chance = SeededChance(seed: seed, fire: fire).bits
        // The upper half of the product spreads evenly over 0...longest.
        return .milliseconds(Int(chance.multipliedFullWidth(by: UInt64(longest) + 1).high))
    }

    private static func multiple(of interval: Interval, after moment: UnixSeconds) -> UnixSeconds {
        (moment.flooredDivision(by: interval.seconds).quotient + 1) * interval.seconds
    }
}

extension Schedule {
    /// How a schedule meets daylight saving.
    enum Timing {
        case fixed(WallTimes, Zone)
        case recurring(WallTimes, Zone)
        case every(Interval)
    }

    var timing: Timing {
        switch self {
        case .every(let interval): .every(interval)
        case .cron(let expression, let zone):
            switch expression.meaning {
            case .fixed(let times): .fixed(times, zone)
            case .recurring(let times): .recurring(times, zone)
            case .every(let interval): .every(interval)
            }
        }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        // A year is more than any schedule's jitter, and its milliseconds can't overflow.
        guard seconds < 366 * 86_400 else { return 366 * 86_400_000 }
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}

/// SplitMix64's mixing (Steele, Lea, Flood 2014) of an FNV-1a hash of name and fire.
///
/// Not the standard library's `random(in:using:)`, whose way from bits to numbers may change.
private struct SeededChance {
    let bits: UInt64

    init(seed: String, fire: UnixSeconds) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let time = (0..<8).map { UInt8(truncatingIfNeeded: fire >> ($0 * 8)) }
        for byte in Array(seed.utf8) + time {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        hash &+= 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        bits = hash ^ (hash >> 31)
    }
}
