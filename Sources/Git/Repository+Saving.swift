import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Repository {
    /// Where work is put that is on no other branch any more, before its worktree goes.
    package static let savedPrefix = "linecook/saved/"

    /// Keeps a commit by a branch of its own, `linecook/saved/KEY-N`.
    ///
    /// May be repeated: what such a branch of the ticket holds already isn't saved again.
    ///
    /// - Parameters:
    ///   - commit: A full hash that the repository has.
    ///   - key: The ticket's.
    /// - Returns: The name of the branch.
    /// - Throws: `GitError.unusableBranchName` and what every call of git may throw.
    func save(_ commit: String, of key: String) async throws -> String {
        let stem = "\(Self.savedPrefix)\(key)-"
        let listed = try await call([
            "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)",
            "refs/heads/\(Self.savedPrefix)",
        ])
        var number = 0
        for line in listed.text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[1].hasPrefix(stem),
                let taken = Int(parts[1].dropFirst(stem.count))
            else { continue }
            if parts[0] == commit { return parts[1] }
            if try await isAncestor(commit, of: parts[0]) { return parts[1] }
            number = max(number, taken)
        }
        let branch = try BranchName("\(stem)\(number + 1)")
        // Only if there is none: another process may have been quicker.
        let nothing = String(repeating: "0", count: commit.utf8.count)
        _ = try await call(["update-ref", branch.reference, commit, nothing])
        return branch.rawValue
    }

    /// Makes a commit of what lies in a worktree's files uncommitted; its index stays as it is.
    ///
    /// The same files make the same commit.
    ///
    /// - Returns: The commit, whose parent is HEAD; on no branch.
    /// - Throws: What every call of git may throw.
    func commitOfFiles(_ worktree: Worktree, _ status: Worktree.Status) async throws -> String {
        let index = worktree.administration.appending("linecook-index.\(processID())")
        defer { remove(index) }
        var place = worktree.place
        place.environment["GIT_INDEX_FILE"] = index.string
        func call(_ command: [String]) async throws -> GitOutput {
            let output = try await attempt(command, in: place, timeout: limits.checkout)
            return try expectSuccess(output, of: command, in: worktree.path)
        }
        if sparse.isEmpty {
            _ = try await call(["read-tree", "HEAD"])
        } else {
            // It knows what isn't here on purpose.
            let own = worktree.administration.appending("index")
            try FileManager.default.copyItem(atPath: own.string, toPath: index.string)
        }
        try await stageAll(
            in: place,
            of: worktree.path,
            leaving: status.untracked.filter { $0.hasSuffix("/") }
        )
        let tree = try await call(["write-tree"]).line
        let date = try await call(["log", "-1", "--format=%ct +0000", "HEAD"]).line
        place.environment["GIT_AUTHOR_DATE"] = date
        place.environment["GIT_COMMITTER_DATE"] = date
        return try await call(
            OwnIdentity.settings
                + ["commit-tree", tree, "-p", "HEAD", "-m", "What was uncommitted"]
        ).line
    }

    /// The repositories inside of a worktree that hold work of their own, which no branch of this one
    /// could keep: clones, and submodules with files or commits that are nowhere else.
    func repositoriesWithWork(
        in worktree: Worktree,
        _ status: Worktree.Status
    ) async throws -> [String] {
        var found = status.untracked.filter { $0.hasSuffix("/") }.map { String($0.dropLast()) }
        for bytes in try await submodules(in: worktree.place, of: worktree.path) {
            let name = String(decoding: bytes, as: UTF8.self)
            let folder = worktree.path.appending(name)
            guard FileKind(at: folder.appending(".git")) != .nothing else { continue }
            if try await hasWork(submodule: folder) { found.append(name) }
        }
        return found
    }

    private func hasWork(submodule folder: FilePath) async throws -> Bool {
        guard let own = Self.commonDirectory(of: folder),
            // Settings that could run a program keep everybody from looking.
            try await guarded.isHarmless(own.appending("config"), git, limits: limits)
        else { return true }
        let place = GitPlace(submodule: folder, own: own)
        let commands = [
            ["status", "--porcelain", "--untracked-files=all", "--ignore-submodules=dirty"],
            ["rev-list", "--max-count=1", "HEAD", "--not", "--remotes"],
        ]
        for command in commands {
            let output = try await git(
                command,
                in: place,
                timeout: limits.checkout,
                limitInBytes: limits.outputInBytes
            )
            if output.exit != 0 || !output.bytes.isEmpty { return true }
        }
        return false
    }
}
