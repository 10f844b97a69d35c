#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// `budget:` — what all attempts of a workflow may cost together.
///
/// Tokens are those that were read, without what the provider's cache spared, and those that were written.
package struct BudgetSettings: Codable, Equatable, Sendable {
    /// US dollars that all attempts of a ticket's run may cost together; no bound when `nil`.
    package var ticket: Double?
    /// The same in tokens.
    package var ticketTokens: Int?
    /// US dollars in any 24 hours; no bound when `nil`.
    ///
    /// A window that moves has no midnight in the middle of a night's work at which twice as much may be spent.
    package var day: Double?
    /// The same in tokens.
    package var dayTokens: Int?

    package init(
        ticket: Double? = nil,
        ticketTokens: Int? = nil,
        day: Double? = nil,
        dayTokens: Int? = nil
    ) {
        self.ticket = ticket
        self.ticketTokens = ticketTokens
        self.day = day
        self.dayTokens = dayTokens
    }
}

/// An amount of money and of tokens, each a bound or none.
package struct SpendingLimit: Codable, Equatable, Sendable {
    /// US dollars.
    package var usd: Double?
    package var tokens: Int?

    package init(usd: Double? = nil, tokens: Int? = nil) {
        self.usd = usd
        self.tokens = tokens
    }

    /// `nil` when it bounds nothing.
    package var orNone: SpendingLimit? { usd == nil && tokens == nil ? nil : self }
}

/// What one attempt cost, as far as it's known.
package struct Spending: Equatable, Sendable {
    package var workflow: String
    /// When the attempt ended.
    package var at: Date
    package var usd: Double
    /// Whether the agent didn't say, so that all that it might cost is counted.
    package var isEstimate: Bool
    package var tokens: Int
    /// The same for the tokens.
    package var tokensAreEstimate: Bool

    package init(
        workflow: String,
        at: Date,
        usd: Double,
        isEstimate: Bool,
        tokens: Int = 0,
        tokensAreEstimate: Bool = false
    ) {
        self.workflow = workflow
        self.at = at
        self.usd = usd
        self.isEstimate = isEstimate
        self.tokens = tokens
        self.tokensAreEstimate = tokensAreEstimate
    }

    /// What an attempt is counted with, or `nil` while it runs and where nothing can have been spent.
    ///
    /// - Parameters:
    ///   - attempt: One attempt of a run.
    ///   - workflow: The name of the one that the run was started under.
    ///   - agent: What it worked with.
    package init?(of attempt: Attempt, under workflow: String, _ agent: AgentSettings) {
        guard let outcome = attempt.outcome, let ended = attempt.ended else { return nil }
        self.init(workflow: workflow, at: ended, usd: 0, isEstimate: false)
        if let known = attempt.agent?.costUSD {
            usd = max(0, known)
        } else if outcome.mayHaveCost, let limit = attempt.limit?.usd ?? agent.budget {
            (usd, isEstimate) = (limit, true)
        }
        if let known = attempt.agent?.tokens {
            tokens = known
        } else if outcome.mayHaveCost, let limit = attempt.limit?.tokens ?? agent.tokens {
            (tokens, tokensAreEstimate) = (limit, true)
        }
        if usd <= 0, tokens <= 0 { return nil }
    }
}

extension AgentReport {
    /// The tokens that it read, without what the provider's cache spared, and wrote; `nil` when it doesn't say.
    package var tokens: Int? {
        let known = [inputTokens, cacheWriteTokens, outputTokens].compactMap(\.self)
        guard !known.isEmpty else { return nil }
        // An agent may say anything; sums of what it says have to fit.
        return known.reduce(0) { $0 + min(max(0, $1), 1_000_000_000_000) }
    }
}

extension Outcome {
    /// Whether an attempt that doesn't say what it cost may have cost something.
    fileprivate var mayHaveCost: Bool {
        switch self {
        case .succeeded, .noChanges, .verificationFailed, .agentFailed, .timedOut, .stalled,
            .maxTurns, .budgetExceeded, .refused, .pushFailed, .pushDeclined, .conflict, .cancelled,
            .lost:
            true
        case .rateLimited, .overloaded, .authFailed, .misconfigured, .setupFailed,
            .worktreeFailed:
            false
        }
    }
}

/// An amount of US dollars, `12.00`.
package func dollars(_ usd: Double) -> String {
    let cents = usd > 0 ? Int((min(usd, 1e12) * 100).rounded()) : 0
    return "\(cents / 100)." + (cents % 100 < 10 ? "0" : "") + "\(cents % 100)"
}
