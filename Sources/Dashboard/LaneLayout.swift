#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lays spans of time into the fewest lanes such that no two in one lane overlap.
///
/// Records don't tell which slot an attempt had. Attempts that ran at once never shared one, so the fewest
/// lanes are as many as slots were ever taken together.
struct LaneLayout: Equatable, Sendable {
    struct Span: Equatable, Sendable {
        var start: Date
        var end: Date
        /// Spans of one owner stay in one lane where that costs nothing.
        var owner: String

        /// When the lane is free again; a span without length takes as long as records can tell apart.
        var release: Date { max(end, start.addingTimeInterval(0.1)) }
    }

    /// The lane of each span, from 0, in the order of the spans.
    private(set) var lanes: [Int]
    private(set) var count: Int

    /// Goes through the spans in the order of their starts.
    ///
    /// Each takes its owner's last lane where that is free, else the first free one. What comes later never
    /// moves what came before.
    init(_ spans: [Span]) {
        lanes = Array(repeating: 0, count: spans.count)
        var free: [Date] = []
        var last: [String: Int] = [:]
        let order = spans.indices.sorted { left, right in
            (spans[left].start, spans[left].owner, left)
                < (spans[right].start, spans[right].owner, right)
        }
        for index in order {
            let span = spans[index]
            let own = last[span.owner].flatMap { free[$0] <= span.start ? $0 : nil }
            if let lane = own ?? free.firstIndex(where: { $0 <= span.start }) {
                free[lane] = span.release
                lanes[index] = lane
            } else {
                lanes[index] = free.count
                free.append(span.release)
            }
            last[span.owner] = lanes[index]
        }
        count = free.count
    }
}

/// The places on a time axis that carry a label.
struct TimeAxis: Equatable, Sendable {
    struct Tick: Equatable, Sendable {
        var at: Date
        /// `08:05`, or the day where a tick is a day.
        var label: String
        /// The day, where it is another one than at the tick before.
        var day: String?
    }
    private static let minute = 60.0
    private static let hour = 3600.0
    private static let day = 86_400.0
    private static let steps = [
        1, 2, 5, 10, 15, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
        hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day, 28 * day,
        91 * day, 182 * day, 364 * day, 1820 * day, 3640 * day, 18_200 * day, 364_000 * day,
    ]

    let start: Date
    /// Later than `start`.
    let end: Date
    let ticks: [Tick]

    /// - Parameters:
    ///   - start: The first moment that is shown.
    ///   - end: The last one; an axis is a second long at least.
    ///   - limit: The most ticks that fit.
    init(from start: Date, to end: Date, limit: Int = 9) {
        self.start = start
        self.end = max(end, start.addingTimeInterval(1))
        let length = self.end.timeIntervalSince(start)
        let step = Self.steps.first { length / $0 <= Double(limit - 1) } ?? 3_640_000 * Self.day
        var at = (start.timeIntervalSince1970 / step).rounded(.up) * step
        var ticks: [Tick] = []
        var shownDay: String?
        while at <= self.end.timeIntervalSince1970 {
            let moment = Date(timeIntervalSince1970: at)
            let time = CalendarTime(moment)
            var tick = Tick(at: moment, label: time.clock, day: nil)
            if step < Self.minute { tick.label = time.clockWithSeconds }
            if step >= Self.day {
                tick.label = step >= 91 * Self.day ? time.dayAndYear : time.dayInWords
            } else if shownDay != time.dayInWords {
                tick.day = time.dayInWords
                shownDay = time.dayInWords
            }
            ticks.append(tick)
            at += step
        }
        self.ticks = ticks
    }

    /// Where a moment lies, from 0 to 1.
    func place(of moment: Date) -> Double {
        min(max(moment.timeIntervalSince(start) / end.timeIntervalSince(start), 0), 1)
    }
}
