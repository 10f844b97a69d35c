import Git
import Testing

@Suite(.serialized) struct PublishTests {
    @Test func `a branch of our own is published, replaced and deleted, as often as you like`()
        async throws
    {
        try await Workshop.run { workshop in
            let repository = try workshop.repository()
            let branch = try BranchName("linecook/stack/FRE-65-1")
            let first = try await repository.fetchBase()
            try await workshop.push("new", "new", to: "main")
            let second = try await repository.fetchBase()
            #expect(try await repository.fetchBranch(branch) == nil)
            #expect(try await repository.publish(second, as: branch) == .pushed(second))
            #expect(try await repository.publish(second, as: branch) == .upToDate(second))
            guard case .rejected = try await repository.publish(first, as: branch) else {
                Issue.record("replaced without leave")
                return
            }
            let replaced = try await repository.publish(first, as: branch, replacing: second)
            #expect(replaced == .pushed(first))
            #expect(try await repository.fetchBranch(branch) == first)
            #expect(try await repository.deleteRemote(branch, at: second) == .kept(at: first))
            #expect(try await repository.deleteRemote(branch, at: first) == .deleted)
            #expect(try await repository.deleteRemote(branch, at: first) == .missing)
            #expect(try await repository.remoteHead(branch) == nil)
        }
    }

    @Test func `the base is neither published, deleted, restacked nor merged`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository()
            let commit = try await repository.fetchBase()
            await #expect(throws: GitError.branchIsBase(repository.base)) {
                try await repository.publish(commit, as: repository.base, replacing: commit)
            }
            await #expect(throws: GitError.branchIsBase(repository.base)) {
                try await repository.deleteRemote(repository.base, at: commit)
            }
            await #expect(throws: GitError.branchIsBase(repository.base)) {
                try await repository.restack(
                    branch: repository.base,
                    from: commit,
                    onto: commit,
                    worktree: workshop.place("FRE-1"),
                    lastPushed: nil
                )
            }
            await #expect(throws: GitError.branchIsBase(repository.base)) {
                try await repository.merge(repository.base, message: "x")
            }
        }
    }
}
