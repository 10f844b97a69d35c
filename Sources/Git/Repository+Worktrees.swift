package import SystemPackage

/// A worktree as the repository knows of it, whether its folder is still there or not.
package struct WorktreeFacts: Equatable, Sendable {
    package var path: FilePath
    /// The branch that is checked out in it; `nil` when its HEAD is off any.
    package var branch: String?
}

extension Repository {
    /// The worktrees that were added to this repository, without its own.
    ///
    /// - Throws: what every call of git may throw.
    package func worktrees() async throws -> [WorktreeFacts] {
        let output = try await call(["worktree", "list", "--porcelain", "-z"])
        // One empty record ends each worktree, the first of which is the repository's own.
        let all = output.records(ofGroups: 0)
        return all.dropFirst().compactMap { lines in
            func value(_ name: String) -> String? {
                lines.first { $0.hasPrefix("\(name) ") }.map {
                    String($0.dropFirst(name.count + 1))
                }
            }
            guard let path = value("worktree") else { return nil }
            let branch = value("branch").map { name in
                name.hasPrefix("refs/heads/") ? String(name.dropFirst(11)) : name
            }
            return WorktreeFacts(path: FilePath(path), branch: branch)
        }
    }
}

extension GitOutput {
    /// Records ended by `end`, in groups that are ended by an empty one.
    fileprivate func records(ofGroups end: UInt8) -> [[String]] {
        let records = bytes.split(separator: end, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        return records.split(separator: "").map(Array.init)
    }
}
