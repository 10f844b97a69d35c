import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a ticket stands, coarse enough to count and to colour.
enum Standing: String, CaseIterable, Sendable {
    case done
    case inReview = "review"
    case running
    case waiting
    case needsPerson = "person"
    case failed
    /// Skipped, withdrawn, or its run cancelled.
    case leftOut = "out"

    init(_ state: RunState) {
        switch state {
        case .done: self = .done
        case .inReview: self = .inReview
        case .running, .delivering: self = .running
        case .queued, .waiting, .backingOff, .parked: self = .waiting
        case .needsHuman: self = .needsPerson
        case .failed: self = .failed
        case .cancelled: self = .leftOut
        }
    }

    /// Says the same as the colour.
    var sign: String {
        switch self {
        case .done: "✓"
        case .inReview: "◆"
        case .running: "▶"
        case .waiting: "…"
        case .needsPerson: "!"
        case .failed: "✗"
        case .leftOut: "–"
        }
    }

    var words: String {
        switch self {
        case .done: "done"
        case .inReview: "in review"
        case .running: "running"
        case .waiting: "waiting"
        case .needsPerson: "needs a person"
        case .failed: "failed"
        case .leftOut: "left out"
        }
    }
}

/// How an attempt ended, coarse enough to colour.
enum Ending: String, CaseIterable, Sendable {
    case succeeded = "good"
    case failed = "bad"
    /// One of its own bounds ended it.
    case bounded = "bound"
    /// The provider had nothing to give; no attempt was spent.
    case parked
    /// Cancelled or lost.
    case dropped
    case running = "live"

    init(_ outcome: Outcome?) {
        switch outcome {
        case nil: self = .running
        case .succeeded: self = .succeeded
        case .noChanges, .verificationFailed, .agentFailed, .refused, .authFailed,
            .misconfigured, .setupFailed, .worktreeFailed, .pushFailed, .pushDeclined, .conflict:
            self = .failed
        case .timedOut, .stalled, .maxTurns, .budgetExceeded: self = .bounded
        case .rateLimited, .overloaded: self = .parked
        case .cancelled, .lost: self = .dropped
        }
    }

    var sign: String {
        switch self {
        case .succeeded: "✓"
        case .failed: "✗"
        case .bounded: "!"
        case .parked: "‖"
        case .dropped: "–"
        case .running: "▶"
        }
    }

    var words: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .bounded: "stopped at a limit"
        case .parked: "no capacity at the provider"
        case .dropped: "cancelled or lost"
        case .running: "running"
        }
    }
}

/// One attempt on the time axis.
struct AttemptSpan: Equatable, Sendable {
    var ticket: TicketKey
    var run: Int
    var attempt: Attempt
    /// An attempt that runs reaches until now.
    var end: Date

    init(_ attempt: Attempt, of run: Run, now: Date) {
        ticket = run.ticket.key
        self.run = run.run
        self.attempt = attempt
        end = max(
            attempt.started,
            attempt.ended ?? (attempt.outcome == nil ? now : attempt.started)
        )
    }

    var ending: Ending { Ending(attempt.outcome) }

    var seconds: Double { attempt.seconds ?? end.timeIntervalSince(attempt.started) }

    /// Such as `verification failed: the tests exit 1`.
    var verdict: String {
        let words = attempt.outcome?.words ?? "running"
        return attempt.reason.map { "\(words): \($0)" } ?? words
    }
}

/// One ticket of a report: what its batch and its run say of it together.
struct TicketStory: Equatable, Sendable {
    var key: TicketKey
    var title: String
    var address: String?
    var phase: String?
    var standing: Standing
    /// Finer than the standing: `backing off`, `skipped`.
    var words: String
    var reason: String?
    var attempts: [AttemptSpan]
    var seconds: Double
    var cost: Double
    var pullRequest: PullRequest?

    /// - Parameters:
    ///   - member: What the batch says.
    ///   - run: What the run says, where there is one.
    ///   - now: What an attempt that runs reaches to.
    init(_ member: Batch.Member, run: Run?, now: Date) {
        if let run {
            self.init(run, phase: member.phase, now: now)
            // Until its run says why, the batch does.
            if reason == nil, !member.isDelivered { reason = member.reason }
        } else {
            self.init(member)
        }
    }

    private init(_ member: Batch.Member) {
        key = member.ticket
        title = member.title
        phase = member.phase
        standing =
            member.isLeftOut
            ? .leftOut
            : member.state.flatMap(RunState.init(rawValue:)).map(Standing.init) ?? .waiting
        words = member.words
        reason = member.reason
        attempts = []
        seconds = member.seconds ?? 0
        cost = 0
    }

    init(_ run: Run, phase: String?, now: Date) {
        key = run.ticket.key
        title = run.ticket.title
        address = run.ticket.url
        self.phase = phase ?? run.phase
        standing = Standing(run.state)
        words = run.state.words
        reason = run.reason
        attempts = run.attempts.map { AttemptSpan($0, of: run, now: now) }
        seconds = attempts.map(\.seconds).reduce(0, +)
        cost = run.totals.costUSD
        pullRequest = run.pullRequest
    }
}
