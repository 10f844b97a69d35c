/// A time zone: how far its wall clocks are from UTC, and when that changes.
package struct Zone: Equatable, Sendable {
    /// A moment from which an offset holds.
    struct Transition: Equatable, Sendable {
        var at: UnixSeconds
        /// East of Greenwich is positive.
        var offset: Int
    }

    /// A time in which the offset doesn't change.
    struct Segment: Equatable, Sendable {
        var start: UnixSeconds
        /// The first moment after it.
        var end: UnixSeconds
        var offset: Int
    }

    /// Its IANA name, or what the machine calls its own zone.
    package let name: String
    private let initialOffset: Int
    /// Ascending.
    private let transitions: [Transition]
    /// What holds after the last transition.
    private let rule: ZoneRule

    /// Zones are at most 26 hours away from UTC (RFC 9636 §3.2).
    static let largestOffset = 26 * 3600
    /// Far beyond every year, and yet an offset may be added to it.
    static let beginning = -(1 << 60)
    static let end = 1 << 60

    /// Coordinated Universal Time; needs no file.
    package static let utc = Zone(
        name: "UTC",
        initialOffset: 0,
        transitions: [],
        rule: ZoneRule(standardOffset: 0)
    )

    init(name: String, initialOffset: Int, transitions: [Transition], rule: ZoneRule) {
        self.name = name
        self.initialOffset = initialOffset
        self.transitions = transitions
        self.rule = rule
    }

    /// How many seconds the wall clocks are ahead of UTC at that moment.
    package func offset(at moment: UnixSeconds) -> Int { segment(at: moment).offset }

    /// What the wall clocks show at that moment.
    package func localTime(at moment: UnixSeconds) -> LocalTime {
        let moment = min(max(moment, Self.beginning), Self.end)
        return LocalTime(localSeconds: moment + offset(at: moment))
    }

    /// The time around `moment` in which the offset doesn't change.
    func segment(at moment: UnixSeconds) -> Segment {
        guard let last = transitions.last, moment < last.at else {
            var segment = rule.segment(at: moment)
            if let last = transitions.last { segment.start = max(segment.start, last.at) }
            return segment
        }
        // The first transition after the moment; there is one.
        var (low, high) = (0, transitions.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at > moment { high = middle } else { low = middle + 1 }
        }
        return Segment(
            start: low == 0 ? Self.beginning : transitions[low - 1].at,
            end: transitions[low].at,
            offset: low == 0 ? initialOffset : transitions[low - 1].offset
        )
    }

    // MARK: From the wall to moments

    /// The first moment at which the wall shows `local` or a later time.
    ///
    /// That one definition bends a wall time as people expect: one that comes twice is its first
    /// coming, one in a gap is the moment at which the clocks jump. It never falls as `local` grows.
    func firstMoment(showing local: Int) -> UnixSeconds {
        var segment = segment(at: local - Self.largestOffset)
        while segment.end + segment.offset <= local, segment.end < Self.end {
            segment = self.segment(at: segment.end)
        }
        return max(segment.start, local - segment.offset)
    }

    /// The latest wall time that has been shown up to and at `moment`.
    func latestTime(through moment: UnixSeconds) -> Int {
        var segment = segment(at: moment)
        var latest = moment + segment.offset
        while segment.start > moment - 2 * Self.largestOffset {
            segment = self.segment(at: segment.start - 1)
            latest = max(latest, segment.end - 1 + segment.offset)
        }
        return latest
    }

    /// Whether the wall shows the same time again after `moment`.
    func repeats(_ moment: UnixSeconds) -> Bool {
        let first = segment(at: moment)
        let local = moment + first.offset
        var segment = first
        while segment.end < moment + 2 * Self.largestOffset {
            segment = self.segment(at: segment.end)
            let again = local - segment.offset
            if again >= segment.start, again < segment.end { return true }
        }
        return false
    }
}

extension Zone: CustomStringConvertible {
    package var description: String { name }
}
