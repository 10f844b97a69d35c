import Cron
import Testing

@Suite struct CronErrorTests {
    @Test(arguments: [
        ("", 1, "the schedule is empty; write five fields, such as '*/5 * * * *', or '@hourly'"),
        (
            "* * * *", 8,
            "4 fields instead of 5 (minute, hour, day of month, month, day of week); "
                + "write '*' for a field that doesn't matter"
        ),
        (
            "0 0 * * * *", 11,
            "6 fields instead of 5 (minute, hour, day of month, month, day of week); for seconds "
                + "in front set 'seconds: true', a year at the end isn't supported"
        ),
        ("60 * * * *", 1, "minute is 60; allowed is 0 to 59; write 0 for the full hour"),
        ("* 24 * * *", 3, "hour is 24; allowed is 0 to 23; write 0 for midnight"),
        (
            "0 0 0 * *", 5,
            "day of month is 0; allowed is 1 to 31, L, L-3, 15W, LW; the first day is 1, "
                + "the last one is L"
        ),
        ("0 0 1 13 *", 7, "month is 13; allowed is 1 to 12, JAN to DEC"),
        (
            "0 0 * * 8", 9,
            "day of week is 8; allowed is 0 to 7 (0 and 7 are Sunday), SUN to SAT, 5L, 5#3"
        ),
        ("99999999999999999999 * * * *", 1, "minute is 99999999999999999999; allowed is 0 to 59"),
        ("0,-5 * * * *", 3, "'' is no minute; allowed is 0 to 59"),
        ("1.5 * * * *", 1, "'1.5' is no minute; allowed is 0 to 59"),
        ("٣ * * * *", 1, "'٣' is no minute; allowed is 0 to 59"),
        (
            "0 0 * * MOM", 9,
            "'MOM' is no day of week; allowed is 0 to 7 (0 and 7 are Sunday), SUN to SAT, 5L, 5#3; "
                + "did you mean 'MON'?"
        ),
        (
            "0 0 1 JAN,FEV *", 11,
            "'FEV' is no month; allowed is 1 to 12, JAN to DEC; did you mean 'FEB'?"
        ),
        (
            "1,,2 * * * *", 3,
            "a minute is missing beside the comma; write one (0 to 59) or remove the comma"
        ),
        ("0 22-2 * * *", 3, "the hour range '22-2' runs backwards; write '22-23,0-2'"),
        ("0 0 * * FRI-MON", 9, "the day of week range 'FRI-MON' runs backwards; write '5-6,0-1'"),
        ("*/0 * * * *", 3, "bad step '0' of the minute field; allowed is 1 to 59"),
        ("*/ * * * *", 1, "the minute field has no step after '/'; allowed is 1 to 59"),
        (
            "*/90 * * * *", 3,
            "bad step '90' of the minute field; allowed is 1 to 59; "
                + "for longer waits write 'every: 90m'"
        ),
        ("? * * * *", 1, "'?' has no meaning here in the minute field; write *"),
        (
            "0 0 5L * *", 5,
            "'L' has no meaning here in the day of month field; 5L (the last Friday) is a day of "
                + "week, L-3 a day of month"
        ),
        (
            "0 0 * * L", 9,
            "'L' has no meaning here in the day of week field; write SAT for Saturday, or 6L for "
                + "the month's last one"
        ),
        (
            "0 0 * * 15W", 9,
            "'W' has no meaning here in the day of week field; 15W (the weekday nearest to the "
                + "15th) is a day of month"
        ),
        (
            "0 0 1#2 * *", 5,
            "'#' has no meaning here in the day of month field; 5#3 (the third Friday) is a day "
                + "of week"
        ),
        (
            "0 0 * * 5#6", 11,
            "'#6' is no week of a month; allowed is #1 to #5, and 5L for the last Friday"
        ),
        (
            "0 0 30 2 *", 5,
            "'30' never happens: the months named have at most 29 days; "
                + "write L for the last day of the month, or name other months"
        ),
        (
            "0 0 31 4,6 *", 5,
            "'31' never happens: the months named have at most 30 days; "
                + "write L for the last day of the month, or name other months"
        ),
        (
            "0 0 31 2 MON", 5,
            "'31' never happens: the months named have at most 29 days; "
                + "write L for the last day of the month, or name other months"
        ),
        ("H 3 * * *", 1, "'H' is no minute; write a number, and 'jitter: 5m' to spread the load"),
        (
            "TZ=UTC 0 0 * * *", 1,
            "a time zone can't stand in the expression; write 'timezone: Europe/Berlin' beside it"
        ),
        (
            "@reboot", 1,
            "'@reboot' is no time of the day; write @hourly, @daily or five fields, or "
                + "'every: 1h', which polls at each start too"
        ),
        (
            "5m", 1,
            "'5m' is an interval; write 'every: 5m' in the place of 'cron'"
        ),
        ("@houry", 1, "'@houry' is no schedule; did you mean '@hourly'?"),
        (
            "@never", 1, "'@never' is no schedule; did you mean '@every'?"
        ),
        (
            "@every 5", 8,
            "'5' is no interval; write numbers with units, such as 30s, 5m, 1h30m or 1d"
        ),
        ("@every 0s", 8, "'0s' is out of range; allowed are whole seconds from 1s to 366d"),
    ])
    func `nonsense is refused with its column and how to mend it`(
        text: String,
        column: Int,
        message: String
    ) throws {
        let error = try #require(throws: CronError.self) { try CronExpression(text) }
        #expect(error.message == message)
        #expect(error.description == "'\(text)', column \(column): \(message)")
    }

    @Test func `five fields where the second was promised are refused`() throws {
        let error = try #require(throws: CronError.self) {
            try CronExpression("0 12 * * *", seconds: true)
        }
        #expect(
            error.message == "5 fields instead of 6 (second, minute, hour, day of month, month, "
                + "day of week); write the second in front, as in '0 0 12 * * *'"
        )
    }

    @Test func `a text without end is refused at once`() throws {
        let text = String(repeating: "1,", count: 1_000_000) + "1 * * * *"
        let error = try #require(throws: CronError.self) { try CronExpression(text) }
        #expect(error.problem == .tooLong(limit: 256))
        #expect(error.description.utf8.count < 200)
    }

    @Test func `a message can't move a terminal's cursor`() throws {
        let error = try #require(throws: CronError.self) { try CronExpression("\u{1B}[2J * * * *") }
        #expect(
            error.description
                == "'?[2J * * * *', column 1: '?[2J' is no minute; allowed is 0 to 59"
        )
    }
}
