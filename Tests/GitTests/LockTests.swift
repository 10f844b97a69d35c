import Git
import SystemPackage
import Testing

/// Locks that somebody left behind.
@Suite struct LockTests {
    private static func remove(_ worktree: Worktree) async throws -> Removal {
        try await worktree.repository.removeWorktree(at: worktree.path, branch: worktree.branch)
    }

    @Test func `a lock of git's that a dead git left is no hindrance, a young one is named`()
        async throws
    {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            let lock = workshop.root.appending("repository/.git/packed-refs.lock")
            try await workshop.shell("git -C repository pack-refs --all && echo half > '\(lock)'")
            await #expect(throws: GitError.fileLocked(lock)) { try await Self.remove(worktree) }
            try await workshop.shell("git -C repository rev-parse -q --verify linecook/FRE-1")
            try await workshop.shell("touch -d '1 hour ago' '\(lock)'")
            #expect(try await Self.remove(worktree) == .removed)
        }
    }

    @Test func `a lock of a process that is gone is taken over`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                "echo 'process 4194303, which does: nothing' > repository/.git/linecook.lock"
            )
            _ = try await workshop.worktree("FRE-1")
            let holder = try await workshop.shell("cat repository/.git/linecook.lock")
            #expect(holder.contains("which does: worktree for linecook/FRE-1, since 20"))
        }
    }
}
