import Disk
import SystemPackage

extension Worktree {
    /// What would keep the worktree from being moved off `tip`: the files that a person has changed
    /// there, or none when something else is in progress; `nil` when nothing does.
    ///
    /// What a move of ours left that was cut short is put back first.
    func foreignWork(at tip: String) async throws -> [String]? {
        let isBusy = Self.operations.contains {
            FileKind(at: administration.appending($0)) != .nothing
        }
        if isBusy { return try await uncommittedFiles(status()) }
        switch head {
        case .branch(branch.rawValue): break
        case .branch(let name):
            let found = "'\(harmless(name))'"
            throw GitError.worktreeElsewhere(path, branch: branch, found: found)
        case .detached(let commit):
            let found = "no branch, at \(commit.prefix(10))"
            throw GitError.worktreeElsewhere(path, branch: branch, found: found)
        case .broken: throw GitError.folderInTheWay(path)
        }
        if let (old, new) = startedMove, old == tip {
            let foreign = try await differing(from: old)
                .intersection(try await differing(from: new))
            guard foreign.isEmpty else { return foreign.sorted() }
            // Every file is as in the one or the other: through the other's index all of it is known.
            _ = try await call(["read-tree", new])
            _ = try await call(["read-tree", "--reset", "-u", old], timeout: checkout)
        }
        remove(marker)
        let files = try await uncommittedFiles(status())
        return files.isEmpty ? nil : files
    }

    /// Takes branch and files from one commit to another, neither more nor less.
    ///
    /// - Returns: Whether it was done; not when a file has been changed.
    func move(from old: String, to new: String) async throws -> Bool {
        try note("\(old) \(new)\n")
        let command = ["reset", "--keep", "--quiet", new, "--"]
        let output = try await attempt(command, timeout: checkout)
        if output.exit != 0 {
            guard output.reason.contains("not uptodate") || output.reason.contains("overwritten")
            else { throw repository.error(of: output, of: command, in: path) }
        }
        remove(marker)
        return output.exit == 0
    }

    private var checkout: Duration { repository.limits.checkout }

    /// Says which move is under way: `OLD NEW`.
    private var marker: FilePath { administration.appending("linecook-move") }

    private func note(_ text: String) throws {
        try LocalFileSystem().write(Array(text.utf8), to: marker)
    }

    /// The move that was begun and not ended, when one was.
    var startedMove: (old: String, new: String)? {
        let words = (firstLine(of: marker) ?? "").split(separator: " ").map(String.init)
        guard words.count == 2, words.allSatisfy(isHash) else { return nil }
        return (words[0], words[1])
    }

    /// What git has in a worktree's folder while a person is in the middle of something.
    private static let operations: [FilePath.Component] = [
        "rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD",
        "BISECT_LOG",
    ]

    /// The files that lie uncommitted; a repository of its own is nobody's change.
    private func uncommittedFiles(_ status: Status) async throws -> [String] {
        var files = status.unmerged + status.untracked.filter { !$0.hasSuffix("/") }
        if status.tracked {
            files += try await changedFiles().filter { !status.unmerged.contains($0) }
        }
        return files
    }

    /// The files that aren't as in a commit, new ones included; through an index of its own.
    private func differing(from commit: String) async throws -> Set<String> {
        let index = administration.appending("linecook-index")
        defer { remove(index) }
        func call(_ command: [String]) async throws -> GitOutput {
            var place = place
            place.environment["GIT_INDEX_FILE"] = index.string
            return try await repository.attempt(command, in: place, timeout: checkout)
        }
        func list(_ command: [String]) async throws -> [String] {
            try repository.expectSuccess(try await call(command), of: command, in: path).records
        }
        _ = try await list(["read-tree", commit])
        // Its exit says that files differ.
        _ = try await call(["update-index", "-q", "--refresh"])
        let changed = try await list([
            "diff-files", "--ignore-submodules=dirty", "--name-only", "-z",
        ])
        let new = try await list(["ls-files", "--others", "--exclude-standard", "-z"])
        return Set(changed + new.filter { !$0.hasSuffix("/") })
    }
}
