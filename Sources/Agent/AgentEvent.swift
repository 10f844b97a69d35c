package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One thing that an agent did or said, whatever its program calls it.
///
/// Its JSON form, one object a line, is what `events.jsonl` holds and what an agent of kind `command` may
/// print by itself: `{"event":"message","text":"…"}`. Text is the agent's own, at most 16 KB a piece, and
/// not made harmless: `line` is, and JSON escapes what a terminal would obey.
package enum AgentEvent: Equatable, Sendable {
    /// A session began, or went on.
    case started(session: String?, model: String?)
    /// What the agent said.
    case message(String)
    /// A tool was called; the argument is the one that tells most, a command or a path.
    case tool(name: String, argument: String)
    /// A call of a tool has come to its end, well or not; name and argument are those that it was told with.
    case toolEnded(name: String, argument: String)
    /// A file was changed by a tool, as a unified diff without its head.
    case edited(path: String, diff: String)
    /// A tool call failed, which agents often mend by themselves.
    case toolFailed(String)
    /// The agent may not use a tool: what it wanted with it, as far as that's known, and why not.
    case denied(tool: String, argument: String, text: String)
    /// The provider failed and the agent's program tries again by itself.
    case retrying(AgentRetry)
    /// The provider's limit is reached; `nil` when it isn't known until when.
    case limited(until: Date?)
    /// What the agent has used so far, since its process started.
    case usage(AgentUsage)
    /// How it went, in the agent's own view. It may come more than once; the last one counts.
    case outcome(AgentEnding)
    /// What else a reader may want to know.
    case notice(String)
    /// A line that is no event: output as it came.
    case output(String)
    /// A line was too long to be looked at.
    case skipped(bytes: Int)
}

/// One try of the agent's own program to reach its provider again.
package struct AgentRetry: Equatable, Sendable {
    /// From 1.
    package var attempt: Int
    /// How many tries there will be.
    package var limit: Int
    /// The wait before this try.
    package var seconds: Double
    /// The HTTP status, when the provider answered at all.
    package var status: Int?
    /// A word such as `overloaded`.
    package var reason: String

    package init(attempt: Int, limit: Int, seconds: Double, status: Int?, reason: String) {
        self.attempt = attempt
        self.limit = limit
        self.seconds = seconds
        self.status = status
        self.reason = reason
    }
}

/// What an agent has used; `nil` is unknown, not zero.
package struct AgentUsage: Codable, Equatable, Sendable {
    /// Answers of the model.
    package var turns: Int?
    /// USD.
    package var cost: Double?
    /// Tokens that the model read, without those that went to the provider's cache or came from it.
    package var inputTokens: Int?
    package var outputTokens: Int?
    /// Tokens that the provider's cache spared.
    package var cacheReadTokens: Int?
    /// Tokens that were put into the provider's cache.
    package var cacheWriteTokens: Int?
    /// At least so many were read and written, without those that came from the cache, since the others were told.
    package var runningTokens: Int?

    package init(
        turns: Int? = nil,
        cost: Double? = nil,
        inputTokens: Int? = nil,
        outputTokens: Int? = nil,
        cacheReadTokens: Int? = nil,
        cacheWriteTokens: Int? = nil,
        runningTokens: Int? = nil
    ) {
        self.turns = turns
        self.cost = cost
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cacheReadTokens = cacheReadTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.runningTokens = runningTokens
    }

    private enum CodingKeys: String, CodingKey {
        case turns
        case cost = "cost_usd"
        case inputTokens = "input_tokens"
        case outputTokens = "output_tokens"
        case cacheReadTokens = "cache_read_tokens"
        case cacheWriteTokens = "cache_write_tokens"
        case runningTokens = "running_tokens"
    }

    /// Takes over what `other` knows.
    mutating func update(with other: AgentUsage) {
        turns = other.turns ?? turns
        cost = other.cost ?? cost
        inputTokens = other.inputTokens ?? inputTokens
        outputTokens = other.outputTokens ?? outputTokens
        cacheReadTokens = other.cacheReadTokens ?? cacheReadTokens
        cacheWriteTokens = other.cacheWriteTokens ?? cacheWriteTokens
        runningTokens = other.runningTokens ?? runningTokens
    }
}

/// What an agent says about its own end.
package struct AgentEnding: Equatable, Sendable {
    /// What an agent can know of itself: `succeeded` says that it did what it could, not that
    /// anything was changed.
    package static let possible: Set<Outcome> = [
        .succeeded, .agentFailed, .maxTurns, .budgetExceeded, .rateLimited, .overloaded, .refused,
        .authFailed, .misconfigured,
    ]

    package var outcome: Outcome
    package var reason: String?
    /// When to come again, with `rateLimited` and `overloaded`.
    package var reset: LimitReset?
    /// The session can't be gone on with: the next attempt must start a fresh one.
    package var sessionIsLost: Bool

    package init(
        _ outcome: Outcome,
        reason: String? = nil,
        reset: LimitReset? = nil,
        sessionIsLost: Bool = false
    ) {
        self.outcome = outcome
        self.reason = reason
        self.reset = reset
        self.sessionIsLost = sessionIsLost
    }
}
