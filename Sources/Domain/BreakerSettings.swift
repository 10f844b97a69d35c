/// `breaker:` — when so many attempts fail in a short time that no more are started for a while.
package struct BreakerSettings: Equatable, Sendable {
    /// So many failures open it; it never opens when `nil`.
    package var failures: Int?
    /// The time in which they have to come.
    package var within: Duration
    /// How long nothing is started before one attempt shows whether it works again; twice as long each time
    /// that it doesn't.
    package var pause: Duration
    /// The longest pause.
    package var limit: Duration

    package init(
        failures: Int? = 20,
        within: Duration = .seconds(60),
        pause: Duration = .seconds(5 * 60),
        limit: Duration = .seconds(3600)
    ) {
        self.failures = failures
        self.within = within
        self.pause = pause
        self.limit = limit
    }

    /// The pause after it has opened for the time number `opening` in a row, from 1.
    package func pause(ofOpening opening: Int) -> Duration {
        var length = pause
        for _ in 1..<max(opening, 1) where length < limit { length *= 2 }
        return min(length, max(limit, pause))
    }
}

/// What an attempt's end says of the machine, the agent and the provider, whatever it says of the ticket.
package enum BreakerVerdict: Sendable {
    case fails
    case works
    /// The provider asked for a break, or somebody stopped it.
    case saysNothing
}

extension Outcome {
    package var breakerVerdict: BreakerVerdict {
        switch self {
        case .agentFailed, .authFailed, .misconfigured, .setupFailed, .worktreeFailed, .pushFailed,
            .pushDeclined,
            .lost:
            .fails
        case .succeeded, .noChanges, .verificationFailed, .timedOut, .stalled, .maxTurns,
            .budgetExceeded, .refused, .conflict:
            .works
        case .rateLimited, .overloaded, .cancelled: .saysNothing
        }
    }
}
