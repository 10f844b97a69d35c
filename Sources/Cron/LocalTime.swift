/// Seconds since 1970-01-01T00:00:00Z, as POSIX counts them: whole, and without leap seconds.
///
/// A plain `Int`, so that this room needs no library. From a `Date`, round down.
package typealias UnixSeconds = Int

/// What a clock on the wall shows: a date of the Gregorian calendar and a time, without a zone.
package struct LocalTime: Hashable, Sendable {
    package let year: Int
    /// From 1.
    package let month: Int
    /// From 1.
    package let day: Int
    package let hour: Int
    package let minute: Int
    package let second: Int
    /// 0 is Sunday, 6 is Saturday.
    package let weekday: Int

    /// The time that is `localSeconds` after midnight of 1970-01-01 on the same wall.
    init(localSeconds: Int) {
        let (days, seconds) = localSeconds.flooredDivision(by: GregorianCalendar.secondsInDay)
        (year, month, day) = GregorianCalendar.date(onDay: days)
        hour = seconds / 3600
        minute = seconds / 60 % 60
        second = seconds % 60
        weekday = GregorianCalendar.weekday(onDay: days)
    }
}

extension LocalTime: CustomStringConvertible {
    /// As in `2024-03-10 02:30`; seconds are shown only where there are some.
    package var description: String {
        let date = "\(year)-\(month.inTwoDigits)-\(day.inTwoDigits)"
        let time = "\(hour.inTwoDigits):\(minute.inTwoDigits)"
        return second == 0 ? "\(date) \(time)" : "\(date) \(time):\(second.inTwoDigits)"
    }
}

/// Days counted from 1970-01-01 (day 0), for any year, before 1970 too.
enum GregorianCalendar {
    static let secondsInDay = 86_400

    /// The day number of a date; the algorithm is Howard Hinnant's `days_from_civil`.
    static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shifted.flooredDivision(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date of a day number; Howard Hinnant's `civil_from_days`.
    static func date(onDay number: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = (number + 719_468).flooredDivision(by: 146_097)
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// 0 is Sunday; day 0 was a Thursday.
    static func weekday(onDay number: Int) -> Int {
        (number + 4).flooredDivision(by: 7).remainder
    }

    static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int {
    /// Division that rounds towards the past, so that times before 1970 work like those after.
    func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    var inTwoDigits: String { self < 10 ? "0\(self)" : "\(self)" }
}
