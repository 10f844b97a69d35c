import Domain
import Git
import SystemPackage
import Testing

/// Worktrees of finished tickets that the next ones get.
@Suite(.serialized) struct PoolTests {
    /// All that can be seen in a worktree, and what git knows of it.
    private static let look = """
        find . -not -path ./.git -printf '%P %y %m %l\\n' | grep -v '^ ' | sort
        find . -type f -not -path ./.git -exec sha1sum {} + | sort
        git status --porcelain --ignored; git ls-files -v | sort; git ls-files --stage
        git config --list --show-scope | grep -v '^global' | sort
        git stash list; git sparse-checkout list 2>&1 || true; git for-each-ref refs/worktree refs/bisect
        cd "$(git rev-parse --git-dir)"
        find . -printf '%P %y\\n' | grep -v -e '^ORIG_HEAD ' -e '^logs' | sort; cat commondir
        """
    /// What an agent may leave behind.
    private static let mess = """
        echo changed > README.md; echo new > new; mkdir -p dir/empty build/deep node_modules/.bin
        echo x > debug.log; echo x > build/deep/out; echo x > node_modules/.bin/tool
        mkdir cache.log; echo x > cache.log/x
        echo 'node_modules' >> .gitignore; git add .gitignore new; git commit -q -m Work
        git update-index --skip-worktree README.md; echo hidden > README.md
        git sparse-checkout set --no-cone '/*' '!two' 2>/dev/null
        git config --worktree core.abbrev 12; git update-ref refs/worktree/mine HEAD
        git init -q inner; ln -s /etc build/link; chmod 600 .gitignore
        echo '*' > "$(git rev-parse --git-dir)/info/exclude"; git bisect start 2>/dev/null
        echo attr > "$(git rev-parse --git-dir)/info/attributes"; echo x > two; mkfifo pipe
        """

    private static func make(
        _ key: String,
        _ repository: Repository,
        in workshop: Workshop
    ) async throws -> Worktree {
        let base = try await repository.fetchBase()
        return try await repository.worktree(
            at: workshop.place(key),
            branch: BranchName("linecook/\(key)"),
            from: base
        )
    }

    private static func remove(_ worktree: Worktree) async throws -> Removal {
        try await worktree.repository.removeWorktree(
            at: worktree.path,
            branch: worktree.branch,
            savingAs: "FRE-1"
        )
    }

    @Test(arguments: [true, false])
    func `nothing of the last ticket is to be seen in the next one's worktree`(
        hasBaseMoved: Bool
    ) async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository(
                pool: 1,
                keep: ["build", "node_modules", "debug.log"]
            )
            let first = try await Self.make("FRE-1", repository, in: workshop)
            try await workshop.shell(Self.mess + "\nrm -rf inner pipe", in: first.path)
            guard case .saved = try await Self.remove(first) else {
                Issue.record("not removed")
                return
            }
            #expect(try await workshop.shell("ls -A workspaces") == ".linecook-pool-repository")
            if hasBaseMoved { try await workshop.push("more.txt", "more", to: "main") }
            // The configuration of the clone is what the agent made of it, for both alike.
            let second = try await Self.make("FRE-2", repository, in: workshop)
            #expect(try await workshop.shell("ls workspaces/.linecook-pool-repository") == "")
            let kept = try await workshop.shell(
                """
                cat build/deep/out; rm -r build; git log -1 --format=%s
                git log -g --format=%s | grep -c -e Work -e uncommitted || true
                """,
                in: second.path
            )
            let subject = hasBaseMoved ? "From somebody else" : "First commit"
            #expect(kept == "x\n\(subject)\n0")
            let cold = try await Self.make("FRE-3", workshop.repository(), in: workshop)
            let warm = try await workshop.shell(Self.look, in: second.path)
            #expect(warm == (try await workshop.shell(Self.look, in: cold.path)))
            #expect(try await !second.hasChanges(since: try await second.tip()))
            #expect(second.branch.rawValue == "linecook/FRE-2")
        }
    }

    @Test func `a folder that is kept goes when the next base doesn't ignore it any more`()
        async throws
    {
        try await Workshop.run { workshop in
            let repository = try workshop.repository(pool: 1, keep: ["build"])
            let first = try await Self.make("FRE-1", repository, in: workshop)
            try await workshop.shell("mkdir build; echo x > build/out", in: first.path)
            #expect(try await Self.remove(first) == .removed)
            try await workshop.push(".gitignore", "nothing", to: "main")
            let second = try await Self.make("FRE-2", repository, in: workshop)
            #expect(try await !second.hasChanges(since: try await second.tip()))
            #expect(try await workshop.shell("ls", in: second.path) == "README.md")
        }
    }

    @Test func `a full pool takes no more, and without one worktrees go`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository(pool: 2)
            var worktrees: [Worktree] = []
            for key in ["FRE-1", "FRE-2", "FRE-3", "FRE-4"] {
                worktrees.append(try await Self.make(key, repository, in: workshop))
            }
            try await withThrowingTaskGroup(of: Removal.self) { group in
                for worktree in worktrees { group.addTask { try await Self.remove(worktree) } }
                for try await removal in group { #expect(removal == .removed) }
            }
            let left = "ls workspaces workspaces/.linecook-pool-repository"
            #expect(
                try await workshop.shell(left)
                    == "workspaces:\n\nworkspaces/.linecook-pool-repository:\n1\n2"
            )
            // What was kept is used up once nothing is to be kept.
            let without = try workshop.repository()
            for key in ["FRE-5", "FRE-6"] {
                let worktree = try await Self.make(key, without, in: workshop)
                #expect(try await Self.remove(worktree) == .removed)
            }
            #expect(
                try await workshop.shell(left)
                    == "workspaces:\n\nworkspaces/.linecook-pool-repository:"
            )
        }
    }

    @Test func `an empty folder becomes the worktree, whatever the pool holds`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository(pool: 1)
            let first = try await Self.make("FRE-1", repository, in: workshop)
            #expect(try await Self.remove(first) == .removed)
            try await workshop.shell("mkdir workspaces/FRE-2")
            let second = try await Self.make("FRE-2", repository, in: workshop)
            #expect(try await workshop.shell("ls", in: second.path) == "README.md")
        }
    }

    @Test(arguments: [
        (["build"], [], "README.md\nbuild\nelse\nsub"), ([], [], "README.md\nelse\nsub"),
        (["build"], ["sub"], "README.md\nsub"),
    ])
    func `a worktree that was kept by other settings is given to nobody`(
        keep: [String],
        sparse: [String],
        files: String
    ) async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                """
                git clone -q remote.git other && cd other && mkdir sub else
                echo a > sub/a && echo b > else/b && git add . && git commit -q -m Folders
                git push -q origin main
                """
            )
            let before = try workshop.repository(pool: 1, keep: ["build"])
            let first = try await Self.make("FRE-1", before, in: workshop)
            try await workshop.shell("mkdir build; echo x > build/out", in: first.path)
            #expect(try await Self.remove(first) == .removed)
            let after = try workshop.repository(pool: 1, keep: keep, sparse: sparse)
            let second = try await Self.make("FRE-2", after, in: workshop)
            #expect(try await workshop.shell("ls", in: second.path) == files)
            #expect(try await Self.remove(second) == .removed)
            // It makes room.
            let left = "ls workspaces/.linecook-pool-repository repository/.git/worktrees | wc -l"
            #expect(try await workshop.shell(left).contains("5"))
        }
    }

    @Test(arguments: [false, true])
    func `a worktree whose way into the pool was cut short is never taken for more than it is`(
        isInPool: Bool
    ) async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository(pool: 1)
            let first = try await Self.make("FRE-1", repository, in: workshop)
            try await workshop.shell(
                """
                rm "$(git rev-parse --git-dir)/index"; rm README.md
                echo returning > "$(git rev-parse --git-dir)/linecook-pool"
                echo mine > mine; mkdir build; echo x > build/out
                git update-ref --no-deref HEAD HEAD
                """,
                in: first.path
            )
            if isInPool {
                try await workshop.shell(
                    """
                    mkdir workspaces/.linecook-pool-repository
                    git -C repository worktree move ../workspaces/FRE-1 \\
                        ../workspaces/.linecook-pool-repository/1
                    git -C repository update-ref -d refs/heads/linecook/FRE-1
                    """
                )
            }
            let again = try await Self.make("FRE-1", repository, in: workshop)
            #expect(try await workshop.shell("git status -s --ignored", in: again.path) == "")
            #expect(
                try await workshop.shell("git branch --show-current", in: again.path)
                    == "linecook/FRE-1"
            )
            #expect(try await Self.remove(again) == .removed)
            // What lay there half-way makes room.
            let next = try await Self.make("FRE-2", repository, in: workshop)
            #expect(try await workshop.shell("ls workspaces/.linecook-pool-repository") == "")
            #expect(try await Self.remove(next) == .removed)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what was emptied half-way for the pool is no work to be saved`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell("mkfifo started")
            let slow = try await workshop.repository(
                git: #"*" read-tree "*) echo > "$HOME/started"; exec sleep 600 ;;"#,
                pool: 1
            )
            let worktree = try await Self.make("FRE-1", slow, in: workshop)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await Self.remove(worktree) }
                try await workshop.shell("cat started")
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            let found = try workshop.repository(pool: 1)
                .existingWorktree(at: worktree.path, branch: worktree.branch)
            #expect(try await Self.remove(try #require(found)) == .removed)
        }
    }

    @Test func `a worktree whose way out of the pool was cut short is as new`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository(pool: 1)
            let first = try await Self.make("FRE-1", repository, in: workshop)
            #expect(try await Self.remove(first) == .removed)
            let pool = "../workspaces/.linecook-pool-repository"
            try await workshop.shell(
                "git worktree move \(pool)/1 \(pool)/../FRE-2",
                in: workshop.clone
            )
            let second = try await Self.make("FRE-2", repository, in: workshop)
            #expect(
                try await workshop.shell(
                    "git branch --show-current; git status -s",
                    in: second.path
                )
                    == "linecook/FRE-2"
            )
        }
    }

    @Test func `what can't be taken out of the pool makes room there`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository(pool: 1)
            let first = try await Self.make("FRE-1", repository, in: workshop)
            #expect(try await Self.remove(first) == .removed)
            let pool = "../workspaces/.linecook-pool-repository"
            try await workshop.shell("git worktree lock \(pool)/1", in: workshop.clone)
            let second = try await Self.make("FRE-2", repository, in: workshop)
            #expect(try await workshop.shell("ls", in: second.path) == "README.md")
            #expect(try await workshop.shell("ls \(pool)", in: workshop.clone) == "")
        }
    }
}

/// Worktrees that hold only some folders.
@Suite(.serialized) struct SparseTests {
    @Test(arguments: [false, true])
    func `a worktree holds the folders that are named, for every git in it`(
        bare: Bool
    ) async throws {
        try await Workshop.run(bare: bare) { workshop in
            try await workshop.shell(
                """
                git clone -q remote.git other && cd other && mkdir -p apps/web/src apps/mail 'we[b'
                for folder in apps/web/src apps/web apps/mail apps 'we[b'; do echo a > "$folder/file"; done
                git add . && git commit -q -m Folders && git push -q origin main
                """
            )
            let repository = try workshop.repository(pool: 1, sparse: ["apps/web", "we[b"])
            var base = try await repository.fetchBase()
            for key in ["FRE-1", "FRE-2"] {
                let worktree = try await repository.worktree(
                    at: workshop.place(key),
                    branch: BranchName("linecook/\(key)"),
                    from: base
                )
                // A git of an agent's own writes all files anew.
                try await workshop.shell(
                    "git checkout -q HEAD~1; git checkout -q -",
                    in: worktree.path
                )
                let files = "find . -type f -not -path ./.git | sort; git status --porcelain"
                #expect(
                    try await workshop.shell(files, in: worktree.path)
                        == """
                        ./.gitignore
                        ./README.md
                        ./apps/file
                        ./apps/web/file
                        ./apps/web/src/file
                        ./we[b/file
                        """
                )
                #expect(try await !worktree.hasChanges(since: base))
                try await workshop.shell("echo b > apps/web/new; git add .", in: worktree.path)
                let snapshot = try await repository.snapshot(of: worktree.path)
                let tree = try #require(snapshot?.tree)
                let listed = "git ls-tree -r --name-only \(tree) | wc -l"
                #expect(try await workshop.shell(listed, in: worktree.path) == "8")
                _ = try await worktree.commitAll(message: "Work")
                #expect(try await worktree.summary(since: base).files == 1)
                #expect(try await worktree.push() == .pushed(try await worktree.tip()))
                let removed = try await repository.removeWorktree(
                    at: worktree.path,
                    branch: worktree.branch
                )
                #expect(removed == .removed)
                base = try await repository.fetchBase()
            }
            // The clone itself is as it was.
            try await workshop.shell(
                "test -z \"$(git -C repository status --porcelain 2>&1)\" || \(bare)"
            )
        }
    }
}
