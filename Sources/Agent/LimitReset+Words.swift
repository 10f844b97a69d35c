extension LimitReset {
    /// Finds when a limit ends in what an agent said: a time of day or a date, as `WallClockReset` does, or a
    /// span such as `try again in 3 hours 12 minutes`, `Please try again in 7.66s` and `resets in 1h2m`.
    init?(in text: String) {
        if let time = WallClockReset(in: text) {
            self = .wallClock(time)
        } else if let seconds = Self.seconds(in: text) {
            self = .after(seconds: seconds)
        } else {
            return nil
        }
    }

    private static func seconds(in text: String) -> Double? {
        let head = text.prefix(4096).lowercased()
        for start in head.indices where head[start] == "t" || head[start] == "r" {
            let rest = head[start...]
            for words in ["try again in ", "resets in ", "reset in "] where rest.hasPrefix(words) {
                if let seconds = span(rest.dropFirst(words.count)) { return seconds }
            }
        }
        return nil
    }

    /// `3 days 2 hours 12 minutes`, `1h2m`, `7.66s`, `200ms`, `less than a minute`.
    private static func span(_ text: Substring) -> Double? {
        if text.hasPrefix("less than a minute") { return 60 }
        var rest = text.prefix(80)
        var total: Double?
        while true {
            rest = rest.drop { $0 == " " || $0 == "," }
            if total != nil, rest.hasPrefix("and ") { rest = rest.dropFirst(4) }
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            let unit = rest.dropFirst(digits.count).drop { $0 == " " }
                .prefix { $0.isASCII && $0.isLetter }
            guard let number = Double(digits), let length = length(of: unit) else { return total }
            total = (total ?? 0) + number * length
            rest = rest[unit.endIndex...]
        }
    }

    private static func length(of unit: Substring) -> Double? {
        switch unit {
        case "ms", "millisecond", "milliseconds": 0.001
        case "s", "sec", "secs", "second", "seconds": 1
        case "m", "min", "mins", "minute", "minutes": 60
        case "h", "hr", "hrs", "hour", "hours": 3600
        case "d", "day", "days": 86_400
        case _: nil
        }
    }
}
