import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Scheduler {
    /// Counts an attempt that has ended, or takes it for the answer when it was started to get one.
    mutating func noteEnd(
        _ id: RunID,
        of workflow: String,
        _ result: AttemptResult,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        breaker.ended(
            result.outcome.breakerVerdict,
            id,
            of: workflow,
            cause: { result.words.inOneLine(limit: 200) },
            ended: result.ended,
            at: now.wall
        )
        saveBreaker(&commands)
    }

    /// Asks for the breaker's record when it isn't the one that was asked for last.
    mutating func saveBreaker(_ commands: inout [Command]) {
        let (marks, breaks) = (breaker.marks, parking.breaks)
        guard marks != savedBreaker || breaks != savedBreaks else { return }
        (savedBreaker, savedBreaks) = (marks, breaks)
        commands.append(.saveBreaker(marks, breaks))
    }

    /// Why the breaker doesn't let an attempt be started, or `nil` when it does.
    ///
    /// The words stay the same while it's open, for they're recorded.
    func breakerObstacle(_ workflow: String, _ id: RunID? = nil) -> String? {
        guard let now = lastSeen?.wall, let opening = breaker.opening(for: workflow),
            breaker.holds(
                id,
                of: workflow,
                at: now,
                isWorking: { entries[$0]?.slot != nil }
            )
        else { return nil }
        return "too many attempts failed, the last one with: \(opening.cause)"
    }

    /// How the breaker stands, for a person.
    func breakerWords(_ workflow: String) -> String {
        guard let failures = breaker.settings.failures else { return "none is set" }
        guard let opening = breaker.opening(for: workflow) else {
            return "closed; \(failures) failures within \(breaker.settings.within.inWords) open it"
        }
        return words(of: opening)
    }

    /// What a person should know of the breakers that are open, one sentence each.
    package var breakerNotes: [String] {
        breaker.open.map { name, opening in
            (name.map { "workflow \($0): " } ?? "") + words(of: opening)
        }
    }

    private func words(of opening: BreakerMark.Opening) -> String {
        let what = "too many attempts failed, the last one with: \(opening.cause); "
        if let probe = opening.probe, entries[probe]?.slot != nil {
            return what + "the attempt of \(probe.ticket) shows whether it works again"
        }
        if let now = lastSeen?.wall, opening.until > now {
            return what + "nothing is started before \(clock(opening.until)), then one attempt"
                + " that shows whether it works again"
        }
        return what + "the next attempt shows whether it works again"
    }
}
