import Disk
import Domain
import Logging
import RunStore
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The columns of the simulated board.
enum Column: String, CaseIterable {
    case backlog = "Backlog"
    case todo = "Todo"
    case inProgress = "In Progress"
    case inReview = "In Review"
    case done = "Done"
    case canceled = "Canceled"

    var state: TicketState {
        let type: StateType =
            switch self {
            case .backlog: .backlog
            case .todo: .unstarted
            case .inProgress, .inReview: .started
            case .done: .completed
            case .canceled: .canceled
            }
        return TicketState(id: rawValue, name: rawValue, type: type)
    }
}

struct SimulatedTicket {
    var id: String
    var key: TicketKey
    var column = Column.todo
    var labels: Set<String> = ["agent"]
    /// Ids of tickets.
    var blockers: [String] = []
    var isDeleted = false
    /// Whether a person moved it last.
    var isWherePersonPutIt = true
    /// The ids of the comments that each run made.
    var comments: [Int: Set<String>] = [:]
    /// The run and the state that Linear was last told of.
    var told: (run: RunID, state: RunState)?
    /// When a person last answered the question that Linear was told of, in uptime.
    var answered: Duration?
    /// What people have written on it.
    var replies: [Reply] = []

    var created: Date { Date(timeIntervalSince1970: Double(key.number)) }
}

struct SimulatedPull {
    var number: Int
    var ticket: TicketKey
    var branch: String
    var state = PullRequest.State.open

    var pullRequest: PullRequest {
        PullRequest(number: number, url: "https://forge/\(number)", draft: true, state: state)
    }
}

struct SimulatedAttempt {
    var run: RunID
    var number: Int
    /// Who works, and under which limits.
    var workflow: Workflow
    /// When it was started, by the clock on the wall and by the time that has passed.
    struct Start {
        var at: Date
        var passed: Duration
    }
    var begun: Start
    var isAlive = true
    /// When its provider takes the next one, where it said so.
    var retryAt: Date?
    var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]

    init(_ job: AttemptJob, at now: Start) {
        begun = now
        run = RunID(ticket: job.ticket.key, number: job.run)
        number = job.attempt
        workflow = job.workflow
    }

    mutating func takeWaiting() -> [CheckedContinuation<Void, any Error>] {
        defer { waiting = [:] }
        return waiting.sorted { $0.key < $1.key }.map(\.value)
    }

    static func job(_ bytes: [UInt8]) throws -> AttemptJob {
        try RecordDecoder.value(AttemptJob.self, from: bytes)
    }

    static func result(_ bytes: [UInt8]) throws -> AttemptResult {
        try RecordDecoder.value(AttemptResult.self, from: bytes)
    }

    static func bytes(of result: AttemptResult) -> [UInt8] {
        // Encoding fails only for a number that JSON doesn't have.
        Array(((try? RecordEncoder.prettyText(of: result)) ?? "").utf8)
    }
}

/// Keeps what the service warns of.
///
/// `@unchecked Sendable`: the simulation has one thread (see `VirtualMachine`).
struct WorldLog: LogHandler, @unchecked Sendable {
    let world: World
    var logLevel = Logger.Level.warning
    var metadata: Logger.Metadata = [:]

    init(world: World) { self.world = world }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let why = event.metadata?["why"].map { ": \($0)" } ?? ""
        world.warnings.append("\(event.message)\(why)")
    }
}
