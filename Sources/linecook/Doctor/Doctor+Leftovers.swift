import Domain
import Git
import ProcessTree
import RunStore
import SystemPackage
import WorkflowFile

extension Doctor {
    /// What earlier runs left behind.
    var leftovers: Check {
        Check(name: "leftovers") {
            let store = installation.store
            let found = try store.openRuns()
            let open = found.compactMap { try? $0.get() }
            // A lock that can't be looked at isn't there: nobody runs.
            let isRunning = (try? FileLock.isHeld(at: store.layout.lock)) ?? false
            let service =
                isRunning
                ? "runs"
                : "isn't running" + (open.isEmpty ? "" : "; runs that are open: \(open.count)")
            var findings = [Finding("service", ok: service)]
            for case .failure(let error) in found {
                findings.append(Finding("records", problem: error))
            }
            let processes = try leftProcesses(open, store)
            if !processes.isEmpty {
                let list = processes.map { "\($0.process.pid)" }.joined(separator: " ")
                findings.append(
                    Finding(
                        "processes",
                        warning: "of attempts that have ended: \(list)",
                        "'linecook run' ends them as it starts; so does: kill \(list)"
                    )
                )
            }
            let folders = try await leftWorktrees(store)
            if !folders.isEmpty {
                let list = folders.prefix(5).map(\.string).joined(separator: ", ")
                let more = folders.count > 5 ? " and \(folders.count - 5) more" : ""
                findings.append(
                    Finding(
                        "worktrees",
                        warning: "of runs that are at rest: \(list)\(more)",
                        "'linecook worktree prune' takes them away, and saves first what is nowhere else"
                    )
                )
            }
            if findings.count == 1 { findings.append(Finding("leftovers", ok: "none")) }
            return findings
        }
    }

    /// Processes of this state folder's attempts, of which none holds its lock any more.
    private func leftProcesses(_ open: [Run], _ store: RunStore) throws -> [MarkedProcess] {
        var ended: Set<String> = []
        for run in open {
            for attempt in run.attempts {
                let folder = store.layout.attempt(run.id, attempt.number)
                let isHeld = (try? FileLock.isHeld(at: folder.appending(AttemptFile.lock))) ?? false
                guard !isHeld,
                    let job = try store.value(
                        AttemptJob.self,
                        at: folder.appending(AttemptFile.job)
                    )
                else { continue }
                ended.insert(job.id)
            }
        }
        guard !ended.isEmpty else { return [] }
        return markedProcesses().filter { ended.contains($0.marker) }
    }

    /// Worktrees whose ticket has no open run and whose workflow would have taken them away.
    private func leftWorktrees(_ store: RunStore) async throws -> [FilePath] {
        var found: [FilePath] = []
        for workflow in workflows where workflow.deliver.cleanup != .never {
            // What is wrong with the repository is told elsewhere.
            guard
                let repository = try? Repository(
                    workflow.repository,
                    environment: installation.context.environment,
                    time: SystemTime(),
                    limits: GitLimits(local: limit, network: limit)
                ), let worktrees = try? await repository.worktrees()
            else { continue }
            for worktree in worktrees where !found.contains(worktree.path) {
                guard let key = worktree.branch.flatMap({ TicketKey(inBranch: $0) }),
                    !Installation.exists(store.layout.open(key)),
                    let number = try store.runNumbers(of: key).last,
                    let run = try store.run(RunID(ticket: key, number: number)),
                    run.branch == worktree.branch
                else { continue }
                found.append(worktree.path)
            }
        }
        return found
    }
}
