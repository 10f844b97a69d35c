package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// How an agent's process came to its end.
package struct AgentTermination: Equatable, Sendable {
    package enum Status: Equatable, Sendable {
        case exited(Int)
        case signaled(Int)
        /// There never was a process; the text says why.
        case notStarted(String)
    }
    /// Why Linecook ended it.
    package enum Cause: Equatable, Sendable {
        /// The wall clock of so much ran out.
        case timeout(Duration)
        /// Nothing came for so long.
        case stall(Duration)
        /// No file changed for so long, and nothing of a new kind happened.
        case idle(Duration)
        /// It held more memory than it may, with all that it had started; in bytes.
        case memory(held: Int, limit: Int)
        /// It used more than it may, by what it says itself.
        case spending(String)
        /// A person stopped it, or the ticket moved.
        case cancel
    }
    package var status: Status
    /// `nil` when it ended by itself.
    package var cause: Cause?

    package init(_ status: Status, endedFor cause: Cause? = nil) {
        self.status = status
        self.cause = cause
    }
}

/// How an attempt's agent did, by its stream, its standard error and the end of its process.
///
/// `succeeded` means exit code 0 and, for an agent that says how it went, that it said so last; whether
/// anything was changed is git's to say.
package struct AgentVerdict: Equatable, Sendable {
    package var outcome: Outcome
    /// One harmless sentence; `nil` with a success that has nothing to add.
    package var reason: String?
    /// When the provider's limit ends, if it said so; see `retryAt(now:resolve:)`.
    package var reset: LimitReset?
    /// The session can't be resumed: the next attempt starts a fresh one.
    package var sessionIsLost: Bool
    package var report: AgentReport

    /// Judges the end of an agent's process.
    ///
    /// - Parameters:
    ///   - summary: What its standard output amounted to, once that has ended.
    ///   - end: The end of its process.
    ///   - standardError: The last bytes of its standard error, a few kilobytes at most.
    package init(
        _ summary: AgentSummary,
        end: AgentTermination,
        standardError: some Collection<UInt8>
    ) {
        let ending = Self.ending(summary, end: end, standardError: standardError)
        outcome = ending.outcome
        reset = ending.reset
        sessionIsLost = ending.sessionIsLost
        report = summary.report(after: end)
        let denials = Self.sentence(about: summary.denials)
        let parts = [ending.reason?.inOneLine(limit: 300), denials].compactMap { $0 }
        reason = parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// When to come again, with `rateLimited` and `overloaded`; `nil` with any other outcome.
    ///
    /// What the provider said, at least a minute from `now`; without that, 30 minutes for a limit and 2 for
    /// an overload.
    ///
    /// - Parameters:
    ///   - now: The present wall clock time.
    ///   - resolve: Turns a wall clock time into the next such moment after the given one, by the rules of
    ///     its zone; `nil` when the zone is unknown.
    /// - Returns: The moment.
    package func retryAt(now: Date, resolve: (WallClockReset, Date) -> Date?) -> Date? {
        let fallback: Duration
        switch outcome {
        case .rateLimited: fallback = LimitReset.fallback
        case .overloaded: fallback = LimitReset.overloadFallback
        case .succeeded, .noChanges, .verificationFailed, .agentFailed, .timedOut, .stalled,
            .maxTurns, .budgetExceeded, .refused, .authFailed, .misconfigured, .setupFailed,
            .worktreeFailed, .pushFailed, .pushDeclined, .conflict, .cancelled, .lost:
            return nil
        }
        return LimitReset.moment(of: reset, now: now, fallback: fallback, resolve: resolve)
    }

    private static func ending(
        _ summary: AgentSummary,
        end: AgentTermination,
        standardError: some Collection<UInt8>
    ) -> AgentEnding {
        switch end.cause {
        case .timeout(let limit):
            return AgentEnding(.timedOut, reason: "ended after \(limit.inWords)")
        case .stall(let limit): return AgentEnding(.stalled, reason: "silent for \(limit.inWords)")
        case .idle(let limit):
            return AgentEnding(
                .stalled,
                reason: "changed no file and did nothing new for \(limit.inWords) (agent.idle_work)"
            )
        case .memory(let held, let limit):
            return AgentEnding(
                .agentFailed,
                reason: "ended since it held \(held.bytesInWords) of memory with all that it had"
                    + " started; agent.memory allows \(limit.bytesInWords)"
            )
        case .spending(let words): return AgentEnding(.budgetExceeded, reason: words)
        case .cancel: return AgentEnding(.cancelled, reason: "ended because it was cancelled")
        case nil: break
        }
        switch end.status {
        case .notStarted(let why):
            return AgentEnding(.misconfigured, reason: "the agent can't be started: \(why)")
        case .signaled(let number):
            let name = name(ofSignal: number)
            return AgentEnding(.agentFailed, reason: "ended by \(name), which Linecook didn't send")
        case .exited(let code) where summary.kind.adapter.signal(inExit: code) != nil:
            let name = name(ofSignal: summary.kind.adapter.signal(inExit: code) ?? code)
            return AgentEnding(.agentFailed, reason: "ended by \(name), which Linecook didn't send")
        case .exited(0):
            if var ending = summary.ending {
                if ending.outcome == .rateLimited {
                    ending.reset = ending.reset ?? summary.limitEnd
                }
                return ending
            }
            guard summary.kind.adapter.saysHowItWent else { return AgentEnding(.succeeded) }
            return AgentEnding(.agentFailed, reason: "ended without a result; it was interrupted")
        case .exited(let code):
            if var ending = summary.ending, ending.outcome != .succeeded {
                if ending.outcome == .rateLimited {
                    ending.reset = ending.reset ?? summary.limitEnd
                }
                return ending
            }
            let exit = SilentExit(
                code: code,
                hadOutput: summary.hadOutput,
                lastError: lastLine(of: standardError)
            )
            return summary.kind.adapter.ending(ofSilent: exit)
        }
    }

    private static func sentence(about denials: [Denial]) -> String? {
        guard !denials.isEmpty else { return nil }
        let tools = Set(denials.map(\.tool)).sorted().joined(separator: ", ")
        return "permission was denied for \(tools)"
    }

    private static func lastLine(of bytes: some Collection<UInt8>) -> String {
        let text = String(decoding: bytes.suffix(8192), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).map { $0.inOneLine(limit: 300) }
        return lines.last { $0.lowercased().hasPrefix("error") } ?? lines.last { !$0.isEmpty } ?? ""
    }

    private static func name(ofSignal number: Int) -> String {
        switch number {
        case 1: "SIGHUP"
        case 2: "SIGINT"
        case 3: "SIGQUIT"
        case 4: "SIGILL"
        case 6: "SIGABRT"
        case 8: "SIGFPE"
        case 9: "SIGKILL"
        case 11: "SIGSEGV"
        case 13: "SIGPIPE"
        case 15: "SIGTERM"
        default: "signal \(number)"
        }
    }
}
