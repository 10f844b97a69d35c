/// A fixed wait between the fires of a schedule: whole seconds, from one to a leap year.
package struct Interval: Hashable, Sendable {
    /// At least 1.
    package let seconds: Int

    static let allowed = 1...(366 * 86_400)

    /// - Throws: `CronError` where `duration` has fractions of a second or is out of range.
    package init(_ duration: Duration) throws(CronError) {
        let (seconds, attoseconds) = duration.components
        guard attoseconds == 0, let seconds = Int(exactly: seconds),
            Self.allowed.contains(seconds)
        else {
            let text = "\(duration)"
            throw CronError(
                expression: text,
                offset: 0,
                length: text.unicodeScalars.count,
                problem: .intervalOutOfRange(text)
            )
        }
        self.seconds = seconds
    }

    /// Reads `90s`, `5m`, `1h30m`, `1d`: whole numbers with the units d, h, m, s, larger ones first.
    ///
    /// - Throws: `CronError` with the place inside `text`.
    package init(_ text: String) throws(CronError) {
        self = try Interval(Substring(text), at: 0, of: text)
    }

    /// Reads `part`, which stands `offset` scalars after the start of `expression`.
    init(_ part: Substring, at offset: Int, of expression: String) throws(CronError) {
        let text = String(part)
        func problem(_ problem: CronError.Problem) -> CronError {
            CronError(
                expression: expression,
                offset: offset,
                length: text.unicodeScalars.count,
                problem: problem
            )
        }
        var total = 0
        var number: Int?
        var units: [(name: Character, seconds: Int)] = [
            ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
        ]
        for character in text {
            if character.isASCII, let digit = character.wholeNumberValue {
                number = (number ?? 0) * 10 + digit
                guard (number ?? 0) <= Self.allowed.upperBound else {
                    throw problem(.intervalOutOfRange(text))
                }
            } else if let count = number,
                let index = units.firstIndex(where: { $0.name == character })
            {
                total += count * units[index].seconds
                units.removeFirst(index + 1)
                number = nil
            } else {
                throw problem(.badInterval(text))
            }
        }
        guard number == nil, !text.isEmpty else { throw problem(.badInterval(text)) }
        guard Self.allowed.contains(total) else { throw problem(.intervalOutOfRange(text)) }
        seconds = total
    }

    /// The same wait as a `Duration`.
    package var duration: Duration { .seconds(seconds) }
}

extension Interval: CustomStringConvertible {
    /// As in `1h30m`.
    package var description: String {
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    }
}
