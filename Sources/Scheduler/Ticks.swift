import Cron
import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How one workflow's cron schedule meets the clock: which ticks are due, which were missed, which one is next.
///
/// A tick is known by the workflow's name and its nominal time, the one without jitter. Its way is: due, queued
/// in `backlog`, taken (the mark that says so is saved before Linear is asked), answered. What was taken and not
/// answered is asked for again; so a crash at any point costs at most one poll more, and never one less.
struct Ticks: Sendable {
    private(set) var mark: TickMark
    private(set) var schedule: Schedule
    private var settings: ScheduleSettings
    /// Ticks that Linear is still to be asked at, oldest first.
    private(set) var backlog: [UnixSeconds] = []
    /// Whether nobody has looked for a while, so that every due tick is a missed one.
    private var isFirstLook = true

    /// How late a tick may be noticed and still be in time.
    static let punctuality: TimeInterval = 30
    /// The clock was corrected, rather than nudged, where it jumps by more than this (as in cron(8)).
    static let largestNudge: TimeInterval = 3 * 3600

    /// - Parameters:
    ///   - schedule: What `workflow` says.
    ///   - workflow: For its name, jitter and policy.
    ///   - mark: What the disk says; `nil` for a workflow that is new, which has missed nothing.
    ///   - now: The time on the wall.
    init(_ schedule: Schedule, _ workflow: Workflow, mark: TickMark?, at now: Date) {
        self.schedule = schedule
        settings = workflow.schedule
        self.mark = mark ?? TickMark(workflow: workflow.name, settled: now.wholeSeconds)
        // A mark from far ahead was written under a wrong clock, and would silence the schedule until then.
        if self.mark.settled.timeIntervalSince(now) > Self.largestNudge { setClock(to: now) }
        askAgain()
    }

    /// The next tick that isn't queued yet, with its jitter; `nil` when none comes.
    var next: Date? { schedule.nextFire(after: seen).map { dueTime(of: $0) } }

    /// Up to where ticks have been looked at.
    private var seen: UnixSeconds { max(mark.settled.unixSeconds, backlog.last ?? .min) }

    /// Goes on under another version of the workflow's file.
    ///
    /// A schedule that was changed has no ticks before the change: what it would have done earlier was never
    /// promised. One that wasn't goes on where it was.
    ///
    /// - Parameters:
    ///   - schedule: What `workflow` says.
    ///   - workflow: The new version.
    ///   - wasAway: Whether the file was gone for a while.
    ///   - isUnderWay: Whether Linear is being asked, and may answer yet.
    ///   - now: The time on the wall.
    mutating func follow(
        _ schedule: Schedule,
        _ workflow: Workflow,
        wasAway: Bool,
        isUnderWay: Bool,
        at now: Date
    ) {
        settings = workflow.schedule
        isFirstLook = isFirstLook || wasAway
        if schedule != self.schedule {
            self.schedule = schedule
            backlog = []
            mark.settled = max(mark.settled, now.wholeSeconds)
        }
        if !isUnderWay { askAgain() }
    }

    /// Queues a tick that was taken and not answered, unless such ones are passed over.
    private mutating func askAgain() {
        guard !mark.isAnswered else { return }
        switch settings.missed {
        case .once, .all: putBack()
        case .skip: mark.isAnswered = true
        }
    }

    /// Somebody set the clock by hours: ticks between the old time and the new one never were, or come again.
    mutating func setClock(to now: Date) {
        let old = mark.settled
        mark.settled = now.wholeSeconds
        mark.missed = MissedTicks(
            count: 0,
            first: min(old, mark.settled),
            last: max(old, mark.settled),
            noticed: now,
            polls: 0
        )
        backlog = []
    }

    /// Queues what is due.
    ///
    /// - Parameters:
    ///   - now: The time on the wall.
    ///   - punctual: Ticks from here on are in time; of several only the newest counts.
    mutating func look(at now: Date, punctualFrom punctual: Date) {
        let isFirst = isFirstLook
        isFirstLook = false
        guard let next, next <= now else { return }
        var due = schedule.missedFires(
            since: seen,
            until: now.unixSeconds,
            limit: MissedTicks.limit
        )
        if let last = due.last, dueTime(of: last) > now { due.removeLast() }
        guard let newest = due.last else { return }
        let isInTime = !isFirst && dueTime(of: newest) >= punctual
        let missed = isFirst ? due : due.filter { $0 < punctual.unixSeconds && $0 < newest }
        let late = isInTime || isFirst ? missed : missed + [newest]
        let polls: Int
        switch settings.missed {
        case .once:
            backlog = [newest]
            polls = late.isEmpty ? 0 : 1
        case .skip:
            backlog = isInTime ? [newest] : []
            if !isInTime {
                mark.settled = newest.date
                mark.isAnswered = true
            }
            polls = 0
        case .all:
            let kept = late.suffix(MissedTickPolicy.limit)
            backlog = Array(
                (backlog + kept + (isInTime ? [newest] : [])).suffix(MissedTickPolicy.limit)
            )
            polls = kept.count
        }
        guard let first = late.first, let last = late.last else { return }
        mark.missed = MissedTicks(
            count: late.count,
            first: first.date,
            last: last.date,
            noticed: now,
            polls: polls
        )
    }

    /// Takes the oldest queued tick; the mark must be on disk before Linear is asked.
    ///
    /// - Returns: Whether there was one.
    mutating func take() -> Bool {
        guard let tick = backlog.first else { return false }
        backlog.removeFirst()
        mark.lastTick = tick.date
        mark.settled = max(mark.settled, tick.date)
        mark.isAnswered = false
        return true
    }

    /// Linear answered.
    mutating func settle() { mark.isAnswered = true }

    /// Linear didn't answer: the tick that was taken comes again, unless a newer one stands for it.
    mutating func putBack() {
        guard !mark.isAnswered, let tick = mark.lastTick?.unixSeconds, backlog.first != tick else {
            return
        }
        backlog.insert(tick, at: 0)
        backlog = backlog.suffix(settings.missed == .all ? MissedTickPolicy.limit : 1)
    }

    private func dueTime(of tick: UnixSeconds) -> Date {
        let jitter = schedule.jitter(seed: mark.workflow, upTo: settings.jitter, at: tick)
        return tick.date.addingTimeInterval(jitter.inSeconds)
    }
}

extension Date {
    fileprivate var unixSeconds: UnixSeconds { Int(timeIntervalSince1970.rounded(.down)) }
    fileprivate var wholeSeconds: Date { unixSeconds.date }
}

extension UnixSeconds {
    fileprivate var date: Date { Date(timeIntervalSince1970: Double(self)) }
}
