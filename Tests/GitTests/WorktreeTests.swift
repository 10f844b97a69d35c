import Domain
import Git
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.serialized) struct WorktreeTests {
    /// How often eight worktrees are added at once: `LINECOOK_WORKTREE_ROUNDS=5` for more than usual.
    private static let rounds =
        ProcessInfo.processInfo.environment["LINECOOK_WORKTREE_ROUNDS"].flatMap { Int($0) } ?? 2

    @Test(arguments: [false, true])
    func `worktrees may be added all at once, from any number of processes`(
        bare: Bool
    ) async throws {
        try await Workshop.run(bare: bare) { workshop in
            let base = try await workshop.repository().fetchBase()
            for round in 1...Self.rounds {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 1...8 {
                        group.addTask {
                            // Each has a repository of its own, as attempts in their processes do.
                            let key = "FRE-\(round)\(number)"
                            _ = try await workshop.repository().worktree(
                                at: workshop.place(key),
                                branch: BranchName("linecook/\(key)"),
                                from: base
                            )
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let listed = try await workshop.shell("git -C repository worktree list | wc -l")
            let count = Self.rounds * 8
            #expect(Int(listed.filter(\.isNumber)) == count + 1)
            let branches = "git -C repository for-each-ref --format='%(refname)' refs/heads | sort"
            let expected = (1...Self.rounds).flatMap { round in
                (1...8).map { "refs/heads/linecook/FRE-\(round)\($0)" }
            }
            #expect(
                try await workshop.shell(branches)
                    == (expected + ["refs/heads/main"]).joined(separator: "\n")
            )
            let clean = try await workshop.shell(
                "for w in workspaces/*; do git -C \"$w\" status -s; done; ls workspaces | wc -l"
            )
            #expect(clean.filter(\.isNumber) == "\(count)")
            let tracked = try await workshop.shell(
                "git -C repository config --get-regexp '^branch\\.linecook' || echo none"
            )
            #expect(tracked == "none")
        }
    }

    @Test func `the next attempt goes on with what the one before left`() async throws {
        try await Workshop.run { workshop in
            let (first, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                echo a > a && git add a && git commit -q -m A && echo b > b
                touch -d '1 hour ago' "$(git rev-parse --git-path index.lock)"
                """,
                in: first.path
            )
            let (second, _) = try await workshop.worktree("FRE-1")
            #expect(try await second.commitAll(message: "Rest") != nil)
            #expect(try await second.summary(since: base).commits.count == 2)
        }
    }

    @Test func `a branch that is there already is checked out with its work`() async throws {
        try await Workshop.run { workshop in
            let (first, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "echo a > a && git add a && git commit -q -m A",
                in: first.path
            )
            try await workshop.shell("git -C repository worktree remove '\(first.path)'")
            let (second, _) = try await workshop.worktree("FRE-1")
            #expect(try await second.summary(since: base).files == 1)
        }
    }

    @Test func `a worktree that is gone from the disk is made again`() async throws {
        try await Workshop.run { workshop in
            let (first, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "echo a > a && git add a && git commit -q -m A",
                in: first.path
            )
            try await workshop.shell("rm -rf '\(first.path)'")
            let (second, _) = try await workshop.worktree("FRE-1")
            #expect(try await second.summary(since: base).files == 1)
            try await workshop.shell("rm -rf '\(first.path)'")
            let repository = try workshop.repository()
            let moved = try await repository.worktree(
                at: workshop.place("elsewhere"),
                branch: first.branch,
                from: base
            )
            #expect(try await moved.summary(since: base).files == 1)
        }
    }

    @Test func `a worktree whose making was cut short is finished`() async throws {
        try await Workshop.run { workshop in
            let base = try await workshop.repository().fetchBase()
            let path = workshop.place("FRE-1")
            try await workshop.shell(
                """
                git -C repository branch -q --no-track linecook/FRE-1 \(base)
                git -C repository worktree add -q --no-checkout '\(path)' linecook/FRE-1
                touch -d '1 hour ago' repository/.git/worktrees/FRE-1/index.lock
                """
            )
            let (worktree, _) = try await workshop.worktree("FRE-1")
            #expect(try await !worktree.hasChanges(since: base))
            #expect(try await workshop.shell("head -1 README.md", in: path) == "one")
        }
    }

    @Test(arguments: [
        "mkdir -p workspaces/FRE-1 && echo mine > workspaces/FRE-1/file",
        "mkdir workspaces && echo mine > workspaces/FRE-1",
        "git clone -q remote.git workspaces/FRE-1",
        "git clone -q remote.git x && git -C x worktree add -q -b mine ../workspaces/FRE-1",
    ])
    func `what lies in the worktree's place and isn't ours stays`(script: String) async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(script)
            await #expect(throws: GitError.folderInTheWay(workshop.place("FRE-1"))) {
                try await workshop.worktree("FRE-1")
            }
            try await workshop.shell("test -e workspaces/FRE-1")
        }
    }

    @Test func `a branch that a person has checked out is not taken away`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell("git -C repository switch -q -c linecook/FRE-1")
            await #expect(
                throws: GitError.branchInUse(
                    try BranchName("linecook/FRE-1"),
                    at: workshop.root.appending("repository")
                )
            ) { try await workshop.worktree("FRE-1") }
        }
    }

    @Test func `a ticket never works on the base`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository()
            let commit = try await repository.fetchBase()
            await #expect(throws: GitError.branchIsBase(repository.base)) {
                try await repository.worktree(
                    at: workshop.place("FRE-1"),
                    branch: repository.base,
                    from: commit
                )
            }
        }
    }

    @Test func `copies stay inside repository and worktree, and spare what is there`() async throws
    {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                mkdir -p 'config/local dir' && echo x > 'config/local dir/a'
                echo key > .env.local
                echo changed > README.md && ln -s /etc/passwd out && ln -s /etc etc
                echo shared > config/shared && ln -s config/shared linked
                """,
                in: workshop.root.appending("repository")
            )
            let repository = worktree.repository
            let files = [".env.local", "config/local dir", "README.md", "linked", "nothing"]
            #expect(try repository.copy(files, to: worktree.path) == ["nothing"])
            let read = "cat .env.local 'config/local dir/a' linked && head -1 README.md"
            #expect(try await workshop.shell(read, in: worktree.path) == "key\nx\nshared\none")
            // What an agent made of a folder leads nowhere.
            try await workshop.shell("rm -r config && ln -s ../.. config", in: worktree.path)
            #expect(throws: GitError.pathOutside("config/shared", of: worktree.path)) {
                try repository.copy(["config/shared"], to: worktree.path)
            }
            for path in ["../remote.git", "/etc/passwd", "out", "etc/passwd", ".git/config", ""] {
                #expect(throws: GitError.pathOutside(path, of: repository.path)) {
                    try repository.copy([path], to: worktree.path)
                }
            }
        }
    }
}
