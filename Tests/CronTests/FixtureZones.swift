import Cron

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Zones from the files beside the tests, so that a machine without tzdata, or with a newer one,
/// gives the same results.
enum FixtureZones {
    static let folder =
        URL(filePath: #filePath).deletingLastPathComponent().path + "/Fixtures"

    static let files = ZoneFiles(
        folders: [folder + "/zoneinfo"],
        read: { FileManager.default.contents(atPath: $0).map(Array.init) },
        linkTarget: { _ in nil }
    )

    static func zone(_ name: String) throws -> Zone { try Zone.load(name, from: files) }

    static func schedule(
        _ expression: String,
        in zone: String = "UTC",
        seconds: Bool = false
    ) throws -> Schedule {
        .cron(try CronExpression(expression, seconds: seconds), try Self.zone(zone))
    }
}

/// Reads `2024-03-10 02:30` (seconds may follow), as in UTC.
func utc(_ text: String) throws -> UnixSeconds {
    let date = text.replacing(" ", with: "T") + (text.utf8.count == 16 ? ":00Z" : "Z")
    return Int(try Date(date, strategy: .iso8601).timeIntervalSince1970)
}

extension Schedule {
    /// The next fires after `start`, as the zone's clocks show them; the offset in hours follows.
    func nextOnTheWall(_ count: Int, after start: String) throws -> [String] {
        var moment = try utc(start)
        var shown: [String] = []
        while shown.count < count, let fire = nextFire(after: moment) {
            guard case .cron(_, let zone) = self else { break }
            let hours = Double(zone.offset(at: fire)) / 3600
            shown.append("\(zone.localTime(at: fire)) \(hours)")
            moment = fire
        }
        return shown
    }

    /// The same without the offset.
    func next(_ count: Int, after start: String) throws -> [String] {
        try nextOnTheWall(count, after: start).map {
            $0.split(separator: " ").prefix(2).joined(separator: " ")
        }
    }
}
