/// A schedule as cron writes it: `*/5 8-19 * * MON-FRI`, `@daily`, `@every 5m`.
///
/// Five fields: minute, hour, day of month, month, day of week; a second stands in front of them
/// where the caller says so. Names in any case, ranges, lists and steps in every field; `?` is `*` in
/// the day fields; `L`, `L-3`, `15W` and `LW` are days of the month, `5L` and `5#3` the last and the
/// third Friday. Both day fields set: a day that matches either one counts. A step sets a field (`*/2`),
/// as in robfig/cron and croniter; cron(8) takes whatever begins with `*` for unset. `*/1` is `*`.
///
/// `@every 5m` is at the multiples of five minutes since 1970, in UTC; the daemon's own `every: 5m` counts from
/// its start.
package struct CronExpression: Equatable, Sendable {
    enum Meaning: Equatable, Sendable {
        /// Set times: once per local date each, whatever daylight saving does.
        case fixed(WallTimes)
        /// The hour or the minute is `*`, a step or a field's whole range: at every moment whose
        /// wall time matches, so an hour that comes twice counts twice and a missing one not at all.
        case recurring(WallTimes)
        case every(Interval)
    }

    /// The text as it was given.
    package let text: String
    /// What people often mean differently, in the order of the text.
    package let warnings: [CronWarning]
    let meaning: Meaning

    /// - Parameters:
    ///   - text: the expression; spaces and tabs around fields don't matter.
    ///   - seconds: whether a sixth field, the second, stands in front.
    /// - Throws: what is wrong and where, the first problem from the left; a date that never
    ///   happens (`0 0 30 2 *`) is one.
    package init(_ text: String, seconds: Bool = false) throws(CronError) {
        var parser = try CronParser(text)
        meaning = try parser.parse(seconds: seconds)
        warnings = parser.warnings.sorted { $0.offset < $1.offset }
        self.text = text
    }
}

extension CronExpression: CustomStringConvertible {
    package var description: String { text }
}
