#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Names one run: the ticket and how many runs it has had.
package struct RunID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    package var ticket: TicketKey
    /// From 1.
    package var number: Int

    package init(ticket: TicketKey, number: Int) {
        self.ticket = ticket
        self.number = number
    }

    package var description: String { "\(ticket)/\(number)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.ticket, left.number) < (right.ticket, right.number)
    }
}

/// Where a run stands; the raw values are on disk.
package enum RunState: String, Codable, Sendable, CaseIterable {
    /// Claimed; Linear is being told. Then running, or cancelled.
    case queued
    /// Due, but something holds it, `reason` says what. Then running, or cancelled.
    case waiting
    /// An attempt has a slot. Then any state but queued, in_review and done.
    case running
    /// Waits for the next attempt's time. Then running or waiting, or cancelled.
    case backingOff = "backing_off"
    /// Waits for a provider's limit to end. Then running or waiting, or cancelled.
    case parked
    /// Waits for a person to say `retry` or `cancel`.
    case needsHuman = "needs_human"
    /// The pull request is being opened and Linear told. Then in_review.
    case delivering
    /// Waits for a person to merge or close the pull request. Then done or cancelled.
    case inReview = "in_review"
    /// The end: merged.
    case done
    /// The end: no attempt is left, or none would help.
    case failed
    /// The end: a person stopped it, moved the ticket, or closed the pull request.
    case cancelled

    /// Whether nothing follows.
    package var isFinal: Bool {
        switch self {
        case .done, .failed, .cancelled: true
        case .queued, .waiting, .running, .backingOff, .parked, .needsHuman, .delivering,
            .inReview:
            false
        }
    }

    /// Whether only a person can bring it on.
    package var waitsForPerson: Bool {
        switch self {
        case .needsHuman, .inReview: true
        case .queued, .waiting, .running, .backingOff, .parked, .delivering, .done, .failed,
            .cancelled:
            false
        }
    }
}

/// One ticket's whole way through one workflow: `run.json`, top to bottom.
package struct Run: Codable, Equatable, Sendable {
    package struct TicketNote: Codable, Equatable, Sendable {
        package var key: TicketKey
        package var id: String
        package var title: String
        package var url: String
        /// The files that its text names; `nil` when nobody has looked.
        package var paths: [String]?
    }
    package struct Base: Codable, Equatable, Sendable {
        package var branch: String
        /// `nil` until the first attempt is started.
        package var commit: String?
        /// The blockers whose branches this run builds on, until they are merged.
        package var stack: [StackedOn]?

        package init(branch: String, commit: String? = nil, stack: [StackedOn]? = nil) {
            self.branch = branch
            self.commit = commit
            self.stack = stack
        }
    }
    /// A blocker that isn't merged yet, and what of it is built upon.
    package struct StackedOn: Codable, Equatable, Sendable {
        /// What became of the blocker's pull request.
        package enum Fate: String, Codable, Sendable, CaseIterable {
            case merged
            case closed
        }
        package var ticket: TicketKey
        package var branch: String
        /// What of the branch is built upon.
        package var commit: String
        /// Where the branch is since, when it was rebased.
        package var moved: String?
        /// `nil` while the pull request is open.
        package var fate: Fate?

        package init(ticket: TicketKey, branch: String, commit: String) {
            self.ticket = ticket
            self.branch = branch
            self.commit = commit
        }

        /// Whether a run that builds on it has to be put on something else.
        package var hasChanged: Bool { fate == .merged || moved != nil }
    }
    package struct Retry: Codable, Equatable, Sendable {
        /// The number of the attempt to come.
        package var attempt: Int
        package var at: Date
        package var seconds: Double

        package init(attempt: Int, at: Date, seconds: Double) {
            self.attempt = attempt
            self.at = at
            self.seconds = seconds
        }
    }
    /// What a person answered, for the attempt that went on with it.
    package struct HeardReply: Codable, Equatable, Sendable {
        /// The longest text that is kept, in bytes.
        package static let textLimit = 20_000

        package var attempt: Int
        package var at: Date
        package var author: String
        package var text: String
        /// The comment's id.
        package var comment: String

        package init(_ reply: Reply, for attempt: Int) {
            self.attempt = attempt
            at = reply.at
            author = reply.author.inOneLine(limit: 80)
            let isCut = reply.text.utf8.count > Self.textLimit
            let kept = reply.text.utf8.prefix(Self.textLimit)
            text = isCut ? String(decoding: kept, as: UTF8.self) + "… (cut here)" : reply.text
            comment = reply.comment
        }
    }
    package struct Totals: Codable, Equatable, Sendable {
        package var attempts = 0
        package var seconds = 0.0
        package var costUSD = 0.0

        private enum CodingKeys: String, CodingKey {
            case attempts
            case seconds
            case costUSD = "cost_usd"
        }
    }
    package struct Step: Codable, Equatable, Sendable {
        package var at: Date
        package var state: RunState
        package var why: String
    }
    /// What Linear has been told, so that a restart tells it what is missing and no more.
    package struct TrackerNote: Codable, Equatable, Sendable {
        /// UUID of the run's only comment, made before it is first sent.
        package var comment: String
        /// The last state that Linear has confirmed.
        package var told: RunState?
        /// When it first got the comment that a person is needed, by Linear's clock.
        package var asked: Date?
    }

    package var schema = 1
    /// The verdict in one sentence, as of when the record was written.
    package var summary: String
    package var ticket: TicketNote
    package var workflow: String
    /// The prompt file that it was begun from; `nil` for a run of the daemon.
    package var promptFile: String?
    package var run: Int
    package var state: RunState
    package var reason: String?
    /// What happens next, or what a person can do.
    package var next: String
    /// The batch that its ticket was taken up in.
    package var batch: String?
    package var phase: String?
    package var blockedBy: [TicketKey]
    package var base: Base
    package var branch: String
    /// As the workflow names it, relative to the repository.
    package var worktree: String
    /// What became of the worktree: `removed`, or `kept` and why; `nil` as long as it's needed.
    package var cleanup: String?
    /// What its agent works with, where that isn't what the workflow says for every ticket.
    package var profile: AgentProfile?
    /// The hooks that ran outside of the attempts; `nil` when none did.
    package var hooks: [CheckResult]?
    package var started: Date
    package var ended: Date?
    package var attempts: [Attempt]
    /// What people answered on the ticket, the last twenty; `nil` when nobody did.
    package var replies: [HeardReply]?
    /// What a person has raised the ticket's budget to; `nil` while that is the workflow's.
    package var budget: SpendingLimit?
    package var retry: Retry?
    package var pullRequest: PullRequest?
    package var totals: Totals
    package var tracker: TrackerNote
    package var timeline: [Step]

    package init(
        ticket: Ticket,
        workflow: Workflow,
        number: Int,
        branch: String,
        worktree: String,
        comment: String,
        at now: Date
    ) {
        summary = ""
        self.ticket = TicketNote(
            key: ticket.key,
            id: ticket.id,
            title: ticket.title,
            url: ticket.url,
            paths: ticket.paths
        )
        self.workflow = workflow.name
        run = number
        state = .queued
        next = ""
        blockedBy = []
        base = Base(branch: workflow.repository.base)
        self.branch = branch
        self.worktree = worktree
        started = now
        attempts = []
        totals = Totals()
        tracker = TrackerNote(comment: comment)
        timeline = []
    }

    /// The branch on which the branches of a run's blockers are put together.
    package static func stackBranch(of run: RunID) -> String {
        "linecook/stack/\(run.ticket)-\(run.number)"
    }

    package var id: RunID { RunID(ticket: ticket.key, number: run) }

    /// The attempt that runs now.
    package var liveAttempt: Attempt? {
        guard let last = attempts.last, last.outcome == nil else { return nil }
        return last
    }

    /// The replies that the attempt to come has to heed: those since a person was asked last.
    package func freshReplies(by table: FailureTable) -> [HeardReply] {
        let asked = attempts.last { $0.outcome.map { table[$0] } == .askPerson }?.number ?? 0
        return (replies ?? []).filter { $0.attempt > asked }
    }

    private enum CodingKeys: String, CodingKey {
        case schema
        case summary
        case ticket
        case workflow
        case promptFile = "prompt_file"
        case run
        case state
        case reason
        case next
        case batch
        case phase
        case blockedBy = "blocked_by"
        case base
        case branch
        case worktree
        case cleanup
        case profile
        case hooks
        case started
        case ended
        case attempts
        case replies
        case budget
        case retry
        case pullRequest = "pull_request"
        case totals
        case tracker
        case timeline
    }
}

extension Run {
    /// Whether nothing is left to be done: the end is reached, Linear knows of it, and the worktree has
    /// been dealt with.
    package var isAtRest: Bool { state.isFinal && tracker.told == state && !pendingCleanup }

    /// Whether the worktree of a finished run is still to be looked at.
    package var pendingCleanup: Bool { state == .done && cleanup == nil }
}
