package import SystemPackage

/// The folder in which one ticket is worked on, on a branch of its own.
///
/// Made by `Repository.worktree(at:branch:from:)` and `Repository.existingWorktree(at:branch:)`.
/// One task works on it at a time.
package struct Worktree: Sendable {
    package let path: FilePath
    package let branch: BranchName
    package let repository: Repository
    /// The folder in the repository where git keeps this worktree's HEAD and index.
    let administration: FilePath

    /// Calls git on the worktree; an exit other than 0 is thrown.
    func call(_ command: [String], timeout: Duration? = nil) async throws -> GitOutput {
        try repository.expectSuccess(
            try await attempt(command, timeout: timeout),
            of: command,
            in: path
        )
    }

    /// Calls git on the worktree, whatever its exit.
    func attempt(
        _ command: [String],
        timeout: Duration? = nil,
        limitInBytes: Int? = nil
    ) async throws -> GitOutput {
        try await repository.attempt(
            command,
            in: place,
            timeout: timeout,
            limitInBytes: limitInBytes
        )
    }

    /// What calls of git are told to work on.
    var place: GitPlace {
        var place = GitPlace(
            worktree: path,
            administration: administration,
            common: repository.common
        )
        if !repository.sparse.isEmpty { place.environment.merge(Self.sparseSettings) { $1 } }
        return place
    }

    /// What the worktree's HEAD is at.
    var head: Head {
        guard let line = firstLine(of: administration.appending("HEAD")) else { return .broken }
        if line.hasPrefix("ref: refs/heads/") { return .branch(String(line.dropFirst(16))) }
        return isHash(line) ? .detached(line) : .broken
    }

    enum Head: Equatable {
        case branch(String)
        case detached(String)
        case broken
    }
}
