import Git
import SystemPackage
import Testing

@Suite struct CombineTests {
    /// Commits of branches from the base, each with one file of its own name and this content.
    private func commits(
        _ files: [(branch: String, file: String)],
        in workshop: Workshop
    ) async throws -> [String] {
        var commits: [String] = []
        for (branch, file) in files {
            commits.append(
                try await workshop.shell(
                    """
                    git switch -q -c \(branch) origin/main && echo \(branch) > '\(file)'
                    git add . && git commit -q -m \(branch) && git rev-parse HEAD
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
            let base = try await repository.fetchBase()
            let first = try await repository.combine(parts, onto: base, message: "Blockers")
            guard case .combined(let commit) = first else {
                Issue.record("\(first)")
                return
            }
            #expect(try await workshop.repository().combine(parts, message: "Blockers") == first)
            let files = try await workshop.shell(
                "git -C repository ls-tree --name-only \(commit)"
            )
            #expect(files == ".gitignore\nREADME.md\na\nb\nc")
            let authors = try await workshop.shell(
                "git -C repository log -1 --format='%an %ce %s' \(commit)"
            )
            #expect(authors == "Linecook linecook@localhost Blockers")
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
}
