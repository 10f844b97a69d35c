#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Tickets that were taken up together, with their plan: `batches/NAME-1.json`, top to bottom.
package struct Batch: Codable, Equatable, Sendable {
    package struct Member: Codable, Equatable, Sendable {
        package var ticket: TicketKey
        /// Linear's UUID.
        package var id: String
        package var title: String
        package var phase: String
        /// The number of the run that works it; `nil` until one is begun.
        package var run: Int?
        /// The run's state, or `skipped` or `withdrawn` for a ticket that got none; `nil` while it waits.
        package var state: String?
        /// Why it waits, or was left out.
        package var reason: String?
        package var started: Date?
        /// When its run last came to rest or was delivered.
        package var ended: Date?
        /// The time that its attempts took together.
        package var seconds: Double?

        package init(ticket: TicketKey, id: String, title: String, phase: String) {
            self.ticket = ticket
            self.id = id
            self.title = title
            self.phase = phase
        }
    }
    package struct Phase: Codable, Equatable, Sendable {
        package var name: String
        package var tickets: [TicketKey]

        package init(name: String, tickets: [TicketKey]) {
            self.name = name
            self.tickets = tickets
        }
    }
    /// `ticket` waits for `on`.
    package struct Dependency: Codable, Equatable, Sendable {
        package var ticket: TicketKey
        package var on: TicketKey
        package var cause: DependencyCause

        package init(ticket: TicketKey, on: TicketKey, cause: DependencyCause) {
            self.ticket = ticket
            self.on = on
            self.cause = cause
        }
    }
    /// Two tickets that name the same file and so don't run at once.
    package struct Overlap: Codable, Equatable, Sendable {
        package var tickets: [TicketKey]
        package var paths: [String]

        package init(tickets: [TicketKey], paths: [String]) {
            self.tickets = tickets
            self.paths = paths
        }
    }

    package var schema = 1
    /// The verdict in one sentence.
    package var summary: String
    package var name: String
    package var workflow: String
    /// The prompt file that it comes from; `nil` for a batch of the daemon.
    package var promptFile: String?
    package var number: Int
    package var started: Date
    package var ended: Date?
    /// From the first start to the last end, in seconds.
    package var makespan: Double?
    /// What the same attempts would have taken one after the other, in seconds.
    package var serial: Double?
    package var phases: [Phase]
    package var tickets: [Member]
    package var dependencies: [Dependency]
    package var overlaps: [Overlap]

    package init(
        workflow: String,
        number: Int,
        started: Date,
        phases: [Phase],
        tickets: [Member],
        dependencies: [Dependency],
        overlaps: [Overlap]
    ) {
        summary = ""
        name = "\(workflow)-\(number)"
        self.workflow = workflow
        self.number = number
        self.started = started
        self.phases = phases
        self.tickets = tickets
        self.dependencies = dependencies
        self.overlaps = overlaps
    }

    private enum CodingKeys: String, CodingKey {
        case schema
        case summary
        case name
        case workflow
        case promptFile = "prompt_file"
        case number
        case started
        case ended
        case makespan
        case serial
        case phases
        case tickets
        case dependencies
        case overlaps
    }
}
