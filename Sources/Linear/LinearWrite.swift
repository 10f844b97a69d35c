package import Domain
import HTTP

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One change in Linear.
///
/// Each may be repeated: what is there already stays as it is, or is updated.
package enum LinearWrite: Equatable, Sendable {
    /// Moves the ticket to the team's state of this name, and gives it as it is then, with its description and
    /// without its blockers.
    case claim(ticket: String, to: String, team: String)
    /// Moves the ticket to the team's state of this name, unless somebody has closed it meanwhile: it's in a closed
    /// state that isn't one of `own`, the names of those that it was moved to before.
    case move(ticket: String, to: String, team: String, own: [String])
    /// Writes a comment, or changes its text; `id` is a UUID (lower case) that the caller made and keeps.
    case comment(id: String, ticket: String, body: String)
    /// Attaches a link, or changes the one with the same URL.
    case attach(ticket: String, url: String, title: String, subtitle: String?)
}

/// What came of a write.
package enum WriteOutcome: Equatable, Sendable {
    case done
    /// Of a comment: it has had its text since then, by Linear's clock.
    case written(Date)
    /// Of a claim.
    case ticket(Ticket)
}

extension LinearClient {
    /// Carries out all writes, many in a request; the results stand in the order of the writes.
    ///
    /// One that fails doesn't keep the others from being done. After a lost answer a repeat is safe.
    package func perform(_ writes: [LinearWrite]) async -> [Result<WriteOutcome, LinearError>] {
        var results: [Int: Result<WriteOutcome, LinearError>] = [:]
        await leaveClosed(writes, &results)
        var batches: [[WriteStep]] = [[]]
        for (index, write) in writes.enumerated() where results[index] == nil {
            do throws(LinearError) {
                batches[0].append(WriteStep(index: index, action: try await action(for: write)))
            } catch {
                results[index] = .failure(error)
            }
        }
        while let next = batches.popLast(), !next.isEmpty {
            let batch = Array(next.prefix(WriteStep.batchLimit))
            if batch.count < next.count { batches.append(Array(next.dropFirst(batch.count))) }
            let progress = await send(batch)
            results.merge(progress.settled) { _, new in new }
            batches += progress.again.filter { !$0.isEmpty }
        }
        return writes.indices.map { results[$0] ?? .failure(.cancelled) }
    }

    /// Settles the moves of tickets that a person has closed: who tells of a run late would open them again.
    private func leaveClosed(
        _ writes: [LinearWrite],
        _ results: inout [Int: Result<WriteOutcome, LinearError>]
    ) async {
        let moved = writes.compactMap { write in
            if case .move(let ticket, _, _, _) = write { ticket } else { nil }
        }
        let known: Result<[String: TicketState], LinearError>
        do throws(LinearError) {
            known = .success(try await states(ofTickets: moved))
        } catch {
            known = .failure(error)
        }
        for (index, write) in writes.enumerated() {
            guard case .move(let ticket, _, _, let own) = write else { continue }
            switch known {
            case .failure(let error): results[index] = .failure(error)
            case .success(let states):
                guard let state = states[ticket], state.isFinished,
                    !own.contains(where: { $0.lowercased() == state.name.lowercased() })
                else { continue }
                results[index] = .success(.done)
            }
        }
    }

    private func action(for write: LinearWrite) async throws(LinearError) -> WriteStep.Action {
        switch write {
        case .claim(let ticket, let name, let team):
            let state = try await state(named: name, team: team)
            return .move(ticket: ticket, state: state.id, team: team, isFetching: true)
        case .move(let ticket, let name, let team, _):
            let state = try await state(named: name, team: team)
            return .move(ticket: ticket, state: state.id, team: team, isFetching: false)
        case .comment(let id, let ticket, let body):
            return knownComments.contains(id)
                ? .changeComment(id: id, ticket: ticket, body: body, isSecondTry: false)
                : .makeComment(id: id, ticket: ticket, body: body, isSecondTry: false)
        case .attach(let ticket, let url, let title, let subtitle):
            return .attach(ticket: ticket, url: url, title: title, subtitle: subtitle)
        }
    }

    private struct Progress {
        var settled: [Int: Result<WriteOutcome, LinearError>] = [:]
        /// What is to be sent (again), each list in a request of its own.
        var again: [[WriteStep]] = []
    }

    private func send(_ batch: [WriteStep]) async -> Progress {
        let request = WriteStep.request(for: batch)
        let answer: LinearConnection.Result<[String: WriteRecord?]>
        do throws(LinearError) {
            answer = try await connection.perform(request, as: [String: WriteRecord?].self)
        } catch {
            return fail(batch, error)
        }
        var progress = Progress()
        var rest: [WriteStep] = []
        for (position, step) in batch.enumerated() {
            let alias = WriteStep.alias(position)
            if let failure = answer.failures.first(where: { $0.root == alias }) {
                settle(step, LinearError(failure), &progress, &rest)
            } else if let record = answer.data?[alias] ?? nil {
                progress.settled[step.index] = await outcome(of: step, record)
            } else if answer.data == nil {
                rest.append(step)  // lost with the one that failed: data is all or nothing
            } else {
                let error = LinearError.malformedAnswer(what: "a write came back as null")
                progress.settled[step.index] = .failure(error)
            }
        }
        if rest.count == batch.count, let failure = answer.failures.first,
            rest.map(\.action) == batch.map(\.action)
        {
            return fail(batch, LinearError(failure))  // the error doesn't say whose it is
        }
        progress.again.append(rest)
        return progress
    }

    /// A request failed whole: where that may be the fault of one write, the others get away from it.
    private func fail(_ batch: [WriteStep], _ error: LinearError) -> Progress {
        var progress = Progress()
        if batch.count > 1, error.mayBeOfOneWrite {
            let half = batch.count / 2
            progress.again = [Array(batch[half...]), Array(batch[..<half])]
        } else {
            for step in batch { progress.settled[step.index] = .failure(error) }
        }
        return progress
    }

    private func settle(
        _ step: WriteStep,
        _ error: LinearError,
        _ progress: inout Progress,
        _ rest: inout [WriteStep]
    ) {
        if let other = step.alternative(to: error) ?? step.retry(after: error) {
            rest.append(other)
            return
        }
        if case .notFound("WorkflowState") = error, case .move(_, _, let team, _) = step.action {
            forgetTeam(team)  // the state was deleted: the next try finds the present ones
        }
        progress.settled[step.index] = .failure(error)
    }

    private func outcome(
        of step: WriteStep,
        _ record: WriteRecord
    ) async -> Result<WriteOutcome, LinearError> {
        guard record.success else {
            return .failure(.refused(message: "Linear says that the write had no success"))
        }
        switch step.action {
        case .makeComment(let id, _, _, _), .changeComment(let id, _, _, _):
            if knownComments.count >= 4096 { knownComments = [] }
            knownComments.insert(id)
            // It's written, whatever can be read of it.
            guard case .record(let comment) = record.comment else { return .success(.done) }
            return .success(.written(comment.updatedAt))
        case .move(_, _, _, isFetching: true):
            guard case .record(let issue) = record.issue else {
                return .failure(.malformedAnswer(what: "a moved ticket came back malformed"))
            }
            do throws(LinearError) {
                let labels = try await labelNames(for: issue.labelIds)
                return .success(.ticket(issue.ticket(labels: labels, blockers: [])))
            } catch {
                return .failure(error)
            }
        case .move, .attach: return .success(.done)
        }
    }
}

extension LinearError {
    /// Whether a request of several writes may succeed without one of them.
    fileprivate var mayBeOfOneWrite: Bool {
        switch self {
        case .unanswered(.tooLarge), .notFound, .conflict, .refused, .misunderstood: true
        case .unanswered, .unauthorized, .rateLimited, .serverFault, .malformedAnswer,
            .partialAnswer, .unknownTeam, .unknownState, .unknownProject, .unusablePrompt,
            .cancelled:
            false
        }
    }
}
