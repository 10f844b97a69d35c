package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What became of a worktree that was to be removed.
package enum Removal: Equatable, Sendable {
    case removed
    /// Nothing was changed, for this reason.
    case kept(Reason)

    package enum Reason: Equatable, Sendable, CustomStringConvertible {
        case uncommitted(files: [String])
        case unmergedConflicts(files: [String])
        /// On no branch of the remote that we know of.
        case unpushed(commit: String)
        case notOurs

        package var description: String {
            switch self {
            case .uncommitted(let files): "uncommitted: \(Self.list(files))"
            case .unmergedConflicts(let files): "an unfinished merge: \(Self.list(files))"
            case .unpushed(let commit): "commit \(commit.prefix(10)) is not on the remote"
            case .notOurs: "the folder is not a worktree of this repository"
            }
        }

        private static func list(_ files: [String]) -> String {
            files.prefix(3).map { harmless($0) }.joined(separator: ", ")
                + (files.count > 3 ? " and \(files.count - 3) more" : "")
        }
    }
}

extension Repository {
    /// Removes a worktree and its local branch when all that is in them is on the remote.
    ///
    /// Files that git ignores go along. A worktree that is gone from the disk already leaves only
    /// its branch to be judged. The remote's branch stays. May be repeated.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - branch: Not the base.
    /// - Returns: `removed` also when nothing was there; else why all was kept.
    /// - Throws: What every call of git may throw.
    package func removeWorktree(
        at path: FilePath,
        branch: BranchName
    ) async throws -> Removal {
        guard branch != base else { throw GitError.branchIsBase(branch) }
        let path = resolved(path)
        let worktree: Worktree?
        do {
            worktree = try existingWorktree(at: path, branch: branch)
        } catch GitError.folderInTheWay {
            return .kept(.notOurs)
        }
        var commits: [String] = []
        if let worktree {
            let status = try await worktree.status()
            guard status.unmerged.isEmpty else {
                return .kept(.unmergedConflicts(files: status.unmerged))
            }
            guard status.isClean else {
                return .kept(
                    .uncommitted(
                        files: status.untracked.isEmpty
                            ? try await worktree.changedFiles() : status.untracked
                    )
                )
            }
            commits.append(try await worktree.call(["rev-parse", "--verify", "HEAD"]).line)
        }
        let tip = try await commitIfAny(at: branch.reference)
        if let tip, !commits.contains(tip) { commits.append(tip) }
        for commit in commits where try await !isOnRemote(commit, branch: branch) {
            return .kept(.unpushed(commit: commit))
        }
        try await withLock(for: "removal of \(branch)") {
            // Forced, for the ignored files and submodules; what matters was looked at above.
            let output = try await attempt(
                ["worktree", "remove", "--force", "--", path.string],
                timeout: limits.checkout
            )
            if output.exit != 0, !output.reason.contains("is not a working tree") {
                throw error(of: output, of: ["worktree", "remove", path.string], in: self.path)
            }
            guard let tip else { return }
            // Only if the branch is still where it was looked at.
            _ = try await call(["update-ref", "-d", branch.reference, tip])
        }
        return .removed
    }

    /// Whether a commit is in the base or on the branch as the remote has or had them.
    private func isOnRemote(_ commit: String, branch: BranchName) async throws -> Bool {
        for reference in [tracking(branch), tracking(base)] {
            guard let known = try await commitIfAny(at: reference) else { continue }
            if known == commit { return true }
            if try await isAncestor(commit, of: known) { return true }
        }
        return try await remoteHead(branch) == commit
    }

    /// Whether `descendant` holds all that `commit` holds.
    func isAncestor(_ commit: String, of descendant: String) async throws -> Bool {
        let command = ["merge-base", "--is-ancestor", commit, descendant]
        let output = try await attempt(command)
        switch output.exit {
        case 0: return true
        case 1: return false
        default: throw error(of: output, of: command, in: path)
        }
    }
}

extension Worktree {
    /// The files that git knows and that differ from HEAD.
    func changedFiles() async throws -> [String] {
        try await call([
            "diff", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "--name-only",
            "-z", "HEAD", "--",
        ]).records
    }
}
