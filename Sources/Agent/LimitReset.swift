#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// When a provider's limit ends, as far as it said so.
package enum LimitReset: Equatable, Sendable {
    case at(Date)
    /// The next time that a clock on a wall shows this.
    case wallClock(WallClockReset)
    /// So many seconds from when it was said.
    case after(seconds: Double)

    /// How long to wait when a provider names no time, or an impossible one: long enough to spare a limit
    /// that ends in hours, short enough to be noticed by nobody when it has ended.
    package static let fallback = Duration.seconds(30 * 60)
    /// The same for an overload, which is over sooner.
    package static let overloadFallback = Duration.seconds(2 * 60)
    /// No known limit is longer than a week; a later time is a mistake of the provider or of the clock.
    private static let longest = TimeInterval(8 * 24 * 3600)

    /// The moment to come again, at least a minute after `now`.
    ///
    /// - Parameters:
    ///   - reset: What the provider said; `nil` when it said nothing.
    ///   - now: The present wall clock time.
    ///   - fallback: The wait when no time is known.
    ///   - resolve: Turns a wall clock time into the next such moment after the given one, by the rules of
    ///     its zone; `nil` when the zone is unknown.
    /// - Returns: The moment of the reset, or that of the fallback.
    package static func moment(
        of reset: LimitReset?,
        now: Date,
        fallback: Duration,
        resolve: (WallClockReset, Date) -> Date?
    ) -> Date {
        let said: Date? =
            switch reset {
            case nil: nil
            case .at(let date): date
            case .wallClock(let time): resolve(time, now)
            case .after(let seconds): now.addingTimeInterval(seconds)
            }
        let (seconds, _) = fallback.components
        guard let said, said.timeIntervalSince(now) <= longest else {
            return now.addingTimeInterval(TimeInterval(seconds))
        }
        return max(said, now.addingTimeInterval(60))
    }
}

/// A time of day, in a named zone, such as `8pm (Europe/Berlin)` or `Oct 9, 8:30pm (Europe/Berlin)`.
///
/// The rules of the zone are the caller's: this room knows no time zones.
package struct WallClockReset: Equatable, Sendable, CustomStringConvertible {
    /// 1 … 12, with `day`.
    package var month: Int?
    /// 1 … 31; the next such time of day when `nil`.
    package var day: Int?
    /// 0 … 23.
    package var hour: Int
    package var minute: Int
    /// An IANA name; the machine's zone when `nil`.
    package var zone: String?

    package init(month: Int? = nil, day: Int? = nil, hour: Int, minute: Int, zone: String?) {
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.zone = zone
    }

    /// Finds `resets 8pm (Europe/Berlin)`, `reset at 1 PM (Asia/Dubai)`, `resets Oct 9 at 8:30am`, `try again at
    /// Oct 9th, 2026 8:30 PM` and the like in what an agent said.
    ///
    /// - Returns: `nil` when there is no such time.
    package init?(in text: String) {
        let head = text.prefix(4096)
        for start in head.indices where "rRtT".contains(head[start]) {
            let rest = head[start...]
            for word in ["reset", "try again at"]
            where rest.prefix(word.count).lowercased() == word {
                guard let time = Self(after: rest.dropFirst(word.count)) else { continue }
                self = time
                return
            }
        }
        return nil
    }

    /// Reads what follows `reset`.
    private init?(after text: Substring) {
        let words = (text.first == "s" ? text.dropFirst() : text).prefix { $0 != "(" && $0 != "\n" }
        let parts = words.lowercased().split { $0.isWhitespace || ",.·".contains($0) }
        var month: Int?
        var day: Int?
        for (index, part) in parts.prefix(8).enumerated() {
            if part == "at" || part == "on" { continue }
            if let place = Self.months.firstIndex(of: String(part.prefix(3))) {
                month = place + 1
                continue
            }
            let next = index + 1 < parts.count ? parts[index + 1] : ""
            if let time = Self.time(part, suffix: next) {
                self.init(hour: time.hour, minute: time.minute, zone: Self.zone(after: words))
                guard let month, let day else { return }
                (self.month, self.day) = (month, day)
                return
            }
            guard month != nil else { return nil }
            // The year of a date within days is no news.
            if day != nil, part.count == 4, Int(part) != nil { continue }
            let isOrdinal = ["st", "nd", "rd", "th"].contains(part.suffix(2))
            guard let number = Int(isOrdinal ? part.dropLast(2) : part), (1...31).contains(number)
            else { return nil }
            day = number
        }
        return nil
    }

    /// The name in the parentheses that follow `words`, when it may be one of a zone.
    private static func zone(after words: Substring) -> String? {
        let rest = words.base[words.endIndex...]
        guard rest.first == "(", let close = rest.prefix(72).firstIndex(of: ")") else { return nil }
        let name = rest[..<close].dropFirst()
        let isName = name.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || "0123456789/_+-".unicodeScalars.contains($0))
        }
        return isName && !name.isEmpty ? String(name) : nil
    }

    package var description: String {
        let date = month.flatMap { month in
            day.map { "\(Self.months[month - 1].capitalized) \($0) at " }
        }
        let minutes = minute < 10 ? "0\(minute)" : "\(minute)"
        return (date ?? "") + "\(hour):\(minutes)" + (zone.map { " (\($0))" } ?? "")
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// `8pm`, `8:30pm`, `8 pm` (the half of the day as the next word), `20:00`.
    private static func time(
        _ part: Substring,
        suffix: Substring
    ) -> (hour: Int, minute: Int)? {
        var digits = part
        var half: Substring? = nil
        if part.hasSuffix("am") || part.hasSuffix("pm") {
            half = part.suffix(2)
            digits = part.dropLast(2)
        } else if suffix == "am" || suffix == "pm" {
            half = suffix
        }
        let pieces = digits.split(separator: ":", omittingEmptySubsequences: false)
        guard let first = pieces.first, let hour = Int(first), pieces.count <= 3 else { return nil }
        guard half != nil || pieces.count > 1 else { return nil }
        let minute = pieces.count > 1 ? Int(pieces[1]) : 0
        guard let minute, (0...59).contains(minute) else { return nil }
        guard let half else { return (0...23).contains(hour) ? (hour, minute) : nil }
        guard (1...12).contains(hour) else { return nil }
        return (hour % 12 + (half == "pm" ? 12 : 0), minute)
    }
}
