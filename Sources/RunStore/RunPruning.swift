package import Disk
package import Domain
package import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension StateLayout {
    /// Held by whoever prunes, or makes the history anew.
    package var pruneLock: FilePath { root.appending("prune.lock") }
    /// What is being removed just now.
    package var pruneIntent: FilePath { root.appending("prune.json") }
    /// When pruning was last done.
    package var pruneNote: FilePath { root.appending("pruned.json") }
}

/// Takes away what of finished runs isn't kept; `StateLayout.pruneLock` is to be held meanwhile.
///
/// A daemon may be at work in the same folder: it only ever adds runs, opens none again that has come to its end, and
/// waits with its lines of the history while a file of that is rewritten.
package struct RunPruning: Sendable {
    let store: RunStore
    let disk: any FolderSystem
    private var layout: StateLayout { store.layout }

    package init(store: RunStore, disk: any FolderSystem) {
        self.store = store
        self.disk = disk
    }

    /// What the settings would have removed or compressed; nothing is changed.
    ///
    /// - Throws: `RunStoreError.disk` when the folders of the runs or the history can't be read.
    package func list(
        by settings: RetentionSettings,
        at now: Date
    ) throws(RunStoreError) -> PruneList {
        var list = PruneList()
        var newest: [TicketKey: Int] = [:]
        var unknown: [RunID] = []
        var runs: [FinishedRun] = []
        let known = try finishedRuns()
        for id in try folders() {
            newest[id.ticket] = max(newest[id.ticket] ?? 0, id.number)
            if let run = known[id] {
                runs.append(run)
            } else {
                unknown.append(id)
            }
        }
        let open = try openTickets()
        for id in unknown where !open.contains(id.ticket) {
            do throws(RunStoreError) { runs.append(try finishedRun(id)) } catch {
                list.kept.append("\(id) is kept: \(error)")
            }
        }
        let plan = RetentionPlan(runs, newest: newest, open: open, by: settings, at: now)
        for run in plan.removed {
            do throws(RunStoreError) {
                // The history is a copy: the record itself says whether the run is over.
                _ = try finishedRun(run.id)
                let bytes = try size(of: layout.run(run.id))
                list.steps.append(PruneStep(.removeRun, run, files: [], bytes: bytes))
            } catch {
                list.kept.append("\(run.id) is kept: \(error)")
            }
        }
        for (action, each) in [
            (PruneStep.Action.removeLogs, plan.stripped), (.compressLogs, plan.compressed),
        ] {
            for run in each {
                do throws(RunStoreError) {
                    let logs = try logs(of: run.id).filter {
                        action == .removeLogs || $0.isWorthCompressing
                    }
                    guard !logs.isEmpty else { continue }
                    list.steps.append(
                        PruneStep(
                            action,
                            run,
                            files: logs.map(\.name),
                            bytes: logs.reduce(0) { $0 + $1.size }
                        )
                    )
                } catch {
                    list.kept.append("\(run.id) is kept: \(error)")
                }
            }
        }
        return list
    }

    /// Goes on with what an earlier pruning didn't get to the end of.
    ///
    /// - Parameter now: For the name of a list that can't be read and is set aside.
    /// - Returns: A sentence where the list of what was to be removed can't be read.
    /// - Throws: `RunStoreError`.
    package func finish(at now: Date) throws(RunStoreError) -> String? {
        let intent: PruneIntent
        do throws(RunStoreError) {
            guard let found = try store.value(PruneIntent.self, at: layout.pruneIntent) else {
                return nil
            }
            intent = found
        } catch .unreadable(let path, let why) {
            let mend = "'linecook runs reindex' takes what is gone out of the history"
            return store.setAside(path, why, at: now, mend: mend)
        }
        var gone: Set<RunID> = []
        for id in intent.runs.sorted() {
            // A person may have changed the list: what it names has to be removable all the same.
            guard let newest = try store.runNumbers(of: id.ticket).last, id.number < newest else {
                continue
            }
            if try removeRun(id) { gone.insert(id) }
        }
        try forget(gone)
        try remove(layout.pruneIntent)
        return nil
    }

    /// Carries a list out.
    ///
    /// Runs go log by log, their records last. A crash leaves what is left to `finish()`.
    ///
    /// - Parameters:
    ///   - list: What `list(by:at:)` found.
    ///   - compress: Writes a compressed copy of the first file into the second, which is open; `nil` where there is
    ///     nothing to do it with.
    /// - Returns: What was done and what wasn't.
    /// - Throws: `RunStoreError` when the intent or the history can't be written, and `CancellationError`.
    package func carryOut(
        _ list: PruneList,
        compress: ((FilePath, FileDescriptor) async throws -> Void)?
    ) async throws -> PruneResult {
        var result = PruneResult()
        try removeRuns(list.steps.filter { $0.action == .removeRun }, &result)
        for step in list.steps where step.action != .removeRun {
            try Task.checkCancellation()
            do {
                switch step.action {
                case .removeRun: continue
                case .removeLogs:
                    for file in step.files { try removeLog(file, of: step.id) }
                    result.freedBytes += step.bytes
                case .compressLogs:
                    guard let compress else { continue }
                    for file in step.files {
                        result.freedBytes += try await self.compress(file, of: step.id, compress)
                    }
                }
                result.steps.append(step)
            } catch let error as CancellationError {
                throw error
            } catch {
                result.problems.append("\(step.id): \(error)")
            }
        }
        return result
    }

    private func removeRuns(
        _ steps: [PruneStep],
        _ result: inout PruneResult
    ) throws(RunStoreError) {
        guard !steps.isEmpty else { return }
        try store.write(PruneIntent(steps.map(\.id)), to: layout.pruneIntent)
        var gone: Set<RunID> = []
        for step in steps {
            do throws(RunStoreError) {
                guard try removeRun(step.id) else { continue }
                gone.insert(step.id)
                result.steps.append(step)
                result.freedBytes += step.bytes
            } catch {
                result.problems.append("\(step.id): \(error)")
            }
        }
        try forget(gone)
        try remove(layout.pruneIntent)
    }

    /// - Returns: Whether the folder is gone; not where the record has turned into one of a run that goes on.
    private func removeRun(_ id: RunID) throws(RunStoreError) -> Bool {
        if let run = try store.run(id), !run.isAtRest || run.id != id { return false }
        do {
            try disk.removeAll(layout.run(id), below: layout.root, last: "run.json")
        } catch {
            throw .disk(error)
        }
        return true
    }

    /// Takes the runs' lines out of the history.
    private func forget(_ runs: Set<RunID>) throws(RunStoreError) {
        guard !runs.isEmpty else { return }
        try store.rewriteHistory { lines in
            let left = lines.filter { !runs.contains($0.line.id) }
            return left.count == lines.count ? nil : left
        }
    }

    private func removeLog(_ name: String, of run: RunID) throws(DiskError) {
        try disk.removeAll(
            layout.run(run).pushing(FilePath(name)),
            below: layout.root,
            last: nil
        )
    }

    /// - Returns: How many bytes were freed.
    private func compress(
        _ name: String,
        of run: RunID,
        _ body: (FilePath, FileDescriptor) async throws -> Void
    ) async throws -> Int {
        let file = layout.run(run).pushing(FilePath(name))
        // What stands in its place by now isn't what was listed.
        guard let found = try logs(of: run).first(where: { $0.name == name }) else { return 0 }
        let length = try await disk.writeFile(FilePath("\(file).gz")) { target in
            try await body(file, target)
        }
        try removeLog(name, of: run)
        return found.size - length
    }

    private func remove(_ path: FilePath) throws(RunStoreError) {
        do { try disk.remove(path) } catch { throw .disk(error) }
    }
}

extension RunPruning {
    /// A log of a run, named from the run's folder.
    private struct Log {
        var name: String
        var size: Int

        /// Less than a block of a disk takes one all the same.
        var isWorthCompressing: Bool { size > 4096 && !name.hasSuffix(".gz") }
    }

    /// The folders of runs, by ticket; copies of another name are nobody's.
    private func folders() throws(RunStoreError) -> [RunID] {
        var found: [RunID] = []
        do throws(DiskError) {
            for ticket in try disk.entries(of: layout.runs, below: layout.root) {
                guard ticket.kind == .folder, let key = TicketKey(ticket.name),
                    key.rawValue == ticket.name
                else { continue }
                for run in try disk.entries(of: layout.ticket(key), below: layout.root) {
                    guard run.kind == .folder, let number = Int(run.name), number > 0,
                        String(number) == run.name
                    else { continue }
                    found.append(RunID(ticket: key, number: number))
                }
            }
        } catch {
            throw .disk(error)
        }
        return found
    }

    /// The runs that the history tells of.
    private func finishedRuns() throws(RunStoreError) -> [RunID: FinishedRun] {
        var runs: [RunID: FinishedRun] = [:]
        try store.readHistory { line in
            if line.state.isFinal, runs[line.id] == nil {
                runs[line.id] = FinishedRun(
                    id: line.id,
                    state: line.state,
                    ended: line.ended ?? line.started
                )
            }
            return true
        }
        return runs
    }

    /// What the record of a run says, which is read.
    ///
    /// - Throws: `RunStoreError` when it isn't the record of such a run at rest.
    private func finishedRun(_ id: RunID) throws(RunStoreError) -> FinishedRun {
        let path = layout.record(id)
        guard let run = try store.run(id) else { throw .unreadable(path, "there is no such file") }
        guard run.id == id else { throw .unreadable(path, "it is a copy of \(run.id)'s") }
        guard run.isAtRest else { throw .unreadable(path, "the run isn't at rest") }
        return FinishedRun(id: id, state: run.state, ended: run.ended ?? run.started)
    }

    /// Tickets with an entry among the open ones, whatever is in it.
    private func openTickets() throws(RunStoreError) -> Set<TicketKey> {
        do {
            return Set(
                try disk.list(layout.open).compactMap { name in
                    name.firstRange(of: ".json").flatMap {
                        TicketKey(String(name[..<$0.lowerBound]))
                    }
                }
            )
        } catch {
            throw .disk(error)
        }
    }

    private func logs(of run: RunID) throws(RunStoreError) -> [Log] {
        var logs: [Log] = []
        do throws(DiskError) {
            for folder in try disk.entries(of: layout.run(run), below: layout.root) {
                guard folder.kind == .folder else {
                    if folder.isLog { logs.append(Log(name: folder.name, size: folder.size)) }
                    continue
                }
                let path = layout.run(run).appending(folder.name)
                for file in try disk.entries(of: path, below: layout.root) where file.isLog {
                    logs.append(Log(name: "\(folder.name)/\(file.name)", size: file.size))
                }
            }
        } catch {
            throw .disk(error)
        }
        return logs
    }

    private func size(of folder: FilePath) throws(RunStoreError) -> Int {
        var total = 0
        do throws(DiskError) {
            for entry in try disk.entries(of: folder, below: layout.root) {
                total += entry.size
            }
            for entry in try disk.entries(of: folder, below: layout.root)
            where entry.kind == .folder {
                for file in try disk.entries(of: folder.appending(entry.name), below: layout.root) {
                    total += file.size
                }
            }
        } catch {
            throw .disk(error)
        }
        return total
    }
}

extension FolderEntry {
    /// Whether it's what an agent, a check or a hook has put out.
    fileprivate var isLog: Bool {
        guard kind == .file, !name.hasPrefix(".") else { return false }
        let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
        return plain.hasSuffix(".log") || plain.hasSuffix(".jsonl")
    }
}
