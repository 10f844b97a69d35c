/// How a zone goes on for ever: its standard time, and the yearly change to daylight saving.
///
/// Read from a POSIX `TZ` string such as `EST5EDT,M3.2.0,M11.1.0` (POSIX.1-2024 §8.3), with the hours
/// from -167 to 167 that RFC 9636 §3.3.1 adds.
struct ZoneRule: Equatable, Sendable {
    /// A day of every year, and a time on it.
    struct YearlyMoment: Equatable, Sendable {
        enum Day: Equatable, Sendable {
            /// `J60`: from 1, never counting 29 February.
            case ordinalWithoutLeapDay(Int)
            /// `59`: from 0.
            case ordinal(Int)
            /// `M3.2.0`: the second Sunday of March; week 5 is the last one.
            case weekday(Int, week: Int, month: Int)
        }

        var day: Day
        /// From midnight, in the time that holds before the change.
        var seconds: Int

        /// On the wall, in seconds since midnight of 1970-01-01.
        func localSeconds(in year: Int) -> Int {
            dayNumber(in: year) * GregorianCalendar.secondsInDay + seconds
        }

        private func dayNumber(in year: Int) -> Int {
            let newYear = GregorianCalendar.dayNumber(year: year, month: 1, day: 1)
            switch day {
            case .ordinalWithoutLeapDay(let number):
                let isPastLeapDay = GregorianCalendar.isLeap(year) && number >= 60
                return newYear + number - (isPastLeapDay ? 0 : 1)
            case .ordinal(let number): return newYear + number
            case .weekday(let weekday, let week, let month):
                let first = GregorianCalendar.dayNumber(year: year, month: month, day: 1)
                let firstWeekday = GregorianCalendar.weekday(onDay: first)
                let day = (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
                let length = GregorianCalendar.days(inMonth: month, of: year)
                return first + (day < length ? day : day - 7)
            }
        }
    }

    struct Daylight: Equatable, Sendable {
        var offset: Int
        var start: YearlyMoment
        var end: YearlyMoment
    }

    /// East of Greenwich is positive.
    var standardOffset: Int
    var daylight: Daylight?

    init(standardOffset: Int) { self.standardOffset = standardOffset }

    /// - Returns: `nil` where `text` is no POSIX `TZ` string.
    init?(_ text: some Collection<UInt8>) {
        var reader = PosixZoneReader(text)
        guard reader.skipName(), let west = reader.time(limit: 24) else { return nil }
        standardOffset = -west
        if reader.isAtEnd { return }
        guard reader.skipName() else { return nil }
        var offset = standardOffset + 3600
        if !reader.isAtEnd, !reader.isAt(",") {
            guard let west = reader.time(limit: 24) else { return nil }
            offset = -west
        }
        // Without a rule the one of the United States holds, as in glibc.
        var rule = PosixZoneReader(Array(",M3.2.0,M11.1.0".utf8))
        if !reader.isAtEnd { rule = reader }
        guard let start = rule.yearlyMoment(), let end = rule.yearlyMoment(), rule.isAtEnd else {
            return nil
        }
        daylight = Daylight(offset: offset, start: start, end: end)
    }

    /// The time around `moment` in which the offset doesn't change.
    func segment(at moment: UnixSeconds) -> Zone.Segment {
        var segment = Zone.Segment(start: Zone.beginning, end: Zone.end, offset: standardOffset)
        guard let daylight, moment > Zone.beginning, moment < Zone.end else { return segment }
        let day = moment.flooredDivision(by: GregorianCalendar.secondsInDay).quotient
        let year = GregorianCalendar.date(onDay: day).year
        // A rule's time may lie a week outside its year, so that the neighbours count too.
        var changes: [Zone.Transition] = []
        for year in (year - 2)...(year + 2) {
            let end = daylight.end.localSeconds(in: year) - daylight.offset
            let start = daylight.start.localSeconds(in: year) - standardOffset
            changes.append(Zone.Transition(at: end, offset: standardOffset))
            changes.append(Zone.Transition(at: start, offset: daylight.offset))
        }
        // Where one ends as the next begins (all-year daylight saving), the beginning comes last.
        let ordered = changes.enumerated().sorted {
            ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
        }
        for change in ordered.map(\.element) {
            if change.at > moment {
                segment.end = change.at
                break
            }
            segment.start = change.at
            segment.offset = change.offset
        }
        return segment
    }
}

/// Takes a POSIX `TZ` string apart.
private struct PosixZoneReader {
    private var rest: ArraySlice<UInt8>

    init(_ text: some Collection<UInt8>) { rest = ArraySlice(text) }

    var isAtEnd: Bool { rest.isEmpty }

    func isAt(_ character: Unicode.Scalar) -> Bool { rest.first == UInt8(ascii: character) }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard isAt(character) else { return false }
        rest.removeFirst()
        return true
    }

    /// `EST` or `<-03>`; at least three characters.
    mutating func skipName() -> Bool {
        if skip("<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")), end - rest.startIndex >= 3
            else { return false }
            rest = rest[(end + 1)...]
            return true
        }
        let name = rest.prefix {
            UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
                || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
        }
        rest = rest[name.endIndex...]
        return name.count >= 3
    }

    private mutating func number(_ allowed: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return allowed.contains(number) ? number : nil
    }

    /// `5`, `-3:30`, `+5:45:00`, in seconds.
    mutating func time(limit: Int) -> Int? {
        let isNegative = skip("-")
        if !isNegative { _ = skip("+") }
        guard let hours = number(0...limit) else { return nil }
        var seconds = hours * 3600
        if skip(":") {
            guard let minutes = number(0...59) else { return nil }
            seconds += minutes * 60
            if skip(":") {
                guard let extra = number(0...59) else { return nil }
                seconds += extra
            }
        }
        return isNegative ? -seconds : seconds
    }

    /// `,M3.2.0/2`, `,J60`, `,59/1:30`.
    mutating func yearlyMoment() -> ZoneRule.YearlyMoment? {
        guard skip(",") else { return nil }
        let day: ZoneRule.YearlyMoment.Day
        if skip("M") {
            guard let month = number(1...12), skip("."), let week = number(1...5), skip("."),
                let weekday = number(0...6)
            else { return nil }
            day = .weekday(weekday, week: week, month: month)
        } else if skip("J") {
            guard let ordinal = number(1...365) else { return nil }
            day = .ordinalWithoutLeapDay(ordinal)
        } else {
            guard let ordinal = number(0...365) else { return nil }
            day = .ordinal(ordinal)
        }
        guard skip("/") else { return ZoneRule.YearlyMoment(day: day, seconds: 7200) }
        guard let seconds = time(limit: 167) else { return nil }
        return ZoneRule.YearlyMoment(day: day, seconds: seconds)
    }
}
