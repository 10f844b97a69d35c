import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `linecook next`, in zones of the fixtures, so that a machine's own tzdata doesn't matter.
// Each site runs several programs at once: more would only wait for the processor.
@Suite(.serialized, .inTurn)
struct NextTests {
    private static let zones =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
        + "/CronTests/Fixtures/zoneinfo"

    /// What the program prints on both streams, and its exit code in the last line.
    private func next(_ arguments: String, in site: Site) async throws -> String {
        try await site.shellOutput(
            """
            export TZDIR='\(Self.zones)'
            code=0; '\(try site.programPath)' next \(arguments) 2>&1 || code=$?; echo "exit $code"
            """
        )
    }

    @Test(.timeLimit(.minutes(5)))
    func `the coming ticks are shown in both times, with what daylight saving does to them`()
        async throws
    {
        try await Site.with([], agent: "true") { site in
            let bent = try await next(
                "--cron '30 2 * * *' --timezone Europe/Berlin -n 3 --after 2027-03-26T12:00:00Z",
                in: site
            )
            #expect(
                bent == """
                      30 2 * * * in Europe/Berlin
                      Europe/Berlin                UTC               IN
                      Sat 2027-03-27 02:30 +01:00  2027-03-27 01:30  13 h 30 min
                      Sun 2027-03-28 03:00 +02:00  2027-03-28 01:00  37 h
                        the clocks skip 2027-03-28 02:30, so it runs right after the gap
                      Mon 2027-03-29 02:30 +02:00  2027-03-29 00:30  2 d 12 h
                    exit 0

                    """
            )
            let hourly = try await next(
                "--cron '0 * * * *' --timezone Europe/Berlin -n 2 --after 2027-10-31T00:00:00Z",
                in: site
            )
            #expect(hourly.contains("the clocks show this time again, and it runs again"))
            #expect(bent.split(separator: "\n").allSatisfy { $0.count <= 80 })
            let json = try await next(
                "--cron '30 2 * * *' --timezone Europe/Berlin -n 1 --format json"
                    + " --after 2027-03-27T12:00:00Z",
                in: site
            )
            let note = "the clocks skip 2027-03-28 02:30, so it runs right after the gap"
            #expect(json.contains("\"note\": \"\(note)\""), "\(json)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `each workflow's ticks are shown without a token, and a broken file doesn't hide others`()
        async throws
    {
        try await Site.with([], agent: "true") { site in
            let other = try site.text("workflows/site.yml")
                .replacing("name: site", with: "name: other")
                .replacing(
                    "{ every: 1s }",
                    with: #"{ cron: "0 9 * * MON", timezone: Asia/Kathmandu, jitter: 10m }"#
                )
            try site.write("workflows/other.yml", other)
            try site.write("workflows/third.yml", other.replacing("0 9", with: "0 99"))
            let text = try await site.shellOutput(
                """
                unset LINEAR_API_KEY; export TZDIR='\(Self.zones)'
                code=0; '\(try site.programPath)' next -n 1 --after 2026-11-25T00:00:00Z 2>error || code=$?
                echo "exit $code"
                """
            )
            #expect(
                text == """
                    other: workflows/other.yml
                      0 9 * * MON in Asia/Kathmandu, put off by up to 10 min of jitter
                      Asia/Kathmandu               UTC               IN       JITTER
                      Mon 2026-11-30 09:00 +05:45  2026-11-30 03:15  5 d 3 h  +7 min

                    site: workflows/site.yml
                      every 1.0 s from the service's start
                      real time counts, so that daylight saving doesn't matter
                    exit 2

                    """
            )
            let error = try site.text("error")
            #expect(error.hasPrefix("workflows/third.yml:2:"), "\(error)")
            #expect(error.contains("hour is 99; allowed is 0 to 23"))
            let json = try await next(
                "workflows/other.yml -n 2 --format json --after 2026-11-25T00:00:00Z",
                in: site
            )
            #expect(json.contains(#""local": "2026-11-30 09:00 +05:45""#))
            #expect(json.contains(#""tick": "2026-12-07T03:15:00.000Z""#))
        }
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            (
                "--cron '60 * * * *'",
                "linecook: --cron '60 * * * *', column 1: minute is 60; allowed is 0 to 59; "
                    + "write 0 for the full hour"
            ),
            (
                "--cron @daily --timezone Europe/Berlni",
                "linecook: --timezone: there is no time zone 'Europe/Berlni'; did you mean 'Europe/Berlin'?"
            ),
            ("--cron @daily -n 0", "-n is 0; it's from 1 to 1000"),
            ("none.yml", "linecook: none.yml: no such file"),
        ]
    )
    func `what can't be is refused with its place`(arguments: String, message: String) async throws
    {
        try await Site.with([], agent: "true") { site in
            let text = try await next(arguments, in: site)
            #expect(text.contains(message), "\(text)")
            #expect(text.hasSuffix("exit 2\n"), "\(text)")
        }
    }
}
