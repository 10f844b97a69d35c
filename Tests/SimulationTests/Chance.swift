import Domain
import TestSupport

/// What the seed draws, in words.
final class Chance {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed ^ 0xCA4C_E000) }

    func isTrue(_ times: Int, of all: Int) -> Bool {
        Int.random(in: 0..<all, using: &generator) < times
    }

    func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    /// Short ones and long ones are about as likely by their order of magnitude.
    func seconds(_ range: ClosedRange<Double>) -> Duration {
        let share = Double.random(in: 0...1, using: &generator)
        let ratio = range.upperBound / range.lowerBound
        var value = range.lowerBound
        // ratio^share without a library of mathematics: by halves of the exponent.
        var (root, rest) = (ratio, share)
        for _ in 0..<12 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                rest -= 1
                value *= root
            }
        }
        return .milliseconds(Int(value * 1000))
    }

    func pick<Element>(_ elements: [Element]) -> Element? {
        elements.randomElement(using: &generator)
    }

    func seed() -> UInt64 { generator.next() }
}
