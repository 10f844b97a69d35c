import Domain
import Git
import SystemPackage
import Testing

@Suite(.serialized) struct ChangesTests {
    @Test(arguments: [
        ("true", false),
        ("mkdir build && echo x > build/a && echo x > a.log", false),
        ("echo x > a && git add a && git commit -q -m A && git revert --no-edit -q HEAD", false),
        ("echo x > a && git add a && git commit -q -m A && git rm -q a", false),
        ("touch README.md", false),
        ("git commit -q --allow-empty -m Nothing", false),
        ("echo x > 'new file'", true),
        ("rm README.md", true),
        ("echo four >> README.md", true),
        ("echo x > a && git add a && git commit -q -m A", true),
        ("git switch -q -c mine && echo x > a && git add a && git commit -q -m A", true),
    ])
    func `only contents that differ from the base are a change`(
        script: String,
        expected: Bool
    ) async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(script.replacing("-q HEAD", with: "HEAD"), in: worktree.path)
            #expect(try await worktree.hasChanges(since: base) == expected)
            _ = try await worktree.commitAll(message: "Rest")
            #expect(try await worktree.hasChanges(since: base) == expected)
            #expect(try await (worktree.summary(since: base).files > 0) == expected)
        }
    }

    @Test func `what is uncommitted is committed, by whom git knows and else by Linecook`()
        async throws
    {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "echo a > a && echo x > a.log && rm README.md",
                in: worktree.path
            )
            let commit = try await worktree.commitAll(message: "FRE-1: `$(rm)` -x\n\nBody")
            #expect(try await worktree.commitAll(message: "Again") == nil)
            let summary = try await worktree.summary(since: base)
            #expect(summary.commits == [commit])
            #expect((summary.files, summary.insertions, summary.deletions) == (2, 1, 3))
            #expect(summary.paths == ["README.md", "a"])
            let log = try await workshop.shell(
                "git log -1 --format='%an %ce %s'",
                in: worktree.path
            )
            #expect(log == "Linecook linecook@localhost FRE-1: `$(rm)` -x")
            try await workshop.shell(
                "git config user.name Ann && git config user.email a@b.example && echo b > b",
                in: worktree.path
            )
            let again = try workshop.repository()
                .existingWorktree(at: worktree.path, branch: worktree.branch)
            _ = try await again?.commitAll(message: "By a person")
            let person = try await workshop.shell(
                "git log -1 --format='%an %ce'",
                in: worktree.path
            )
            #expect(person == "Ann a@b.example")
        }
    }

    @Test(arguments: ["git switch -q -c mine", "git switch -q --detach"])
    func `work that was committed off the branch is taken onto it`(script: String) async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "\(script) && echo a > a && git add a && git commit -q -m A && echo b > b",
                in: worktree.path
            )
            let (again, _) = try await workshop.worktree("FRE-1")
            #expect(try await again.commitAll(message: "Rest") != nil)
            #expect(try await again.summary(since: base).commits.count == 2)
            let head = try await workshop.shell("git symbolic-ref HEAD", in: worktree.path)
            #expect(head == "refs/heads/linecook/FRE-1")
        }
    }

    @Test func `an unfinished merge is named and not committed`() async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                """
                git switch -q -c theirs && echo 2 > README.md && git commit -q -a -m Theirs
                git switch -q linecook/FRE-1 && echo 3 > README.md && git commit -q -a -m Ours
                git merge -q theirs || true
                """,
                in: worktree.path
            )
            await #expect(
                throws: GitError.unfinishedMerge(worktree.path, files: ["README.md"])
            ) { try await worktree.commitAll(message: "Rest") }
        }
    }

    @Test func `the first names of changed files are told, harmless to show`() async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "for n in $(seq 1000 1400); do : > $n; done; : > \"$(printf '0 a\\033[31m\\nb')\"",
                in: worktree.path
            )
            _ = try await worktree.commitAll(message: "Many")
            let summary = try await worktree.summary(since: base)
            #expect(summary.files == 402)
            #expect(summary.paths?.count == 300)
            #expect(summary.paths?.prefix(2) == ["0 a [31m b", "1000"])
        }
    }

    @Test func `a repository that the agent cloned into the worktree is left out`() async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "git clone -q ../../remote.git nested && echo a > a",
                in: worktree.path
            )
            _ = try await worktree.commitAll(message: "Rest")
            #expect(try await worktree.summary(since: base).files == 1)
        }
    }

    @Test func `a difference that is too long is told by what it touches`() async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell("seq 1 5000 > numbers", in: worktree.path)
            _ = try await worktree.commitAll(message: "Numbers")
            let whole = try await worktree.diff(since: base, limitInBytes: 1 << 20)
            #expect(whole.count > 20_000)
            let short = try await worktree.diff(since: base, limitInBytes: 1000)
            let text = String(decoding: short, as: UTF8.self)
            #expect(text.contains("numbers"))
            #expect(text.utf8.count < 1000)
        }
    }

    @Test func `hooks, monitors, differs and a rewritten .git of an agent never run`() async throws
    {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            let mark = workshop.root.appending("ran")
            try await workshop.shell(
                """
                printf '#!/bin/sh\\necho "$0" >> "%s"\\n' '\(mark)' > '\(workshop.root)/trap'
                chmod +x ../../trap
                for hook in pre-commit commit-msg post-commit post-checkout pre-push \\
                    reference-transaction post-index-change; do
                    cp ../../trap ../../repository/.git/hooks/$hook
                done
                for key in core.fsmonitor diff.external diff.x.textconv diff.x.command \\
                    core.editor core.pager gpg.program; do
                    git config $key '"\(workshop.root)/trap"'
                done
                git config commit.gpgSign true && git config alias.status '!echo alias'
                echo '* diff=x' > .gitattributes && echo a > a
                mkdir evil && echo 'ref: refs/heads/main' > evil/HEAD
                """,
                in: worktree.path
            )
            #expect(try await worktree.hasChanges(since: base))
            #expect(try await worktree.commitAll(message: "Rest") != nil)
            _ = try await worktree.diff(since: base, limitInBytes: 1 << 20)
            guard case .pushed = try await worktree.push() else {
                Issue.record("not pushed")
                return
            }
            #expect(try await workshop.shell("cat ran 2>/dev/null || echo none") == "none")
            try await workshop.shell("echo 'gitdir: evil' > .git", in: worktree.path)
            await #expect(throws: GitError.folderInTheWay(worktree.path)) {
                try await workshop.worktree("FRE-1")
            }
        }
    }
}
