import Domain
package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Repository {
    /// The worktree at `path`, on `branch`: a new one, or the one that an attempt before left
    /// there.
    ///
    /// A branch that is there already is checked out as it is; else it starts at `commit`. What an
    /// earlier attempt left in the worktree, committed or not, stays. A worktree whose making was
    /// cut short is finished, one that is gone from the disk is made again. Nothing is ever deleted
    /// but the lock files of a git that died.
    ///
    /// - Parameters:
    ///   - path: Absolute; its parent folders are made.
    ///   - branch: Not the base.
    ///   - commit: A full hash that the repository has.
    /// - Returns: The worktree with its files written, on the branch or where an agent left its
    ///   HEAD.
    /// - Throws: `GitError.branchIsBase`, `.folderInTheWay`, `.worktreeElsewhere`, `.branchInUse`,
    ///   `.busy`, `.fileLocked` and what every call of git may throw.
    package func worktree(
        at path: FilePath,
        branch: BranchName,
        from commit: String
    ) async throws -> Worktree {
        guard branch != base else { throw GitError.branchIsBase(branch) }
        let path = resolved(path)
        try await sweepCheckouts()
        try await finishRemoval(at: path)
        if let worktree = try existingWorktree(at: path, branch: branch) {
            clearDeadLocks(of: worktree)
            try await settle(worktree, from: commit)
            return worktree
        }
        try FileManager.default.createDirectory(
            atPath: path.removingLastComponent().string,
            withIntermediateDirectories: true
        )
        // The files are written after the lock is let go: that takes long in a big repository.
        try await withLock(for: "worktree for \(branch)") {
            // A branch that is there may be somebody's: only git itself looks at that.
            let isNew = try await commitIfAny(at: branch.reference) == nil
            if isNew, try await take(for: path) { return }
            try await add(path, branch: branch, from: commit)
        }
        guard let worktree = try existingWorktree(at: path, branch: branch) else {
            throw GitError.folderInTheWay(path)
        }
        try await settle(worktree, from: commit)
        return worktree
    }

    /// The worktree of this repository at `path`, as it lies there; `nil` when nothing is there.
    ///
    /// No process is started. Its HEAD may be off the branch: `Worktree.commitAll` sets that right.
    ///
    /// - Throws: `GitError.folderInTheWay` when something else is there, `.worktreeElsewhere` when
    ///   it was made for another branch.
    package func existingWorktree(at path: FilePath, branch: BranchName) throws -> Worktree? {
        let path = resolved(path)
        switch FileKind(at: path) {
        case .nothing: return nil
        case .file, .link, .other: throw GitError.folderInTheWay(path)
        case .folder: break
        }
        guard firstLine(of: path.appending(".git")) != nil else {
            if try FileManager.default.contentsOfDirectory(atPath: path.string).isEmpty {
                return nil
            }
            throw GitError.folderInTheWay(path)
        }
        guard let administration = administration(of: path) else {
            throw GitError.folderInTheWay(path)
        }
        disarm(administration, branch)
        return Worktree(
            path: path,
            branch: branch,
            repository: self,
            administration: administration
        )
    }

    /// Takes links away from where an agent may write: git would follow one and write where it leads.
    ///
    /// The reflogs above all, to which git appends what it was told.
    func disarm(_ administration: FilePath, _ branch: BranchName) {
        let logs = common.appending("logs").pushing(FilePath(branch.reference))
        var folders = [administration, administration.appending("logs")]
        if FileKind(at: logs) == .link { remove(logs) }
        folders.append(logs.removingLastComponent())
        for folder in folders where FileKind(at: folder) == .folder {
            // What isn't there any more leads nowhere.
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder.string)
            for name in names ?? [] where FileKind(at: folder.appending(name)) == .link {
                remove(folder.appending(name))
            }
        }
    }

    /// The folder where git keeps what it knows of a worktree of this repository; `nil` when there is none at
    /// that path, all links of which are followed.
    func administration(of path: FilePath) -> FilePath? {
        // Both ends must point at each other, so that a rewritten '.git' leads nowhere.
        let worktrees = resolved(common).appending("worktrees")
        guard let line = firstLine(of: path.appending(".git")), line.hasPrefix("gitdir: "),
            case let target = FilePath(String(line.dropFirst(8))),
            case let administration = resolved(path.pushing(target)),
            administration.removingLastComponent() == worktrees,
            let back = firstLine(of: administration.appending("gitdir")),
            resolved(administration.pushing(FilePath(back))) == path.appending(".git")
        else { return nil }
        return administration
    }

    /// Registers the worktree and its branch, without its files.
    private func add(_ path: FilePath, branch: BranchName, from commit: String) async throws {
        let options = ["worktree", "add", "--quiet", "--no-checkout"]
        let new = options + ["--no-track", "-b", branch.rawValue, "--", path.string, commit]
        let old = options + ["--", path.string, branch.rawValue]
        var command = looseCommit(at: branch.reference) == nil ? new : old
        // Each way on is taken once: the branch is there, the path is known but gone.
        for _ in 0..<4 {
            let output = try await attempt(command)
            if output.exit == 0 { return }
            let reason = output.reason
            if command == new, reason.contains("a branch named") {
                command = old
            } else if reason.contains("already registered worktree"), FileKind(at: path) == .nothing
            {
                try await forget(path)
            } else if let other = other(holding: reason) {
                guard FileKind(at: other) == .nothing else {
                    throw GitError.branchInUse(branch, at: other)
                }
                try await forget(other)
            } else if reason.contains("already exists"), FileKind(at: path) != .nothing {
                throw GitError.folderInTheWay(path)
            } else {
                throw error(of: output, of: command, in: self.path)
            }
        }
        throw GitError.folderInTheWay(path)
    }

    /// Drops what git knows of a worktree that is gone from the disk.
    func forget(_ path: FilePath) async throws {
        _ = try await call(["worktree", "remove", "--force", "--force", "--", path.string])
    }

    /// `fatal: 'b' is already checked out at '/p'`, since git 2.42 `is already used by worktree
    /// at`.
    private func other(holding reason: String) -> FilePath? {
        for words in ["is already checked out at '", "is already used by worktree at '"] {
            guard let start = reason.firstRange(of: words) else { continue }
            return FilePath(String(reason[start.upperBound...].prefix { $0 != "'" && $0 != "\n" }))
        }
        return nil
    }

    /// Writes the files of a worktree that has none yet, and looks that it is on its branch.
    private func settle(_ worktree: Worktree, from commit: String) async throws {
        if isInPassing(worktree) { try await furnish(worktree, from: commit) }
        // git writes the index last: without one, no attempt has ever worked here.
        if FileKind(at: worktree.administration.appending("index")) == .nothing {
            try await worktree.limitFolders()
            _ = try await worktree.call(["reset", "--quiet", "--hard"], timeout: limits.checkout)
        }
        switch worktree.head {
        case .branch(let found) where found == worktree.branch.rawValue: return
        case .branch(let found):
            guard try await worktree.isAhead(of: worktree.branch.reference) else {
                throw GitError.worktreeElsewhere(
                    worktree.path,
                    branch: worktree.branch,
                    found: "'\(harmless(found))'"
                )
            }
        case .detached: return
        case .broken: throw GitError.folderInTheWay(worktree.path)
        }
    }

    /// Deletes the locks on a worktree's own files that a killed git left.
    ///
    /// The caller knows that no process of the attempt before is left, and a lock that young could
    /// only be a person's. What such a file holds is a copy that was never taken into use.
    func clearDeadLocks(of worktree: Worktree) {
        let age: TimeInterval = 5
        let locks = [
            worktree.administration.appending("index.lock"),
            worktree.administration.appending("HEAD.lock"),
            common.appending("\(worktree.branch.reference).lock"),
        ]
        for lock in locks {
            guard let written = modification(of: lock),
                time.now().wall.timeIntervalSince(written) > age
            else { continue }
            // Whoever deletes it first has done it; a lock that stays is named by the next call.
            try? FileManager.default.removeItem(atPath: lock.string)
        }
    }
}
