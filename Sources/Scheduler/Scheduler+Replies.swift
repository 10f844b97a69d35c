import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Scheduler {
    /// Goes on with a run that waits for a person, once one has answered on the ticket or has moved it back to
    /// the queue: the same run, its next attempt, which resumes the agent's session.
    ///
    /// - Returns: Whether it goes on.
    mutating func goOn(
        _ id: RunID,
        with replies: [Reply],
        in state: TicketState,
        at now: Moment,
        _ commands: inout [Command]
    ) -> Bool {
        guard let entry = entries[id], let watch = entry.replyWatch, !entry.isTelling,
            !state.isFinished
        else { return false }
        let known = Set((entry.run.replies ?? []).map(\.comment))
        let news = replies.filter { $0.at > watch.since && !known.contains($0.comment) }
        let selection = entry.workflow.tickets
        func isNamed(_ name: String) -> Bool { name.lowercased() == state.name.lowercased() }
        // Where the queue's state is the started one, being there says nothing.
        let isBack =
            selection.states.contains(where: isNamed) && !isNamed(selection.transitions.started)
        guard !news.isEmpty || isBack else { return false }
        let number = (entry.run.attempts.last?.number ?? 0) + 1
        let heard = (entry.run.replies ?? []) + news.map { Run.HeardReply($0, for: number) }
        entries[id]?.run.replies = heard.isEmpty ? nil : Array(heard.suffix(Self.repliesKept))
        // When it next needs a person, Linear is told again; and the ticket is claimed again, as it is now.
        entries[id]?.run.tracker.told = .running
        entries[id]?.ticket = nil
        entries[id]?.lastFailure = nil
        entries[id]?.again = nil
        let who = news.last.map { "\($0.author.inOneLine(limit: 80)) answered" }
        let why = who ?? "the ticket was moved back to \(state.name.inOneLine(limit: 80))"
        enter(
            id,
            .waiting,
            why,
            nil,
            "Attempt \(number) goes on in the agent's session as soon as a slot is free.",
            now
        )
        save(id, &commands)
        return true
    }

    private static let repliesKept = 20
}

extension Entry {
    /// How much the clocks of this machine and of the tracker may differ, so that no answer is missed.
    private static let clockSkew: TimeInterval = 60

    /// What is asked of the ticket while a person's words would bring the run on; `nil` while they wouldn't.
    var replyWatch: ReplyWatch? {
        guard run.state == .needsHuman, activity == .idle, run.pullRequest == nil,
            let last = run.attempts.last?.outcome.map({ workflow.retry.on[$0] })
        else { return nil }
        switch last {
        case .askPerson, .park: break
        case .deliver, .retry, .fail, .cancel: return nil
        }
        // What was written while the agent worked counts too, once there was a first question.
        let asked = run.timeline.first { $0.state == .needsHuman }?.at
        let heard = run.replies?.map(\.at).max()
        guard let since = heard ?? asked?.addingTimeInterval(-Self.clockSkew) else { return nil }
        return ReplyWatch(ticket: run.ticket.id, since: since, own: run.tracker.comment)
    }
}
