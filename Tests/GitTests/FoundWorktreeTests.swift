import Git
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What may be found where a worktree is to be.
@Suite(.serialized) struct FoundWorktreeTests {
    @Test func `an empty folder becomes the worktree`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell("mkdir -p workspaces/FRE-1")
            let (worktree, _) = try await workshop.worktree("FRE-1")
            #expect(try await workshop.shell("cat .gitignore", in: worktree.path) != "")
        }
    }

    @Test func `a branch that is there in packed form is checked out as it is`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                """
                git checkout -q -b linecook/FRE-1 && echo work > work && git add work
                git commit -q -m Work && git checkout -q main && git pack-refs --all
                """,
                in: workshop.clone
            )
            let (worktree, base) = try await workshop.worktree("FRE-1")
            #expect(try await workshop.shell("cat work", in: worktree.path) == "work")
            #expect(try await worktree.tip() != base)
        }
    }

    @Test func `a worktree that was switched to another branch is left as it is`() async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "git commit -q --allow-empty -m Work; git checkout -q -b other HEAD~1",
                in: worktree.path
            )
            await #expect(
                throws: GitError.worktreeElsewhere(
                    worktree.path,
                    branch: worktree.branch,
                    found: "'other'"
                )
            ) {
                try await workshop.repository().worktree(
                    at: worktree.path,
                    branch: worktree.branch,
                    from: base
                )
            }
        }
    }

    @Test(arguments: ["HEAD", "gitdir"])
    func `a worktree whose own files are broken is in the way`(file: String) async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "echo nothing > .git/worktrees/FRE-1/\(file)",
                in: workshop.clone
            )
            await #expect(throws: GitError.folderInTheWay(worktree.path)) {
                try await workshop.repository().worktree(
                    at: worktree.path,
                    branch: worktree.branch,
                    from: base
                )
            }
        }
    }

    @Test func `a worktree that claims to be another one is in the way`() async throws {
        try await Workshop.run { workshop in
            let (first, _) = try await workshop.worktree("FRE-1")
            let (second, _) = try await workshop.worktree("FRE-2")
            try await workshop.shell("cp '\(second.path)/.git' '\(first.path)/.git'")
            #expect(throws: GitError.folderInTheWay(first.path)) {
                try workshop.repository().existingWorktree(at: first.path, branch: first.branch)
            }
        }
    }

    @Test func `a lock that was just taken stays, and an old one goes`() async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            let locks = [
                "worktrees/FRE-1/index.lock", "worktrees/FRE-1/HEAD.lock",
                "refs/heads/linecook/FRE-1.lock",
            ].map { workshop.clone.appending(".git/\($0)") }
            for (age, isKept) in [("", true), ("-t 202001010000", false)] {
                let names = locks.map { "'\($0)'" }.joined(separator: " ")
                try await workshop.shell("touch \(age) \(names)")
                _ = try await workshop.repository().worktree(
                    at: worktree.path,
                    branch: worktree.branch,
                    from: base
                )
                for lock in locks {
                    #expect(FileManager.default.fileExists(atPath: lock.string) == isKept)
                }
            }
        }
    }
}
