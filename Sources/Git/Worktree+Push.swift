/// How a push ended that reached the remote.
package enum PushOutcome: Equatable, Sendable {
    /// The remote's branch is now at this commit.
    case pushed(String)
    /// It was at this commit before, such as after a push whose answer was lost.
    case upToDate(String)
    /// Somebody else pushed to the branch; nothing was changed.
    case rejected(reason: String)
    /// The remote's rules or hooks don't want it; the reason is the remote's.
    case declined(reason: String)
}

extension Worktree {
    /// Pushes the branch to the branch of the same name on the remote, and nothing else.
    ///
    /// May be repeated: what has arrived is found to be up to date.
    ///
    /// - Parameter lastPushed: The commit that this run pushed before. When the branch was
    ///   rewritten since, it is forced, but only over that commit.
    /// - Returns: How it ended on the remote.
    /// - Throws: `GitError.branchIsBase`, `.notAuthorized`, `.unreachable` and what every call of
    ///   git may throw.
    package func push(lastPushed: String? = nil) async throws -> PushOutcome {
        let commit = try await repository.commit(at: branch.reference)
        return try await repository.publish(commit, as: branch, replacing: lastPushed)
    }
}

extension Repository {
    /// Pushes one commit to one branch of the remote.
    ///
    /// - Parameters:
    ///   - commit: A full hash; `nil` deletes the branch.
    ///   - branch: Of the remote.
    ///   - expected: What the branch must be at on the remote, which then may be anything that
    ///     `commit` replaces; `nil` allows only what builds on it.
    /// - Returns: How it ended on the remote.
    /// - Throws: As every call that needs the remote.
    func push(
        _ commit: String?,
        to branch: BranchName,
        replacing expected: String?
    ) async throws -> PushOutcome {
        if let commit { try await pushLargeFiles(of: commit) }
        let lease = expected.map { ["--force-with-lease=\(branch.reference):\($0)"] } ?? []
        let command =
            ["push", "--porcelain", "--no-verify"] + lease
            + [remote, "\(commit ?? ""):\(branch.reference)"]
        let commit = commit ?? ""
        let output = try await attempt(command, timeout: limits.network)
        // FLAG \t from:to \t summary (reason)
        for line in output.text.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count >= 3, fields[1].hasSuffix(":\(branch.reference)") else { continue }
            switch fields[0] {
            case " ", "+", "*", "-": return .pushed(commit)
            case "=": return .upToDate(commit)
            case "!":
                let summary = harmless(String(fields[2]))
                // A branch that moved while the push came in: these words hold its name.
                guard summary.hasPrefix("[remote rejected]"), !summary.contains("lock ref") else {
                    return .rejected(reason: summary)
                }
                let said = cleaned(output.errors).split(separator: "\n")
                    .filter { $0.hasPrefix("remote:") }
                    .map { String($0.dropFirst(7)).trimmed }
                let words = ([summary] + said).joined(separator: "; ")
                // What only the remote's state of health is about passes with time.
                let isRule = ["declined", "denied", "prohibited", "refusing", "hidden ref"]
                    .contains { summary.contains($0) }
                guard isRule else { return .rejected(reason: words) }
                let isProtected = ["protected branch", "GH006", "GH013", "repository rule"]
                    .contains { words.contains($0) }
                guard isProtected else { return .declined(reason: words) }
                return .declined(
                    reason: "'\(branch)' is protected on '\(remote)': \(words); change"
                        + " repository.branch to a name that its rules leave free, or let this user push there"
                )
            default: continue
            }
        }
        if output.exit == 0 { return .upToDate(commit) }
        throw try await remoteError(of: output, command: command)
    }
}
