/// How an attempt ended.
package enum Outcome: String, Codable, Sendable, CaseIterable {
    /// Changed, pushed and verified.
    case succeeded
    /// The tree equals the base.
    case noChanges = "no_changes"
    /// A check said no; its output goes into the next prompt.
    case verificationFailed = "verification_failed"
    /// The agent crashed, exited with a code other than 0, or broke off its stream.
    case agentFailed = "agent_failed"
    /// The attempt's wall clock ran out.
    case timedOut = "timed_out"
    /// The agent was silent for too long, or went on for too long with nothing to show for it.
    case stalled
    /// The agent's own limit on turns.
    case maxTurns = "max_turns"
    /// The agent's own limit on money.
    case budgetExceeded = "budget_exceeded"
    /// The provider's usage limit.
    case rateLimited = "rate_limited"
    /// The provider has no capacity now.
    case overloaded
    /// The model refuses the task.
    case refused
    /// The provider doesn't accept the credentials.
    case authFailed = "auth_failed"
    /// The agent can't be started as it is configured.
    case misconfigured
    case setupFailed = "setup_failed"
    case worktreeFailed = "worktree_failed"
    case pushFailed = "push_failed"
    /// The remote's rules don't take the branch; the work is on it here.
    case pushDeclined = "push_declined"
    /// The branch no longer merges into the base.
    case conflict
    /// A person stopped it, or the ticket moved.
    case cancelled
    /// The attempt's process died without a result.
    case lost

    /// What follows where the workflow doesn't say otherwise under `retry.on`.
    package var consequence: Consequence {
        switch self {
        case .succeeded: .deliver
        case .verificationFailed, .agentFailed, .timedOut, .stalled, .setupFailed,
            .worktreeFailed, .pushFailed, .conflict, .lost:
            .retry
        case .maxTurns, .budgetExceeded, .pushDeclined: .askPerson
        case .rateLimited, .overloaded: .park
        case .noChanges, .refused, .authFailed, .misconfigured: .fail
        case .cancelled: .cancel
        }
    }
}

/// What follows an attempt's end.
package enum Consequence: String, Codable, Sendable, CaseIterable {
    case deliver
    /// Another attempt after a wait, while there are any left.
    case retry
    /// The same attempt again once the provider's limit has passed, or in half an hour; no attempt is spent, and the
    /// provider's other runs wait too.
    case park
    /// The work is kept on its branch and a person decides.
    case askPerson = "needs_human"
    case fail
    case cancel
}

extension Outcome {
    /// The outcome as a person would say it.
    package var words: String {
        switch self {
        case .succeeded: "succeeded"
        case .noChanges: "changed nothing"
        case .verificationFailed: "verification failed"
        case .agentFailed: "the agent failed"
        case .timedOut: "timed out"
        case .stalled: "stalled"
        case .maxTurns: "the agent ran out of turns"
        case .budgetExceeded: "the agent's budget is spent"
        case .rateLimited: "the provider's usage limit is reached"
        case .overloaded: "the provider is overloaded"
        case .refused: "the model refused"
        case .authFailed: "the provider refused the credentials"
        case .misconfigured: "the agent can't be started"
        case .setupFailed: "setup failed"
        case .worktreeFailed: "no worktree"
        case .pushFailed: "push failed"
        case .pushDeclined: "the remote declined the push"
        case .conflict: "conflicts with the base"
        case .cancelled: "cancelled"
        case .lost: "lost"
        }
    }
}
