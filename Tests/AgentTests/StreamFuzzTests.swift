import Agent
import Domain
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What genuine agents printed, damaged.
///
/// `LINECOOK_FUZZ=100000 swift test --filter StreamFuzzTests` reads that many streams of each kind.
@Suite struct StreamFuzzTests {
    @Test(.timeLimit(.minutes(30)), arguments: AgentSettings.Kind.allCases)
    func `no stream crashes a reader, fills the memory or leaves a report that can't be written`(
        kind: AgentSettings.Kind
    ) throws {
        let samples = try Fixture.names(in: kind.rawValue).sorted().map {
            try Fixture.bytes("\(kind.rawValue)/\($0)")
        }
        var mutations = Mutations(of: samples, seed: 21)
        let before = AgentUsage(turns: 2, cost: 0.5, inputTokens: 100, outputTokens: 10)
        var settings = AgentSettings(kind: kind, command: "agent")
        settings.budget = 1
        settings.tokens = 1000
        for number in 0..<Mutations.count() {
            var stream = AgentStream(kind: kind, before: before, lineLimit: 100_000)
            var text = AgentText(width: 80, worktree: "/tree")
            var events: [AgentEvent] = []
            for chunk in mutations.chunks(of: mutations.next()) { events += stream.read(chunk) }
            events += stream.finish()
            for event in events {
                #expect(Self.longest(in: event) < 20_000, "\(kind), stream \(number)")
                for line in text.lines(for: event, at: Date(timeIntervalSince1970: 0)) {
                    #expect(Self.isHarmless(line.text), "\(kind), stream \(number): \(line.text)")
                }
            }
            let summary = stream.summary
            #expect(Self.longest(in: summary) < 20_000, "\(kind), stream \(number)")
            #expect(summary.denials.count <= 20, "\(kind), stream \(number)")
            _ = summary.excess(over: settings)
            let ends = [AgentTermination(.exited(0)), AgentTermination(.signaled(9))]
            for end in ends {
                let verdict = AgentVerdict(summary, end: end, standardError: [])
                #expect(throws: Never.self, "\(kind), stream \(number)") {
                    try JSONEncoder().encode(verdict.report)
                }
            }
        }
    }

    private static func isHarmless(_ line: String) -> Bool {
        line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// The bytes of the longest text in a value, however deep it lies.
    private static func longest(in value: Any) -> Int {
        if let text = value as? String { return text.utf8.count }
        return Mirror(reflecting: value).children.map { longest(in: $0.value) }.max() ?? 0
    }
}
