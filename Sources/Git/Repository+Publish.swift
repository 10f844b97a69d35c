/// What became of a branch that was to be deleted on the remote.
package enum RemoteDeletion: Equatable, Sendable {
    case deleted
    /// There was none.
    case missing
    /// It stands elsewhere, somebody has a use for it; nothing was changed.
    case kept(at: String)
    /// The remote's rules or hooks don't let it be deleted.
    case declined(reason: String)
}

extension Repository {
    /// Brings a branch of the remote here.
    ///
    /// - Returns: The commit that it is at; `nil` when the remote has no such branch.
    /// - Throws: As `fetchBase`.
    package func fetchBranch(_ branch: BranchName) async throws -> String? {
        do {
            try await fetch([branch])
        } catch GitError.noSuchBranch {
            return nil
        }
        return try await commit(at: tracking(branch))
    }

    /// Puts a branch of the remote at a commit.
    ///
    /// May be repeated.
    ///
    /// - Parameters:
    ///   - commit: A full hash that the repository has.
    ///   - branch: Of the remote, not the base; a new one or one of our own.
    ///   - expected: What the branch was at when we put it there before; anything else is somebody
    ///     else's and stays. Without it only what the commit builds on is replaced.
    /// - Returns: How it ended on the remote.
    /// - Throws: `GitError.branchIsBase` and as every call that needs the remote.
    package func publish(
        _ commit: String,
        as branch: BranchName,
        replacing expected: String? = nil
    ) async throws -> PushOutcome {
        guard branch != base else { throw GitError.branchIsBase(branch) }
        var outcome = try await push(commit, to: branch, replacing: nil)
        if case .rejected = outcome, let expected {
            outcome = try await push(commit, to: branch, replacing: expected)
        }
        try await remember(outcome, of: branch)
        return outcome
    }

    /// Deletes a branch on the remote if it still stands at a commit.
    ///
    /// May be repeated.
    ///
    /// - Parameters:
    ///   - branch: Of the remote, not the base.
    ///   - commit: Where we left it, a full hash.
    /// - Returns: Whether it is gone, and why not.
    /// - Throws: `GitError.branchIsBase` and as every call that needs the remote.
    package func deleteRemote(
        _ branch: BranchName,
        at commit: String
    ) async throws -> RemoteDeletion {
        guard branch != base else { throw GitError.branchIsBase(branch) }
        switch try await push(nil, to: branch, replacing: commit) {
        case .pushed, .upToDate: break
        case .declined(let reason): return .declined(reason: reason)
        case .rejected:
            if let found = try await remoteHead(branch) { return .kept(at: found) }
            try await forgetTracking(branch)
            return .missing
        }
        try await forgetTracking(branch)
        return .deleted
    }

    /// Takes note of where a push left a branch: git does this where the remote's settings say so,
    /// and a bare clone's don't.
    func remember(_ outcome: PushOutcome, of branch: BranchName) async throws {
        switch outcome {
        case .pushed(let commit), .upToDate(let commit):
            let remembered = tracking(branch)
            if looseCommit(at: remembered) != commit {
                _ = try await call(["update-ref", remembered, commit])
            }
        case .rejected, .declined: break
        }
    }

    private func forgetTracking(_ branch: BranchName) async throws {
        _ = try await call(["update-ref", "-d", tracking(branch)])
    }
}
