import Cron
import Disk
import Domain
import WorkflowFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `next` prints of one schedule.
struct ComingTicks: Encodable {
    struct Tick: Encodable {
        /// When Linear is asked: the tick with its jitter.
        var at: Date
        var tick: Date
        /// What the clocks of the zone show at the tick, with their distance from UTC.
        var local: String
        var weekday: String
        /// From the moment that is asked about to `at`.
        var seconds: Double
        var jitter: Double
        /// What daylight saving does to it.
        var note: String?
        fileprivate var utc: String

        private enum CodingKeys: String, CodingKey {
            case at
            case tick
            case local
            case weekday
            case seconds
            case jitter
            case note
        }
    }

    /// `nil` for an expression on the command line.
    var workflow: String?
    var file: String?
    var cron: String?
    /// Seconds; an interval counts from the service's start, so that it has no ticks to foretell.
    var every: Double?
    var timezone: String?
    /// The most by which a tick is put off, in seconds.
    var jitter: Double
    var ticks: [Tick] = []

    /// The coming ticks of a schedule.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - expression: In its zone.
    ///   - zone: Where the wall clocks hang.
    ///   - name: The workflow's, which the jitter depends on.
    ///   - jitter: The most by which a tick is put off.
    ///   - now: Ticks come after this moment.
    init(
        _ count: Int,
        of expression: CronExpression,
        in zone: Zone,
        workflow name: String?,
        jitter: Duration = .zero,
        after now: Date
    ) {
        workflow = name
        cron = expression.text
        timezone = zone.name
        self.jitter = jitter.inSeconds
        let schedule = Schedule.cron(expression, zone)
        var moment = Int(now.timeIntervalSince1970.rounded(.down))
        while ticks.count < count, let fire = schedule.nextFire(after: moment) {
            let late = schedule.jitter(seed: name ?? "", upTo: jitter, at: fire).inSeconds
            let at = Date(timeIntervalSince1970: Double(fire) + late)
            ticks.append(
                Tick(
                    at: at,
                    tick: Date(timeIntervalSince1970: Double(fire)),
                    local: "\(zone.localTime(at: fire)) \(Self.shown(zone.offset(at: fire)))",
                    weekday: Self.weekdays[zone.localTime(at: fire).weekday],
                    seconds: at.timeIntervalSince(now),
                    jitter: late,
                    note: Self.note(schedule, zone, at: fire, after: moment),
                    utc: "\(Zone.utc.localTime(at: fire))"
                )
            )
            moment = fire
        }
    }

    /// An interval, which counts from the service's start.
    init(every duration: Duration, workflow name: String, jitter: Duration) {
        workflow = name
        every = duration.inSeconds
        self.jitter = jitter.inSeconds
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// As in `+05:45`.
    private static func shown(_ offset: Int) -> String {
        func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = abs(offset) / 60
        return "\(offset < 0 ? "-" : "+")\(pad(minutes / 60)):\(pad(minutes % 60))"
    }

    private static func note(
        _ schedule: Schedule,
        _ zone: Zone,
        at fire: UnixSeconds,
        after moment: UnixSeconds
    ) -> String? {
        if let bend = schedule.bend(at: fire) { return bend.description }
        let change = zone.offset(at: fire) - zone.offset(at: moment)
        guard change != 0 else { return nil }
        let length = Duration.seconds(abs(change)).inWords
        return "the clocks go \(change > 0 ? "forward" : "back") by \(length) before this"
    }

    /// For people, in at most 80 columns.
    var lines: [String] {
        var lines: [String] = []
        let title = [workflow, file].compactMap(\.self).joined(separator: ": ")
        if !title.isEmpty { lines.append(Ink.strong.paint(title.inOneLine(limit: 80))) }
        let late =
            jitter > 0 ? ", put off by up to \(Duration.seconds(jitter).inWords) of jitter" : ""
        if let every {
            lines.append(
                "  every \(Duration.seconds(every).inWords) from the service's start\(late)"
            )
            lines.append("  real time counts, so that daylight saving doesn't matter")
            return lines
        }
        let place = " in \(timezone ?? "")\(late)"
        let text = (cron ?? "").inOneLine(limit: max(20, 78 - place.count))
        lines.append("  \(text)\(place)")
        guard !ticks.isEmpty else { return lines + ["  no tick in the next 45 years"] }
        var table = TextTable([timezone ?? "", "UTC", "IN", "JITTER"].dropLast(jitter > 0 ? 0 : 1))
        for tick in ticks {
            let row = [
                "\(tick.weekday) \(tick.local)", tick.utc, Duration.seconds(tick.seconds).inWords,
                "+" + Duration.seconds(tick.jitter).inWords,
            ]
            table.add(row.dropLast(jitter > 0 ? 0 : 1))
        }
        for (number, line) in table.lines(width: nil).enumerated() {
            lines.append("  \(line)")
            if number > 0, let note = ticks[number - 1].note {
                lines.append(Ink.waiting.paint("    \(note)"))
            }
        }
        return lines
    }
}
