import Git
import SystemPackage
import Testing

@Suite struct SnapshotTests {
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
                echo y > staged && git add staged && git status --porcelain
                """
            let before = try await workshop.shell(script, in: worktree.path)
            let deep = worktree.path.appending("deep")
            let snapshot = try #require(try await repository.snapshot(of: deep))
            #expect(snapshot.isDirty && snapshot.folder == worktree.path)
            let changes = try await repository.changes(from: base, to: snapshot.tree)
            #expect(changes.map(\.path) == ["README.md", "deep/new", "staged"])
            let after = try await workshop.shell("git status --porcelain", in: worktree.path)
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
            #expect(try await repository.forkPoint(of: tip, from: String(base.prefix(10))) == base)
            #expect(try await repository.forkPoint(of: tip, from: "--upload-pack=x") == nil)
            #expect(try await repository.forkPoint(of: tip, from: "nowhere") == nil)
        }
    }
}
