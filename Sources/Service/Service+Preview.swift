package import Domain
import Logging
import RunStore
package import Scheduler

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the service would do at its next tick.
package struct Preview: Sendable {
    /// Before anything is begun.
    package var before: Scheduler
    /// After the tick, with nothing of it carried out.
    package var scheduler: Scheduler
    /// The runs that would be begun now.
    package var begun: [Run]
    /// The batches that would be formed or stand open, newest last.
    package var batches: [Batch]
    /// Workflows that couldn't be polled, and records that couldn't be read.
    package var problems: [String]
    package var at: Moment
}

extension Service {
    /// Works out what the next tick would do: reads the state, asks Linear, decides, and carries nothing out.
    ///
    /// - Parameters:
    ///   - workflows: Those in force.
    ///   - generator: For what the decisions draw.
    /// - Returns: The decisions.
    /// - Throws: `RunStoreError` when the state folder can't be read.
    package func preview(
        _ workflows: [LoadedWorkflow],
        generator: some RandomNumberGenerator
    ) async throws -> Preview {
        var generator = generator
        let recovery = try await ServiceRecovery(of: self, setsAside: false)
        var scheduler = Scheduler(
            machineSlots: configuration.slots,
            breaker: configuration.breaker,
            promptFile: promptFile,
            names: { [names] in names($0.value, $1) }
        )
        scheduler.startsNothing = true
        var problems = recovery.problems
        let now = time.now()
        var commands = scheduler.handle(recovery.event, at: now, using: &generator)
        var disks = DiskWatch()
        let shortages = disks.look(
            store.layout.root,
            Set(workflows.map(\.inForce.workflow.repository.path)),
            floor: configuration.disk,
            at: now.uptime,
            freeBytes: freeBytes
        )
        commands += scheduler.handle(.disks(shortages ?? []), at: now, using: &generator)
        let inForce = SchedulerEvent.workflows(workflows.map(\.inForce))
        // The second time, those are asked whose schedule has no tick now.
        for event in [inForce, .pollRequested] {
            let asked = scheduler.handle(event, at: now, using: &generator)
            commands += asked
            for case .poll(let workflow, let candidates, let tracked) in asked {
                do {
                    let report = try await report(
                        workflow.value,
                        candidates: candidates,
                        tracked: tracked
                    )
                    commands += scheduler.handle(
                        .polled(workflow: workflow.value.name, report),
                        at: now,
                        using: &generator
                    )
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    problems.append("workflow \(workflow.value.name): \(error)")
                    commands += scheduler.handle(
                        .pollFailed(
                            workflow: workflow.value.name,
                            reason: "\(error)",
                            isRetryable: true
                        ),
                        at: now,
                        using: &generator
                    )
                }
            }
        }
        let before = scheduler
        scheduler.startsNothing = false
        commands += scheduler.handle(.timePassed, at: now, using: &generator)
        var begun: [Run] = []
        var batches: [String: Batch] = [:]
        for batch in recovery.batches.open { batches[batch.name] = batch }
        for command in commands {
            if case .begin(let run, _) = command { begun.append(run.value) }
            if case .saveBatch(let batch) = command { batches[batch.name] = batch }
            if case .refreshBatch(let name) = command, let batch = scheduler.openBatch(name) {
                batches[name] = batch
            }
        }
        return Preview(
            before: before,
            scheduler: scheduler,
            begun: begun,
            batches: batches.values.map { batch in
                var batch = batch
                batch.refresh()
                return batch
            }.sorted { ($0.workflow, $0.number) < ($1.workflow, $1.number) },
            problems: problems,
            at: now
        )
    }

    /// Asks for a workflow's tickets, and looks up which runs they have had.
    func report(
        _ workflow: Workflow,
        candidates: Bool,
        tracked: TrackedQuestion
    ) async throws -> PollReport {
        let answer = try await tracker.poll(workflow, candidates: candidates, tracked: tracked)
        for note in answer.notes {
            log.warning("\(note)", metadata: ["workflow": "\(workflow.name)"])
        }
        var report = PollReport(candidates: answer.candidates, tracked: answer.tracked)
        for ticket in answer.candidates ?? [] {
            if let last = try store.runNumbers(of: ticket.key).last {
                report.lastRuns[ticket.key] = last
            }
        }
        return report
    }
}
