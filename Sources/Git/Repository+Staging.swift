import SystemPackage

extension Repository {
    /// Takes all files of a worktree into its index, but for some that are repositories of their own.
    ///
    /// `git add` starts a git in each submodule, which heeds the settings that lie there. So these are
    /// left to a call that only reads which commit they are at.
    ///
    /// - Parameters:
    ///   - place: The worktree, and the index when it isn't its own.
    ///   - folder: Of the worktree, for messages.
    ///   - nested: Paths with `/` at the end, as `git status` names them.
    /// - Throws: What every call of git may throw.
    func stageAll(
        in place: GitPlace,
        of folder: FilePath,
        leaving nested: [String]
    ) async throws {
        let submodules = try await submodules(in: place, of: folder)
        // As bytes: a name that isn't UTF-8 must be left out just so.
        let left = (nested.map { Array($0.utf8.dropLast()) } + submodules)
            .map { Array(":(top,exclude,literal)".utf8) + $0 + [0] }
        let add = ["add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul"]
        let added = try await attempt(
            add,
            in: place,
            input: Array(":(top)\0".utf8) + left.joined(),
            timeout: limits.checkout
        )
        _ = try expectSuccess(added, of: add, in: folder)
        guard !submodules.isEmpty else { return }
        let update = ["update-index", "--add", "--remove", "-z", "--stdin"]
        let updated = try await attempt(
            update,
            in: place,
            input: Array(submodules.map { $0 + [0] }.joined())
        )
        _ = try expectSuccess(updated, of: update, in: folder)
    }

    /// The paths that an index has submodules at.
    func submodules(in place: GitPlace, of folder: FilePath) async throws -> [[UInt8]] {
        let command = ["ls-files", "--stage", "-z"]
        let output = try await attempt(
            command,
            in: place,
            limitInBytes: max(limits.outputInBytes, 512 << 20)
        )
        // `160000 HASH 0\tPATH`
        return try expectSuccess(output, of: command, in: folder).bytes.split(separator: 0)
            .filter { $0.starts(with: "160000 ".utf8) }
            .compactMap { record in
                record.firstIndex(of: UInt8(ascii: "\t")).map { Array(record[($0 + 1)...]) }
            }
    }
}
