import Domain
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Days of the service with everything going wrong, each from a seed.
///
/// `LINECOOK_SEED=17` replays one and prints its trace; `LINECOOK_SEEDS` and `LINECOOK_DAYS` ask for more than 300
/// seeds of a day.
@Suite struct SimulationTests {
    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    private static let days = number("LINECOOK_DAYS") ?? 1
    private static let seeds: Range<Int> = {
        if let seed = number("LINECOOK_SEED") { return seed..<seed + 1 }
        return 1..<(number("LINECOOK_SEEDS") ?? 300) + 1
    }()

    /// How many seeds are lived through at a time.
    private static let width = ProcessInfo.processInfo.activeProcessorCount

    @Test func `nothing is lost and nothing is done twice, whatever goes wrong`() async throws {
        let clock = ContinuousClock()
        let began = clock.now
        var (done, broken) = (0, 0)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for seed in Self.seeds {
                if seed >= Self.seeds.lowerBound + Self.width, let isWell = try await group.next() {
                    done += 1
                    if !isWell { broken += 1 }
                    if done % 500 == 0 { Self.say(done, broken, in: clock.now - began) }
                }
                group.addTask { try await Self.isWell(UInt64(seed)) }
            }
            for try await isWell in group {
                done += 1
                if !isWell { broken += 1 }
            }
        }
        if Self.number("LINECOOK_SEEDS") != nil { Self.say(done, broken, in: clock.now - began) }
    }

    private static func say(_ done: Int, _ broken: Int, in time: Duration) {
        let seconds = time / .seconds(1)
        let rate = (Double(done) / seconds * 100).rounded() / 100
        print("\(done) seeds × \(days) d in \(Int(seconds)) s, \(rate) a second; \(broken) broken")
    }

    private static func isWell(_ seed: UInt64) async throws -> Bool {
        let (violations, trace) = try await Simulation(seed: seed, days: days).run()
        if seeds.count == 1 { print(trace.joined(separator: "\n")) }
        guard let first = violations.first else { return true }
        Issue.record(
            """
            seed \(seed): \(violations.prefix(5).joined(separator: "\n"))
            \(shortened(trace, to: first).joined(separator: "\n"))
            again: LINECOOK_SEED=\(seed) LINECOOK_DAYS=\(days) swift test --filter SimulationTests
            """
        )
        return false
    }

    @Test func `a seed lives through the same days again`() async throws {
        let first = try await Simulation(seed: 1, days: 1).run()
        let again = try await Simulation(seed: 1, days: 1).run()
        #expect(first.trace == again.trace)
    }

    /// What was said of the ticket that a violation begins with, and of the daemon that did it, until then.
    private static func shortened(_ trace: [String], to violation: String) -> [String] {
        let end = trace.firstIndex { $0.hasSuffix(violation) } ?? trace.endIndex - 1
        let name = violation.prefix { $0 != ":" && $0 != "/" }
        guard TicketKey(String(name)) != nil else { return trace[...end].suffix(40) }
        var kept: [String] = []
        var daemons: [String] = []
        for line in trace[...end] {
            if [" ", "/", ":"].contains(where: { line.contains(name + $0) }) {
                // How the one before ended, and the one that did it.
                kept += daemons.suffix(2) + [line]
                daemons = []
            } else if line.contains(" daemon ") {
                daemons.append(line)
            }
        }
        return kept.suffix(40)
    }
}
