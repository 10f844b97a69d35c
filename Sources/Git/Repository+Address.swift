extension Repository {
    /// Where the remote is, as a push would go there; may hold credentials, so it's never shown.
    ///
    /// - Throws: `GitError.noSuchRemote` and what every call of git may throw.
    package func remoteAddress() async throws -> String {
        let command = ["remote", "get-url", "--push", remote]
        let output = try await attempt(command)
        guard output.exit == 0 else {
            throw try await remoteError(of: output, command: command)
        }
        return output.line
    }
}
