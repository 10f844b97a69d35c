import Disk
import Domain
import ProcessTree
import RunStore
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The state's files, damaged.
///
/// `LINECOOK_FUZZ=100000 swift test --filter StateFuzzTests` reads that many.
@Suite struct StateFuzzTests {
    /// A state folder in memory that holds a file of each kind.
    private struct Site {
        let disk = MemoryFiles(calls: MemoryDisk(seed: 1))
        let store: RunStore
        let open: RunID
        /// What stands in its files when nothing is damaged.
        private(set) var files: [(path: FilePath, bytes: [UInt8])] = []

        init() throws {
            store = RunStore(root: "/state", disk: disk)
            try store.prepare()
            let now = Sample.now
            let workflow = Sample.workflow
            var ids: [RunID] = []
            for name in ["FRE-1", "FRE-2"] {
                var run = try Sample.run(name)
                run.enter(.running, why: "attempt 1", next: "", at: now)
                var attempt = Attempt(number: 1, started: now)
                attempt.outcome = .agentFailed
                attempt.ended = now
                attempt.seconds = 12.5
                attempt.limit = SpendingLimit(usd: 5, tokens: 1000)
                var report = AgentReport(kind: .command)
                report.costUSD = 0.25
                report.inputTokens = 100
                report.outputTokens = 10
                attempt.agent = report
                run.attempts = [attempt]
                try store.begin(run, workflow: workflow, source: Sample.source)
                try store.save(run)
                if name == "FRE-2" {
                    run.enter(.failed, why: "no", next: "", at: now)
                    run.ended = now
                    run.tracker.told = .failed
                    try store.save(run)
                }
                ids.append(run.id)
            }
            open = ids[0]
            let keys = ids.map(\.ticket)
            let batch = Batch(
                workflow: "portfolio",
                number: 1,
                started: now,
                phases: [Batch.Phase(name: "A", tickets: keys)],
                tickets: [],
                dependencies: [Batch.Dependency(ticket: keys[1], on: keys[0], cause: .relation)],
                overlaps: [Batch.Overlap(tickets: keys, paths: ["a.swift"])]
            )
            try store.save(batch)
            try store.save(RetryRequest(ticket: keys[0], budget: 30, tokens: 3000, asked: now))
            try store.save([TickMark(workflow: "portfolio", settled: now)])
            let opening = BreakerMark.Opening(since: now, until: now, cause: "no", probe: open)
            let provider = AgentSettings(kind: .claudeCode).provider
            try store.save(
                [BreakerMark(workflow: nil, failures: [now], opening: opening)],
                [
                    ProviderBreak(scope: .provider(provider), until: now),
                    ProviderBreak(scope: .model(provider, "opus"), until: now),
                ],
                at: now
            )
            let layout = store.layout
            let folder = layout.attempt(open, 1)
            let job = AttemptJob(
                id: "job",
                ticket: try Sample.ticket("FRE-1"),
                run: 1,
                attempt: 1,
                workflow: workflow,
                baseCommit: "c",
                branch: "feature/FRE-1",
                worktree: "/worktrees/FRE-1",
                lastFailure: nil,
                slot: 0
            )
            var result = AttemptResult(outcome: .agentFailed, reason: "no", ended: now)
            result.hooks = [
                CheckResult(check: "after_run", passed: true, reason: nil, seconds: 1, log: nil)
            ]
            let process = ProcessIdentity(pid: 70_000, startTime: 12_345, bootID: "boot")
            try disk.makeFolder(folder)
            try store.write(job, to: folder.appending(AttemptFile.job))
            try store.write(result, to: folder.appending(AttemptFile.result))
            let record = ProcessRecord(attempt: process, agent: process)
            try store.write(record, to: folder.appending(AttemptFile.process))
            let hooks = HookRecord(due: .afterRun, ended: result.hooks ?? [])
            try store.write(hooks, to: folder.appending(AttemptFile.hooks))
            try store.write(PruneNote(at: now, summary: "3 runs"), to: layout.pruneNote)
            var paths = [
                layout.open(keys[0]), layout.request(keys[0]), layout.ticks, layout.breaker,
                layout.batch("portfolio-1"), layout.history.appending("2026-11.jsonl"),
                layout.pruneNote,
            ]
            for name in [
                AttemptFile.job, AttemptFile.result, AttemptFile.process, AttemptFile.hooks,
            ] {
                paths.append(folder.appending(name))
            }
            for id in ids { paths += [layout.record(id), layout.settings(id)] }
            for path in paths { files.append((path, try #require(try disk.read(path)))) }
        }

        /// Reads all that is read at a start and by those who look.
        func read() throws {
            let now = Sample.now
            try allow { _ = try store.tickMarks(at: now, setsAside: false) }
            try allow { _ = try store.breakerMarks(at: now, setsAside: true) }
            try allow { _ = try store.tickMarks(at: now, setsAside: true) }
            try allow { _ = try store.batch(named: "portfolio-1") }
            try allow { _ = try store.workflow(of: open) }
            try allow { _ = try store.hiddenRun(of: open.ticket) }
            let folder = store.layout.attempt(open, 1)
            try allow {
                _ = try store.value(AttemptJob.self, at: folder.appending(AttemptFile.job))
            }
            try allow {
                _ = try store.value(AttemptResult.self, at: folder.appending(AttemptFile.result))
            }
            try allow {
                _ = try store.value(HookRecord.self, at: folder.appending(AttemptFile.hooks))
            }
            try allow {
                let path = folder.appending(AttemptFile.process)
                // A number that no process has names nobody: a signal to -1 would go to all there are.
                let record = try store.value(ProcessRecord.self, at: path)
                if let process = record?.attempt, process.pid < 1 { #expect(!process.isAlive) }
            }
            _ = store.isPruningDue(by: RetentionSettings(), at: now)
            // These tell of what is broken and go on.
            _ = try store.listing(limit: 9)
            _ = try store.spendings(since: .distantPast)
            _ = try store.openBatches(at: now, setsAside: true)
            _ = try store.requests(at: now)
            _ = try store.newestBatches()
            // A state that says that it's newer is left alone.
            try allowNewer {
                let found = try store.recover(at: now)
                #expect(found.runs.allSatisfy { $0.id == open } && found.runs.count <= 1)
                for run in found.runs { _ = try store.save(run) }
                _ = try store.reindex(restoresEntries: true)
            }
        }

        /// Nothing but the store's own error.
        private func allow(_ body: () throws -> Void) throws {
            do { try body() } catch is RunStoreError {}
        }

        private func allowNewer(_ body: () throws -> Void) throws {
            do { try body() } catch let error as RunStoreError {
                guard case .newer = error else { throw error }
            }
        }

        /// Makes everything as it was before the damage.
        func mend() throws {
            for folder in Set(files.map { $0.path.removingLastComponent() }) {
                for name in try disk.list(folder) where name.contains(".broken-") {
                    try disk.remove(folder.appending(name))
                }
            }
            // What a record no longer says that it has come to rest by brings its run back among the open ones.
            let entries = store.layout.open(open.ticket).removingLastComponent()
            for name in try disk.list(entries)
            where !files.contains(where: { $0.path == entries.appending(name) }) {
                try disk.remove(entries.appending(name))
            }
            for file in files where try disk.read(file.path) != file.bytes {
                try disk.write(file.bytes, to: file.path)
            }
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `no damage to a file of the state ends the program or is more than an error`() throws {
        var mutations = Mutations(of: try Site().files.map(\.bytes), seed: 24)
        // Each costs a state folder and a start.
        let count = Mutations.count(orElse: 100)
        for start in stride(from: 0, to: count, by: 100) {
            // The disk in memory keeps what was never synced.
            let site = try Site()
            for number in start..<min(start + 100, count) {
                let (path, bytes) = site.files[mutations.pick(below: site.files.count)]
                try site.disk.write(mutations.damaged(bytes), to: path)
                #expect(throws: Never.self, "file \(number), \(path)") { try site.read() }
                try site.mend()
            }
        }
    }
}
