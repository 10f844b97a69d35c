import Git
import ProcessTree
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.serialized) struct CheckoutTests {
    private struct Broken: Error {}

    private func names(_ folder: FilePath) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted()
    }

    @Test func `a checkout holds the commit alone and is gone behind the work`() async throws {
        try await Workshop.run { workshop in
            let (worktree, base) = try await workshop.worktree("FRE-1")
            try await workshop.shell("echo x > new && echo x > a.log", in: worktree.path)
            let place = workshop.root.appending("FRE-1.check")
            let repository = try workshop.repository()
            let seen = try await repository.withCheckout(of: base, at: place) { folder in
                try await workshop.shell("echo y >> README.md && touch made", in: folder)
                let head = try await workshop.shell("git rev-parse HEAD", in: folder)
                return (names: try names(folder), head: head)
            }
            #expect(seen.names == [".git", ".gitignore", "README.md", "made"])
            #expect(seen.head == base)
            #expect(!FileManager.default.fileExists(atPath: place.string))
            let listed = try await workshop.shell("git worktree list", in: repository.path)
            #expect(!listed.contains(".check"))
            #expect(try names(repository.path.appending(".git/linecook-checkouts")) == [])
        }
    }

    @Test func `a checkout is gone when the work fails or tampers with it`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository()
            let base = try await repository.fetchBase()
            let place = workshop.root.appending("a.check")
            await #expect(throws: Broken.self) {
                try await repository.withCheckout(of: base, at: place) { folder in
                    try await workshop.shell("rm .git && mkdir .git && ln -s / root", in: folder)
                    throw Broken()
                }
            }
            #expect(!FileManager.default.fileExists(atPath: place.string))
            try await repository.withCheckout(of: base, at: place) { _ in }
        }
    }

    /// Whether all of it is there, or only what stands in the repository, or only the lock.
    @Test(arguments: [(true, true), (false, true), (false, false)])
    func `what a dead process left is removed by the next worktree or checkout`(
        hasFolder: Bool,
        isKnown: Bool
    ) async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository()
            let base = try await repository.fetchBase()
            let place = workshop.root.appending("dead.check")
            let locks = repository.path.appending(".git/linecook-checkouts")
            try await repository.withCheckout(of: base, at: place) { _ in
                // What stands on the disk while one is in use.
                try await workshop.shell("cp -a '\(locks)' saved && cp -a '\(place)' kept")
                try await workshop.shell("cp -a repository/.git/worktrees trees")
            }
            try await workshop.shell(
                """
                rm -rf '\(locks)' repository/.git/worktrees && mv saved '\(locks)'
                \(hasFolder ? "mv kept '\(place)'" : "")
                \(isKnown ? "mv trees repository/.git/worktrees" : "")
                """
            )
            if hasFolder {
                try await repository.withCheckout(of: base, at: place) { _ in }
            } else {
                _ = try await workshop.worktree("FRE-1")
            }
            #expect(!FileManager.default.fileExists(atPath: place.string))
            #expect(try names(locks) == [])
            let listed = try await workshop.shell("git worktree list", in: repository.path)
            #expect(!listed.contains(".check"))
        }
    }

    @Test func `one in use is left alone, and so is a folder that is no checkout`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository()
            let (worktree, base) = try await workshop.worktree("FRE-1.check")
            try await workshop.shell("echo precious > work", in: worktree.path)
            let (detached, _) = try await workshop.worktree("FRE-3")
            try await workshop.shell("git switch -q --detach", in: detached.path)
            try await workshop.shell("mkdir plain.check && touch plain.check/mine")
            let place = workshop.root.appending("a.check")
            let locks = repository.path.appending(".git/linecook-checkouts")
            try await repository.withCheckout(of: base, at: place) { folder in
                // As an agent may write them.
                let plain = workshop.root.appending("plain.check")
                for (number, path) in [worktree.path, detached.path, plain].enumerated() {
                    try await workshop.shell("echo '\(path)' > '\(locks)/\(number).lock'")
                }
                try await workshop.shell(
                    "printf 'one\\ntwo\\n' > precious; ln -s ../../../precious '\(locks)/link.lock'"
                )
                _ = try await workshop.worktree("FRE-2")
                #expect(FileManager.default.fileExists(atPath: folder.string))
                await #expect(throws: GitError.self) {
                    try await repository.withCheckout(of: base, at: place) { _ in }
                }
            }
            #expect(FileManager.default.fileExists(atPath: worktree.path.appending("work").string))
            #expect(try names(detached.path) != [])
            #expect(try await workshop.shell("ls plain.check; cat precious") == "mine\none\ntwo")
            let taken = workshop.root.appending("b.check")
            try await workshop.shell("mkdir b.check && touch b.check/mine")
            await #expect(throws: GitError.folderInTheWay(taken)) {
                try await repository.withCheckout(of: base, at: taken) { _ in }
            }
            #expect(try names(taken) == ["mine"])
        }
    }
}
