import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Days of the service with everything going wrong, each from a seed.
///
/// `LINECOOK_SEED=17` replays one and prints its trace; `LINECOOK_SEEDS` and `LINECOOK_DAYS` ask for more than the
/// 40 seeds of a day; `.ci/run` asks for 300.
// One share after the other: all of them at once would take the processors from the tests that run beside them.
@Suite(.serialized) struct SimulationTests {
    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    private static let days = number("LINECOOK_DAYS") ?? 1
    private static let seeds: Range<Int> = {
        if let seed = number("LINECOOK_SEED") { return seed..<seed + 1 }
        return 1..<(number("LINECOOK_SEEDS") ?? 40) + 1
    }()

    /// The seeds are dealt out to as many tests, so that two processors have something to do.
    private static let shares = 4

    @Test(arguments: 0..<shares)
    func `nothing is lost and nothing is done twice, whatever goes wrong`(share: Int) async throws {
        for seed in Self.seeds where seed % Self.shares == share {
            let (violations, trace) = try await Simulation(seed: UInt64(seed), days: Self.days)
                .run()
            if Self.seeds.count == 1 { print(trace.joined(separator: "\n")) }
            guard let first = violations.first else { continue }
            Issue.record(
                """
                seed \(seed): \(violations.prefix(5).joined(separator: "\n"))
                \(Self.shortened(trace, to: first).joined(separator: "\n"))
                again: LINECOOK_SEED=\(seed) LINECOOK_DAYS=\(Self.days) swift test --filter SimulationTests
                """
            )
        }
    }

    /// What was said of the ticket that a violation begins with, and of the daemons, until then.
    private static func shortened(_ trace: [String], to violation: String) -> [String] {
        let ticket = violation.prefix { $0 != ":" && $0 != "/" }
        let end = trace.firstIndex { $0.hasSuffix(violation) } ?? trace.endIndex - 1
        return trace[...end].filter {
            $0.contains(ticket + " ") || $0.contains(ticket + "/") || $0.contains(ticket + ":")
                || $0.contains(" daemon ")
        }.suffix(40)
    }
}
