extension Schedule {
    /// What daylight saving, or another change of a zone's clocks, does to a fire.
    package enum Bend: Equatable, Sendable {
        /// The clocks skip the set time; it runs at the first moment after the gap. Where the gap
        /// holds several set times, they run once, and `from` is the first of them.
        case movedOutOfGap(from: LocalTime)
        /// The clocks show the set time twice; it runs the first time only.
        case firstOfTwo
        /// The clocks show the time for the second time, and a recurring schedule runs again.
        case secondOfTwo
    }

    /// How the zone bends `fire`, which is one of this schedule's; `nil` where it doesn't.
    package func bend(at fire: UnixSeconds) -> Bend? {
        guard Self.allowed.contains(fire) else { return nil }
        switch timing {
        case .every: return nil
        case .recurring(_, let zone):
            let local = fire + zone.offset(at: fire)
            return zone.latestTime(through: fire - 1) >= local ? .secondOfTwo : nil
        case .fixed(let times, let zone):
            let local = fire + zone.offset(at: fire)
            let shown = zone.latestTime(through: fire - 1)
            if let skipped = times.first(from: shown + 1, before: local),
                times.run(of: skipped, in: zone) == fire
            {
                return .movedOutOfGap(from: LocalTime(localSeconds: skipped))
            }
            return zone.repeats(fire) ? .firstOfTwo : nil
        }
    }
}

extension Schedule.Bend: CustomStringConvertible {
    /// A half sentence behind the time of the fire.
    package var description: String {
        switch self {
        case .movedOutOfGap(let time): "the clocks skip \(time), so it runs right after the gap"
        case .firstOfTwo: "the clocks show this time twice, and it runs the first time"
        case .secondOfTwo: "the clocks show this time again, and it runs again"
        }
    }
}
