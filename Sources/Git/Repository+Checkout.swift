import Domain
import ProcessTree
package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Repository {
    /// What the name of a checkout's folder ends with.
    package static let checkoutEnding = ".check"

    /// Does some work in a folder that holds the files of a commit and nothing else.
    ///
    /// The folder is a worktree without a branch. It's removed behind the work, whatever became of
    /// that; one that a process left which died is removed by the next checkout or worktree.
    ///
    /// - Parameters:
    ///   - commit: A full hash that the repository has.
    ///   - path: Absolute, with `checkoutEnding`; its parent folder is there.
    ///   - work: Gets the folder.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws, `GitError.folderInTheWay`, `.busy` when another process has a
    ///   checkout there, and what every call of git may throw.
    package func withCheckout<Result>(
        of commit: String,
        at path: FilePath,
        _ work: (FilePath) async throws -> Result
    ) async throws -> Result {
        try await sweepCheckouts()
        let path = resolved(path)
        try FileManager.default.createDirectory(
            atPath: checkoutLocks.string,
            withIntermediateDirectories: true
        )
        let file = checkoutLocks.appending("\(path.string.fingerprint).lock")
        guard let lock = try FileLock.take(at: file, holder: path.string) else {
            throw GitError.busy(file, holder: FileLock.holder(at: file), after: .zero)
        }
        defer { lock.release() }
        guard FileKind(at: path) == .nothing else { throw GitError.folderInTheWay(path) }
        let outcome: Swift.Result<Result, any Error>
        do {
            try await addCheckout(of: commit, at: path)
            outcome = .success(try await work(path))
        } catch {
            outcome = .failure(error)
        }
        // What can't be removed now, as when the task was cancelled, the next checkout removes.
        if (try? await removeCheckout(at: path)) != nil { remove(file) }
        return try outcome.get()
    }

    /// Removes the checkouts of processes that died.
    func sweepCheckouts() async throws {
        // Mostly there is no such folder.
        let names = try? FileManager.default.contentsOfDirectory(atPath: checkoutLocks.string)
        for name in names ?? [] {
            let file = checkoutLocks.appending(name)
            // A link is none of ours: who takes a lock writes into it.
            guard FileKind(at: file) == .file,
                let path = FileLock.holder(at: file).map({ FilePath($0) }),
                let lock = try FileLock.take(at: file, holder: path.string)
            else { continue }
            defer { lock.release() }
            // An agent may have written such a file: nothing goes but what is a checkout.
            if isCheckout(path) { try await removeCheckout(at: path) }
            remove(file)
        }
    }

    /// The locks of the checkouts that are in use, each of which names its folder.
    private var checkoutLocks: FilePath { common.appending("linecook-checkouts") }

    private func addCheckout(of commit: String, at path: FilePath) async throws {
        try await withLock(for: "checkout of \(commit.prefix(10))") {
            _ = try await call([
                "worktree", "add", "--quiet", "--detach", "--no-checkout", "--", path.string,
                commit,
            ])
        }
        guard let administration = administration(of: path) else {
            throw GitError.folderInTheWay(path)
        }
        let place = GitPlace(worktree: path, administration: administration, common: common)
        let command = ["reset", "--quiet", "--hard"]
        let output = try await attempt(command, in: place, timeout: limits.checkout)
        _ = try expectSuccess(output, of: command, in: path)
    }

    /// Whether a folder is one of this repository's worktrees without a branch that checkouts are.
    private func isCheckout(_ path: FilePath) -> Bool {
        guard path.lastComponent?.string.hasSuffix(Self.checkoutEnding) == true else {
            return false
        }
        if FileKind(at: path) == .nothing { return true }
        guard let administration = administration(of: path) else { return false }
        return firstLine(of: administration.appending("HEAD")).map(isHash) ?? false
    }

    private func removeCheckout(at path: FilePath) async throws {
        if FileKind(at: path) == .folder {
            try FileManager.default.removeItem(atPath: path.string)
        }
        let folders = try? FileManager.default.contentsOfDirectory(
            atPath: common.appending("worktrees").string
        )
        let isKnown = (folders ?? []).contains { name in
            let administration = common.appending("worktrees").appending(name)
            let link = firstLine(of: administration.appending("gitdir"))
            return link.map { administration.pushing(FilePath($0)).lexicallyNormalized() }
                == path.appending(".git")
        }
        guard isKnown else { return }
        try await withLock(for: "removal of a checkout") { try await forget(path) }
    }
}
