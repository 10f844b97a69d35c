import Git
import SystemPackage
import Testing

/// What keeps a worktree, and what lets it go.
@Suite(.serialized) struct RemovalTests {
    @Test func `a commit off the branch keeps the worktree, and is saved where that is asked for`()
        async throws
    {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            let commit = try await workshop.shell(
                """
                git checkout -q --detach && echo work > work && git add work
                git commit -q -m Work && git rev-parse HEAD
                """,
                in: worktree.path
            )
            let repository = worktree.repository
            let kept = try await repository.removeWorktree(
                at: worktree.path,
                branch: worktree.branch
            )
            #expect(kept == .kept(.unpushed(commit: commit)))
            let saved = try await repository.removeWorktree(
                at: worktree.path,
                branch: worktree.branch,
                savingAs: "FRE-1"
            )
            #expect(saved == .saved(["linecook/saved/FRE-1-1"]))
            let found = try await workshop.shell(
                "git rev-parse linecook/saved/FRE-1-1",
                in: workshop.clone
            )
            #expect(found == commit)
        }
    }

    @Test func `work that the base has, and more on top, lets the worktree go`() async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell("echo work > work", in: worktree.path)
            _ = try await worktree.commitAll(message: "Work")
            _ = try await worktree.push()
            try await workshop.shell(
                """
                git clone -q remote.git merger && cd merger
                git merge -q --no-ff -m Merge origin/linecook/FRE-1
                git push -q origin main :linecook/FRE-1
                git -C ../repository update-ref -d refs/remotes/origin/linecook/FRE-1
                """
            )
            _ = try await worktree.repository.fetchBase()
            let removal = try await worktree.repository.removeWorktree(
                at: worktree.path,
                branch: worktree.branch
            )
            #expect(removal == .removed)
        }
    }

    @Test func `work that only the remote knows to be pushed lets the worktree go`() async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell("echo work > work", in: worktree.path)
            _ = try await worktree.commitAll(message: "Work")
            _ = try await worktree.push()
            try await workshop.shell(
                "git update-ref -d refs/remotes/origin/linecook/FRE-1",
                in: workshop.clone
            )
            let removal = try await worktree.repository.removeWorktree(
                at: worktree.path,
                branch: worktree.branch
            )
            #expect(removal == .removed)
        }
    }

    @Test func `a submodule that holds no work of its own lets the worktree go`() async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                git -c protocol.file.allow=always submodule --quiet add "$HOME/remote.git" sub
                git commit -q -m Submodule
                """,
                in: worktree.path
            )
            _ = try await worktree.push()
            let removal = try await worktree.repository.removeWorktree(
                at: worktree.path,
                branch: worktree.branch
            )
            #expect(removal == .removed)
        }
    }

    @Test func `an unfinished merge keeps the worktree and names its files`() async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                git branch other && echo a > README.md && git commit -qam A
                git checkout -q --detach other && echo b > README.md && git commit -qam B
                git branch -f other && git checkout -q linecook/FRE-1
                git merge -q other >/dev/null 2>&1 || true
                """,
                in: worktree.path
            )
            let removal = try await worktree.repository.removeWorktree(
                at: worktree.path,
                branch: worktree.branch
            )
            #expect(removal == .kept(.unmergedConflicts(files: ["README.md"])))
        }
    }

    @Test func `the base is no ticket's to remove`() async throws {
        try await Workshop.run { workshop in
            let base = try BranchName("main")
            await #expect(throws: GitError.branchIsBase(base)) {
                try await workshop.repository().removeWorktree(
                    at: workshop.place("FRE-1"),
                    branch: base
                )
            }
        }
    }
}
