import Disk
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
        // The loop writes records itself, in order.
        case .begin, .save, .saveBatch, .refreshBatch, .saveTick, .saveBreaker: break
        case .poll(let workflow, let candidates, let tracked):
            await poll(workflow.value, candidates: candidates, tracked: tracked)
        case .claim(let id, let ticket, let workflow): await claim(id, ticket, workflow.value)
        case .launch(let launch): await self.launch(launch)
        case .stop(let id, let attempt):
            await service.executor.stop(service.store.layout.attempt(id, attempt))
        case .deliver(let run, let workflow): await deliver(run.value, workflow.value)
        case .restack(let run, let workflow, let stack):
            await restack(run.value, workflow.value, stack)
        case .tell(let run, let workflow): await tell(run.value, workflow.value)
        case .lookAtPullRequests(let runs, let workflow):
            await look(at: runs.map(\.value), workflow.value)
        case .clean(let run, let workflow): await clean(run.value, workflow.value)
        }
    }

    func say(_ event: SchedulerEvent) { feed.yield(.event(event)) }

    private func poll(_ workflow: Workflow, candidates: Bool, tracked: TrackedQuestion) async {
        do {
            // Without a repository no ticket is taken up: it would only fail.
            if candidates { try await service.delivery.makeReady(for: workflow) }
            var report = try await service.report(
                workflow,
                candidates: candidates,
                tracked: tracked
            )
            try report.candidates?.removeAll { ticket in
                guard report.lastRuns[ticket.key] != nil else { return false }
                let notice = try service.store.hiddenRun(of: ticket.key)
                if let notice { feed.yield(.notice(notice)) }
                return notice != nil
            }
            say(.polled(workflow: workflow.name, report))
        } catch is CancellationError {
        } catch {
            say(
                .pollFailed(
                    workflow: workflow.name,
                    reason: "\(error)",
                    isRetryable: Self.isRetryable(error)
                )
            )
        }
    }

    private static func isRetryable(_ error: any Error) -> Bool {
        if let error = error as? LinearError { return error.isRetryable }
        return (error as? DeliveryFailure)?.isRetryable ?? true
    }

    private func claim(_ id: RunID, _ ticket: String, _ workflow: Workflow) async {
        do {
            async let prompt = writtenPrompt(id, ticket, workflow)
            CrashPoint.beforeClaim.reach()
            let whole = try await service.tracker.claim(ticket, for: workflow)
            CrashPoint.afterClaim.reach()
            let written = try await prompt
            if let whole {
                say(.claimed(id, whole, written))
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
            CrashPoint.beforeLaunch.reach()
            try await service.executor.start(folder)
            CrashPoint.afterLaunch.reach()
        } catch is CancellationError {
            return
        } catch let conflict as StackConflict {
            say(.unstackable(id, attempt: launch.attempt, reason: conflict.reason))
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
        // A run that goes on after a restart may come here before the first poll.
        try await service.delivery.makeReady(for: launch.workflow)
        let base = try await baseCommit(for: launch.run, launch.workflow)
        let repository = launch.workflow.repository.path
        let replies = launch.run.freshReplies(by: launch.workflow.retry.on)
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
            slot: launch.slot,
            written: launch.written,
            blockers: try blockerWork(of: launch.run),
            replies: replies.isEmpty ? nil : replies,
            cache: service.store.layout.cache.string
        )
        try service.store.makeFolder(folder)
        try service.store.write(job, to: path)
        return job
    }

    private func baseCommit(for run: Run, _ workflow: Workflow) async throws -> String {
        if let known = run.base.commit { return known }
        guard let stack = run.base.stack, !stack.isEmpty else {
            return try await service.delivery.baseCommit(of: workflow)
        }
        switch try await service.delivery.combine(run, of: workflow) {
        case .commit(let commit): return commit
        case .conflict(let reason): throw StackConflict(reason: reason)
        }
    }

    /// What a person wrote for the ticket: beside the templates, or else where the tracker has it.
    private func writtenPrompt(
        _ id: RunID,
        _ ticket: String,
        _ workflow: Workflow
    ) async throws -> WrittenPrompt? {
        let tracker = service.tracker
        if tracker.promptsWin { return try await tracker.writtenPrompt(ticket, id.ticket) }
        let path = workflow.prompt.folder.appending("\(id.ticket).md")
        guard let bytes = try service.store.bytes(at: path) else {
            return try await tracker.writtenPrompt(ticket, id.ticket)
        }
        return WrittenPrompt(source: path.string, text: String(decoding: bytes, as: UTF8.self))
    }

    /// What the runs of the tickets did that this one waited for.
    private func blockerWork(of run: Run) throws -> [BlockerWork]? {
        var work: [BlockerWork] = []
        for key in run.blockedBy {
            guard let number = try service.store.runNumbers(of: key).last,
                let other = try service.store.run(RunID(ticket: key, number: number)),
                let last = other.attempts.last, other.pullRequest != nil
            else { continue }
            work.append(
                BlockerWork(
                    ticket: key,
                    title: other.ticket.title,
                    pullRequest: other.pullRequest?.url,
                    summary: last.agent?.lastMessage,
                    paths: last.changes?.paths ?? []
                )
            )
        }
        return work.isEmpty ? nil : work
    }

    private func restack(_ run: Run, _ workflow: Workflow, _ stack: [Run.StackedOn]) async {
        do {
            let done = try await service.delivery.restack(run, of: workflow, onto: stack)
            say(.restacked(run.id, base: done.base, commit: done.commit))
        } catch is CancellationError {
        } catch {
            let failure = error as? DeliveryFailure
            service.log.warning(
                "not rebased",
                metadata: ["run": "\(run.id)", "why": "\(error)"]
            )
            say(
                .restackFailed(
                    run.id,
                    reason: "\(error)",
                    isRetryable: failure?.isRetryable ?? true
                )
            )
        }
    }

    func awaitResult(_ id: RunID, _ attempt: Int, job: String) async {
        let folder = service.store.layout.attempt(id, attempt)
        // Cancelled: the service goes down, the attempt goes on.
        guard let result = try? await service.executor.result(of: folder, job: job) else { return }
        say(.attemptEnded(id, attempt: attempt, result))
    }

    private func deliver(_ run: Run, _ workflow: Workflow) async {
        do {
            CrashPoint.beforePullRequest.reach()
            let pullRequest = try await service.delivery.open(run, of: workflow)
            CrashPoint.afterPullRequest.reach()
            say(.delivered(run.id, pullRequest))
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
            try await runFailureHook(of: run, workflow)
            if run.state == .done { await service.delivery.baseMoved(of: workflow) }
            let folder = service.store.layout.run(run.id).string
            let written = try await service.tracker.tell(run, of: workflow, folder: folder)
            say(.told(run.id, run.state, at: written))
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
            try await runRemovalHook(of: run, workflow)
            CrashPoint.beforeCleanUp.reach()
            let how = try await service.delivery.clean(run, of: workflow)
            CrashPoint.afterCleanUp.reach()
            say(.cleaned(run.id, how: how))
        } catch is CancellationError {
        } catch {
            service.log.warning("kept", metadata: ["run": "\(run.id)", "why": "\(error)"])
            say(.cleaned(run.id, how: "kept: \(error)"))
        }
    }
}

/// The branches that a run builds upon don't fit together.
private struct StackConflict: Error {
    var reason: String
}
