import TestSupport

/// Draws expressions of every form that the room knows; hours near the changes of clocks are
/// likelier.
struct RandomExpression {
    private var chance: SplitMix64

    init(seed: UInt64) { chance = SplitMix64(seed: seed) }

    mutating func next() -> String {
        [minute(), hour(), day(), month(), weekday()].joined(separator: " ")
    }

    private mutating func draw(_ range: ClosedRange<Int>) -> Int {
        .random(in: range, using: &chance)
    }

    private mutating func number(_ range: ClosedRange<Int>) -> String { "\(draw(range))" }

    private mutating func list(_ range: ClosedRange<Int>) -> String {
        (0..<draw(2...3)).map { _ in number(range) }.joined(separator: ",")
    }

    private mutating func span(_ range: ClosedRange<Int>) -> String {
        let first = draw(range)
        return "\(first)-\(draw(first...range.upperBound))"
    }

    private mutating func plain(_ range: ClosedRange<Int>) -> String {
        switch draw(0...5) {
        case 0: list(range)
        case 1: span(range)
        case 2: "\(span(range))/\(draw(1...5))"
        case 3: "\(number(range))/\(draw(2...6))"
        default: number(range)
        }
    }

    private mutating func minute() -> String {
        switch draw(0...9) {
        case 0: "*"
        case 1, 2: "*/\(draw(2...59))"
        case 3: "0"
        case 4: "30"
        default: plain(0...59)
        }
    }

    private mutating func hour() -> String {
        switch draw(0...9) {
        case 0, 1: "*"
        case 2: "*/\(draw(2...23))"
        case 3, 4: number(0...3)
        case 5: list(0...3)
        case 6: span(0...4)
        default: plain(0...23)
        }
    }

    private mutating func day() -> String {
        switch draw(0...15) {
        case 0: "L"
        case 1: "L-\(draw(1...30))"
        case 2: "\(draw(1...31))W"
        case 3: "LW"
        case 4: "?"
        case 5: plain(1...31)
        case 6: "*/\(draw(2...15))"
        case 7: "\(draw(1...31))W,L,\(draw(1...31))"
        default: "*"
        }
    }

    private mutating func month() -> String {
        switch draw(0...7) {
        case 0: plain(1...12)
        case 1: "MAR,oct,Nov"
        case 2: "FEB-APR"
        default: "*"
        }
    }

    private mutating func weekday() -> String {
        switch draw(0...15) {
        case 0: "\(draw(0...7))L"
        case 1: "\(draw(0...7))#\(draw(1...5))"
        case 2: "sun"
        case 3: "MON-FRI"
        case 4: "SUN#2,Sat"
        case 5: span(0...7)
        case 6: number(0...7)
        case 7: "?"
        default: "*"
        }
    }
}
