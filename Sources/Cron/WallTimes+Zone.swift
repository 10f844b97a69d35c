/// Wall times met with a zone. Every search ends `horizon` seconds away.
extension WallTimes {
    /// The first moment after `moment` whose wall time matches, however often the wall shows it.
    func nextMatch(after moment: UnixSeconds, in zone: Zone, _ horizon: Int) -> UnixSeconds? {
        let limit = moment + horizon
        var start = moment + 1
        while start < limit {
            let segment = zone.segment(at: start)
            let end = min(segment.end, limit)
            if let local = first(from: start + segment.offset, before: end + segment.offset) {
                return local - segment.offset
            }
            start = end
        }
        return nil
    }

    /// The last moment before `moment` whose wall time matches.
    func previousMatch(before moment: UnixSeconds, in zone: Zone, _ horizon: Int) -> UnixSeconds? {
        let limit = moment - horizon
        var end = moment - 1
        while end > limit {
            let segment = zone.segment(at: end)
            let start = max(segment.start, limit)
            if let local = last(
                through: end + segment.offset,
                notBefore: start + segment.offset
            ) {
                return local - segment.offset
            }
            end = start - 1
        }
        return nil
    }

    /// The first moment after `moment` at which a time that comes once per local date is due.
    func nextRun(after moment: UnixSeconds, in zone: Zone, _ horizon: Int) -> UnixSeconds? {
        // What the wall has shown already is done, although it may show it again.
        var start = zone.latestTime(through: moment) + 1
        let limit = start + horizon
        while let local = first(from: start, before: limit) {
            if let fire = run(of: local, in: zone) { return fire }
            start = Self.midnight(of: local) + GregorianCalendar.secondsInDay
        }
        return nil
    }

    /// The last moment before `moment` at which a time that comes once per local date was due.
    func previousRun(before moment: UnixSeconds, in zone: Zone, _ horizon: Int) -> UnixSeconds? {
        var end = zone.latestTime(through: moment - 1)
        let limit = end - horizon
        while let local = last(through: end, notBefore: limit) {
            if let fire = run(of: local, in: zone) { return fire }
            end = Self.midnight(of: local) - 1
        }
        return nil
    }

    /// When the wall time `local` is due; `nil` where its whole date is left out, as 2011-12-30 was
    /// in Samoa: a date that isn't has no run.
    func run(of local: Int, in zone: Zone) -> UnixSeconds? {
        let fire = zone.firstMoment(showing: local)
        guard fire + zone.offset(at: fire) != local else { return fire }
        let midnight = Self.midnight(of: local)
        let isLeftOut =
            zone.firstMoment(showing: midnight)
            == zone.firstMoment(showing: midnight + GregorianCalendar.secondsInDay)
        return isLeftOut ? nil : fire
    }

    private static func midnight(of local: Int) -> Int {
        local - local.flooredDivision(by: GregorianCalendar.secondsInDay).remainder
    }
}
