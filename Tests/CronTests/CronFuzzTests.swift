import Cron
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Texts that nobody would write, and expressions with slips in them.
///
/// `LINECOOK_FUZZ=100000 swift test --filter CronFuzzTests` reads that many of each kind.
@Suite struct CronFuzzTests {
    private static let count = Mutations.count(orElse: 2000)
    private static let alphabet = Array(
        "0123456789*/,-?LW#MONJANH@every \t\u{1B}²é\u{301}\u{202E}".unicodeScalars
    )

    /// What holds for every text: it's refused with a place inside it, or it fires in order.
    private func check(_ text: String, seconds: Bool, _ comment: String) throws {
        let count = text.unicodeScalars.count
        let expression: CronExpression
        do throws(CronError) {
            expression = try CronExpression(text, seconds: seconds)
        } catch {
            #expect(error.offset >= 0 && error.length >= 0, "\(comment)")
            #expect(error.offset + error.length <= count, "\(comment)")
            let isPlain = error.description.unicodeScalars.allSatisfy {
                !("\0"..." ").contains($0) || $0 == " "
            }
            #expect(isPlain && !error.message.isEmpty, "\(comment)")
            return
        }
        for warning in expression.warnings {
            #expect(warning.offset + warning.length <= count, "\(comment)")
        }
        let schedule = Schedule.cron(expression, try FixtureZones.zone("America/New_York"))
        var moment = try utc("2026-03-07 12:00")
        for _ in 0..<3 {
            guard let next = schedule.nextFire(after: moment) else { break }
            #expect(next > moment, "\(comment)")
            #expect(schedule.previousFire(before: next + 1) == next, "\(comment)")
            _ = schedule.bend(at: next)
            moment = next
        }
    }

    @Test func `no text crashes, and each error has a place`() throws {
        var chance = SplitMix64(seed: 7)
        for number in 0..<Self.count {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...16, using: &chance) {
                text.append(Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &chance)])
            }
            try check(
                String(text),
                seconds: number % 2 == 0,
                "seed 7, text \(number): '\(String(text))'"
            )
        }
    }

    @Test func `no slip in an expression crashes, and what is left of it fires in order`() throws {
        var chance = SplitMix64(seed: 8)
        var random = RandomExpression(seed: 9)
        for number in 0..<Self.count {
            var scalars = Array(random.next().unicodeScalars)
            for _ in 0..<Int.random(in: 1...2, using: &chance) {
                let place = Int.random(in: 0..<scalars.count, using: &chance)
                let scalar = Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &chance)]
                switch Int.random(in: 0...2, using: &chance) {
                case 0: scalars[place] = scalar
                case 1: scalars.insert(scalar, at: place)
                case _ where scalars.count > 1: scalars.remove(at: place)
                case _: break
                }
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            try check(
                String(text),
                seconds: false,
                "seeds 8 and 9, text \(number): '\(String(text))'"
            )
        }
    }
}
