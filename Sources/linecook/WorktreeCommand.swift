import ArgumentParser
import Disk
import Domain
import Git
import ProcessTree
import RunStore
import SystemPackage
import WorkflowFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct WorktreeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worktree",
        abstract: "The folders in which tickets were worked on.",
        subcommands: [Prune.self]
    )

    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Removes the worktrees of runs at rest; what is nowhere else is saved first.",
            discussion: """
                linecook worktree prune --dry-run     which would go, and what would be saved
                linecook worktree prune               removes them

                Uncommitted and unpushed work is put on a branch linecook/saved/KEY-N of the \
                repository first. Runs that are open, such as those in review, keep theirs.
                """
        )
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: FormatOption
        @Flag(help: "Only says what would be done.")
        var dryRun = false

        func run() async throws {
            let installation = try Installation(configuration, onlyReads: true)
            let pruning = WorktreePruning(
                store: installation.store,
                environment: installation.context.environment,
                isDryRun: dryRun
            )
            let results = try await pruning.run()
            switch output.format {
            case .json: try Console.document(results)
            case .text:
                guard !results.isEmpty else {
                    Console.line("No worktrees of runs at rest.")
                    return
                }
                var table = TextTable(["TICKET", "RUN", "WORKTREE", "RESULT"])
                for result in results {
                    table.add([
                        result.ticket, "\(result.run)", result.worktree, result.words,
                    ])
                }
                table.show()
            }
            if results.contains(where: { $0.result == .failed }) { throw Exit.failed }
        }
    }
}

/// Takes away the worktrees of runs that nothing more happens to.
struct WorktreePruning {
    /// What became of one worktree.
    struct Result: Encodable {
        enum Kind: String, Encodable {
            case removed
            case wouldRemove = "would_remove"
            case kept
            case failed
        }
        var ticket: String
        var run: Int
        var worktree: String
        var result: Kind
        /// Branches that hold what was nowhere else.
        var saved: [String]
        var reason: String?

        var words: String {
            let saved = saved.isEmpty ? "" : "; saved as \(saved.joined(separator: ", "))"
            return switch result {
            case .removed: "removed\(saved)"
            case .wouldRemove:
                reason.map { "would be removed, saved first: \($0)" } ?? "would be removed"
            case .kept: "kept: \(reason ?? "")"
            case .failed: reason ?? ""
            }
        }
    }
    let store: RunStore
    let environment: [String: String]
    let isDryRun: Bool

    func run() async throws -> [Result] {
        var results: [Result] = []
        let names = try LocalFileSystem().list(store.layout.runs)
        for key in names.compactMap({ TicketKey($0) }) {
            // The newest run decides: its worktree may be the one of those before.
            guard let number = try store.runNumbers(of: key).last,
                case let id = RunID(ticket: key, number: number),
                let run = try store.run(id), run.isAtRest,
                !Installation.exists(store.layout.open(key)),
                let workflow = try store.workflow(of: id)
            else { continue }
            if let result = await result(of: run, workflow.repository) { results.append(result) }
        }
        return results
    }

    private func result(of run: Run, _ settings: RepositorySettings) async -> Result? {
        let path = settings.path.pushing(FilePath(run.worktree)).lexicallyNormalized()
        guard Installation.exists(path) else { return nil }
        var result = Result(
            ticket: run.ticket.key.rawValue,
            run: run.id.number,
            worktree: path.string,
            result: .removed,
            saved: [],
            reason: nil
        )
        do {
            let repository = try Repository(settings, environment: environment, time: SystemTime())
            let branch = try BranchName(run.branch)
            if isDryRun {
                result.result = .wouldRemove
                let obstacle = try await repository.removalObstacle(at: path, branch: branch)
                result.reason = obstacle.map { "\($0)" }
                switch obstacle {
                case nil, .uncommitted?, .unmergedConflicts?, .unpushed?: break
                case .notOurs?, .repositoriesInside?: result.result = .kept
                }
                return result
            }
            switch try await repository.removeWorktree(
                at: path,
                branch: branch,
                savingAs: result.ticket
            ) {
            case .removed: break
            case .saved(let branches): result.saved = branches
            case .kept(let reason):
                result.result = .kept
                result.reason = "\(reason)"
            }
        } catch {
            result.result = .failed
            result.reason = "\(error)"
        }
        return result
    }
}
