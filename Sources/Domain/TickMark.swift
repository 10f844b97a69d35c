#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// How far one workflow's schedule has come; what a restart goes on from.
///
/// It's on disk before Linear is asked at a tick, so that no tick is taken up twice: one that was marked and
/// not answered (the daemon was killed between the two, or Linear didn't answer) is known by `isAnswered`, and
/// the next start asks once more, unless the workflow passes over missed ticks. A ticket is never taken up
/// twice by that: its own record says that it was claimed.
package struct TickMark: Codable, Equatable, Sendable {
    /// The name of the workflow; one that is renamed begins anew.
    package var workflow: String
    /// The newest tick that Linear was asked at, without its jitter; `nil` before the first one.
    package var lastTick: Date?
    /// No tick up to this moment comes any more, whatever the schedule is changed to.
    package var settled: Date
    /// Whether Linear answered at `lastTick`.
    package var isAnswered: Bool
    /// The ticks that were missed last, and what became of them.
    package var missed: MissedTicks?

    private enum CodingKeys: String, CodingKey {
        case workflow
        case lastTick = "last_tick"
        case settled
        case isAnswered = "answered"
        case missed
    }

    package init(workflow: String, settled: Date) {
        self.workflow = workflow
        self.settled = settled
        isAnswered = true
    }
}

/// Ticks that passed while the daemon was down or the machine slept.
package struct MissedTicks: Codable, Equatable, Sendable {
    /// At most `limit`, which then means "so many or more"; 0 where somebody set the clock, so that the time
    /// between never was.
    package var count: Int
    package var first: Date
    package var last: Date
    /// When they were noticed.
    package var noticed: Date
    /// How many polls stand for them.
    package var polls: Int

    /// More are not counted: a year of seconds has 31 million.
    package static let limit = 10_000

    package init(count: Int, first: Date, last: Date, noticed: Date, polls: Int) {
        self.count = count
        self.first = first
        self.last = last
        self.noticed = noticed
        self.polls = polls
    }

    /// As in `4320 ticks were missed; one poll stands for all of them`.
    package var words: String {
        let ticks =
            switch count {
            case 1: "1 tick was missed"
            case Self.limit...: "\(Self.limit) ticks or more were missed"
            default: "\(count) ticks were missed"
            }
        if count == 0 {
            return "the clock was set by more than 3 h; the schedule goes on from there"
        }
        return switch polls {
        case 0: "\(ticks) and passed over"
        case 1 where count == 1: "\(ticks) and is made up for"
        case 1: "\(ticks); one poll stands for all of them"
        case count: "\(ticks) and are made up for one after the other"
        default: "\(ticks); the newest \(polls) are made up for one after the other"
        }
    }
}

/// `schedule.missed` — what becomes of ticks that passed while the daemon was down or the machine slept.
package enum MissedTickPolicy: String, Codable, CaseIterable, Sendable {
    /// One poll stands for all of them.
    case once
    /// They are passed over.
    case skip
    /// Each is made up for, one after the other: the newest `limit` of them.
    case all

    /// The most ticks that `all` makes up for.
    package static let limit = 10
}
