/// Something that a schedule allows and that people often mean differently.
package struct CronWarning: Equatable, Sendable {
    /// What is surprising.
    package enum Surprise: Equatable, Sendable {
        /// `*/45`: the step doesn't divide the field, so the count starts anew with the next hour.
        case unevenStep(String, CronField, values: [Int])
        /// Both the day of month and the day of week are set: either is enough.
        case bothDayFields(String, String)
    }

    /// Where it begins: Unicode scalars from the start of the expression, from 0.
    package let offset: Int
    /// How many Unicode scalars it covers.
    package let length: Int
    package let surprise: Surprise
}

extension CronWarning: CustomStringConvertible {
    /// What happens, and what to write where that isn't meant.
    package var description: String {
        switch surprise {
        case .unevenStep(let text, let field, let values):
            Self.unevenStepMessage(text, field, values)
        case .bothDayFields(let day, let weekday):
            "day of month '\(day)' and day of week '\(weekday)' are both set: a day that matches "
                + "either one counts; write * in one of them where only the other is meant"
        }
    }

    private static func unevenStepMessage(
        _ text: String,
        _ field: CronField,
        _ values: [Int]
    ) -> String {
        let listed =
            values.count <= 6
            ? values.map(String.init).joined(separator: ", ")
            : values.prefix(3).map(String.init).joined(separator: ", ") + " … "
                + values.suffix(1).map(String.init).joined()
        let step = text.split(separator: "/").last.map(String.init) ?? text
        let matches = "'\(text)' is \(field.rawValue) \(listed) and then starts anew"
        return switch field {
        case .second: "\(matches); write 'every: \(step)s' for an even wait"
        case .minute: "\(matches); write 'every: \(step)m' for an even wait"
        case .hour: "\(matches); write 'every: \(step)h' for an even wait"
        case .dayOfMonth, .dayOfWeek: "\(matches); write 'every: \(step)d' for an even wait"
        case .month: "\(matches); list the months where others are meant"
        }
    }
}
