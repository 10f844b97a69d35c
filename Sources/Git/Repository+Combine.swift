/// What came of putting several commits together.
package enum CombineOutcome: Equatable, Sendable {
    /// This commit holds all of them; it may be one of them.
    case combined(String)
    /// Both sides changed the same lines; nothing was changed.
    ///
    /// `between` names the commits of the call that don't fit together: two where two are enough
    /// for the conflict, else all up to the one that doesn't fit.
    case conflict(files: [String], between: [String])
}

extension Repository {
    /// Makes one commit that holds several, without touching any working tree or branch.
    ///
    /// The same commits in the same order give the same hash always, whoever runs it and when:
    /// author and committer are Linecook's, the date is that of the newest commit given. What is
    /// held by another one given adds nothing.
    ///
    /// - Parameters:
    ///   - commits: Full hashes that the repository has.
    ///   - base: A commit that is to be held too, and comes first. One commit at least must be
    ///     given, here or there.
    ///   - message: Of the merge commits.
    /// - Returns: The commit, on no branch yet, or where they conflict.
    /// - Throws: `GitError.tooOld` and what every call of git may throw.
    package func combine(
        _ commits: [String],
        onto base: String? = nil,
        message: String
    ) async throws -> CombineOutcome {
        let parts = try await independent((base.map { [$0] } ?? []) + commits)
        precondition(!parts.isEmpty, "nothing to combine")
        let signature = try await signature(newestOf: parts)
        var whole = parts[0]
        for (index, part) in parts.enumerated().dropFirst() {
            switch try await mergedTree(of: whole, and: part) {
            case .clean(let tree):
                let command = ["commit-tree", tree, "-p", whole, "-p", part, "-m", message]
                let output = try await attempt(command, in: place(signature))
                whole = try expectSuccess(output, of: command, in: path).line
            case .conflict(let files):
                let culprits = try await culprits(among: parts[..<index], against: part)
                return .conflict(files: files, between: culprits + [part])
            }
        }
        return .combined(whole)
    }

    /// Those that no other one holds, each once, in the order given.
    private func independent(_ commits: [String]) async throws -> [String] {
        guard commits.count > 1 else { return commits }
        let output = try await call(["merge-base", "--independent"] + commits)
        var left = Set(output.text.split(separator: "\n").map(String.init))
        return commits.filter { left.remove($0) != nil }
    }

    /// Variables that make a commit Linecook's, of a time that hangs on `commits` alone.
    private func signature(newestOf commits: [String]) async throws -> [String: String] {
        let listed = try await call(
            ["log", "--no-walk=unsorted", "--format=%ct"] + commits + ["--"]
        )
        let newest = listed.text.split(separator: "\n").compactMap { Int($0) }.max() ?? 0
        var signature: [String: String] = [:]
        for role in ["AUTHOR", "COMMITTER"] {
            signature["GIT_\(role)_NAME"] = OwnIdentity.name
            signature["GIT_\(role)_EMAIL"] = OwnIdentity.email
            signature["GIT_\(role)_DATE"] = "@\(newest) +0000"
        }
        return signature
    }

    /// The first one that alone conflicts with `part`, or all of them.
    private func culprits(among others: ArraySlice<String>, against part: String) async throws
        -> [String]
    {
        for other in others {
            if case .conflict = try await mergedTree(of: other, and: part) { return [other] }
        }
        return Array(others)
    }
}
