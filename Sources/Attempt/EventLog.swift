package import Agent
import Disk
import SystemPackage
import Verification

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One line of `events.jsonl`: what happened in an attempt, and when.
package struct AttemptEvent: Codable, Equatable, Sendable {
    package var at: Date
    /// What the attempt did; `nil` when the line is the agent's.
    package var step: String?
    package var agent: AgentEvent?

    package init(at: Date, step: String? = nil, agent: AgentEvent? = nil) {
        self.at = at
        self.step = step
        self.agent = agent
    }
}

/// Writes `events.jsonl`; an event that can't be told costs no attempt.
struct EventLog: ~Copyable {
    private var log: BoundedLog

    init(at path: FilePath) throws { log = try BoundedLog(path) }

    /// Goes on with the log of an attempt that died.
    init(after path: FilePath) throws {
        let isCutShort = try LocalFileSystem().read(path)?.last.map { $0 != 0x0A } ?? false
        var log = try BoundedLog(path, goesOn: true)
        if isCutShort { try log.append([0x0A]) }
        self.log = log
    }

    mutating func write(_ event: AttemptEvent) {
        guard let text = try? RecordEncoder.node(of: event).lineText else { return }
        try? log.append(Array((text + "\n").utf8))
    }

    consuming func close() { try? log.close() }
}
