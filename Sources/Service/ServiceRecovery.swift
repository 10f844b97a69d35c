import Domain
import Executor
import RunStore
import Scheduler
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a start finds on disk.
struct ServiceRecovery: Sendable {
    /// An attempt of an earlier daemon that still works.
    struct Adopted: Sendable {
        var run: RunID
        var attempt: Int
        var job: String
    }
    private(set) var runs: [RecoveredRun] = []
    private(set) var batches = RecoveredBatches()
    private(set) var adopted: [Adopted] = []
    /// Open runs that aren't this service's: of the daemon, or of another prompt file.
    private(set) var held: [RunID] = []
    /// What finished runs cost in the last 24 hours.
    private(set) var spent: [Spending] = []
    /// How far the schedules had come.
    private(set) var ticks: [TickMark] = []
    /// What the breakers remembered.
    private(set) var breakers: [BreakerMark] = []
    /// The breaks that providers had asked for.
    private(set) var breaks: [ProviderBreak] = []
    /// One sentence for each record that can't be used.
    private(set) var problems: [String] = []

    /// All of it, as the scheduler is told.
    var event: SchedulerEvent {
        .recovered(
            runs,
            batches,
            held: held,
            spent: spent,
            ticks: ticks,
            breakers: breakers,
            breaks: breaks
        )
    }

    /// Why the service doesn't start: it would begin tickets anew whose runs it doesn't know of.
    private struct Refusal: Error, CustomStringConvertible {
        let error: RunStoreError
        var description: String {
            "\(error); without it a ticket could be begun twice, so that nothing is started;"
                + " mend the file or the disk, and start again"
        }
    }

    /// Reads what the daemon goes on from.
    ///
    /// - Parameter service: Whose state folder is read.
    /// - Throws: For what the disk refuses, and for the records of a newer program, which must not be written over.
    init(forDaemon service: Service) async throws {
        do {
            self = try await ServiceRecovery(of: service, setsAside: true)
        } catch RunStoreError.disk(let error) {
            throw Refusal(error: .disk(error))
        }
    }

    /// Reads what isn't at rest.
    ///
    /// - Parameters:
    ///   - service: Whose state folder is read.
    ///   - setsAside: Whether broken records are moved out of the way, and what lost attempts left at work is
    ///     ended; only the daemon does that.
    /// - Throws: `RunStoreError.disk` for what the disk refuses, so that the daemon doesn't go on without runs whose
    ///   tickets it would begin anew; for those who only look, that a folder can't be listed. `newer` for the records
    ///   of the ticks and of the breakers.
    init(of service: Service, setsAside: Bool) async throws {
        let now = service.time.now().wall
        let found = try service.store.recover(at: now, setsAside: setsAside)
        problems = found.problems
        for id in found.unreadable { await hold(id, service) }
        for run in found.runs {
            guard run.promptFile == service.promptFile else {
                held.append(run.id)
                continue
            }
            do {
                guard let workflow = try service.store.workflow(of: run.id) else {
                    problems.append("\(run.id): its workflow.json is missing; it's left alone")
                    await hold(run.id, service)
                    continue
                }
                runs.append(
                    try await recovered(run, workflow, service, setsAside: setsAside)
                )
            } catch RunStoreError.disk(let error) where setsAside {
                throw RunStoreError.disk(error)
            } catch {
                problems.append("\(run.id): \(error); it's left alone")
                await hold(run.id, service)
            }
        }
        try recoverBatches(service, at: now, setsAside: setsAside)
        do {
            spent = try service.store.spendings(
                since: now.addingTimeInterval(-Scheduler.budgetWindow.inSeconds)
            )
        } catch RunStoreError.disk(let error) where setsAside {
            throw RunStoreError.disk(error)
        } catch {
            problems.append("what was spent today isn't known whole: \(error)")
        }
        let (marks, problem) = try service.store.tickMarks(at: now, setsAside: setsAside)
        ticks = marks
        problems += [problem].compactMap(\.self)
        let known = try service.store.breakerMarks(at: now, setsAside: setsAside)
        (breakers, breaks) = (known.marks, known.breaks)
        problems += [known.problem].compactMap(\.self)
    }

    /// Keeps a ticket from being taken up anew while an agent is at work of whose run nothing is known.
    private mutating func hold(_ id: RunID, _ service: Service) async {
        guard await Self.isAtWork(id, service) else { return }
        held.append(id)
        problems.append(
            "\(id): an agent of it is at work; its ticket isn't taken up until the service is started anew"
        )
    }

    private static func isAtWork(_ id: RunID, _ service: Service) async -> Bool {
        // Attempts are numbered on, and few.
        for number in 1...1000 {
            switch await service.executor.fate(of: service.store.layout.attempt(id, number)) {
            case .alive: return true
            case .ended, .lost, .unclosed: continue
            case .notStarted: return false
            }
        }
        return false
    }

    private mutating func recovered(
        _ run: Run,
        _ workflow: Workflow,
        _ service: Service,
        setsAside: Bool
    ) async throws -> RecoveredRun {
        var run = run
        var fate = AttemptFate.none
        var ticket: Ticket?
        var written: WrittenPrompt?
        var agent: AgentSettings?
        if let attempt = run.attempts.last {
            let folder = service.store.layout.attempt(run.id, attempt.number)
            let job = try service.store.value(
                AttemptJob.self,
                at: folder.appending(AttemptFile.job)
            )
            ticket = job?.ticket
            written = job?.written
            agent = job?.workflow.agent
            if run.base.commit == nil { run.base.commit = job?.baseCommit }
            if run.liveAttempt != nil {
                switch await service.executor.fate(of: folder) {
                case .notStarted: fate = .notStarted
                case .alive:
                    fate = .alive(slot: job?.slot ?? 0)
                    adopted.append(
                        Adopted(run: run.id, attempt: attempt.number, job: job?.id ?? "")
                    )
                case .ended(let result): fate = .ended(result)
                // Whatever died with the last daemon may have left an agent's servers behind, and nothing
                // else may be at work in the worktree when the next attempt starts there.
                case .unclosed:
                    fate = .lost
                    guard setsAside, let job else { break }
                    _ = await service.executor.sweepUp(job: job.id)
                    // It keeps its slot until its clean-up hook has run.
                    fate = .alive(slot: job.slot)
                    adopted.append(Adopted(run: run.id, attempt: attempt.number, job: job.id))
                case .lost:
                    fate = .lost
                    if setsAside, let job { _ = await service.executor.sweepUp(job: job.id) }
                }
            }
        }
        return RecoveredRun(
            run: run,
            workflow: workflow,
            fate: fate,
            ticket: ticket,
            written: written,
            agent: agent
        )
    }

    /// The batches that hadn't come to their end, with what became of their runs since they were written.
    private mutating func recoverBatches(
        _ service: Service,
        at now: Date,
        setsAside: Bool
    ) throws {
        let found = try service.store.openBatches(at: now, setsAside: setsAside)
        problems += found.problems
        batches.newest = try service.store.newestBatches()
        for var batch in found.batches where batch.promptFile == service.promptFile {
            for member in batch.tickets {
                let runs = try service.store.runNumbers(of: member.ticket)
                // A run that was begun just before the end isn't in the batch's record yet.
                for number in runs.suffix(member.run == nil ? 1 : 0)
                    + [member.run].compactMap(\.self)
                {
                    let id = RunID(ticket: member.ticket, number: number)
                    guard let run = try? service.store.run(id), run.batch == batch.name else {
                        // A record that can't be read was reported with the runs.
                        continue
                    }
                    _ = batch.take(run)
                }
            }
            batch.refresh()
            batches.open.append(batch)
        }
    }
}
