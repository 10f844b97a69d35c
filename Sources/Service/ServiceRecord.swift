package import Domain
package import ProcessTree
package import Scheduler

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// `service.json`: what the daemon is doing now.
package struct ServiceRecord: Codable, Equatable, Sendable {
    package struct WorkflowNote: Codable, Equatable, Sendable {
        package var name: String
        /// Empty when the file is gone.
        package var file: String
        /// `false` when the file is gone: its runs go on to their end, nothing new is taken up.
        package var inForce: Bool?
        package var lastPoll: Date?
        /// Of a cron schedule, without its jitter.
        package var lastTick: Date?
        package var nextTick: Date?
        /// What of a cron schedule was missed last.
        package var missed: MissedTicks?
        /// How many tickets the last poll found ready or blocked.
        package var candidates: Int
        package var problem: String?

        private enum CodingKeys: String, CodingKey {
            case name
            case file
            case inForce = "in_force"
            case lastPoll = "last_poll"
            case lastTick = "last_tick"
            case nextTick = "next_tick"
            case missed
            case candidates
            case problem
        }
    }
    package struct Slots: Codable, Equatable, Sendable {
        package var taken: Int
        package var total: Int
    }
    package var schema = 1
    package var state: String
    package var version: String
    package var process: ProcessIdentity
    package var started: Date
    package var slots: Slots
    package var workflows: [WorkflowNote]
    /// Tickets that have no run yet, with what holds each.
    package var queue: [WaitNote]
    /// What a person should look at, one sentence each; empty when all is well.
    package var problems: [String]
    /// Files whose newest version isn't in force; `problems` tells of them too.
    package var files: [FileProblem]?
}
