import Disk
package import Domain
import ProcessTree
package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A clone that Linecook takes worktrees from and pushes to a remote from.
///
/// Safe to use from many tasks and processes at once: what writes the shared part of the repository
/// takes its turn by a lock on a file in it. No hook, file-system monitor, pager or external diff
/// of the repository's configuration is run, nor any program that came into it later
/// (`GuardedFolder`).
package struct Repository: Sendable {
    /// Absolute.
    package let path: FilePath
    /// The last part of the path, without `.git`.
    package let name: String
    package let remote: String
    package let base: BranchName
    /// The folder of git's own that all worktrees share: `.git`, or the path of a bare repository.
    let common: FilePath
    let time: any TimeSource
    let limits: GitLimits
    /// How many worktrees are kept for the next tickets.
    let pool: Int
    /// Which ignored folders such a worktree keeps, as patterns of `.gitignore`.
    let keep: [String]
    /// The only folders that a worktree holds; all when there is none.
    let sparse: [String]
    let git: GitProgram
    let guarded: GuardedFolder

    /// - Parameters:
    ///   - settings: Where the repository is and what its remote and base are called.
    ///   - environment: The caller's; git gets those variables of it that it has a use for.
    ///   - time: For the limits.
    ///   - limits: How long and how much each kind of call may take.
    /// - Throws: `GitError.notARepository`, `.notCloned`, `.unusableRemoteName`, `.unusableBranchName`.
    package init(
        _ settings: RepositorySettings,
        environment: [String: String],
        time: any TimeSource,
        limits: GitLimits = GitLimits()
    ) throws {
        guard let common = Self.commonDirectory(of: settings.path) else {
            if let url = settings.url { throw GitError.notCloned(url, settings.path) }
            throw GitError.notARepository(settings.path)
        }
        // A remote's name is a part of reference names and obeys the same rules.
        do throws(GitError) {
            _ = try BranchName(settings.remote)
        } catch {
            throw GitError.unusableRemoteName(harmless(settings.remote))
        }
        path = settings.path
        name = settings.name
        remote = settings.remote
        base = try BranchName(settings.base)
        self.common = common
        self.time = time
        self.limits = limits
        pool = settings.pool
        keep = settings.keep
        sparse = settings.sparse
        git = GitProgram(environment: environment, time: time)
        guarded = GuardedFolder(common: common)
    }

    /// The settings of the repository that aren't heeded: they were made after Linecook first came
    /// here, and could run a program or lead elsewhere.
    ///
    /// - Returns: Their names, harmless to show.
    /// - Throws: What every call of git may throw.
    package func unheededSettings() async throws -> [String] {
        try await guarded.prepare(git, limits: limits)
        return try await guarded.unheeded(git, limits: limits).map { harmless($0) }
    }

    /// The copy of the configuration that holds; without it the repository's own is trusted anew.
    package var configurationInForce: FilePath { guarded.path.appending("config") }

    /// Brings the base up to date with the remote.
    ///
    /// One call serves all tickets of a tick. A base that was rewritten on the remote is taken as
    /// it is there.
    ///
    /// - Returns: The commit that the base is at, a full hash.
    /// - Throws: `GitError.noSuchRemote`, `.noSuchBranch`, `.notAuthorized`, `.unreachable` and
    ///   what every call of git may throw.
    package func fetchBase() async throws -> String {
        try await fetch([base])
        return try await commit(at: tracking(base))
    }

    /// The commit that the base was at when it was last fetched, or is at here; `nil` when neither is known.
    package func knownBase() async throws -> String? {
        if let commit = try await commitIfAny(at: tracking(base)) { return commit }
        return try await commitIfAny(at: base.reference)
    }

    /// The commit that a branch is at on the remote; `nil` when it has no such branch.
    package func remoteHead(_ branch: BranchName) async throws -> String? {
        let output = try await remoteCall(["ls-remote", remote, branch.reference])
        for line in output.text.split(separator: "\n") {
            let parts = line.split(separator: "\t")
            if parts.count == 2, parts[1] == branch.reference { return String(parts[0]) }
        }
        return nil
    }

    // The rest is for the extensions of this type.

    /// Brings `branches` of the remote into its tracking references.
    func fetch(_ branches: [BranchName]) async throws {
        let command =
            [
                "fetch", "--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head",
                "--no-auto-maintenance", "--no-recurse-submodules", remote,
            ] + branches.map { "+\($0.reference):\(tracking($0))" }
        // Two fetches at once are in each other's way; the second one finds little to do.
        try await withLock("linecook-fetch.lock", for: "fetch") {
            do {
                _ = try await remoteCall(command, branches: branches)
            } catch GitError.fileLocked {
                _ = try await remoteCall(command, branches: branches)
            }
        }
    }

    /// Where a branch of the remote is remembered.
    func tracking(_ branch: BranchName) -> String { "refs/remotes/\(remote)/\(branch)" }

    /// The commit that a reference means.
    func commit(at reference: String) async throws -> String {
        if let commit = looseCommit(at: reference) { return commit }
        return try await call([
            "rev-parse", "--verify", "--end-of-options", "\(reference)^{commit}",
        ])
        .line
    }

    /// As `commit(at:)`, `nil` when there is no such reference.
    func commitIfAny(at reference: String) async throws -> String? {
        if let commit = looseCommit(at: reference) { return commit }
        let output = try await attempt([
            "rev-parse", "--verify", "--quiet", "--end-of-options", "\(reference)^{commit}",
        ])
        return output.exit == 0 ? output.line : nil
    }

    /// Calls git on the repository; an exit other than 0 is thrown.
    func call(_ command: [String], timeout: Duration? = nil) async throws -> GitOutput {
        try expectSuccess(try await attempt(command, timeout: timeout), of: command, in: path)
    }

    /// Calls git on the repository, whatever its exit.
    func attempt(_ command: [String], timeout: Duration? = nil) async throws -> GitOutput {
        try await attempt(command, in: place(), timeout: timeout)
    }

    func attempt(
        _ command: [String],
        in place: GitPlace,
        input: [UInt8]? = nil,
        timeout: Duration? = nil,
        limitInBytes: Int? = nil
    ) async throws -> GitOutput {
        try await guarded.prepare(git, limits: limits)
        // Who makes and moves worktrees writes down where the repository is; no program of its
        // settings is run by that.
        return try await git(
            command,
            in: command.first == "worktree" ? place : place.inside(guarded.path),
            input: input,
            timeout: timeout ?? limits.local,
            limitInBytes: limitInBytes ?? limits.outputInBytes
        )
    }

    /// Calls git and hands on what it puts out as it comes.
    func stream(
        _ command: [String],
        in place: GitPlace,
        input: [UInt8],
        timeout: Duration,
        _ body: ([UInt8]) throws -> Void
    ) async throws -> GitOutput {
        try await guarded.prepare(git, limits: limits)
        return try await git.stream(
            command,
            in: place.inside(guarded.path),
            input: input,
            timeout: timeout,
            body
        )
    }

    /// The repository as such, with variables for one call.
    func place(_ variables: [String: String] = [:]) -> GitPlace {
        var place = GitPlace(repository: path, common: common)
        place.environment.merge(variables) { $1 }
        return place
    }

    func expectSuccess(
        _ output: GitOutput,
        of command: [String],
        in folder: FilePath
    ) throws(GitError) -> GitOutput {
        guard output.exit != 0 else { return output }
        throw error(of: output, of: command, in: folder)
    }

    /// What went wrong in a call that has no meaning of its own for its exit.
    func error(of output: GitOutput, of command: [String], in folder: FilePath) -> GitError {
        if let lock = lockInTheWay(output.reason) { return .fileLocked(lock) }
        return .failed(failure(output, of: command, in: folder))
    }

    func failure(_ output: GitOutput, of command: [String], in folder: FilePath) -> GitFailure {
        GitFailure(
            command: shown(command),
            folder: folder,
            exit: output.exit,
            output: cleaned(output.errors)
        )
    }

    /// Does `work` while no other process of Linecook writes the shared part of the repository.
    func withLock<Result>(
        _ file: FilePath.Component = "linecook.lock",
        for duty: String,
        _ work: () async throws -> Result
    ) async throws -> Result {
        let lock = try await Self.takeLock(
            at: common.appending(file),
            for: duty,
            time: time,
            limit: limits.lock
        )
        defer { lock.release() }
        do {
            return try await work()
        } catch GitError.fileLocked(let lock) where removeDeadLock(lock) {
            return try await work()
        }
    }

    /// Deletes a lock of git's own on what all worktrees share, when it is that old that only a git that
    /// died can have left it.
    ///
    /// git holds such a lock for moments. What the file holds is a copy that was never taken into use.
    private func removeDeadLock(_ lock: FilePath) -> Bool {
        let age: TimeInterval = 600
        let lock = resolved(lock)
        guard lock.starts(with: resolved(common)), lock.extension == "lock",
            let written = modification(of: lock), time.now().wall.timeIntervalSince(written) > age
        else { return false }
        remove(lock)
        return true
    }

    static func takeLock(
        at path: FilePath,
        for duty: String,
        time: any TimeSource,
        limit: Duration
    ) async throws -> FileLock {
        let since = Timestamp.text(of: time.now().wall)
        let holder = "process \(processID()), which does: \(duty), since \(since)"
        if let lock = try FileLock.take(at: path, holder: holder) { return lock }
        return try await withThrowingTaskGroup(of: FileLock?.self) { group in
            group.addTask { try await FileLock.wait(at: path, holder: holder) }
            group.addTask {
                try await time.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let lock = first else {
                throw GitError.busy(path, holder: FileLock.holder(at: path), after: limit)
            }
            return lock
        }
    }

    /// A reference read from its own file, which spares a process; `nil` when it isn't kept that
    /// way.
    func looseCommit(at reference: String) -> String? {
        guard let line = firstLine(of: common.appending(reference)), isHash(line) else {
            return nil
        }
        return line
    }

    static func commonDirectory(of path: FilePath) -> FilePath? {
        let inside = path.appending(".git")
        switch FileKind(at: inside) {
        case .folder, .link: return inside
        case .file:
            // A worktree or a submodule: the file leads to git's folder, which may lead further.
            guard let line = firstLine(of: inside), line.hasPrefix("gitdir: ") else { return nil }
            let own = path.pushing(FilePath(String(line.dropFirst(8)))).lexicallyNormalized()
            guard let shared = firstLine(of: own.appending("commondir")) else { return own }
            return own.pushing(FilePath(shared)).lexicallyNormalized()
        case .nothing, .other:
            let isBare =
                FileKind(at: path.appending("HEAD")) != .nothing
                && FileKind(at: path.appending("objects")) != .nothing
            return isBare ? path : nil
        }
    }
}

/// Whether a text is a full hash, SHA-1 or SHA-256.
func isHash(_ text: String) -> Bool {
    (text.utf8.count == 40 || text.utf8.count == 64)
        && text.utf8.allSatisfy {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
        }
}

/// The lock file of git's own that a call found taken.
///
/// git says `Unable to create '/…/index.lock': File exists.` or `could not lock config file PATH:
/// File exists`.
func lockInTheWay(_ reason: String) -> FilePath? {
    for line in reason.split(separator: "\n") where line.contains("File exists") {
        if let start = line.firstRange(of: "nable to create '") {
            let path = line[start.upperBound...].prefix { $0 != "'" }
            if path.hasSuffix(".lock") { return GuardedFolder.original(of: FilePath(String(path))) }
        }
        if let start = line.firstRange(of: "could not lock config file ") {
            let path = line[start.upperBound...].prefix { $0 != ":" }
            return GuardedFolder.original(of: FilePath("\(path).lock"))
        }
    }
    return nil
}
