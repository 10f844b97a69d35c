import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Numbers and times as a page shows them; whatever a record holds, none of these traps.
enum Figures {
    /// A number with a fixed number of places, such as `12.5`; trailing zeros are left out.
    static func decimal(_ value: Double, places: Int) -> String {
        var text = fixed(value, places: places)
        guard places > 0 else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }

    /// A number with a fixed number of places, such as `12.50`.
    static func fixed(_ value: Double, places: Int) -> String {
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = Int(bounded(value * Double(scale)).rounded())
        let (whole, rest) = scaled.magnitude.quotientAndRemainder(dividingBy: scale.magnitude)
        let sign = scaled < 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(whole)" }
        let digits = String(rest)
        let zeros = String(repeating: "0", count: places - digits.count)
        return "\(sign)\(whole).\(zeros)\(digits)"
    }

    static func dollars(_ amount: Double) -> String { "\(fixed(amount, places: 2)) USD" }

    static func duration(_ seconds: Double) -> String {
        let seconds = min(max(0, bounded(seconds)), 1e9)
        return seconds == 0 ? "0 s" : Duration.seconds(seconds).inWords
    }

    /// `1 ticket`, `2 tickets`.
    static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }

    /// Within what fits into 64 bits with room to spare, and never the value that isn't a number.
    private static func bounded(_ value: Double) -> Double {
        value.isNaN ? 0 : min(max(value, -1e15), 1e15)
    }
}

/// A point in time by the calendar, in UTC.
struct CalendarTime: Equatable, Sendable {
    let year: Int
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int

    init(_ date: Date) {
        // The years 1 to 9999, as records can hold them.
        let bounds = (-62_135_596_800.0, 253_402_300_799.0)
        let total = Int(min(max(date.timeIntervalSince1970, bounds.0), bounds.1).rounded(.down))
        let days = (total - Self.modulo(total, 86_400)) / 86_400
        let rest = Self.modulo(total, 86_400)
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
        // The days of eras of 400 years that begin in March: H. Hinnant, "chrono-Compatible Low-Level Date
        // Algorithms", civil_from_days.
        let shifted = days + 719_468
        let era = (shifted - Self.modulo(shifted, 146_097)) / 146_097
        let dayOfEra = Self.modulo(shifted, 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    private static func modulo(_ value: Int, _ divisor: Int) -> Int {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// `24 Nov`.
    var dayInWords: String {
        let names = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        return "\(day) \(names[month - 1])"
    }

    /// `24 Nov 2026`.
    var dayAndYear: String { "\(dayInWords) \(year)" }

    /// `08:05`.
    var clock: String { "\(Self.two(hour)):\(Self.two(minute))" }

    /// `08:05:30`.
    var clockWithSeconds: String { "\(clock):\(Self.two(second))" }

    /// `24 Nov 2026 08:05`.
    var inFull: String { "\(dayAndYear) \(clock)" }
}
