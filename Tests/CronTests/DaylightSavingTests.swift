import Cron
import Testing

@Suite struct DaylightSavingTests {
    /// A zone, an expression, a start in UTC, and the wall times and offsets that follow.
    @Test(arguments: [
        (
            "America/New_York", "30 2 * * *", "2024-03-09 12:00",
            ["2024-03-10 03:00 -4.0", "2024-03-11 02:30 -4.0"]
        ),
        (
            "America/New_York", "0,30 2 * * *", "2024-03-09 12:00",
            ["2024-03-10 03:00 -4.0", "2024-03-11 02:00 -4.0"]
        ),
        (
            "America/New_York", "0 2,3 * * *", "2024-03-09 12:00",
            ["2024-03-10 03:00 -4.0", "2024-03-11 02:00 -4.0"]
        ),
        (
            "America/New_York", "30 1 * * *", "2024-11-02 12:00",
            ["2024-11-03 01:30 -4.0", "2024-11-04 01:30 -5.0"]
        ),
        (
            "America/New_York", "0,30 * * * *", "2024-11-03 04:59",
            [
                "2024-11-03 01:00 -4.0", "2024-11-03 01:30 -4.0", "2024-11-03 01:00 -5.0",
                "2024-11-03 01:30 -5.0", "2024-11-03 02:00 -5.0",
            ]
        ),
        (
            "America/New_York", "0 * * * *", "2024-03-10 05:30",
            ["2024-03-10 01:00 -5.0", "2024-03-10 03:00 -4.0"]
        ),
        (
            "America/Sao_Paulo", "0 0 * * *", "2018-11-03 12:00",
            ["2018-11-04 01:00 -2.0", "2018-11-05 00:00 -2.0"]
        ),
        (
            "America/Sao_Paulo", "30 23 * * *", "2018-02-16 12:00",
            ["2018-02-16 23:30 -2.0", "2018-02-17 23:30 -2.0", "2018-02-18 23:30 -3.0"]
        ),
        (
            "Australia/Lord_Howe", "31 2 * * *", "2019-10-05 00:00",
            ["2019-10-06 02:31 11.0", "2019-10-07 02:31 11.0"]
        ),
        (
            "Australia/Lord_Howe", "15 2 * * *", "2019-10-05 00:00",
            ["2019-10-06 02:30 11.0", "2019-10-07 02:15 11.0"]
        ),
        (
            "Australia/Lord_Howe", "45 1 * * *", "2019-04-06 12:00",
            ["2019-04-07 01:45 11.0", "2019-04-08 01:45 10.5"]
        ),
        (
            "America/Nuuk", "30 23 * * *", "2050-03-26 12:00",
            ["2050-03-27 00:00 -1.0", "2050-03-27 23:30 -1.0"]
        ),
        (
            "Pacific/Apia", "0 12 * * *", "2011-12-29 12:00",
            ["2011-12-29 12:00 -10.0", "2011-12-31 12:00 14.0"]
        ),
    ])
    func `the clocks of a zone bend a schedule as people expect`(
        zone: String,
        expression: String,
        start: String,
        fires: [String]
    ) throws {
        let schedule = try FixtureZones.schedule(expression, in: zone)
        #expect(try schedule.nextOnTheWall(fires.count, after: start) == fires)
    }

    @Test(
        arguments: [
            (
                "30 2 * * *", "2024-03-10 07:00",
                "the clocks skip 2024-03-10 02:30, so it runs right after the gap"
            ),
            (
                "0 2,3 * * *", "2024-03-10 07:00",
                "the clocks skip 2024-03-10 02:00, so it runs right after the gap"
            ),
            (
                "30 1 * * *", "2024-11-03 05:30",
                "the clocks show this time twice, and it runs the first time"
            ),
            (
                "*/30 * * * *", "2024-11-03 06:30",
                "the clocks show this time again, and it runs again"
            ),
            ("*/30 * * * *", "2024-11-03 05:30", nil), ("0 * * * *", "2024-03-10 07:00", nil),
            ("0 3 * * *", "2024-03-10 07:00", nil), ("30 2 * * *", "2024-03-11 06:30", nil),
            ("@every 30m", "2024-11-03 06:30", nil),
        ] as [(String, String, String?)]
    )
    func `a fire says how daylight saving bends it`(
        expression: String,
        fire: String,
        bend: String?
    ) throws {
        let schedule = try FixtureZones.schedule(expression, in: "America/New_York")
        let fire = try utc(fire)
        #expect(schedule.nextFire(after: fire - 1) == fire)
        #expect(schedule.bend(at: fire)?.description == bend)
    }
}
