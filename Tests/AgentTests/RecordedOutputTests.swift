import Agent
import Domain
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Each folder of fixtures is an agent's: what its program printed, and `expected.json`, which says of each file
/// how the process ended and what came of that.
@Suite struct RecordedOutputTests {
    /// One entry of `expected.json`; the first two are given, the others follow from them and the file.
    struct Ending: Codable, Equatable {
        var exit: Int?
        var signal: Int?
        var outcome: Outcome?
        var reason: String?
        var session: String?
        var turns: Int?
        var costUSD: Double?
        var inputTokens: Int?
        var outputTokens: Int?
        var cacheWriteTokens: Int?
        var denials: [String]?

        private enum CodingKeys: String, CodingKey {
            case exit
            case signal
            case outcome
            case reason
            case session
            case turns
            case costUSD = "cost_usd"
            case inputTokens = "input_tokens"
            case outputTokens = "output_tokens"
            case cacheWriteTokens = "cache_write_tokens"
            case denials
        }

        /// What comes of a file's bytes when the process ended as the entry says.
        func found(in bytes: [UInt8], of kind: AgentSettings.Kind) -> Ending {
            var stream = AgentStream(kind: kind)
            _ = stream.read(bytes)
            _ = stream.finish()
            let status: AgentTermination.Status =
                signal.map { .signaled($0) } ?? .exited(exit ?? 0)
            let verdict = AgentVerdict(
                stream.summary,
                end: AgentTermination(status),
                standardError: []
            )
            var ending = Ending()
            ending.exit = verdict.report.exit
            ending.signal = verdict.report.signal
            ending.outcome = verdict.outcome
            ending.reason = verdict.reason
            ending.session = verdict.report.session
            ending.turns = verdict.report.turns
            ending.costUSD = verdict.report.costUSD
            ending.inputTokens = verdict.report.inputTokens
            ending.outputTokens = verdict.report.outputTokens
            ending.cacheWriteTokens = verdict.report.cacheWriteTokens
            ending.denials = verdict.report.denials?.map(\.description)
            return ending
        }
    }

    @Test(arguments: AgentSettings.Kind.allCases)
    func `what an agent's program printed comes to what its folder expects`(
        kind: AgentSettings.Kind
    ) throws {
        let folder = kind.rawValue
        let files = try Fixture.names(in: folder)
        #expect(!files.isEmpty, "\(folder) has no recorded output")
        let written = (try? Fixture.bytes("\(folder)/expected.json")).map { Data($0) }
        let expected =
            try written.map { try JSONDecoder().decode([String: Ending].self, from: $0) } ?? [:]
        var found: [String: Ending] = [:]
        for file in files {
            let entry = expected[file] ?? Ending()
            found[file] = entry.found(in: try Fixture.bytes("\(folder)/\(file)"), of: kind)
        }
        guard found != expected else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let path = FileManager.default.temporaryDirectory.path + "/\(folder).expected.json"
        try encoder.encode(found).write(to: URL(filePath: path))
        let wrong = Set(found.keys).union(expected.keys).filter { found[$0] != expected[$0] }
        Issue.record("\(folder): \(wrong.sorted()) differ; what came is in \(path)")
    }
}
