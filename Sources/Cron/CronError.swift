/// Why a text is no schedule.
package struct CronError: Error, Equatable, Sendable {
    /// What is wrong, with what is needed to say how to mend it.
    package enum Problem: Equatable, Sendable {
        case empty
        case tooLong(limit: Int)
        case wrongFieldCount(found: Int, expected: Int)
        case unknownShorthand(String, nearest: String?)
        /// `@reboot`.
        case startOfService
        /// `TZ=` or `CRON_TZ=`.
        case zonePrefix
        /// `H`, which other schedulers replace by a number of their own choice.
        case chosenBySystem(CronField)
        case emptyItem(CronField)
        case notAValue(String, CronField, nearest: String?)
        case outOfRange(String, CronField)
        /// `22-2`; `mend` is the same set, written forwards.
        case backwards(String, CronField, mend: String)
        case badStep(String, CronField)
        /// The mark (`L`, `W`, `#`, `?`) has no meaning there; `mend` is what to write.
        case misplaced(String, CronField, mend: String)
        case ordinalOutOfRange(String)
        case neverHappens(String, longestMonth: Int?)
        /// `5m` where an expression should stand.
        case isInterval(String)
        case badInterval(String)
        case intervalOutOfRange(String)
    }

    /// The whole text as it was given.
    package let expression: String
    /// Where the problem begins: Unicode scalars from the start of `expression`, from 0.
    package let offset: Int
    /// How many Unicode scalars the problem covers; 0 where something is missing.
    package let length: Int
    package let problem: Problem

    /// What is wrong and how to mend it, for a caller that says itself where the text stands.
    package var message: String { rawMessage.withoutControls }

    private var rawMessage: String {
        switch problem {
        case .empty:
            "the schedule is empty; write five fields, such as '*/5 * * * *', or '@hourly'"
        case .tooLong(let limit):
            "the schedule is longer than \(limit) characters; use ranges and steps"
        case .wrongFieldCount(let found, let expected): fieldCountMessage(found, expected)
        case .unknownShorthand(let name, let nearest):
            "'\(name)' is no schedule; "
                + (nearest.map { "did you mean '\($0)'?" }
                    ?? "allowed are @hourly, @daily, @midnight, @weekly, @monthly, @yearly, "
                    + "@annually and @every 5m")
        case .startOfService:
            "'@reboot' is no time of the day; write @hourly, @daily or five fields, or "
                + "'every: 1h', which polls at each start too"
        case .zonePrefix:
            "a time zone can't stand in the expression; write 'timezone: Europe/Berlin' beside it"
        case .chosenBySystem(let field):
            "'H' is no \(field.rawValue); write a number, and 'jitter: 5m' to spread the load"
        case .emptyItem(let field):
            "a \(field.rawValue) is missing beside the comma; "
                + "write one (\(field.allowed)) or remove the comma"
        case .notAValue(let text, let field, let nearest):
            "'\(text)' is no \(field.rawValue); allowed is \(field.allowed)"
                + (nearest.map { "; did you mean '\($0)'?" } ?? "")
        case .outOfRange(let text, let field): rangeMessage(text, field)
        case .backwards(let text, let field, let mend):
            "the \(field.rawValue) range '\(text)' runs backwards; write '\(mend)'"
        case .badStep(let text, let field): stepMessage(text, field)
        case .misplaced(let mark, let field, let mend):
            "'\(mark)' has no meaning here in the \(field.rawValue) field; \(mend)"
        case .ordinalOutOfRange(let text):
            "'#\(text)' is no week of a month; allowed is #1 to #5, and 5L for the last Friday"
        case .neverHappens(let text, let longestMonth):
            "'\(text)' never happens: "
                + (longestMonth.map { "the months named have at most \($0) days; " }
                    ?? "no month named has such a day; ")
                + "write L for the last day of the month, or name other months"
        case .isInterval(let text):
            "'\(text)' is an interval; write 'every: \(text)' in the place of 'cron'"
        case .badInterval(let text):
            "'\(text)' is no interval; write numbers with units, such as 30s, 5m, 1h30m or 1d"
        case .intervalOutOfRange(let text):
            "'\(text)' is out of range; allowed are whole seconds from 1s to 366d"
        }
    }

    private func fieldCountMessage(_ found: Int, _ expected: Int) -> String {
        let names =
            expected == 6
            ? "second, minute, hour, day of month, month, day of week"
            : "minute, hour, day of month, month, day of week"
        let counted =
            "\(found) \(found == 1 ? "field" : "fields") instead of \(expected) (\(names))"
        switch (found, expected) {
        case (6, 5):
            return "\(counted); for seconds in front set 'seconds: true', "
                + "a year at the end isn't supported"
        case (5, 6): return "\(counted); write the second in front, as in '0 \(expression)'"
        default: return "\(counted); write '*' for a field that doesn't matter"
        }
    }

    private func rangeMessage(_ text: String, _ field: CronField) -> String {
        let mend =
            switch (field, text) {
            case (.second, "60"), (.minute, "60"): "; write 0 for the full \(field.larger)"
            case (.hour, "24"): "; write 0 for midnight"
            case (.dayOfMonth, "0"): "; the first day is 1, the last one is L"
            case (.month, "0"): "; January is 1"
            default: ""
            }
        return "\(field.rawValue) is \(text); allowed is \(field.allowed)\(mend)"
    }

    private func stepMessage(_ text: String, _ field: CronField) -> String {
        let allowed = "allowed is 1 to \(field.last)"
        if text.isEmpty { return "the \(field.rawValue) field has no step after '/'; \(allowed)" }
        let what = "bad step '\(text)' of the \(field.rawValue) field; \(allowed)"
        guard let number = Int(text), number > field.last else { return what }
        return switch field {
        case .second: "\(what); for longer waits write 'every: \(number)s'"
        case .minute: "\(what); for longer waits write 'every: \(number)m'"
        case .hour: "\(what); for longer waits write 'every: \(number)h'"
        case .dayOfMonth, .month, .dayOfWeek: what
        }
    }
}

extension CronError: CustomStringConvertible {
    /// As in `'60 * * * *', column 1: minute is 60; allowed is 0 to 59; …`; columns are from 1.
    package var description: String {
        "'\(expression.withoutControls)', column \(offset + 1): \(message)"
    }
}

extension CronField {
    /// What this field is a part of, for messages.
    fileprivate var larger: String { self == .second ? "minute" : "hour" }
}
