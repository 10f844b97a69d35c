import Domain
import Git
import SystemPackage
import Testing

/// Repositories that aren't whole, or hold more than git keeps.
@Suite(.serialized) struct CloneKindTests {
    /// A ticket's way from the base to the remote and away.
    private static func deliver(_ workshop: Workshop) async throws -> String {
        let (worktree, base) = try await workshop.worktree("FRE-1")
        try await workshop.shell("echo work > work", in: worktree.path)
        _ = try await worktree.commitAll(message: "Work")
        let changes = try await worktree.summary(since: base)
        #expect(changes.files == 1)
        guard case .pushed(let commit) = try await worktree.push() else {
            Issue.record("not pushed")
            return ""
        }
        let removal = try await worktree.repository.removeWorktree(
            at: worktree.path,
            branch: worktree.branch
        )
        #expect(removal == .removed)
        return commit
    }

    @Test(arguments: ["--depth 1 --no-single-branch", "--depth 1", "--filter=blob:none"])
    func `a shallow or partial clone delivers a ticket, also when the base has moved`(
        options: String
    ) async throws {
        try await Workshop.run { workshop in
            try await workshop.shell("git -C remote.git config uploadpack.allowFilter true")
            try await workshop.push("README.md", "second", to: "main")
            try await workshop.shell(
                "rm -rf repository && git clone -q \(options) \"file://$PWD/remote.git\" repository"
            )
            // What the base holds again lies behind the end of a shallow clone: a remote with a bitmap
            // sends it only to who says where that end is.
            try await workshop.push("README.md", "one\ntwo\nthree", to: "main")
            try await workshop.shell("git -C remote.git repack -adqb")
            let commit = try await Self.deliver(workshop)
            #expect(
                try await workshop.shell("git -C remote.git log --format=%s \(commit)").split(
                    separator: "\n"
                ).count == 4
            )
        }
    }

    @Test func `a clone that is a submodule of another one delivers a ticket`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                """
                rm -rf repository && git init -q .
                git -c protocol.file.allow=always submodule --quiet add "$PWD/remote.git" repository
                """
            )
            let commit = try await Self.deliver(workshop)
            #expect(
                try await workshop.shell("git -C remote.git rev-parse linecook/FRE-1") == commit
            )
        }
    }

    @Test func `pointers of git-lfs stay what they are where git-lfs isn't installed`()
        async throws
    {
        try await Workshop.run { workshop in
            let pointer = """
                version https://git-lfs.github.com/spec/v1
                oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
                size 12345
                """
            try await workshop.shell(
                """
                git clone -q remote.git other && cd other
                echo '*.bin filter=lfs diff=lfs merge=lfs -text' > .gitattributes
                printf '%s\\n' '\(pointer)' > image.bin
                git add . && git commit -q -m Image && git push -q origin main
                cd ../repository
                git config filter.lfs.clean 'git-lfs-that-is-missing clean -- %f'
                git config filter.lfs.smudge 'git-lfs-that-is-missing smudge -- %f'
                """
            )
            let (worktree, base) = try await workshop.worktree("FRE-1")
            #expect(try await workshop.shell("cat image.bin", in: worktree.path) == pointer)
            #expect(try await !worktree.hasChanges(since: base))
            let commit = try await Self.deliver(workshop)
            #expect(
                try await workshop.shell("git -C remote.git show \(commit):image.bin") == pointer
            )
        }
    }
}
