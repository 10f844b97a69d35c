/// The wall times that a cron expression names, in a calendar without a zone.
///
/// All moments here are seconds since midnight of 1970-01-01 on the wall.
struct WallTimes: Equatable, Sendable {
    var seconds = NumberSet(0...0)
    var minutes = NumberSet()
    var hours = NumberSet()
    var months = NumberSet()
    var days = DayRule()

    /// The first wall time of the expression that is at or after `start` and before `end`.
    func first(from start: Int, before end: Int) -> Int? {
        guard start < end else { return nil }
        let (today, second) = start.flooredDivision(by: GregorianCalendar.secondsInDay)
        var (year, month, day) = GregorianCalendar.date(onDay: today)
        var earliest = second
        var monthStart = today - (day - 1)
        while monthStart * GregorianCalendar.secondsInDay < end {
            if months.contains(month) {
                let matching = days.days(inMonth: month, of: year)
                while let match = matching.first(from: day) {
                    // Only the day of `start` has an earliest time; all others begin at midnight.
                    if let time = firstTime(from: match == day ? earliest : 0) {
                        let found = (monthStart + match - 1) * GregorianCalendar.secondsInDay + time
                        return found < end ? found : nil
                    }
                    day = match + 1
                    earliest = 0
                }
            }
            monthStart += GregorianCalendar.days(inMonth: month, of: year)
            (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
            (day, earliest) = (1, 0)
        }
        return nil
    }

    /// The last wall time of the expression that is at or before `end` and not before `start`.
    func last(through end: Int, notBefore start: Int) -> Int? {
        guard start <= end else { return nil }
        let (today, second) = end.flooredDivision(by: GregorianCalendar.secondsInDay)
        var (year, month, day) = GregorianCalendar.date(onDay: today)
        var latest = second
        var monthStart = today - (day - 1)
        while (monthStart + day) * GregorianCalendar.secondsInDay > start {
            if months.contains(month) {
                let matching = days.days(inMonth: month, of: year)
                while let match = matching.last(through: day) {
                    let limit = match == day ? latest : GregorianCalendar.secondsInDay - 1
                    if let time = lastTime(through: limit) {
                        let found = (monthStart + match - 1) * GregorianCalendar.secondsInDay + time
                        return found >= start ? found : nil
                    }
                    day = match - 1
                    latest = GregorianCalendar.secondsInDay - 1
                }
            }
            (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1)
            day = GregorianCalendar.days(inMonth: month, of: year)
            latest = GregorianCalendar.secondsInDay - 1
            monthStart -= day
        }
        return nil
    }

    /// The first time of a day that is at least `start` seconds after midnight.
    private func firstTime(from start: Int) -> Int? {
        let (hour, minute, second) = (start / 3600, start / 60 % 60, start % 60)
        if hours.contains(hour) {
            if minutes.contains(minute), let second = seconds.first(from: second) {
                return hour * 3600 + minute * 60 + second
            }
            if let minute = minutes.first(from: minute + 1), let second = seconds.first(from: 0) {
                return hour * 3600 + minute * 60 + second
            }
        }
        guard let hour = hours.first(from: hour + 1),
            let minute = minutes.first(from: 0), let second = seconds.first(from: 0)
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// The last time of a day that is at most `end` seconds after midnight.
    private func lastTime(through end: Int) -> Int? {
        let (hour, minute, second) = (end / 3600, end / 60 % 60, end % 60)
        if hours.contains(hour) {
            if minutes.contains(minute), let second = seconds.last(through: second) {
                return hour * 3600 + minute * 60 + second
            }
            if let minute = minutes.last(through: minute - 1),
                let second = seconds.last(through: 59)
            {
                return hour * 3600 + minute * 60 + second
            }
        }
        guard let hour = hours.last(through: hour - 1),
            let minute = minutes.last(through: 59), let second = seconds.last(through: 59)
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }
}
