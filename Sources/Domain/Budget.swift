#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// `budget:` — what all attempts of a workflow may cost together.
package struct BudgetSettings: Codable, Equatable, Sendable {
    /// US dollars in any 24 hours; no bound when `nil`.
    ///
    /// A window that moves has no midnight in the middle of a night's work at which twice as much may be spent.
    package var day: Double?

    package init(day: Double? = nil) { self.day = day }
}

/// What one attempt cost, as far as it's known.
package struct Spending: Equatable, Sendable {
    package var workflow: String
    /// When the attempt ended.
    package var at: Date
    package var usd: Double
    /// Whether the agent didn't say, so that all of its budget is counted.
    package var isEstimate: Bool

    package init(workflow: String, at: Date, usd: Double, isEstimate: Bool) {
        self.workflow = workflow
        self.at = at
        self.usd = usd
        self.isEstimate = isEstimate
    }

    /// What an attempt is counted with, or `nil` while it runs and where nothing can have been spent.
    ///
    /// - Parameters:
    ///   - attempt: One attempt of a run.
    ///   - workflow: The one that the run was started under.
    package init?(of attempt: Attempt, under workflow: Workflow) {
        guard let outcome = attempt.outcome, let ended = attempt.ended else { return nil }
        if let known = attempt.agent?.costUSD {
            guard known > 0 else { return nil }
            self.init(workflow: workflow.name, at: ended, usd: known, isEstimate: false)
        } else if outcome.mayHaveCost, let budget = workflow.agent.budget {
            self.init(workflow: workflow.name, at: ended, usd: budget, isEstimate: true)
        } else {
            return nil
        }
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
