import Domain
import Executor
import Linear
import Logging
import RunStore
import Scheduler
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Carries one command out and says what came of it.
///
/// A cancelled effect says nothing: the next start goes on from the record.
struct ServiceEffects: Sendable {
    let service: Service
    let feed: AsyncStream<ServiceInput>.Continuation

    func perform(_ command: SchedulerCommand) async {
        switch command {
        case .begin, .save: break  // the loop writes records itself, in order
        case .poll(let workflow, let candidates, let tracked):
            await poll(workflow, candidates: candidates, tracked: tracked)
        case .claim(let id, let ticket, let workflow): await claim(id, ticket, workflow)
        case .launch(let launch): await self.launch(launch)
        case .stop(let id, let attempt):
            await service.executor.stop(service.store.layout.attempt(id, attempt))
        case .deliver(let run, let workflow): await deliver(run, workflow)
        case .tell(let run, let workflow): await tell(run, workflow)
        case .lookAtPullRequests(let runs, let workflow): await look(at: runs, workflow)
        case .clean(let run, let workflow): await clean(run, workflow)
        }
    }

    private func say(_ event: SchedulerEvent) { feed.yield(.event(event)) }

    private func poll(_ workflow: Workflow, candidates: Bool, tracked: [String]) async {
        do {
            let answer = try await service.tracker.poll(
                workflow,
                candidates: candidates,
                tracked: tracked
            )
            for note in answer.notes {
                service.log.warning("\(note)", metadata: ["workflow": "\(workflow.name)"])
            }
            var report = PollReport(candidates: answer.candidates, tracked: answer.tracked)
            for ticket in answer.candidates ?? [] {
                if let last = try service.store.runNumbers(of: ticket.key).last {
                    report.lastRuns[ticket.key] = last
                }
            }
            say(.polled(workflow: workflow.name, report))
        } catch is CancellationError {
        } catch {
            say(
                .pollFailed(
                    workflow: workflow.name,
                    reason: "\(error)",
                    isRetryable: (error as? LinearError)?.isRetryable ?? true
                )
            )
        }
    }

    private func claim(_ id: RunID, _ ticket: String, _ workflow: Workflow) async {
        do {
            if let whole = try await service.tracker.claim(ticket, for: workflow) {
                say(.claimed(id, whole))
            } else {
                say(.claimedNothing(id))
            }
        } catch is CancellationError {
        } catch {
            service.log.warning("claim failed", metadata: ["run": "\(id)", "why": "\(error)"])
            say(.claimFailed(id, reason: "Linear didn't take the claim: \(error)"))
        }
    }

    private func launch(_ launch: SchedulerCommand.Launch) async {
        let id = launch.run.id
        let folder = service.store.layout.attempt(id, launch.attempt)
        let job: AttemptJob
        do {
            job = try await prepare(launch, in: folder)
            try await service.executor.start(folder)
        } catch is CancellationError {
            return
        } catch {
            let result = AttemptResult(
                outcome: .worktreeFailed,
                reason: "\(error)",
                ended: service.time.now().wall
            )
            say(.attemptEnded(id, attempt: launch.attempt, result))
            return
        }
        say(.launched(id, attempt: launch.attempt, base: job.baseCommit))
        await awaitResult(id, launch.attempt, job: job.id)
    }

    /// Writes the attempt's job; one that is there already belongs to this very attempt and stays.
    private func prepare(
        _ launch: SchedulerCommand.Launch,
        in folder: FilePath
    ) async throws -> AttemptJob {
        let path = folder.appending(AttemptFile.job)
        if let job = try service.store.value(AttemptJob.self, at: path) { return job }
        let base: String
        if let known = launch.run.base.commit {
            base = known
        } else {
            base = try await service.delivery.baseCommit(of: launch.workflow)
        }
        let repository = launch.workflow.repository.path
        let job = AttemptJob(
            id:
                "\(launch.run.id.ticket)-\(launch.run.run)-\(launch.attempt)-\(launch.run.tracker.comment)",
            ticket: launch.ticket,
            run: launch.run.run,
            attempt: launch.attempt,
            workflow: launch.workflow,
            baseCommit: base,
            branch: launch.run.branch,
            worktree: repository.pushing(FilePath(launch.run.worktree)).lexicallyNormalized(),
            lastFailure: launch.lastFailure,
            slot: launch.slot
        )
        try service.store.makeFolder(folder)
        try service.store.write(job, to: path)
        return job
    }

    func awaitResult(_ id: RunID, _ attempt: Int, job: String) async {
        let folder = service.store.layout.attempt(id, attempt)
        // Cancelled: the service goes down, the attempt goes on.
        guard let result = try? await service.executor.result(of: folder, job: job) else { return }
        say(.attemptEnded(id, attempt: attempt, result))
    }

    private func deliver(_ run: Run, _ workflow: Workflow) async {
        do {
            say(.delivered(run.id, try await service.delivery.open(run, of: workflow)))
        } catch is CancellationError {
        } catch {
            let failure = error as? DeliveryFailure
            service.log.warning(
                "delivery failed",
                metadata: ["run": "\(run.id)", "why": "\(error)"]
            )
            say(
                .deliveryFailed(
                    run.id,
                    reason: "\(error)",
                    isRetryable: failure?.isRetryable ?? true
                )
            )
        }
    }

    private func tell(_ run: Run, _ workflow: Workflow) async {
        do {
            if run.state == .done { await service.delivery.baseMoved(of: workflow) }
            let folder = service.store.layout.run(run.id).string
            try await service.tracker.tell(run, of: workflow, folder: folder)
            say(.told(run.id, run.state))
        } catch is CancellationError {
        } catch {
            service.log.warning(
                "Linear wasn't told",
                metadata: ["run": "\(run.id)", "state": "\(run.state.words)", "why": "\(error)"]
            )
            say(.tellFailed(run.id, run.state, reason: "\(error)"))
        }
    }

    private func look(at runs: [Run], _ workflow: Workflow) async {
        do {
            let found = try await service.delivery.pullRequests(of: runs, of: workflow)
            for (id, pullRequest) in found.sorted(by: { $0.key < $1.key }) {
                say(.pullRequestSeen(id, pullRequest))
            }
        } catch is CancellationError {
            return
        } catch {
            service.log.warning(
                "can't look at the pull requests",
                metadata: ["workflow": "\(workflow.name)", "why": "\(error)"]
            )
        }
        say(.looked(runs.map(\.id)))
    }

    private func clean(_ run: Run, _ workflow: Workflow) async {
        do {
            say(.cleaned(run.id, how: try await service.delivery.clean(run, of: workflow)))
        } catch is CancellationError {
        } catch {
            service.log.warning("kept", metadata: ["run": "\(run.id)", "why": "\(error)"])
            say(.cleaned(run.id, how: "kept: \(error)"))
        }
    }
}
