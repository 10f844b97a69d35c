import Git
import SystemPackage
import Testing

/// Work that is nowhere else when its worktree goes.
@Suite(.serialized) struct SavingTests {
    private static func remove(_ worktree: Worktree) async throws -> Removal {
        try await worktree.repository.removeWorktree(
            at: worktree.path,
            branch: worktree.branch,
            savingAs: "FRE-1"
        )
    }

    @Test func `what is uncommitted or unpushed is on a branch of its own before the folder goes`()
        async throws
    {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                echo a > a && git add a && git commit -q -m A
                echo new > new && echo more >> README.md && echo x > debug.log
                """,
                in: worktree.path
            )
            #expect(try await Self.remove(worktree) == .saved(["linecook/saved/FRE-1-1"]))
            let saved = try await workshop.shell(
                """
                test ! -e workspaces/FRE-1
                git -C repository show linecook/saved/FRE-1-1:new linecook/saved/FRE-1-1:a
                git -C repository show linecook/saved/FRE-1-1:README.md | tail -1
                git -C repository for-each-ref --format='%(refname:short)' refs/heads/linecook
                """
            )
            #expect(saved == "new\na\nmore\nlinecook/saved/FRE-1-1")
        }
    }

    @Test func `what is saved already isn't saved again, and other work gets the next number`()
        async throws
    {
        try await Workshop.run { workshop in
            for content in ["one", "one", "two"] {
                let (worktree, _) = try await workshop.worktree("FRE-1")
                try await workshop.shell("echo \(content) > new", in: worktree.path)
                let number = content == "one" ? 1 : 2
                let name = "linecook/saved/FRE-1-\(number)"
                #expect(try await Self.remove(worktree) == .saved([name]))
            }
        }
    }

    @Test func `an unfinished merge is saved as it lies there`() async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                echo a > README.md && git commit -q -a -m A
                git switch -q -c other HEAD~1 && echo b > README.md && git commit -q -a -m B
                git switch -q - && ! git merge -q other
                """,
                in: worktree.path
            )
            #expect(try await Self.remove(worktree) == .saved(["linecook/saved/FRE-1-1"]))
            let saved = try await workshop.shell(
                "git -C repository show linecook/saved/FRE-1-1:README.md | grep -c '^[<>]'"
            )
            #expect(saved == "2")
        }
    }

    @Test(arguments: [
        "git init -q inner; echo a > inner/a",
        """
        git -c protocol.file.allow=always submodule add -q "$(git config remote.origin.url)" inner
        git commit -q -m Submodule; echo a > inner/a
        """,
        """
        git -c protocol.file.allow=always submodule add -q "$(git config remote.origin.url)" inner
        cd inner; echo a > a; git add a; git commit -q -m Inner; cd ..; git commit -q -a -m Submodule
        """,
    ])
    func `a repository inside with work of its own keeps the worktree`(script: String) async throws
    {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(script, in: worktree.path)
            #expect(try await Self.remove(worktree) == .kept(.repositoriesInside(["inner"])))
        }
    }

    @Test func `a link that an agent put where git writes leads nowhere`() async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                echo mine > ../../victim
                for log in HEAD refs/heads/linecook/FRE-1; do
                    log=$(git rev-parse --git-path logs/$log)
                    rm "$log"; ln -s '\(workshop.root)/victim' "$log"
                done
                echo a > a
                """,
                in: worktree.path
            )
            #expect(try await worktree.commitAll(message: "rm -rf /") != nil)
            #expect(try await workshop.shell("cat victim") == "mine")
        }
    }
}
