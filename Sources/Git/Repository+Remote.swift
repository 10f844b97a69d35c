extension Repository {
    /// Calls git for something that needs the remote, and tells apart what can go wrong there.
    func remoteCall(_ command: [String], branches: [BranchName] = []) async throws -> GitOutput {
        let output = try await attempt(command, timeout: limits.network)
        guard output.exit != 0 else { return output }
        throw try await remoteError(of: output, command: command, branches: branches)
    }

    /// Why a call that needs the remote went wrong.
    func remoteError(
        of output: GitOutput,
        command: [String],
        branches: [BranchName] = []
    ) async throws -> GitError {
        let failure = failure(output, of: command, in: path)
        let reason = output.reason.lowercased()
        if let lock = lockInTheWay(output.reason) { return .fileLocked(lock) }
        if reason.contains("couldn't find remote ref") {
            let missing = branches.first { reason.contains($0.reference.lowercased()) }
            return .noSuchBranch(missing ?? base, remote: remote, path)
        }
        if reason.contains("does not appear to be a git repository") {
            let known = try await call(["remote"]).text.split(separator: "\n").map(String.init)
            if !known.contains(remote) { return .noSuchRemote(remote, path, known: known) }
        }
        return Self.remoteError(failure, reason: output.reason, remote: remote) ?? .failed(failure)
    }

    /// Why a remote gave nothing, by what git said; `nil` when that says something else.
    static func remoteError(_ failure: GitFailure, reason: String, remote: String) -> GitError? {
        let reason = reason.lowercased()
        if notAuthorized.contains(where: reason.contains) {
            return .notAuthorized(remote: remote, failure)
        }
        if unreachable.contains(where: reason.contains) {
            return .unreachable(remote: remote, failure)
        }
        return nil
    }

    // What git, ssh, curl and the big hosts say, in small letters. Who may not see a repository is
    // told that there is none.
    private static let notAuthorized = [
        "authentication failed", "permission denied (", "could not read username",
        "could not read password", "terminal prompts disabled", "host key verification failed",
        "returned error: 401", "returned error: 403", "repository not found",
        "permission to ", "access denied", "invalid username or",
    ]
    private static let unreachable = [
        "could not resolve host", "connection refused", "connection timed out",
        "connection reset", "network is unreachable", "no route to host", "operation timed out",
        "temporary failure in name resolution", "returned error: 5", "returned error: 429",
        "early eof", "unexpected disconnect", "remote end hung up", "connection closed by",
        "could not read from remote repository", "ssl_error", "tls connection",
        "does not appear to be a git repository", "failed to connect",
    ]
}
