/// Durations as workflow files write them: `30s`, `45m`, `1h30m`, `2d`, `500ms`.
package enum DurationText {
    private static let units: [(name: String, duration: Duration)] = [
        ("d", .seconds(86_400)), ("h", .seconds(3600)), ("m", .seconds(60)), ("s", .seconds(1)),
        ("ms", .milliseconds(1)),
    ]

    /// What `duration(of:)` takes, as a regular expression for the schema.
    static let pattern =
        "^(?=.)([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?$"

    /// The duration, or `nil` when `text` is none: larger units come first, each at most once.
    package static func duration(of text: String) -> Duration? {
        var rest = Substring(text)
        var units = units[...]
        var total = Duration.zero
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard (1...9).contains(digits.utf8.count), let number = Int(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isLetter }
            guard let index = units.firstIndex(where: { $0.name == name }) else { return nil }
            total += units[index].duration * number
            units = units[(index + 1)...]
            rest = rest.dropFirst(name.count)
        }
        return total
    }

    /// The duration in the same writing, for defaults and messages.
    package static func text(of duration: Duration) -> String {
        var rest = duration
        var text = ""
        for unit in units where rest >= unit.duration {
            let count = Int(rest / unit.duration)
            text += "\(count)\(unit.name)"
            rest -= unit.duration * count
        }
        return text.isEmpty ? "0s" : text
    }
}
