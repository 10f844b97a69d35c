package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The files of a folder as they are at a moment, committed or not.
package struct Snapshot: Equatable, Sendable {
    /// The top of the worktree that the folder is in.
    package var folder: FilePath
    /// What HEAD is at.
    package var commit: String
    /// A tree of all files but the ignored ones; that of `commit` when nothing is uncommitted.
    package var tree: String
    /// Whether something is uncommitted.
    package var isDirty: Bool
}

extension Repository {
    /// The branch that is checked out where a folder is.
    ///
    /// - Parameter folder: Absolute.
    /// - Returns: `nil` when it's in no worktree of this repository, or on no branch.
    package func branch(checkedOutIn folder: FilePath) -> String? {
        guard let place = home(of: folder) else { return nil }
        guard let line = firstLine(of: place.administration.appending("HEAD")),
            line.hasPrefix("ref: refs/heads/")
        else { return nil }
        return String(line.dropFirst(16))
    }

    /// The top of the worktree that a folder is in, and what git keeps of it.
    private func home(of folder: FilePath) -> (top: FilePath, administration: FilePath)? {
        var top = resolved(folder)
        while FileKind(at: top.appending(".git")) == .nothing {
            guard top.removeLastComponent() else { return nil }
        }
        if resolved(top.appending(".git")) == resolved(common) { return (top, common) }
        return administration(of: top).map { (top, $0) }
    }

    /// The files of a folder that is in a worktree of this repository, the main one included.
    ///
    /// Neither its files nor its index are changed.
    ///
    /// - Parameter folder: Absolute.
    /// - Returns: `nil` when it belongs to another repository or to none.
    /// - Throws: What every call of git may throw.
    package func snapshot(of folder: FilePath) async throws -> Snapshot? {
        guard let (top, administration) = home(of: folder) else { return nil }
        let worktree = Worktree(
            path: top,
            branch: base,
            repository: self,
            administration: administration
        )
        let commit = try await worktree.call(["rev-parse", "--verify", "HEAD^{commit}"]).line
        let status = try await worktree.status()
        guard !status.isClean else {
            let tree = try await worktree.call(["rev-parse", "--verify", "HEAD^{tree}"]).line
            return Snapshot(folder: top, commit: commit, tree: tree, isDirty: false)
        }
        let nested = status.untracked.filter { $0.hasSuffix("/") }
        let index = administration.appending("linecook-index.\(processID())")
        defer { remove(index) }
        var place = worktree.place
        place.environment["GIT_INDEX_FILE"] = index.string
        // It knows what isn't here on purpose.
        let own = administration.appending("index")
        remove(index)
        if FileKind(at: own) == .file {
            try FileManager.default.copyItem(atPath: own.string, toPath: index.string)
        }
        try await stageAll(in: place, of: top, leaving: nested)
        let output = try await attempt(["write-tree"], in: place)
        let tree = try expectSuccess(output, of: ["write-tree"], in: top).line
        return Snapshot(folder: top, commit: commit, tree: tree, isDirty: true)
    }

    /// Those of some paths that git would not take into a commit in a folder.
    ///
    /// - Parameters:
    ///   - paths: From the root of the repository.
    ///   - folder: The top of a worktree of this repository.
    /// - Returns: The ignored ones; none when git can't tell.
    /// - Throws: What every call of git may throw.
    package func ignored(_ paths: [String], in folder: FilePath) async throws -> Set<String> {
        let administration = administration(of: folder) ?? common
        let place = GitPlace(worktree: folder, administration: administration, common: common)
        let input = paths.filter { !$0.utf8.contains(0) }.joined(separator: "\0")
        guard !input.isEmpty else { return [] }
        let output = try await attempt(
            ["check-ignore", "-z", "--stdin"],
            in: place,
            input: Array(input.utf8)
        )
        return output.exit == 0 ? Set(output.records) : []
    }

    /// The commit at which `commit` left a branch.
    ///
    /// - Parameters:
    ///   - commit: A full hash that the repository has.
    ///   - reference: A branch, tag or hash as a person writes it; the base as it was last fetched when
    ///     `nil`.
    /// - Returns: `nil` when there is no such reference, or the two have nothing in common.
    /// - Throws: What every call of git may throw.
    package func forkPoint(of commit: String, from reference: String?) async throws -> String? {
        let other =
            if let reference { try await self.commit(named: reference) } else {
                try await knownBase()
            }
        guard let other else { return nil }
        let output = try await attempt(["merge-base", commit, other])
        return output.exit == 0 ? output.line : nil
    }

    /// The commit that a person means by a name: of a branch here, one of the remote's, a tag or a hash.
    ///
    /// - Throws: What every call of git may throw.
    package func commit(named name: String) async throws -> String? {
        if let commit = try await commitIfAny(at: name) { return commit }
        return try await commitIfAny(at: "refs/remotes/\(remote)/\(name)")
    }
}
