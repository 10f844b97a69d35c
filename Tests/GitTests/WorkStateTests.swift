import Git
import SystemPackage
import Testing

@Suite(.serialized) struct WorkStateTests {
    private static let start = "mkdir src && echo a > src/a && echo b > new"

    // One worktree for all rows: making it takes longer than they do.
    @Test func `what changes a file is seen, and what leaves it as it is isn't`() async throws {
        let changes = [
            "echo c > src/a", "echo c > src/c", "chmod +x new", "printf 'x\\n' > new", "rm new",
            "ln -s a src/link", "ln -sf b src/link", "rm README.md", "echo more > README.md",
            // Of the same length, and of the same time too.
            "echo less > README.md", "echo mere > x && touch -r README.md x && mv x README.md",
            // Too large to be read.
            "truncate -s 65M large", "truncate -s 66M large",
            "git mv .gitignore moved", "echo x >> moved",
            """
            git rm -q --cached README.md; for n in 1 2 3; do
                printf '100644 %s %s\tREADME.md\n' $(git rev-parse HEAD:README.md) $n
            done | git update-index --index-info; echo conflict > README.md
            """, "echo solved > README.md",
        ]
        let idling = [
            "echo a > src/a", "touch new README.md", "mkdir build && echo x > build/ignored",
            "cp new copy && rm new && mv copy new", "git add src && git reset -q",
        ]
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(Self.start, in: worktree.path)
            var last = try await worktree.workState()
            for idle in idling {
                try await workshop.shell(idle, in: worktree.path)
                #expect(try await worktree.workState(after: last) == last, "\(idle)")
            }
            for change in changes {
                try await workshop.shell(change, in: worktree.path)
                let next = try await worktree.workState(after: last)
                #expect(next != last, "\(change)")
                #expect(try await worktree.workState() == next, "\(change)")
                last = next
            }
        }
    }

    @Test func `a commit that is made anew with the same files is no progress`() async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(Self.start, in: worktree.path)
            let before = try await worktree.workState()
            let identity = "-c user.name=A -c user.email=a@b"
            try await workshop.shell(
                "git add . && git \(identity) commit -qm Work",
                in: worktree.path
            )
            let committed = try await worktree.workState(after: before)
            #expect(committed != before)
            try await workshop.shell(
                "git \(identity) commit -q --amend -m Again --date=2020-01-01T00:00:00",
                in: worktree.path
            )
            #expect(try await worktree.workState(after: committed) == committed)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what isn't a file is neither opened nor waited for`() async throws {
        try await Workshop.run { workshop in
            let (worktree, _) = try await workshop.worktree("FRE-1")
            try await workshop.shell(
                "mkfifo pipe && ln -s /dev/zero zero && rm README.md && mkfifo README.md",
                in: worktree.path
            )
            let before = try await worktree.workState()
            #expect(try await worktree.workState(after: before) == before)
        }
    }
}
