import Disk
package import Domain
import ProcessTree
import SystemPackage

extension Repository {
    /// Clones a repository that is named by its address, unless its clone is there.
    ///
    /// The clone is bare and has what the remote has under the remote's name alone. It comes to its place
    /// whole: one that was broken off lies beside it and is made anew. Safe to be called by many at once.
    ///
    /// - Parameters:
    ///   - settings: Those with a path of their own are left alone.
    ///   - environment: The caller's.
    ///   - time: For the limits.
    ///   - limits: How long it may take.
    ///   - announce: Called before a clone is begun, with its address; that may take long.
    /// - Throws: `GitError.cloneTookTooLong`, `.cloneInTheWay`, `.notAuthorized`, `.unreachable`, and what
    ///   every call of git may throw.
    package static func cloneIfMissing(
        _ settings: RepositorySettings,
        environment: [String: String],
        time: any TimeSource,
        limits: GitLimits = GitLimits(),
        announce: (RepositoryURL) -> Void
    ) async throws {
        guard let url = settings.url, commonDirectory(of: settings.path) == nil else { return }
        let remote: String
        do throws(GitError) {
            remote = try BranchName(settings.remote).rawValue
        } catch {
            throw GitError.unusableRemoteName(harmless(settings.remote))
        }
        let disk = LocalFileSystem()
        let folder = settings.path.removingLastComponent()
        try disk.makeFolder(folder)
        let lock = try await takeLock(
            at: folder.appending("clone.lock"),
            for: "clone of \(url)",
            time: time,
            limit: limits.clone
        )
        defer { lock.release() }
        // Who held the lock may have made it.
        guard commonDirectory(of: settings.path) == nil else { return }
        guard FileKind(at: settings.path) == .nothing else {
            throw GitError.cloneInTheWay(settings.path, url)
        }
        // A git that outlives who called it writes to a name that nobody takes up again.
        for name in try disk.list(folder) where name.contains(partialMark) {
            remove(folder.appending(name))
        }
        announce(url)
        let partial = folder.appending("\(settings.name)\(partialMark)\(processID())")
        try disk.makeFolder(partial)
        let clone = Clone(
            url: url,
            remote: remote,
            git: GitProgram(environment: environment, time: time),
            limits: limits
        )
        try await clone.fill(partial)
        try disk.move(partial, to: settings.path)
    }

    /// The commit that the base is at on the remote of an address that isn't cloned yet.
    ///
    /// - Returns: `nil` when the remote has no such branch.
    /// - Throws: As `remoteHead`.
    package static func base(
        at url: RepositoryURL,
        of settings: RepositorySettings,
        environment: [String: String],
        time: any TimeSource,
        limits: GitLimits
    ) async throws -> String? {
        let base = try BranchName(settings.base)
        let clone = Clone(
            url: url,
            remote: settings.remote,
            git: GitProgram(environment: environment, time: time),
            limits: limits
        )
        let output = try await clone.call(
            ["ls-remote", "--", url.rawValue, base.reference],
            in: GitPlace(nowhere: "/"),
            timeout: limits.network
        )
        return output.text.split(separator: "\t").first.map(String.init)
    }
}

private let partialMark = ".partial-"

/// A clone on its way.
private struct Clone {
    let url: RepositoryURL
    let remote: String
    let git: GitProgram
    let limits: GitLimits

    /// Makes an empty folder the clone.
    func fill(_ folder: FilePath) async throws {
        let place = GitPlace(repository: folder, common: folder)
        _ = try await call(["init", "--quiet", "--bare"], in: place, timeout: limits.local)
        _ = try await call(
            ["remote", "add", remote, url.rawValue],
            in: place,
            timeout: limits.local
        )
        do {
            _ = try await call(
                [
                    "fetch", "--quiet", "--no-write-fetch-head", "--no-auto-maintenance",
                    "--no-recurse-submodules", remote,
                ],
                in: place,
                timeout: limits.clone
            )
        } catch GitError.timedOut {
            throw GitError.cloneTookTooLong(url, after: limits.clone)
        }
    }

    func call(
        _ command: [String],
        in place: GitPlace,
        timeout: Duration
    ) async throws -> GitOutput {
        let output = try await git(
            command,
            in: place,
            timeout: timeout,
            limitInBytes: limits.outputInBytes
        )
        guard output.exit != 0 else { return output }
        let failure = GitFailure(
            command: shown(command),
            folder: place.folder,
            exit: output.exit,
            output: cleaned(output.errors)
        )
        throw Repository.remoteError(failure, reason: output.reason, remote: url.rawValue)
            ?? .failed(failure)
    }
}
