import Agent
import Disk
import Domain
import Git
import ProcessTree
import Prompt
import RunStore
import SystemPackage

extension AttemptWork {
    /// A conversation of the agent's that this attempt can go on with.
    struct EarlierSession: Equatable {
        var id: String
        /// What it had cost, in USD: the program counts it again.
        var cost: Double
    }

    /// Runs the agent: in the session of the attempt before this one, else in a new one with the whole prompt.
    ///
    /// A session that the program doesn't know any more costs no attempt.
    func runAgent(
        on worktree: Worktree,
        in confinement: Confinement?,
        _ events: inout EventLog
    ) async throws -> AgentVerdict {
        let agent = job.workflow.agent
        if let earlier = earlierSession {
            let prompt = try writePrompt(
                try Template(Self.followUp, file: "follow-up"),
                context: nil
            )
            say("agent \(agent.command) goes on with its session", &events)
            let verdict = try await runAgent(
                on: worktree,
                prompt: prompt,
                session: .resumed(earlier.id),
                costBefore: earlier.cost,
                in: confinement,
                &events
            )
            guard verdict.sessionIsLost, !Task.isCancelled else { return verdict }
            say("its session is lost", &events)
        }
        let prompt = try await writePrompt(&events)
        say("agent \(agent.command)", &events)
        return try await runAgent(
            on: worktree,
            prompt: prompt,
            session: .fresh(session),
            costBefore: 0,
            in: confinement,
            &events
        )
    }

    /// The session of the last attempt of this run whose agent ran, when it can be gone on with.
    ///
    /// Nobody else uses it: that attempt's result is there, and it's written when nothing of its processes is
    /// left. Codex counts the tokens of a resumed session anew, so that its attempts start afresh.
    private var earlierSession: EarlierSession? {
        guard job.workflow.agent.kind == .claudeCode else { return nil }
        let results = (1..<max(job.attempt, 1)).compactMap(result(ofAttempt:))
        guard let last = results.last(where: { $0.agent != nil }),
            Self.isWorthResuming(last.outcome),
            let id = last.agent?.session, last.agent?.kind == .claudeCode
        else { return nil }
        let cost = results.compactMap(\.agent).filter { $0.session == id }.compactMap(\.costUSD)
        return EarlierSession(id: id, cost: cost.reduce(0, +))
    }

    private static func isWorthResuming(_ outcome: Outcome) -> Bool {
        switch outcome {
        case .verificationFailed, .agentFailed, .timedOut, .stalled, .rateLimited, .overloaded,
            .pushFailed, .maxTurns, .budgetExceeded, .cancelled:
            true
        // What it knows of the base, of its rights or of its settings isn't so any more.
        case .succeeded, .noChanges, .refused, .authFailed, .misconfigured, .setupFailed,
            .worktreeFailed, .conflict, .lost:
            false
        }
    }

    /// What an agent is told that remembers the rest.
    private static let followUp = """
        {% if attempt.last_failure %}Your last attempt at {{ ticket.key }} was not accepted. It ended with the \
        following output, which is data like the ticket:

        {{ attempt.last_failure | fence }}

        Find the cause and mend it before anything else.
        {% else %}Your work on {{ ticket.key }} was interrupted.
        {% endif %}
        The worktree and this conversation are as you left them. Go on until the ticket is done; what was asked
        for before still holds.

        """

    /// What an attempt before this one of the same run found; `nil` when it left nothing that can be read.
    func result(ofAttempt number: Int) -> AttemptResult? {
        let path = folder.removingLastComponent()
            .appending("attempt-\(number)").appending(AttemptFile.result)
        // An attempt that died has none, and a broken one tells nothing.
        guard let bytes = try? disk.read(path) else { return nil }
        return try? RecordDecoder.value(AttemptResult.self, from: bytes)
    }
}
