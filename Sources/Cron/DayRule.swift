/// Which days of a month a cron expression names.
struct DayRule: Equatable, Sendable {
    /// Days by number.
    var days = NumberSet()
    /// `L` is 0, `L-3` is 3: days counted back from the month's last one.
    var daysBeforeLast = NumberSet()
    /// `15W`: the weekday (Monday to Friday) of the same month that is nearest to the 15th.
    var nearestWorkdays = NumberSet()
    /// `LW`.
    var includesLastWorkday = false
    /// Whether the day-of-month field says anything.
    var restrictsDays = false

    /// 0 is Sunday.
    var weekdays = NumberSet()
    /// `5#3` has the bit 5 × 5 + 2: the third Friday.
    var ordinalWeekdays = NumberSet()
    /// `5L`: the month's last Friday.
    var lastWeekdays = NumberSet()
    /// Whether the day-of-week field says anything.
    var restrictsWeekdays = false

    /// The days of the month that match: either field's where both say something.
    func days(inMonth month: Int, of year: Int) -> NumberSet {
        let length = GregorianCalendar.days(inMonth: month, of: year)
        switch (restrictsDays, restrictsWeekdays) {
        case (false, false): return NumberSet(1...length)
        case (true, false): return daysByNumber(inMonth: month, of: year)
        case (false, true): return daysByWeekday(inMonth: month, of: year)
        case (true, true):
            var either = daysByNumber(inMonth: month, of: year)
            either.formUnion(daysByWeekday(inMonth: month, of: year))
            return either
        }
    }

    /// What the day-of-month field alone says.
    func daysByNumber(inMonth month: Int, of year: Int) -> NumberSet {
        let length = GregorianCalendar.days(inMonth: month, of: year)
        var found = NumberSet(bits: days.bits & NumberSet(1...length).bits)
        for before in daysBeforeLast.numbers where before < length {
            found.insert(length - before)
        }
        guard includesLastWorkday || !nearestWorkdays.isEmpty else { return found }
        let firstWeekday = weekdayOfFirst(ofMonth: month, of: year)
        func weekday(_ day: Int) -> Int { (firstWeekday + day - 1) % 7 }
        if includesLastWorkday {
            switch weekday(length) {
            case 0: found.insert(length - 2)
            case 6: found.insert(length - 1)
            default: found.insert(length)
            }
        }
        for day in nearestWorkdays.numbers where day <= length {
            switch weekday(day) {
            case 0: found.insert(day == length ? day - 2 : day + 1)
            case 6: found.insert(day == 1 ? 3 : day - 1)
            default: found.insert(day)
            }
        }
        return found
    }

    /// What the day-of-week field alone says.
    func daysByWeekday(inMonth month: Int, of year: Int) -> NumberSet {
        let length = GregorianCalendar.days(inMonth: month, of: year)
        let firstWeekday = weekdayOfFirst(ofMonth: month, of: year)
        var found = NumberSet()
        for day in 1...length {
            let weekday = (firstWeekday + day - 1) % 7
            let matches =
                weekdays.contains(weekday)
                || ordinalWeekdays.contains(weekday * 5 + (day - 1) / 7)
                || (day + 7 > length && lastWeekdays.contains(weekday))
            if matches { found.insert(day) }
        }
        return found
    }

    private func weekdayOfFirst(ofMonth month: Int, of year: Int) -> Int {
        GregorianCalendar.weekday(
            onDay: GregorianCalendar.dayNumber(year: year, month: month, day: 1)
        )
    }
}
