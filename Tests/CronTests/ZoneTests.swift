import Cron
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct ZoneTests {
    /// Files in memory.
    private func files(
        _ contents: [String: [UInt8]],
        links: [String: String] = [:]
    ) -> ZoneFiles {
        ZoneFiles(
            folders: ["/zoneinfo"],
            read: { contents[$0] },
            linkTarget: { links[$0] }
        )
    }

    private func fixture(_ name: String) throws -> [UInt8] {
        let path = FixtureZones.folder + "/zoneinfo/" + name
        return try Array(#require(FileManager.default.contents(atPath: path)))
    }

    @Test(arguments: [
        ("America/New_York", "1918-07-01 00:00", -4.0),
        ("America/New_York", "1800-01-01 00:00", -4.94),
        ("America/New_York", "2024-03-10 06:59", -5.0),
        ("America/New_York", "2024-03-10 07:00", -4.0),
        ("America/New_York", "2099-07-01 00:00", -4.0),
        ("America/New_York", "2099-12-01 00:00", -5.0),
        ("Europe/Berlin", "2400-03-26 00:59", 1.0), ("Europe/Berlin", "2400-03-26 01:00", 2.0),
        ("America/Sao_Paulo", "2018-12-01 00:00", -2.0),
        ("America/Sao_Paulo", "2060-12-01 00:00", -3.0),
        ("Australia/Lord_Howe", "2050-01-01 00:00", 11.0),
        ("Australia/Lord_Howe", "2050-07-01 00:00", 10.5),
        ("Asia/Kathmandu", "2026-01-01 00:00", 5.75),
        ("America/Nuuk", "2050-03-27 00:59", -2.0), ("America/Nuuk", "2050-03-27 01:00", -1.0),
        ("UTC", "9999-12-31 00:00", 0.0),
    ])
    func `a zone knows its offset in every year`(
        name: String,
        moment: String,
        hours: Double
    ) throws {
        let zone = try FixtureZones.zone(name)
        #expect(abs(Double(zone.offset(at: try utc(moment))) / 3600 - hours) < 0.01)
        #expect(zone.name == name)
    }

    @Test(arguments: [
        "", "/etc/passwd", "../../etc/passwd", "Europe/../../secret", "Europe//Berlin", ".hidden",
        "Europe/", "Europe/Berlin\0", "Europe\\Berlin", "Ünïcode", "a b", "\u{1B}[2J",
        String(repeating: "a", count: 65),
    ])
    func `a name that could leave the folder reads no file`(name: String) {
        let files = ZoneFiles(
            folders: ["/zoneinfo"],
            read: { path in
                Issue.record("read \(path)")
                return nil
            },
            linkTarget: { _ in nil }
        )
        #expect(throws: ZoneError.badName(name)) { try Zone.load(name, from: files) }
    }

    @Test(arguments: [
        ("Europe/Berlni", "there is no time zone 'Europe/Berlni'; did you mean 'Europe/Berlin'?"),
        ("berlin", "there is no time zone 'berlin'; did you mean 'Europe/Berlin'?"),
        (
            "Mars/Base",
            "there is no time zone 'Mars/Base'; write an IANA name such as Europe/Berlin, or UTC"
        ),
        (
            "a\u{1B}[2Jb",
            "'a?[2Jb' is no time zone; write an IANA name such as Europe/Berlin, or UTC"
        ),
    ])
    func `a zone that isn't there is answered with the one that is meant`(
        name: String,
        message: String
    ) throws {
        let error = try #require(throws: ZoneError.self) { try FixtureZones.zone(name) }
        #expect(error.description == message)
    }

    @Test func `a machine without zones knows UTC and says what to install`() throws {
        #expect(try Zone.load("Etc/UTC", from: files([:])) == .utc)
        let error = try #require(throws: ZoneError.self) {
            try Zone.load("Europe/Berlin", from: files([:]))
        }
        #expect(
            error.description == "no time zones on this machine to find 'Europe/Berlin' in "
                + "(looked in /zoneinfo); install the package tzdata, set TZDIR, or write UTC"
        )
    }

    @Test(
        arguments: [
            (nil, "Europe/Berlin", 1.0), ("", "UTC", 0.0),
            ("America/New_York", "America/New_York", -5.0),
            (":America/New_York", "America/New_York", -5.0),
            ("/else/zoneinfo/America/New_York", "America/New_York", -5.0),
            ("<+0330>-3:30", "<+0330>-3:30", 3.5), ("EST5EDT", "EST5EDT", -5.0),
            ("NZST-12NZDT,M9.5.0,M4.1.0/3", "NZST-12NZDT,M9.5.0,M4.1.0/3", 13.0),
            ("QQQ3EDT4,0/0,J365/23", "QQQ3EDT4,0/0,J365/23", -4.0),
        ] as [(String?, String, Double)]
    )
    func `the machine's own zone is TZ, then the one that localtime links to`(
        variable: String?,
        name: String,
        hours: Double
    ) throws {
        let newYork = try fixture("America/New_York")
        let files = files(
            [
                "/etc/localtime": try fixture("Europe/Berlin"),
                "/zoneinfo/America/New_York": newYork,
                "/else/zoneinfo/America/New_York": newYork,
                "/zoneinfo/UTC": try fixture("UTC"),
            ],
            links: ["/etc/localtime": "../usr/share/zoneinfo/Europe/Berlin"]
        )
        let zone = try Zone.local(from: files, environment: variable.map { ["TZ": $0] } ?? [:])
        #expect(zone.name == name)
        #expect(Double(zone.offset(at: try utc("2026-01-01 00:00"))) / 3600 == hours)
    }

    @Test(arguments: ["Nowhere/City", "../x", "EST", "EST5EDT,M13.1.0,M1.1.0", "EST99"])
    func `a TZ that names nothing is refused`(value: String) throws {
        #expect(throws: ZoneError.badVariable(value)) {
            try Zone.local(from: files([:]), environment: ["TZ": value])
        }
    }

    @Test func `a machine without localtime runs on UTC`() throws {
        #expect(try Zone.local(from: files([:]), environment: [:]) == .utc)
    }

    @Test func `no damage of a zone file crashes`() throws {
        let whole = try fixture("Europe/Berlin")
        for length in stride(from: 0, to: whole.count - 1, by: 7) {
            let cut = files(["/zoneinfo/X": Array(whole.prefix(length))])
            #expect(throws: ZoneError.self) { try Zone.load("X", from: cut) }
        }
        var chance = SplitMix64(seed: 1)
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &chance)] = .random(
                    in: 0...255,
                    using: &chance
                )
            }
            // What matters is only that it ends.
            guard let zone = try? Zone.load("X", from: files(["/zoneinfo/X": bytes])) else {
                continue
            }
            let schedule = Schedule.cron(try CronExpression("30 2 * * *"), zone)
            _ = schedule.nextFire(after: try utc("2026-03-28 12:00"))
            _ = schedule.previousFire(before: try utc("1970-01-01 12:00"))
        }
    }

    @Test func `the zones of this machine are found by their names`() throws {
        // The folder of these tests stands for a machine's own, which may have no tzdata.
        let folder = FixtureZones.folder + "/zoneinfo"
        let files = ZoneFiles.system(environment: ["TZDIR": folder])
        let zone = try Zone.load("Europe/Berlin", from: files)
        #expect(zone.offset(at: try utc("2026-01-01 00:00")) == 3600)
        _ = try Zone.local(from: files, environment: [:])
    }
}
