import Domain
import Git
import ProcessTree
import SystemPackage
import Testing

/// Locks that somebody left behind.
@Suite(.serialized) struct LockTests {
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

    @Test
    func `a fetch is held up by no lock of a dead git, and by none that is there for a moment`()
        async throws
    {
        try await Workshop.run { workshop in
            let lock = workshop.root.appending("repository/.git/refs/remotes/origin/main.lock")
            try await workshop.push("new", "new", to: "main")
            try await workshop.shell("touch '\(lock)'")
            let repository = try workshop.repository()
            let error = await #expect(throws: GitError.self) { try await repository.fetchBase() }
            guard case .fileLocked = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            try await workshop.shell("touch -d '1 hour ago' '\(lock)'")
            let base = try await repository.fetchBase()
            #expect(try await workshop.shell("git -C remote.git rev-parse main") == base)
            try await workshop.push("newer", "newer", to: "main")
            try await workshop.shell("touch '\(lock)'")
            // Somebody else's git is done when ours asks again.
            let other = try await workshop.repository(
                git: #"*" fetch "*) git "$@"; code=$?; rm -f '\#(lock)'; exit $code ;;"#
            )
            #expect(try await other.fetchBase() != base)
        }
    }

    /// Elsewhere, or a link to what is no lock.
    @Test(arguments: [
        ("precious.lock", "precious.lock"), ("precious", "repository/.git/packed-refs.lock"),
    ])
    func `what is no lock of the repository's stays, whatever git takes it for`(
        file: String,
        lock: String
    ) async throws {
        try await Workshop.run { workshop in
            let folder = file == lock ? workshop.root : workshop.clone.appending(".git")
            try await workshop.shell("touch -d '1 hour ago' \(file)", in: folder)
            if file != lock {
                try await workshop.shell("ln -s \(file) '\(workshop.root)/\(lock)'", in: folder)
            }
            let repository = try await workshop.repository(
                git: """
                    *" fetch "*)
                        echo "fatal: Unable to create '\(workshop.root)/\(lock)': File exists." >&2
                        exit 128 ;;
                    """
            )
            await #expect(throws: GitError.fileLocked(workshop.root.pushing(FilePath(lock)))) {
                try await repository.fetchBase()
            }
            try await workshop.shell("test -f \(file)", in: folder)
        }
    }

    @Test func `fetches take turns`() async throws {
        try await Workshop.run { workshop in
            let path = workshop.root.appending("repository/.git/linecook-fetch.lock")
            let lock = try #require(try FileLock.take(at: path, holder: "another fetch"))
            defer { lock.release() }
            let repository = try workshop.repository(limits: GitLimits(lock: .milliseconds(100)))
            await #expect(
                throws: GitError.busy(path, holder: "another fetch", after: .milliseconds(100))
            ) { try await repository.fetchBase() }
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
