#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension Batch {
    /// The state of a member that waited for a failed ticket and was left out.
    package static let skipped = "skipped"
    /// The state of a member that left the queue before a run of it was begun.
    package static let withdrawn = "withdrawn"

    /// Takes over what became of a member's run.
    ///
    /// - Parameter run: One of this batch.
    /// - Returns: Whether the record is another one now.
    package mutating func take(_ run: Run) -> Bool {
        guard let index = tickets.firstIndex(where: { $0.id == run.ticket.id }) else {
            return false
        }
        return take(run, at: index)
    }

    /// The same, where the member's place is known.
    ///
    /// - Parameters:
    ///   - run: One of this batch.
    ///   - index: The place in `tickets` of its ticket.
    /// - Returns: Whether the record is another one now.
    package mutating func take(_ run: Run, at index: Int) -> Bool {
        tickets[index].take(
            run: run.run,
            run.state,
            reason: run.reason,
            started: run.attempts.first?.started,
            seconds: run.totals.seconds,
            last: run.timeline.last?.at
        )
    }

    /// Whether nothing follows without a person.
    package var isDelivered: Bool { tickets.allSatisfy(\.isDelivered) }

    /// Whether nothing can follow at all: every pull request is decided.
    package var isAtRest: Bool { ended != nil && tickets.allSatisfy(\.isOver) }

    /// Computes anew what follows from the members: the end, the times and the verdict.
    package mutating func refresh() {
        let isOver = isDelivered
        ended = isOver ? tickets.compactMap(\.ended).max() ?? started : nil
        let first = tickets.compactMap(\.started).min()
        let last = tickets.compactMap(\.ended).max()
        if let first, let last, isOver {
            makespan = Self.tenths(max(0, last.timeIntervalSince(first)))
            serial = Self.tenths(tickets.compactMap(\.seconds).reduce(0, +))
        } else {
            (makespan, serial) = (nil, nil)
        }
        summary = verdict
    }

    private var verdict: String {
        var counts: [(words: String, count: Int)] = []
        for member in tickets {
            if let index = counts.firstIndex(where: { $0.words == member.words }) {
                counts[index].count += 1
            } else {
                counts.append((member.words, 1))
            }
        }
        let parts = counts.map { "\($0.count) \($0.words)" }.joined(separator: ", ")
        let size = tickets.count == 1 ? "1 ticket" : "\(tickets.count) tickets"
        guard let makespan, let serial else { return "\(size): \(parts)." }
        return "\(size): \(parts); \(Duration(inSeconds: makespan).inWords),"
            + " one after the other \(Duration(inSeconds: serial).inWords)."
    }

    private static func tenths(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }
}

extension Batch.Member {
    private var runState: RunState? { state.flatMap(RunState.init(rawValue:)) }

    /// Whether it was left out of the batch.
    package var isLeftOut: Bool { state == Batch.skipped || state == Batch.withdrawn }

    /// Whether nothing can follow in this batch.
    package var isOver: Bool { isLeftOut || runState?.isFinal ?? false }

    /// Whether nothing follows without a person.
    package var isDelivered: Bool { isOver || runState?.waitsForPerson ?? false }

    /// Whether later phases need not wait for it any more.
    package func isBehind(_ base: PlanSettings.Base) -> Bool {
        isOver || (base == .stacked && runState == .inReview)
    }

    /// Where it stands, as a person would say it.
    package var words: String {
        if isLeftOut { return state ?? "" }
        return runState?.words ?? "waiting"
    }

    /// Takes over what became of a run of its ticket.
    ///
    /// - Parameters:
    ///   - number: The run's.
    ///   - state: Where it stands.
    ///   - reason: What the run says of that.
    ///   - started: When its first attempt was started.
    ///   - seconds: The time that its attempts took together.
    ///   - last: When it came to its state.
    /// - Returns: Whether its run or the state of it is another one now.
    package mutating func take(
        run number: Int,
        _ state: RunState,
        reason: String?,
        started: Date?,
        seconds: Double,
        last: Date?
    ) -> Bool {
        // A later run of the ticket belongs to a later batch.
        guard run == nil || run == number else { return false }
        let isNews = run != number || self.state != state.rawValue
        run = number
        self.state = state.rawValue
        self.reason = reason
        self.started = started
        self.seconds = seconds
        if !state.isFinal, !state.waitsForPerson {
            ended = nil
        } else if ended == nil {
            ended = last
        }
        return isNews
    }

    /// Leaves the batch without a run.
    package mutating func leave(_ state: String, _ reason: String, at now: Date) {
        self.state = state
        self.reason = reason
        ended = now
    }
}
