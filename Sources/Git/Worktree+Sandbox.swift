package import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Worktree {
    /// What of git's own folders a program needs that commits in this worktree and is trusted with nothing else: the
    /// objects, this worktree's own HEAD and index, and the folder of its branch.
    ///
    /// The repository's configuration, its hooks and all other branches stay as they are.
    ///
    /// - Returns: What must be readable, and what of it writable; folders that git makes when it first needs them are
    ///   made.
    /// - Throws: What the system says when one of them can't be made.
    package func needsOfCommits() throws -> (readable: [FilePath], writable: [FilePath]) {
        let common = repository.common
        let folder = FilePath(branch.reference).removingLastComponent()
        let branches = [
            common.pushing(folder), common.appending("logs").pushing(folder),
        ]
        for path in branches {
            try FileManager.default.createDirectory(
                atPath: path.string,
                withIntermediateDirectories: true
            )
        }
        return (
            [common], [common.appending("objects"), administration] + branches
        )
    }
}
