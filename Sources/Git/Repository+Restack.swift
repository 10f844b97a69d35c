package import SystemPackage

/// How putting a branch on another base ended.
package enum RestackOutcome: Equatable, Sendable {
    /// The branch's own commits stand on the new base, here and on the remote.
    case restacked(commit: String)
    /// They stood there before; nothing was replayed, and the remote has them.
    case alreadyThere(commit: String)
    /// The new base changes the same lines; nothing was changed.
    case conflict(files: [String])
    /// A person works in the worktree; nothing was changed. Without files when a rebase, a merge
    /// or the like is in progress there and has left nothing uncommitted.
    case uncommitted(files: [String])
    /// Somebody else pushed to the branch or deleted it, or the remote doesn't want it; branch and
    /// worktree are as before.
    case rejected(reason: String)
}

extension Repository {
    /// Puts the commits that a branch has over `oldBase` on `newBase`, and pushes the branch.
    ///
    /// They are replayed in memory, so that a conflict touches nothing; only then the worktree is
    /// brought to the result. May be repeated, also after a crash at any point. The tip before
    /// stays reachable under `refs/linecook/restacked/BRANCH`, the last one for each branch.
    ///
    /// It doesn't matter how the commits below came into the new base: what the new base or the
    /// old one holds isn't replayed, and what comes to nothing there is left out.
    ///
    /// - Parameters:
    ///   - branch: Not the base.
    ///   - oldBase: What the branch was started from, a full hash.
    ///   - newBase: What it is put on, a full hash that the repository has.
    ///   - path: Of the branch's worktree, absolute; made again when it is gone.
    ///   - lastPushed: The commit that this run pushed before; replaced, while the remote has it.
    /// - Returns: How it ended.
    /// - Throws: `GitError.noSuchBranch` when the branch is gone everywhere, `.worktreeElsewhere`,
    ///   `.folderInTheWay`, `.branchInUse`, `.tooOld` and as every call that needs the remote.
    package func restack(
        branch: BranchName,
        from oldBase: String,
        onto newBase: String,
        worktree path: FilePath,
        lastPushed: String?
    ) async throws -> RestackOutcome {
        guard branch != base else { throw GitError.branchIsBase(branch) }
        let published = try await fetchBranch(branch)
        guard let tip = try await commitIfAny(at: branch.reference) ?? published else {
            throw GitError.noSuchBranch(branch, remote: remote, self.path)
        }
        if let reason = try await strangeness(
            of: published,
            branch: branch,
            tip: tip,
            lastPushed: lastPushed
        ) {
            return .rejected(reason: reason)
        }
        if try await stands(tip, on: newBase, without: oldBase) {
            if let worktree = try existingWorktree(at: path, branch: branch),
                worktree.startedMove != nil
            {
                clearDeadLocks(of: worktree)
                _ = try await worktree.foreignWork(at: tip)  // the way back was cut short
            }
            switch try await put(tip, at: branch, over: published) {
            case .pushed, .upToDate: return .alreadyThere(commit: tip)
            case .rejected(let reason), .declined(let reason): return .rejected(reason: reason)
            }
        }
        let worktree = try await worktree(at: path, branch: branch, from: tip)
        if let files = try await worktree.foreignWork(at: tip) {
            return .uncommitted(files: files)
        }
        let replay = Replay(repository: self, oldBase: oldBase, newBase: newBase)
        let commit: String
        switch try await replay.run(tip) {
        case .clean(let replayed): commit = replayed
        case .conflict(let files): return .conflict(files: files)
        }
        _ = try await call(["update-ref", kept(branch), tip])
        guard try await worktree.move(from: tip, to: commit) else {
            return .uncommitted(files: try await worktree.changedFiles())
        }
        switch try await put(commit, at: branch, over: published) {
        case .pushed, .upToDate: return .restacked(commit: commit)
        case .rejected(let reason), .declined(let reason):
            // What a person does there just now goes before: then the branch stays moved.
            _ = try await worktree.move(from: commit, to: tip)
            return .rejected(reason: reason)
        }
    }

    /// Pushes over what was found, and over nothing else.
    private func put(
        _ commit: String,
        at branch: BranchName,
        over published: String?
    ) async throws -> PushOutcome {
        let outcome = try await push(commit, to: branch, replacing: published)
        try await remember(outcome, of: branch)
        return outcome
    }

    /// Where the tip before the last restack is kept.
    private func kept(_ branch: BranchName) -> String { "refs/linecook/restacked/\(branch)" }

    /// Why what the remote has isn't ours to replace; `nil` when it is.
    private func strangeness(
        of published: String?,
        branch: BranchName,
        tip: String,
        lastPushed: String?
    ) async throws -> String? {
        guard let published else {
            return lastPushed == nil ? nil : "'\(branch)' is gone from the remote"
        }
        if published == lastPushed { return nil }
        // Pushed by a process that died before it could say so.
        for own in [tip, try await commitIfAny(at: kept(branch))] {
            if let own, try await isAncestor(published, of: own) { return nil }
        }
        return "'\(branch)' is at \(published.prefix(10)) on the remote, which isn't this run's"
    }

    /// Whether a commit builds on `newBase` and holds nothing that only `oldBase` holds.
    private func stands(
        _ tip: String,
        on newBase: String,
        without oldBase: String
    ) async throws -> Bool {
        guard try await isAncestor(newBase, of: tip) else { return false }
        let command = ["merge-base", "--all", tip, oldBase]
        let output = try await attempt(command)
        if output.exit == 1 { return true }
        let shared = try expectSuccess(output, of: command, in: path).text
            .split(separator: "\n").map(String.init)
        let left = try await call(["rev-list", "--max-count=1"] + shared + ["^\(newBase)", "--"])
        return left.line.isEmpty
    }
}
