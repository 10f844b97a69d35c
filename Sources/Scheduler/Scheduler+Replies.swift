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
        _ place: Entries.Place,
        with replies: [Reply],
        in state: TicketState,
        at now: Moment,
        _ commands: inout [Command]
    ) -> Bool {
        guard entries[place].replyWatch != nil, !entries[place].isTelling, !state.isFinished
        else { return false }
        let entry = entries[place]
        guard entry.goesOnWithWords else {
            keep(replies, on: place, at: now, &commands)
            return false
        }
        let newest = hear(replies, on: place)
        let selection = entry.workflow.tickets
        func isNamed(_ name: String) -> Bool { name.lowercased() == state.name.lowercased() }
        // Where the queue's state is the started one, being there says nothing.
        let isBack =
            selection.states.contains(where: isNamed) && !isNamed(selection.transitions.started)
        guard newest != nil || isBack else { return false }
        let number = entry.nextAttempt
        entries.change(place) { entry in
            // When it next needs a person, Linear is told again; and the ticket is claimed again, as it is now.
            entry.run.tracker.told = .running
            entry.ticket = nil
            entry.lastFailure = nil
            entry.again = nil
        }
        let who = newest.map(Self.answer)
        let why = who ?? "the ticket was moved back to \(state.name.inOneLine(limit: 80))"
        enter(
            place,
            .waiting,
            why,
            nil,
            "Attempt \(number) goes on in the agent's session as soon as a slot is free.",
            now
        )
        save(place, &commands)
        return true
    }

    /// Keeps what people wrote for the attempt that they start with a command.
    mutating func keep(
        _ replies: [Reply],
        on place: Entries.Place,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let newest = hear(replies, on: place) else { return }
        let run = entries[place].run
        let what = "\(Self.answer(newest)), for the next attempt"
        enter(place, run.state, what, run.reason, run.next, now)
        save(place, &commands)
    }

    private static func answer(_ reply: Reply) -> String {
        "\(reply.author.inOneLine(limit: 80)) answered"
    }

    /// Notes what people wrote for the attempt to come.
    ///
    /// - Returns: The newest; `nil` when there is nothing new.
    private mutating func hear(_ replies: [Reply], on place: Entries.Place) -> Reply? {
        guard let watch = entries[place].replyWatch, !entries[place].isTelling else { return nil }
        let entry = entries[place]
        // Times are rounded on disk, so that the time alone would let one be heard again after a restart.
        let known = Set((entry.run.replies ?? []).map(\.comment))
        let news = replies.filter { $0.at > watch.since && !known.contains($0.comment) }
        guard let newest = news.last else { return nil }
        let heard = news.map { Run.HeardReply($0, for: entry.nextAttempt) }
        let all = (entry.run.replies ?? []) + heard
        entries[place].run.replies = Array(all.suffix(Self.repliesKept))
        return newest
    }

    private static let repliesKept = 20
}

extension Entry {
    /// How much the clocks of this machine and of the tracker may differ, so that no answer is missed.
    private static let clockSkew: TimeInterval = 60

    /// The number of the attempt to come.
    fileprivate var nextAttempt: Int { (run.attempts.last?.number ?? 0) + 1 }

    /// Whether a person's words bring it on; else they are kept for the attempt that `retry` starts.
    fileprivate var goesOnWithWords: Bool {
        switch run.attempts.last?.outcome.map({ workflow.retry.on[$0] }) {
        case .askPerson, .park: true
        case .deliver, .retry, .fail, .cancel, nil: false
        }
    }

    /// What is asked of the ticket while an attempt would heed a person's words; `nil` while none would.
    var replyWatch: ReplyWatch? {
        guard run.state == .needsHuman, activity == .idle, run.pullRequest == nil,
            run.attempts.last?.outcome != nil
        else { return nil }
        // What was written while the agent worked counts too, once there was a first question.
        let asked = run.timeline.first { $0.state == .needsHuman }?.at
            .addingTimeInterval(-Self.clockSkew)
        // By this machine's clock or the tracker's, whichever is earlier: one may be hours ahead, and Linear is
        // told late, or again by a daemon that was killed.
        let question = [asked, run.tracker.asked].compactMap(\.self).min()
        guard let since = run.replies?.map(\.at).max() ?? question else { return nil }
        return ReplyWatch(ticket: run.ticket.id, since: since, own: run.tracker.comment)
    }
}
