/// Reads one field of an expression.
struct CronFieldReader {
    private(set) var numbers = NumberSet()
    /// Whether the field, or an item of its list, is `*` or `?`.
    private(set) var isOpen = false
    /// Whether there is a step other than 1.
    private(set) var hasSteps = false
    private(set) var warnings: [CronWarning] = []
    private let field: CronField
    private let text: CronText

    init(_ field: CronField, _ text: CronText) {
        self.field = field
        self.text = text
    }

    /// Reads all; what isn't plain numbers goes into `days`.
    mutating func read(into days: inout DayRule) throws(CronError) {
        if text.uppercase == "H" || text.uppercase.hasPrefix("H/")
            || text.uppercase.hasPrefix("H(")
        {
            throw text.error(.chosenBySystem(field))
        }
        for item in text.split(at: ",") {
            guard !item.isEmpty else { throw item.error(.emptyItem(field)) }
            try read(item, into: &days)
        }
    }

    private mutating func read(_ item: CronText, into days: inout DayRule) throws(CronError) {
        if item.string == "?", !field.isAboutDays {
            throw item.error(.misplaced("?", field, mend: "write *"))
        }
        if item.string == "*" || item.string == "?" {
            isOpen = true
            numbers.formUnion(NumberSet(field.range.lowerBound...field.last))
            return
        }
        if try readOrdinal(item, into: &days) { return }
        if try readLast(item, into: &days) { return }
        if try readWorkday(item, into: &days) { return }
        try readNumbers(item)
    }

    // MARK: Numbers, ranges, steps

    private mutating func readNumbers(_ item: CronText) throws(CronError) {
        guard let (base, stepText) = item.divided(at: "/") else {
            let range = try range(of: item, endsOpen: false)
            insert(range, step: 1)
            return
        }
        guard let step = stepText.number, (1...field.last).contains(step) else {
            throw (stepText.isEmpty ? item : stepText).error(.badStep(stepText.string, field))
        }
        let range = try range(of: base, endsOpen: true)
        hasSteps = hasSteps || step > 1
        isOpen = isOpen || (base.string == "*" && step == 1)
        insert(range, step: step)
        if base.string == "*", step > 1 { warnIfUneven(item, step: step) }
    }

    private mutating func insert(_ range: ClosedRange<Int>, step: Int) {
        for number in stride(from: range.lowerBound, through: range.upperBound, by: step) {
            numbers.insert(field == .dayOfWeek ? number % 7 : number)
        }
    }

    /// `endsOpen` says that a single number means "from there on", as before a step.
    private func range(of text: CronText, endsOpen: Bool) throws(CronError) -> ClosedRange<Int> {
        if text.string == "*" { return field.range.lowerBound...field.last }
        guard let (lower, upper) = text.divided(at: "-") else {
            let number = try number(text)
            return number...(endsOpen ? max(number, field.last) : number)
        }
        let first = try number(lower)
        let last = try number(upper)
        if first <= last { return first...last }
        // Sunday is the end of a week too: FRI-SUN.
        if field == .dayOfWeek, last == 0 { return first...7 }
        // 7-2 is 0-2; all else goes round the end.
        let start = field == .dayOfWeek ? first % 7 : first
        let head = start == field.last ? "\(start)" : "\(start)-\(field.last)"
        let tail =
            last == field.range.lowerBound ? "\(last)" : "\(field.range.lowerBound)-\(last)"
        throw text.error(
            .backwards(text.string, field, mend: start == 0 ? "0-\(last)" : "\(head),\(tail)")
        )
    }

    private func number(_ text: CronText) throws(CronError) -> Int {
        if let index = field.names.firstIndex(of: text.uppercase) {
            return index + field.range.lowerBound
        }
        guard !text.isEmpty, text.isAllDigits else {
            let nearest = text.string.nearest(in: field.names)
            throw text.error(.notAValue(text.string, field, nearest: nearest))
        }
        guard let number = text.number, field.range.contains(number) else {
            throw text.error(.outOfRange(text.string, field))
        }
        return number
    }

    private mutating func warnIfUneven(_ item: CronText, step: Int) {
        let values = Array(stride(from: field.range.lowerBound, through: field.last, by: step))
        // A month's length varies, so that a step of days never comes out even.
        guard field == .dayOfMonth || (field.last - field.range.lowerBound + 1) % step != 0 else {
            return
        }
        warnings.append(
            CronWarning(
                offset: item.offset,
                length: item.scalars.count,
                surprise: .unevenStep(item.string, field, values: values)
            )
        )
    }

    // MARK: Days that depend on the month

    /// `5#3`.
    private func readOrdinal(_ item: CronText, into days: inout DayRule) throws(CronError) -> Bool {
        guard let (weekday, ordinal) = item.divided(at: "#") else { return false }
        guard field == .dayOfWeek else {
            throw item.error(
                .misplaced("#", field, mend: "5#3 (the third Friday) is a day of week")
            )
        }
        let number = try number(weekday) % 7
        guard let week = ordinal.number, (1...5).contains(week) else {
            throw ordinal.error(.ordinalOutOfRange(ordinal.string))
        }
        days.ordinalWeekdays.insert(number * 5 + week - 1)
        return true
    }

    /// `L`, `L-3`, `LW` and `5L`.
    private func readLast(_ item: CronText, into days: inout DayRule) throws(CronError) -> Bool {
        let name = item.uppercase
        switch field {
        case .second, .minute, .hour, .month:
            guard name == "L" || name.hasPrefix("L-") || name == "LW" else { return false }
            throw item.error(
                .misplaced("L", field, mend: "write the number (\(field.allowed))")
            )
        case .dayOfMonth:
            if name == "LW" || name == "WL" {
                days.includesLastWorkday = true
            } else if name == "L" {
                days.daysBeforeLast.insert(0)
            } else if name.hasPrefix("L-"), let (_, before) = item.divided(at: "-") {
                guard let count = before.number, (1...30).contains(count) else {
                    throw item.error(
                        .misplaced(item.string, field, mend: "allowed is L-1 to L-30")
                    )
                }
                days.daysBeforeLast.insert(count)
            } else if name.hasSuffix("L"), item.dropLast().number != nil {
                throw item.error(
                    .misplaced(
                        "L",
                        field,
                        mend: "5L (the last Friday) is a day of week, L-3 a day of month"
                    )
                )
            } else {
                return false
            }
        case .dayOfWeek:
            guard name.hasSuffix("L"), name != "L" else {
                guard name == "L" || name.hasPrefix("L-") || name == "LW" else { return false }
                throw item.error(
                    .misplaced(
                        item.string,
                        field,
                        mend: "write SAT for Saturday, or 6L for the month's last one"
                    )
                )
            }
            days.lastWeekdays.insert(try number(item.dropLast()) % 7)
        }
        return true
    }

    /// `15W`.
    private func readWorkday(_ item: CronText, into days: inout DayRule) throws(CronError) -> Bool {
        guard item.uppercase.hasSuffix("W"), item.dropLast().isAllDigits else { return false }
        let number = item.dropLast()
        guard field == .dayOfMonth, !number.isEmpty else {
            let mend =
                field == .dayOfMonth
                ? "write the day before it, as in 15W"
                : "15W (the weekday nearest to the 15th) is a day of month"
            throw item.error(.misplaced("W", field, mend: mend))
        }
        days.nearestWorkdays.insert(try self.number(number))
        return true
    }
}
