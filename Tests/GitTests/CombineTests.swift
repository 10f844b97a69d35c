import Git
import SystemPackage
import Testing

@Suite(.serialized) struct CombineTests {
    /// Commits of branches from the base, the newest first, each with one file that holds its name.
    private func commits(
        _ files: [(branch: String, file: String)],
        in workshop: Workshop
    ) async throws -> [String] {
        var commits: [String] = []
        for (branch, file) in files {
            let time = 2_000_000_000 - commits.count
            commits.append(
                try await workshop.shell(
                    """
                    git switch -q -c \(branch) origin/main && echo \(branch) > '\(file)'
                    git add . && GIT_COMMITTER_DATE='@\(time) +0000' git commit -q -m \(branch)
                    git rev-parse HEAD
                    """,
                    in: workshop.root.appending("repository")
                )
            )
        }
        try await workshop.shell("git -C repository switch -q main")
        return commits
    }

    @Test func `commits are put together, to the same hash each time`() async throws {
        try await Workshop.run { workshop in
            let parts = try await commits([("a", "a"), ("b", "b"), ("c", "c")], in: workshop)
            let repository = try workshop.repository(
                environment: ["GIT_AUTHOR_NAME": "Eve", "GIT_COMMITTER_EMAIL": "eve@example.com"]
            )
            try await workshop.push("base", "base", to: "main")
            let base = try await repository.fetchBase()
            let first = try await repository.combine(parts, onto: base, message: "Blockers")
            guard case .combined(let commit) = first else {
                Issue.record("\(first)")
                return
            }
            let again = try await workshop.repository()
                .combine(parts, onto: base, message: "Blockers")
            #expect(again == first)
            let files = try await workshop.shell(
                "git -C repository ls-tree --name-only \(commit)"
            )
            #expect(files == ".gitignore\nREADME.md\na\nb\nbase\nc")
            let authors = try await workshop.shell(
                "git -C repository log -1 --format='%an %ce %ct %s' \(commit)"
            )
            #expect(authors == "Linecook linecook@localhost 2000000000 Blockers")
            // The base first, then each in its turn.
            let order = try await workshop.shell(
                "cd repository && git rev-parse \(commit)~3 \(commit)~2^2 \(commit)~1^2 \(commit)^2"
            )
            #expect(order.split(separator: "\n").map(String.init) == [base] + parts)
            #expect(try await workshop.shell("git -C repository status -s") == "")
        }
    }

    @Test func `what is held already makes no new commit`() async throws {
        try await Workshop.run { workshop in
            let parts = try await commits([("a", "a"), ("b", "b")], in: workshop)
            let repository = try workshop.repository()
            let base = try await repository.fetchBase()
            let one = try await repository.combine([parts[0]], onto: base, message: "x")
            #expect(one == .combined(parts[0]))
            guard case .combined(let both) = try await repository.combine(parts, message: "x")
            else { return }
            let again = try await repository.combine([both] + parts, onto: base, message: "x")
            #expect(again == .combined(both))
            let twice = try await repository.combine([parts[0], parts[0]], message: "x")
            #expect(twice == .combined(parts[0]))
        }
    }

    @Test func `a conflict names the files and the two that don't fit together`() async throws {
        try await Workshop.run { workshop in
            let parts = try await commits(
                [("a", "a"), ("b", "new file"), ("c", "c"), ("d", "new file")],
                in: workshop
            )
            let outcome = try await workshop.repository().combine(parts, message: "x")
            #expect(outcome == .conflict(files: ["new file"], between: [parts[1], parts[3]]))
        }
    }

    @Test func `those that only together don't fit with another one are all named`() async throws {
        try await Workshop.run { workshop in
            // Moved and changed by the first two, the file isn't known again beside what the third one did.
            let script = """
                cd repository && git switch -q -c start && seq 1000000 1000009 > list && git add .
                git commit -q -m Start
                git switch -q -c a start && git mv list moved && sed -i '1,3 s/^/a/' moved
                git commit -q -a -m a && git switch -q -c b start && sed -i '8,10 s/^/b/' list
                git commit -q -a -m b && git switch -q -c c start && sed -i '5 s/^/c/' list
                git commit -q -a -m c && git rev-parse a b c
                """
            let parts = try await workshop.shell(script).split(separator: "\n").map(String.init)
            let outcome = try await workshop.repository().combine(parts, message: "x")
            #expect(outcome == .conflict(files: ["list"], between: parts))
        }
    }

    @Test func `a git that can't merge without files is said to be too old`() async throws {
        try await Workshop.run { workshop in
            let parts = try await commits([("a", "a"), ("b", "b")], in: workshop)
            let git = try await workshop.shell(
                """
                git=$(command -v git) && mkdir old
                printf '#!/bin/sh\\ncase "$*" in *merge-tree*) exit 129;; esac\\nexec %s "$@"\\n' "$git" > old/git
                chmod +x old/git && printf %s "$PWD/old:$PATH"
                """
            )
            let repository = try workshop.repository(environment: ["PATH": git])
            let needed = GitError.tooOld(
                needed: "2.38",
                operation: "merging without a worktree"
            )
            await #expect(throws: needed) { try await repository.combine(parts, message: "x") }
        }
    }
}
