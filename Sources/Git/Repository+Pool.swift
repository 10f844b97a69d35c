import Disk
import Domain
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Worktrees that are kept when their ticket is done, for the next ones: to move one and write the few
/// files that differ takes far less than to write all of them.
///
/// They lie in a folder beside the worktrees. A file in git's own folder of the worktree says how far
/// one is: `returning` holds nothing of anybody's, whatever its files look like, and only what is `clean`
/// may be given to a ticket. So a death at any moment leaves nothing that is taken for more than it is.
/// `removing` says the same of one that is being removed.
extension Repository {
    private static let mark: FilePath.Component = "linecook-pool"
    /// What is on its way out of the world.
    static let removing = "removing"

    /// What is in the pool, with the settings that say what it holds.
    private var clean: String {
        "clean by \((keep + [""] + sparse).joined(separator: "\0").fingerprint)"
    }

    /// Whether a worktree is on its way into or out of the pool, with no work in it.
    func isInPassing(_ worktree: Worktree) -> Bool {
        FileKind(at: worktree.administration.appending(Self.mark)) != .nothing
    }

    /// Puts a worktree without work into the pool.
    ///
    /// - Returns: Whether it's there now; not when the pool is full.
    /// - Throws: What every call of git may throw; the worktree is then removed like any other.
    func retire(_ worktree: Worktree) async throws -> Bool {
        guard cleanEntries(beside: worktree.path).count < pool,
            let commit = try await knownBase()
        else { return false }
        try note("returning", of: worktree.administration)
        try await empty(worktree, at: commit)
        return try await withLock(for: "worktree into the pool") {
            let folder = poolFolder(beside: worktree.path)
            try await sweepPool(folder)
            let places = (1...pool).map { folder.appending("\($0)") }
            guard let place = places.first(where: { FileKind(at: $0) == .nothing }) else {
                return false
            }
            try FileManager.default.createDirectory(
                atPath: folder.string,
                withIntermediateDirectories: true
            )
            _ = try await call(["worktree", "move", "--", worktree.path.string, place.string])
            try note(clean, of: worktree.administration)
            return true
        }
    }

    /// Moves a worktree of the pool to where a ticket wants one; the caller holds the lock.
    ///
    /// - Returns: Whether there was one. It's `isInPassing` until it is furnished.
    /// - Throws: What every call of git may throw.
    func take(for path: FilePath) async throws -> Bool {
        guard FileKind(at: path) == .nothing else { return false }
        for entry in cleanEntries(beside: path) {
            let command = ["worktree", "move", "--", entry.string, path.string]
            if try await attempt(command).exit == 0 { return true }
            try await discard(entry)
        }
        return false
    }

    /// Makes a worktree that is in passing a ticket's own, as if it were new.
    func furnish(_ worktree: Worktree, from commit: String) async throws {
        let known = try await commitIfAny(at: worktree.branch.reference)
        if state(of: worktree.administration) != clean {
            try await empty(worktree, at: known ?? commit)
        }
        if known == nil {
            let nothing = String(repeating: "0", count: commit.utf8.count)
            _ = try await call(["update-ref", worktree.branch.reference, commit, nothing])
        }
        let old = firstLine(of: worktree.administration.appending("HEAD"))
        _ = try await worktree.call(["symbolic-ref", "HEAD", worktree.branch.reference])
        _ = try await worktree.call(["reset", "--quiet", "--hard"], timeout: limits.checkout)
        if old != known ?? commit {
            // What isn't ignored any more would be taken for the ticket's work.
            _ = try await worktree.call(["clean", "-ffdq"], timeout: limits.checkout)
        }
        remove(worktree.administration.appending(Self.mark))
    }

    /// Removes a worktree that is in the pool, whatever its state; if it can't be now, it's tried again.
    func discard(_ path: FilePath) async throws {
        let command = ["worktree", "remove", "--force", "--force", "--", path.string]
        _ = try await attempt(command, timeout: limits.checkout)
    }

    /// Takes everything out of a worktree but the files of a commit and the folders that are kept.
    private func empty(_ worktree: Worktree, at commit: String) async throws {
        let administration = worktree.administration
        let needed: Set<String> = ["HEAD", "commondir", "gitdir", Self.mark.string]
        let names = try FileManager.default.contentsOfDirectory(atPath: administration.string)
        for name in names where !needed.contains(name) {
            try FileManager.default.removeItem(atPath: administration.appending(name).string)
        }
        try await worktree.limitFolders()
        _ = try await worktree.call(["update-ref", "--no-deref", "HEAD", commit])
        // A new index: the old one may say of a file that it's not to be looked at. Each file is
        // compared by its content and only what differs is written.
        _ = try await worktree.call(["read-tree", commit], timeout: limits.checkout)
        let refresh = ["update-index", "-q", "--really-refresh"]
        _ = try await worktree.attempt(refresh, timeout: limits.checkout)
        _ = try await worktree.call(
            ["reset", "--quiet", "--hard", commit],
            timeout: limits.checkout
        )
        let kept = keep.flatMap { ["-e", $0] }
        _ = try await worktree.call(["clean", "-ffdxq"] + kept, timeout: limits.checkout)
        // Only what the commit has git ignore is kept, and of that only folders.
        _ = try await worktree.call(["clean", "-ffdq"], timeout: limits.checkout)
        let left = try await worktree.call(
            ["ls-files", "--others", "--directory", "-z"],
            timeout: limits.checkout
        )
        for name in left.records where !name.hasSuffix("/") {
            try FileManager.default.removeItem(atPath: worktree.path.appending(name).string)
        }
    }

    /// Removes what a death left in the pool half-way; the caller holds the lock.
    private func sweepPool(_ folder: FilePath) async throws {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.string)
        for name in names ?? [] {
            let path = resolved(folder.appending(name))
            guard let administration = administration(of: path),
                state(of: administration) != clean
            else { continue }
            try await discard(path)
        }
    }

    /// The pool's worktrees beside a worktree's place that may be given out.
    private func cleanEntries(beside path: FilePath) -> [FilePath] {
        let folder = poolFolder(beside: path)
        // Mostly there is no such folder.
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.string)
        return (names ?? []).sorted().compactMap { name in
            let entry = resolved(folder.appending(name))
            guard let administration = administration(of: entry),
                state(of: administration) == clean
            else { return nil }
            return entry
        }
    }

    func poolFolder(beside path: FilePath) -> FilePath {
        path.removingLastComponent().appending(".linecook-pool-\(name)")
    }

    func state(of administration: FilePath) -> String? {
        firstLine(of: administration.appending(Self.mark))
    }

    func note(_ state: String, of administration: FilePath) throws {
        try LocalFileSystem().write(
            Array("\(state)\n".utf8),
            to: administration.appending(Self.mark)
        )
    }
}
