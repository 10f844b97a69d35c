import Git
import SystemPackage
import Testing

@Suite(.serialized) struct SnapshotTests {
    @Test func `what isn't committed is in a snapshot, and the index stays as it is`() async throws
    {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            let repository = try workshop.repository()
            let clean = try #require(try await repository.snapshot(of: worktree.path))
            #expect(clean.commit == base && !clean.isDirty)
            #expect(try await repository.changes(from: base, to: clean.tree) == [])
            let script = """
                mkdir deep build && echo x > deep/new && echo x > build/ignored && rm README.md
                echo y > staged && git add staged && git clone -q ../../remote.git inner
                git status --porcelain; ls "$(git rev-parse --git-dir)"
                """
            let before = try await workshop.shell(script, in: worktree.path)
            let deep = worktree.path.appending("deep")
            let snapshot = try #require(try await repository.snapshot(of: deep))
            #expect(snapshot.isDirty && snapshot.folder == worktree.path)
            let changes = try await repository.changes(from: base, to: snapshot.tree)
            #expect(changes.map(\.path) == ["README.md", "deep/new", "staged"])
            let after = try await workshop.shell(
                "git status --porcelain; ls \"$(git rev-parse --git-dir)\"",
                in: worktree.path
            )
            #expect(before == after)
        }
    }

    @Test func `the clone itself has a snapshot, a folder elsewhere has none`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository()
            try await workshop.shell("echo x > repository/new && mkdir plain")
            let snapshot = try #require(try await repository.snapshot(of: repository.path))
            #expect(snapshot.isDirty)
            #expect(try await repository.snapshot(of: workshop.root.appending("seed")) == nil)
            #expect(try await repository.snapshot(of: workshop.root.appending("plain")) == nil)
        }
    }

    @Test func `what a person's own sparse checkout leaves out isn't deleted`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                """
                mkdir near far && echo a > near/a && echo b > far/b && git add .
                git commit -q -m Folders && git sparse-checkout set near && echo c > near/c
                """,
                in: workshop.clone
            )
            let repository = try workshop.repository()
            let snapshot = try #require(try await repository.snapshot(of: repository.path))
            let changes = try await repository.changes(from: snapshot.commit, to: snapshot.tree)
            #expect(changes.map(\.path) == ["near/c"])
        }
    }

    @Test func `a file is ignored where it's named so and wasn't added all the same`() async throws
    {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "touch a.log b.log && git add -f b.log && git commit -q -m B",
                in: worktree.path
            )
            let ignored = try await worktree.repository.ignored(
                ["a.log", "b.log", "c.log", "README.md", "nothing", "x\0d.log"],
                in: worktree.path
            )
            #expect(ignored == ["a.log", "c.log"])
        }
    }

    @Test func `the branch of a folder is the one that is checked out there`() async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            let repository = try workshop.repository()
            try await workshop.shell("mkdir -p deep/er", in: worktree.path)
            let deep = worktree.path.appending("deep").appending("er")
            #expect(repository.branch(checkedOutIn: deep) == "linecook/FRE-1")
            #expect(repository.branch(checkedOutIn: repository.path) == "main")
            #expect(repository.branch(checkedOutIn: workshop.root.appending("seed")) == nil)
            try await workshop.shell("git switch -q --detach", in: worktree.path)
            #expect(repository.branch(checkedOutIn: deep) == nil)
        }
    }

    @Test func `a fork point is found from the base, a branch or a hash`() async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            let repository = try workshop.repository()
            try await workshop.shell("echo x > new", in: worktree.path)
            let tip = try #require(try await worktree.commitAll(message: "Work"))
            try await workshop.push("other", "x", to: "main")
            #expect(try await repository.fetchBase() != base)
            #expect(try await repository.forkPoint(of: tip, from: nil) == base)
            #expect(try await repository.forkPoint(of: tip, from: "linecook/FRE-1") == tip)
            #expect(try await repository.forkPoint(of: tip, from: "HEAD") == base)
            try await workshop.shell("git push -q origin HEAD:theirs", in: worktree.path)
            #expect(try await repository.forkPoint(of: tip, from: "theirs") == tip)
            #expect(try await repository.forkPoint(of: tip, from: String(base.prefix(10))) == base)
            #expect(try await repository.forkPoint(of: tip, from: "--upload-pack=x") == nil)
            #expect(try await repository.forkPoint(of: tip, from: "nowhere") == nil)
        }
    }
}
