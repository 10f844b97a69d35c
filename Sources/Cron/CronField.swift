/// The six places of a cron expression.
package enum CronField: String, CaseIterable, Sendable {
    case second
    case minute
    case hour
    case dayOfMonth = "day of month"
    case month
    case dayOfWeek = "day of week"

    /// The numbers that may stand there; 7 is Sunday too.
    package var range: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// The largest number that is not another name for a smaller one.
    var last: Int { self == .dayOfWeek ? 6 : range.upperBound }

    /// Names in upper case, the first one stands for `range.lowerBound`.
    var names: [String] {
        switch self {
        case .second, .minute, .hour, .dayOfMonth: []
        case .month:
            [
                "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
            ]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        }
    }

    /// Whether the field is about days, where `?` and the letters L and W have a meaning.
    var isAboutDays: Bool { self == .dayOfMonth || self == .dayOfWeek }

    /// What may stand there, for messages.
    package var allowed: String {
        switch self {
        case .second, .minute, .hour: "\(range.lowerBound) to \(range.upperBound)"
        case .dayOfMonth: "1 to 31, L, L-3, 15W, LW"
        case .month: "1 to 12, JAN to DEC"
        case .dayOfWeek: "0 to 7 (0 and 7 are Sunday), SUN to SAT, 5L, 5#3"
        }
    }
}

/// Numbers from 0 to 63, one bit each.
struct NumberSet: Equatable, Sendable {
    private(set) var bits: UInt64 = 0

    init(bits: UInt64 = 0) { self.bits = bits }

    init(_ range: ClosedRange<Int>) {
        for number in range { insert(number) }
    }

    var isEmpty: Bool { bits == 0 }

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

    mutating func formUnion(_ other: NumberSet) { bits |= other.bits }

    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }

    /// The smallest member that is at least `number`.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits & (UInt64.max << UInt64(number))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    /// The largest member that is at most `number`.
    func last(through number: Int) -> Int? {
        guard number >= 0 else { return nil }
        let rest = bits & (UInt64.max >> UInt64(63 - min(number, 63)))
        return rest == 0 ? nil : 63 - rest.leadingZeroBitCount
    }

    /// All members, ascending.
    var numbers: [Int] { (0..<64).filter { contains($0) } }
}
