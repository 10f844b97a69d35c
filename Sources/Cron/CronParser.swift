/// Reads a whole expression: shorthands, the fields, and whether their dates ever happen.
struct CronParser {
    private(set) var warnings: [CronWarning] = []
    private let text: String
    private let fields: [CronText]

    /// Longer texts are no schedule that a person wrote.
    private static let longest = 256

    private static let shorthands: [(name: String, fields: String)] = [
        ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"), ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
    ]

    init(_ text: String) throws(CronError) {
        self.text = text
        guard text.unicodeScalars.prefix(Self.longest + 1).count <= Self.longest else {
            // The error holds the beginning only, for it will be printed.
            throw CronError(
                expression: String(String.UnicodeScalarView(text.unicodeScalars.prefix(40))) + "…",
                offset: 0,
                length: 0,
                problem: .tooLong(limit: Self.longest)
            )
        }
        let scalars = Array(text.unicodeScalars)
        let words = scalars.indices.split { scalars[$0].properties.isWhitespace }
        fields = words.map { CronText(scalars[$0], expression: text) }
    }

    mutating func parse(seconds: Bool) throws(CronError) -> CronExpression.Meaning {
        guard let first = fields.first else { throw problem(.empty, from: 0, length: 0) }
        if first.string.hasPrefix("@") { return try parseShorthand(first) }
        if first.uppercase.hasPrefix("TZ=") || first.uppercase.hasPrefix("CRON_TZ=") {
            throw first.error(.zonePrefix)
        }
        let expected: [CronField] =
            seconds ? CronField.allCases : Array(CronField.allCases.dropFirst())
        if fields.count == 1, (try? Interval(first.string)) != nil {
            // Its own error would be about an interval, which nobody asked for here.
            throw first.error(.isInterval(first.string))
        }
        guard fields.count == expected.count else {
            throw countProblem(expected: expected.count)
        }
        return try parseFields(expected)
    }

    private mutating func parseShorthand(_ first: CronText) throws(CronError)
        -> CronExpression.Meaning
    {
        let name = first.string.lowercased()
        if name == "@every" {
            guard fields.count == 2 else {
                let given = fields.dropFirst().map(\.string).joined(separator: " ")
                throw (fields.dropFirst(2).first ?? first).error(.badInterval(given))
            }
            let interval = fields[1]
            return .every(
                try Interval(Substring(interval.string), at: interval.offset, of: text)
            )
        }
        if name == "@reboot" { throw first.error(.startOfService) }
        guard let shorthand = Self.shorthands.first(where: { $0.name == name }) else {
            let nearest = name.nearest(in: Self.shorthands.map(\.name) + ["@every"])
            throw first.error(.unknownShorthand(first.string, nearest: nearest))
        }
        guard fields.count == 1 else {
            throw fields[1].error(.unknownShorthand(text, nearest: first.string))
        }
        var parser = try CronParser(shorthand.fields)
        return try parser.parse(seconds: false)
    }

    private mutating func parseFields(_ expected: [CronField]) throws(CronError)
        -> CronExpression.Meaning
    {
        var times = WallTimes()
        var isRecurring = false
        for (field, part) in zip(expected, fields) {
            var reader = CronFieldReader(field, part)
            try reader.read(into: &times.days)
            warnings += reader.warnings
            let saysNothing = reader.isOpen || reader.numbers == NumberSet(0...field.last)
            switch field {
            case .second: times.seconds = reader.numbers
            case .minute:
                times.minutes = reader.numbers
                isRecurring = isRecurring || reader.hasSteps || saysNothing
            case .hour:
                times.hours = reader.numbers
                isRecurring = isRecurring || reader.hasSteps || saysNothing
            case .month: times.months = reader.numbers
            case .dayOfMonth:
                times.days.days = reader.numbers
                times.days.restrictsDays = !reader.isOpen
            case .dayOfWeek:
                times.days.weekdays = reader.numbers
                times.days.restrictsWeekdays = !reader.isOpen
            }
        }
        try checkDates(times)
        return isRecurring ? .recurring(times) : .fixed(times)
    }

    /// Each day field that says something must happen some day.
    private mutating func checkDates(_ times: WallTimes) throws(CronError) {
        let rule = times.days
        let (day, weekday) = (fields[fields.count - 3], fields[fields.count - 1])
        let months = times.months.numbers
        if rule.restrictsDays, !Self.happens(months, rule.daysByNumber) {
            let longest = months.map { GregorianCalendar.days(inMonth: $0, of: 2000) }.max()
            throw day.error(.neverHappens(day.string, longestMonth: longest))
        }
        if rule.restrictsWeekdays, !Self.happens(months, rule.daysByWeekday) {
            throw weekday.error(.neverHappens(weekday.string, longestMonth: nil))
        }
        if rule.restrictsDays, rule.restrictsWeekdays {
            let surprise = CronWarning.Surprise.bothDayFields(day.string, weekday.string)
            warnings.append(
                CronWarning(
                    offset: day.offset,
                    length: weekday.offset + weekday.scalars.count - day.offset,
                    surprise: surprise
                )
            )
        }
    }

    /// Looks through 400 years, after which the calendar repeats.
    private static func happens(
        _ months: [Int],
        _ days: (_ month: Int, _ year: Int) -> NumberSet
    ) -> Bool {
        (2000..<2400).contains { year in months.contains { !days($0, year).isEmpty } }
    }

    private func countProblem(expected: Int) -> CronError {
        let problem = CronError.Problem.wrongFieldCount(found: fields.count, expected: expected)
        if fields.count > expected { return fields[expected].error(problem) }
        let end = fields.last.map { $0.offset + $0.scalars.count } ?? 0
        return self.problem(problem, from: end, length: 0)
    }

    private func problem(
        _ problem: CronError.Problem,
        from offset: Int,
        length: Int
    ) -> CronError {
        CronError(expression: text, offset: offset, length: length, problem: problem)
    }
}

/// A part of an expression that remembers where it stands.
struct CronText {
    let scalars: ArraySlice<Unicode.Scalar>
    let expression: String

    init(_ scalars: ArraySlice<Unicode.Scalar>, expression: String) {
        self.scalars = scalars
        self.expression = expression
    }

    /// From the start of the expression, from 0.
    var offset: Int { scalars.startIndex }

    var string: String {
        var string = String.UnicodeScalarView()
        string.append(contentsOf: scalars)
        return String(string)
    }

    var uppercase: String { string.uppercased() }

    var isEmpty: Bool { scalars.isEmpty }

    /// The number, where there is nothing but at most six digits.
    var number: Int? {
        guard !isEmpty, scalars.count <= 6, isAllDigits else { return nil }
        return Int(string)
    }

    var isAllDigits: Bool { scalars.allSatisfy { ("0"..."9").contains($0) } }

    /// The parts between all `separator`s, empty ones too.
    func split(at separator: Unicode.Scalar) -> [CronText] {
        scalars.split(separator: separator, omittingEmptySubsequences: false)
            .map { CronText($0, expression: expression) }
    }

    /// What stands before and after the first `separator`.
    func divided(at separator: Unicode.Scalar) -> (before: CronText, after: CronText)? {
        guard let index = scalars.firstIndex(of: separator) else { return nil }
        return (
            CronText(scalars[..<index], expression: expression),
            CronText(scalars[(index + 1)...], expression: expression)
        )
    }

    func dropLast() -> CronText { CronText(scalars.dropLast(), expression: expression) }

    func error(_ problem: CronError.Problem) -> CronError {
        CronError(expression: expression, offset: offset, length: scalars.count, problem: problem)
    }
}
