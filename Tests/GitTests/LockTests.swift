import Domain
import Git
import ProcessTree
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

    @Test func `a lock on the configuration that a dead git left is no hindrance to tickets`()
        async throws
    {
        try await Workshop.run { workshop in
            let lock = "repository/.git/config.lock"
            for (key, age) in [("FRE-1", "now"), ("FRE-2", "1 hour ago")] {
                try await workshop.shell("touch -d '\(age)' \(lock)")
                let (worktree, base) = try await workshop.worktree(key)
                try await workshop.shell("echo a > a", in: worktree.path)
                #expect(try await worktree.commitAll(message: "A") != nil)
                #expect(try await worktree.summary(since: base).files == 1)
                guard case .pushed = try await worktree.push() else {
                    Issue.record("\(key) isn't pushed")
                    return
                }
                #expect(try await Self.remove(worktree) == .removed)
            }
        }
    }

    @Test func `who holds a lock for too long is named with what it does`() async throws {
        try await Workshop.run { workshop in
            let path = workshop.root.appending("repository/.git/linecook.lock")
            let holder = "process 4711, which does: worktree for linecook/FRE-9, since 20:15"
            let lock = try #require(try FileLock.take(at: path, holder: holder))
            defer { lock.release() }
            let repository = try workshop.repository(limits: GitLimits(lock: .milliseconds(100)))
            let base = try await repository.fetchBase()
            let error = await #expect(throws: GitError.self) {
                try await repository.worktree(
                    at: workshop.place("FRE-1"),
                    branch: BranchName("linecook/FRE-1"),
                    from: base
                )
            }
            #expect(
                error?.description
                    == "\(path): still held after 0.1 seconds by \(holder); end that process if it hangs"
            )
            #expect(error?.isTransient == true)
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
