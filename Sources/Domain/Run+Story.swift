#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension Run {
    /// Moves the run to a state and tells so: state, reason, what comes next and the timeline always change
    /// together.
    ///
    /// - Parameters:
    ///   - state: the new state.
    ///   - why: one clause for the timeline.
    ///   - reason: what holds or ended the run, in one clause; `nil` when nothing does.
    ///   - next: what happens next or what a person can do, as a sentence.
    ///   - now: the time of the change.
    package mutating func enter(
        _ state: RunState,
        why: String,
        reason: String? = nil,
        next: String,
        at now: Date
    ) {
        self.state = state
        self.reason = reason
        self.next = next
        if state.isFinal { ended = now }
        if state != .backingOff && state != .parked && state != .waiting { retry = nil }
        timeline.append(Step(at: now, state: state, why: why))
        refreshTotals()
    }

    /// Puts the verdict into words anew; whoever writes the record does so first.
    package mutating func refresh() { summary = verdict }

    /// Counts the attempts, their time and their cost anew.
    package mutating func refreshTotals() {
        totals.attempts = attempts.count
        var (seconds, cost) = (0.0, 0.0)
        for index in attempts.indices {
            seconds += attempts[index].seconds ?? 0
            cost += attempts[index].agent?.costUSD ?? 0
        }
        totals.seconds = (seconds * 10).rounded() / 10
        // A record that somebody wrote by hand may say anything.
        cost = min(max(cost, 0), 1e12)
        totals.costUSD = (cost * 10_000).rounded() / 10_000
    }

    /// What there is to say of it now, in one sentence.
    package var verdict: String {
        // The agent's last words, which a reason may end with, may end with a full stop of their own.
        var because: String {
            reason.map { ": \($0.hasSuffix(".") ? String($0.dropLast()) : $0)" } ?? ""
        }
        switch state {
        case .queued: return "Queued\(because)."
        case .waiting: return "Waiting\(because)."
        case .running: return "Running attempt \(attempts.last?.number ?? 1)."
        case .backingOff:
            return "Backing off before attempt \(retry?.attempt ?? attempts.count + 1)\(because)."
        case .parked: return "Parked\(because)."
        case .needsHuman: return "Needs a person\(because)."
        case .delivering: return "Delivering after \(effort)."
        case .inReview: return "In review: \(pullRequestWords) after \(effort)."
        case .done: return "Done: \(pullRequestWords) after \(effort)."
        case .failed: return "Failed after \(effort)\(because)."
        case .cancelled: return "Cancelled after \(effort)\(because)."
        }
    }

    /// Such as `draft pull request #12`.
    package var pullRequestWords: String {
        guard let pullRequest else { return "no pull request" }
        let kind: String
        switch pullRequest.state {
        case .open: kind = pullRequest.draft ? "draft pull request" : "pull request"
        case .merged: kind = "merged pull request"
        case .closed: kind = "closed pull request"
        }
        return "\(kind) #\(pullRequest.number)"
    }

    /// Such as `2 attempts, 14 min, 1.83 USD`.
    package var effort: String {
        var parts = [totals.attempts == 1 ? "1 attempt" : "\(totals.attempts) attempts"]
        if totals.attempts > 0 { parts.append(Duration(inSeconds: totals.seconds).inWords) }
        if totals.costUSD > 0 { parts.append("\(dollars(totals.costUSD)) USD") }
        return parts.joined(separator: ", ")
    }
}

extension RunState {
    /// The state as a person would say it.
    package var words: String {
        switch self {
        case .backingOff: "backing off"
        case .needsHuman: "needs a person"
        case .inReview: "in review"
        case .queued, .waiting, .running, .parked, .delivering, .done, .failed, .cancelled: rawValue
        }
    }
}
