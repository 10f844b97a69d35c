package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What the service needs of Linear.
package protocol Tracker: Sendable {
    /// Asks for the workflow's ready tickets, when wanted, and for those that are held.
    ///
    /// - Throws: when any part of the answer is missing; an incomplete answer is no answer.
    func poll(
        _ workflow: Workflow,
        candidates: Bool,
        tracked: TrackedQuestion
    ) async throws -> (candidates: [Ticket]?, tracked: [TrackedTicket], notes: [String])

    /// What a person wrote as this ticket's prompt where the tracker keeps documents; `nil` when nobody did.
    ///
    /// - Parameters:
    ///   - ticket: Its id.
    ///   - key: Its key.
    /// - Returns: The prompt.
    /// - Throws: When it can't be asked for, or is there and can't be used.
    func writtenPrompt(_ ticket: String, _ key: TicketKey) async throws -> WrittenPrompt?

    /// Whether such a prompt wins over the one that lies beside the workflow's templates.
    var promptsWin: Bool { get }

    /// Moves a ticket to its started state.
    ///
    /// - Returns: the whole ticket, or `nil` when there is no such ticket any more.
    func claim(_ ticket: String, for workflow: Workflow) async throws -> Ticket?

    /// Tells of a run's state: column, pull request, comment; safe to repeat.
    ///
    /// - Parameters:
    ///   - run: with the state to tell of.
    ///   - workflow: the one that it was started under.
    ///   - folder: the run's folder, for the comment.
    /// - Returns: when the comment was written, by the tracker's clock; `nil` when none was, or that isn't known.
    /// - Throws: when Linear didn't confirm all of it.
    func tell(_ run: Run, of workflow: Workflow, folder: String) async throws -> Date?
}

/// What the service needs of a forge, and of git where the forge doesn't have it.
package protocol Delivery: Sendable {
    /// Sees to it that the workflow's repository is on this machine; may take as long as a whole clone.
    ///
    /// - Throws: `DeliveryFailure`.
    func makeReady(for workflow: Workflow) async throws

    /// The present commit of the base on the remote; one fetch serves all that ask at the same time.
    func baseCommit(of workflow: Workflow) async throws -> String

    /// Says that the base has moved, so that the next `baseCommit` fetches again.
    func baseMoved(of workflow: Workflow) async

    /// Puts the branches that a run builds upon together, on a branch of their own.
    ///
    /// - Returns: The commit to start from, or the files in which they conflict.
    func combine(_ run: Run, of workflow: Workflow) async throws -> Combination

    /// Puts the run's branch on what is left of its blockers' branches, pushes it, and aims its pull
    /// request there. Safe to repeat.
    ///
    /// - Throws: `DeliveryFailure`.
    func restack(
        _ run: Run,
        of workflow: Workflow,
        onto stack: [Run.StackedOn]
    ) async throws -> (base: Run.Base, commit: String)

    /// Opens the run's pull request, or finds the one that is there. Safe to repeat.
    ///
    /// - Throws: `DeliveryFailure`.
    func open(_ run: Run, of workflow: Workflow) async throws -> PullRequest

    /// The runs' pull requests as they stand now, in few requests; one that can't be found is missing.
    func pullRequests(of runs: [Run], of workflow: Workflow) async throws -> [RunID: PullRequest]

    /// Removes the run's worktree unless something would be lost.
    ///
    /// - Returns: what became of it, `removed` or `kept: …`.
    func clean(_ run: Run, of workflow: Workflow) async throws -> String
}

/// What came of putting branches together.
package enum Combination: Equatable, Sendable {
    case commit(String)
    case conflict(String)
}

/// A delivery that didn't succeed.
package struct DeliveryFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String
    package var isRetryable: Bool

    package init(_ description: String, isRetryable: Bool) {
        self.description = description
        self.isRetryable = isRetryable
    }
}
