import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The breaks that providers asked for, as far as it was written that they did.
struct ProviderBreaks {
    private struct Break {
        var agent: AgentSettings
        /// Whether it's one model's, and not the whole provider's.
        var isModels: Bool
        var since: Date
        var until: Date
    }
    private var breaks: [Break] = []

    /// Takes note that it's known now what an attempt came to.
    ///
    /// Where no end was named, it's half an hour from when the daemon learned of it, which may have died before anybody
    /// saw what it wrote.
    mutating func add(
        _ outcome: Outcome,
        of attempt: SimulatedAttempt,
        endedAt: Date?,
        at now: Date
    ) {
        breaks.append(
            Break(
                agent: attempt.workflow.agent,
                isModels: outcome == .overloaded,
                since: now,
                until: attempt.retryAt ?? (endedAt ?? now).addingTimeInterval(1800)
            )
        )
    }

    /// Until when an agent must not be asked at this moment; on disk times are whole milliseconds.
    func end(for agent: AgentSettings, at now: Date) -> Date? {
        breaks.filter { each in
            each.since < now && now < each.until.addingTimeInterval(-0.002)
                && each.agent.provider == agent.provider
                && (!each.isModels || each.agent.model == agent.model)
        }.map(\.until).max()
    }
}

/// What the breaker of a single workflow has to do at the least, worked out from the runs' records.
struct FailureWatch {
    private let settings: BreakerSettings
    private var failures: [Date] = []
    /// Between these nothing is started; after them one attempt at a time, until one has shown that it works.
    private var opening: (since: Date, until: Date)?

    init(_ settings: BreakerSettings) { self.settings = settings }

    /// An attempt was written to have ended.
    mutating func ended(_ attempt: Attempt, _ verdict: BreakerVerdict, at now: Date) {
        let pause = settings.pause.inSeconds
        if let opening {
            guard attempt.started >= opening.until else { return }
            switch verdict {
            case .fails: self.opening = (opening.since, now.addingTimeInterval(pause))
            case .works: self.opening = nil
            case .saysNothing: break
            }
            return
        }
        guard verdict == .fails, let limit = settings.failures else { return }
        failures.append(min(attempt.ended ?? now, now))
        failures.removeAll { $0 <= now.addingTimeInterval(-settings.within.inSeconds) }
        guard failures.count >= limit else { return }
        failures = []
        opening = (now, now.addingTimeInterval(pause))
    }

    /// Looks whether an attempt may be started now.
    ///
    /// - Parameters:
    ///   - now: When that was decided.
    ///   - others: When the other attempts were that are at work.
    /// - Returns: Why it must not; `nil` when it may.
    func objection(to now: Date, beside others: [Date]) -> String? {
        guard let opening, now > opening.since else { return nil }
        if now < opening.until { return "too many fail, until \(opening.until)" }
        if others.contains(where: { $0 >= opening.until }) {
            return "another one shows whether it works"
        }
        return nil
    }
}
