package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What became of a worktree that was to be removed.
package enum Removal: Equatable, Sendable {
    case removed
    /// Removed too, with what was nowhere else on these branches.
    case saved([String])
    /// Nothing was changed, for this reason.
    case kept(Reason)

    package enum Reason: Equatable, Sendable, CustomStringConvertible {
        case uncommitted(files: [String])
        case unmergedConflicts(files: [String])
        /// On no branch of the remote that we know of.
        case unpushed(commit: String)
        case notOurs
        /// Repositories inside, which no branch of this one can keep.
        case repositoriesInside([String])

        package var description: String {
            switch self {
            case .uncommitted(let files): "uncommitted: \(Self.list(files))"
            case .unmergedConflicts(let files): "an unfinished merge: \(Self.list(files))"
            case .unpushed(let commit): "commit \(commit.prefix(10)) is not on the remote"
            case .repositoriesInside(let paths):
                "repositories of their own with work in them: \(Self.list(paths))"
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
    /// Removes a worktree and its local branch, or puts the worktree into the pool.
    ///
    /// All that is in them is on the remote, or is put on a branch `linecook/saved/KEY-N` first; without
    /// a key nothing is touched then. Files that git ignores go along. A worktree that is gone from the
    /// disk already leaves only its branch to be judged. The remote's branch stays. May be repeated.
    ///
    /// - Parameters:
    ///   - path: Absolute.
    ///   - branch: Not the base.
    ///   - key: The ticket's.
    /// - Returns: `removed` also when nothing was there; else what was saved, or why all was kept.
    /// - Throws: What every call of git may throw.
    package func removeWorktree(
        at path: FilePath,
        branch: BranchName,
        savingAs key: String? = nil
    ) async throws -> Removal {
        var saved: [String] = []
        try await finishRemoval(at: path)
        switch try await removalObstacle(at: path, branch: branch) {
        case nil: break
        case .notOurs?: return .kept(.notOurs)
        case .repositoriesInside(let paths)?: return .kept(.repositoriesInside(paths))
        case let reason?:
            guard let key else { return .kept(reason) }
            saved = try await saveWork(at: path, branch: branch, of: key)
        }
        let path = resolved(path)
        let worktree = try existingWorktree(at: path, branch: branch)
        let tip = try await commitIfAny(at: branch.reference)
        if let worktree {
            if try await !retireIfPossible(worktree) {
                // git takes the folder away file by file, and may be killed meanwhile.
                try note(Self.removing, of: worktree.administration)
                try await drop(path, branch)
            }
        } else {
            try await drop(path, branch)
        }
        if let tip {
            try await withLock(for: "removal of \(branch)") {
                // Only if the branch is still where it was looked at.
                _ = try await call(["update-ref", "-d", branch.reference, tip])
            }
        }
        return saved.isEmpty ? .removed : .saved(saved)
    }

    /// What a worktree and its branch hold that is nowhere else; `nil` when there is nothing.
    ///
    /// - Throws: `GitError.branchIsBase` and what every call of git may throw.
    package func removalObstacle(
        at path: FilePath,
        branch: BranchName
    ) async throws -> Removal.Reason? {
        guard branch != base else { throw GitError.branchIsBase(branch) }
        let worktree: Worktree?
        do {
            worktree = try existingWorktree(at: path, branch: branch)
        } catch GitError.folderInTheWay {
            return .notOurs
        }
        if let worktree, !isInPassing(worktree) {
            let status = try await worktree.status()
            let inside = try await repositoriesWithWork(in: worktree, status)
            guard inside.isEmpty else { return .repositoriesInside(inside) }
            guard status.isClean else { return try await worktree.leftovers(status) }
        }
        for commit in try await commits(of: worktree, branch)
        where try await !isOnRemote(commit, branch: branch) {
            return .unpushed(commit: commit)
        }
        return nil
    }

    /// - Returns: The branches that hold what was nowhere else.
    private func saveWork(
        at path: FilePath,
        branch: BranchName,
        of key: String
    ) async throws -> [String] {
        let worktree = try existingWorktree(at: path, branch: branch)
        var saved: [String] = []
        if let worktree, !isInPassing(worktree) {
            let status = try await worktree.status()
            if !status.isClean {
                saved.append(try await save(try await commitOfFiles(worktree, status), of: key))
            }
        }
        for commit in try await commits(of: worktree, branch)
        where try await !isOnRemote(commit, branch: branch) {
            let name = try await save(commit, of: key)
            if !saved.contains(name) { saved.append(name) }
        }
        return saved
    }

    /// What a worktree is at, and its branch.
    private func commits(of worktree: Worktree?, _ branch: BranchName) async throws -> [String] {
        var commits: [String] = []
        if let worktree, !isInPassing(worktree) {
            commits.append(try await worktree.call(["rev-parse", "--verify", "HEAD"]).line)
        }
        let tip = try await commitIfAny(at: branch.reference)
        if let tip, !commits.contains(tip) { commits.append(tip) }
        return commits
    }

    /// A pool is there to save time: what can't be put into it is removed.
    private func retireIfPossible(_ worktree: Worktree) async throws -> Bool {
        do {
            return try await retire(worktree)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return false
        }
    }

    /// Removes what is left of a worktree whose removal was cut short; all that mattered in it was looked at then.
    ///
    /// Its `.git` may be gone already, so that only the administration tells whose it was.
    func finishRemoval(at path: FilePath) async throws {
        let path = resolved(path)
        guard FileKind(at: path) == .folder, FileKind(at: path.appending(".git")) == .nothing,
            isBeingRemoved(path)
        else { return }
        try await withLock(for: "removal of \(path.lastComponent?.string ?? "a worktree")") {
            try FileManager.default.removeItem(atPath: path.string)
            try await forget(path)
        }
    }

    private func isBeingRemoved(_ path: FilePath) -> Bool {
        let worktrees = resolved(common).appending("worktrees")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: worktrees.string)) ?? []
        return names.contains { name in
            let administration = worktrees.appending(name)
            guard state(of: administration) == Self.removing,
                let back = firstLine(of: administration.appending("gitdir"))
            else { return false }
            return resolved(administration.pushing(FilePath(back))) == path.appending(".git")
        }
    }

    private func drop(_ path: FilePath, _ branch: BranchName) async throws {
        try await withLock(for: "removal of \(branch)") {
            // Forced, for the ignored files and submodules; what matters was looked at before.
            let output = try await attempt(
                ["worktree", "remove", "--force", "--", path.string],
                timeout: limits.checkout
            )
            if output.exit != 0, !output.reason.contains("is not a working tree") {
                throw error(of: output, of: ["worktree", "remove", path.string], in: self.path)
            }
        }
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
    /// Why a worktree with uncommitted work is kept.
    fileprivate func leftovers(_ status: Status) async throws -> Removal.Reason {
        if !status.unmerged.isEmpty { return .unmergedConflicts(files: status.unmerged) }
        return .uncommitted(
            files: status.untracked.isEmpty ? try await changedFiles() : status.untracked
        )
    }

    /// The files that git knows and that differ from HEAD.
    func changedFiles() async throws -> [String] {
        try await call([
            "diff", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "--name-only",
            "-z", "HEAD", "--",
        ]).records
    }
}
