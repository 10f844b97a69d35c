/// How a merge into the base ended.
package enum MergeOutcome: Equatable, Sendable {
    /// The base on the remote is now at this commit.
    case merged(String)
    /// The base held the branch already.
    case alreadyMerged(String)
    /// Both changed the same lines; nothing was changed.
    case conflict(files: [String])
    /// The remote's rules or hooks don't let the base be pushed to.
    case declined(reason: String)
}

extension Repository {
    /// Merges a branch of the remote into its base there, without touching any working tree.
    ///
    /// What is merged is what the remote has, with a merge commit always. When the base moves
    /// meanwhile, the merge is made anew. May be repeated.
    ///
    /// - Parameters:
    ///   - branch: A branch that the remote has.
    ///   - message: Of the merge commit.
    /// - Returns: How it ended; only `merged` changed anything.
    /// - Throws: `GitError.noSuchBranch`, `.baseKeepsMoving`, `.tooOld` and as `fetchBase`.
    package func merge(
        _ branch: BranchName,
        message: String
    ) async throws -> MergeOutcome {
        guard branch != base else { throw GitError.branchIsBase(branch) }
        let tries = 5
        for _ in 0..<tries {
            try await fetch([base, branch])
            let ours = try await commit(at: tracking(base))
            let theirs = try await commit(at: tracking(branch))
            if try await isAncestor(theirs, of: ours) { return .alreadyMerged(ours) }
            let tree: String
            switch try await mergedTree(of: ours, and: theirs) {
            case .clean(let merged): tree = merged
            case .conflict(let files): return .conflict(files: files)
            }
            let command = ["commit-tree", tree, "-p", ours, "-p", theirs, "-m", message]
            let output = try await attemptSigned(command, in: place())
            let merge = try expectSuccess(output, of: command, in: path).line
            switch try await push(merge, to: base, replacing: ours) {
            case .pushed, .upToDate: return .merged(merge)
            case .declined(let reason): return .declined(reason: reason)
            case .rejected: continue
            }
        }
        throw GitError.baseKeepsMoving(base, tries: tries)
    }

    /// What two commits come to when they are merged.
    enum MergedTree {
        case clean(String)
        case conflict([String])
    }

    /// Merges two commits in memory; only objects are written.
    ///
    /// - Parameters:
    ///   - ours: A commit.
    ///   - theirs: Another one.
    ///   - unrelated: Whether they may have nothing in common.
    /// - Returns: The tree, or the files that both have changed.
    /// - Throws: `GitError.tooOld` and what every call of git may throw.
    func mergedTree(
        of ours: String,
        and theirs: String,
        unrelated: Bool = false
    ) async throws -> MergedTree {
        let command =
            ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages"]
            + (unrelated ? ["--allow-unrelated-histories"] : []) + [ours, theirs]
        let output = try await attempt(command)
        switch output.exit {
        case 0:
            if let tree = output.records.first { return .clean(tree) }
        case 1: return .conflict(Array(output.records.dropFirst()))
        case 129: throw GitError.tooOld(needed: "2.38", operation: "merging without a worktree")
        default: break
        }
        throw error(of: output, of: command, in: path)
    }

    /// Calls git for something that says who did it: whom git knows, and Linecook where it knows nobody.
    func attemptSigned(_ command: [String], in place: GitPlace) async throws -> GitOutput {
        // Without useConfigOnly git makes an address up from the names of user and machine.
        let output = try await attempt(["-c", "user.useConfigOnly=true"] + command, in: place)
        guard output.exit == 128, output.reason.contains("tell me who you are") else {
            return output
        }
        return try await attempt(OwnIdentity.settings + command, in: place)
    }
}
