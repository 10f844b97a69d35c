/// A second opinion on what an expression means: slow, simple, and nothing shared with the room.
struct ReferenceExpression {
    let text: String
    let minutes: [Bool]
    let hours: [Bool]
    let isRecurring: Bool
    private let fields: [String]

    private static let months = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
        .split(separator: " ").map(String.init)
    private static let weekdays = "SUN MON TUE WED THU FRI SAT"
        .split(separator: " ").map(String.init)

    init(_ text: String) {
        self.text = text
        let fields = text.split(separator: " ").map(String.init)
        self.fields = fields
        minutes = (0..<60).map { Self.matches(fields[0], $0, first: 0, names: []) }
        hours = (0..<24).map { Self.matches(fields[1], $0, first: 0, names: []) }
        isRecurring =
            fields[0...1].contains { $0.contains("*") || Self.hasSteps($0) }
            || !minutes.contains(false) || !hours.contains(false)
    }

    /// A step of 1 is none.
    private static func hasSteps(_ field: String) -> Bool {
        field.split(separator: ",").contains { $0.contains("/") && !$0.hasSuffix("/1") }
    }

    func matches(_ date: ReferenceDate) -> Bool {
        guard Self.matches(fields[3], date.month, first: 1, names: Self.months) else {
            return false
        }
        let day = fields[2].split(separator: ",").contains { matchesDay(String($0), date) }
        let weekday = fields[4].split(separator: ",").contains { matchesWeekday(String($0), date) }
        let isDaySet = fields[2] != "*" && fields[2] != "?"
        let isWeekdaySet = fields[4] != "*" && fields[4] != "?"
        return isDaySet && isWeekdaySet ? day || weekday : day && weekday
    }

    private func matchesDay(_ item: String, _ date: ReferenceDate) -> Bool {
        if item == "L" { return date.day == date.length }
        if item == "LW" {
            return (1...date.length).last { date.isWorkday($0) } == date.day
        }
        if item.hasPrefix("L-") { return date.length - (Int(item.dropFirst(2)) ?? 0) == date.day }
        if item.hasSuffix("W") {
            guard let wanted = Int(item.dropLast()), wanted <= date.length else { return false }
            return [0, -1, 1, -2, 2].map { wanted + $0 }
                .first { (1...date.length).contains($0) && date.isWorkday($0) } == date.day
        }
        return Self.matches(item, date.day, first: 1, names: [])
    }

    private func matchesWeekday(_ item: String, _ date: ReferenceDate) -> Bool {
        if item.hasSuffix("L") {
            return Self.number(String(item.dropLast()), Self.weekdays, 0) % 7 == date.weekday
                && date.day > date.length - 7
        }
        let parts = item.split(separator: "#").map(String.init)
        if parts.count == 2 {
            return Self.number(parts[0], Self.weekdays, 0) % 7 == date.weekday
                && (date.day + 6) / 7 == Int(parts[1])
        }
        return Self.matches(item, date.weekday, first: 0, names: Self.weekdays)
            || (date.weekday == 0 && item != "*" && item != "?" && !item.hasPrefix("*/")
                && Self.matches(item, 7, first: 0, names: Self.weekdays))
    }

    private static func number(_ text: String, _ names: [String], _ first: Int) -> Int {
        names.firstIndex(of: text.uppercased()).map { $0 + first } ?? Int(text) ?? -1
    }

    private static func matches(_ text: String, _ value: Int, first: Int, names: [String]) -> Bool {
        text.split(separator: ",").contains { item in
            let parts = item.split(separator: "/").map(String.init)
            let step = parts.count == 2 ? Int(parts[1]) ?? 0 : 1
            if parts[0] == "*" || parts[0] == "?" { return (value - first) % step == 0 }
            let ends = parts[0].split(separator: "-").map { number(String($0), names, first) }
            let isOpen = parts.count == 2 && ends.count == 1
            let end = ends.count == 2 ? ends[1] : isOpen ? 60 : ends[0]
            return value >= ends[0] && value <= end && (value - ends[0]) % step == 0
        }
    }
}

/// A day, found by counting from 1970-01-01 one after the other.
struct ReferenceDate {
    var year = 1970
    var month = 1
    var day = 1
    var weekday = 4

    /// One for each day until the end of 2045.
    static let all: [ReferenceDate] = {
        var date = ReferenceDate()
        var dates: [ReferenceDate] = []
        while date.year < 2046 {
            dates.append(date)
            date.weekday = (date.weekday + 1) % 7
            date.day += 1
            if date.day > date.length {
                date.day = 1
                date.month = date.month % 12 + 1
                if date.month == 1 { date.year += 1 }
            }
        }
        return dates
    }()

    var length: Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    func isWorkday(_ day: Int) -> Bool {
        let other = (weekday + day - self.day + 35) % 7
        return other != 0 && other != 6
    }
}

/// A zone's wall clock, from another implementation's table.
struct ReferenceClock {
    let zone: String
    let firstYear: Int
    /// The first one holds from the beginning.
    let changes: [(at: Int, offset: Int)]

    /// Reads a line of `offsets.txt`.
    init?(line: Substring) {
        let words = line.split(separator: " ")
        guard !line.hasPrefix("#"), words.count > 2, let year = Int(words[1]) else { return nil }
        zone = String(words[0])
        firstYear = year
        changes = words.dropFirst(2).compactMap { word in
            let numbers = word.split(separator: ":").compactMap { Int($0) }
            return numbers.count == 2 ? (at: numbers[0], offset: numbers[1]) : nil
        }
    }

    /// Looks at every minute from `start` to `end` and says when the expression fires.
    func fires(of expression: ReferenceExpression, from start: Int, to end: Int) -> [Int] {
        var fires: [Int] = []
        var change = (changes.lastIndex { $0.at <= start }) ?? 0
        var offset = changes[change].offset
        var shown = start + offset - 60
        var (today, isToday) = (-1, false)
        func matches(_ local: Int) -> Bool {
            let day = local / 86_400
            if day != today { (today, isToday) = (day, expression.matches(ReferenceDate.all[day])) }
            return isToday && expression.minutes[local / 60 % 60]
                && expression.hours[local / 3600 % 24]
        }
        var moment = start
        while moment < end {
            if change + 1 < changes.count, changes[change + 1].at <= moment {
                change += 1
                offset = changes[change].offset
            }
            let local = moment + offset
            if expression.isRecurring {
                if matches(local) { fires.append(moment) }
            } else if local > shown {
                // More than one minute where the clocks jumped.
                var isDue = false
                while shown < local {
                    shown += 60
                    if matches(shown) { isDue = true }
                }
                if isDue { fires.append(moment) }
            }
            moment += 60
        }
        return fires
    }
}
