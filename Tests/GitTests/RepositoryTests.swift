import Git
import SystemPackage
import Testing

@Suite(.serialized) struct RepositoryTests {
    @Test(arguments: [false, true])
    func `a fetch follows the base when it moves and when it is rewritten`(
        bare: Bool
    ) async throws {
        try await Workshop.run(bare: bare) { workshop in
            let repository = try workshop.repository()
            let first = try await repository.fetchBase()
            try await workshop.push("new.txt", "new", to: "main")
            let second = try await repository.fetchBase()
            try await workshop.shell(
                "git commit -q --amend -m Rewritten && git push -q -f origin main",
                in: workshop.root.appending("other")
            )
            let third = try await repository.fetchBase()
            #expect(Set([first, second, third]).count == 3)
            #expect(try await workshop.shell("git -C remote.git rev-parse main") == third)
        }
    }

    @Test func `a missing base or branch is named with the remote that lacks it`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository(base: "develop")
            await #expect(
                throws: GitError.noSuchBranch(
                    try BranchName("develop"),
                    remote: "origin",
                    repository.path
                )
            ) { try await repository.fetchBase() }
            let branch = try BranchName("linecook/FRE-1")
            await #expect(
                throws: GitError.noSuchBranch(branch, remote: "origin", repository.path)
            ) { try await workshop.repository().merge(branch, message: "Merge") }
        }
    }

    @Test func `a missing remote is named with those that are there`() async throws {
        try await Workshop.run { workshop in
            let repository = try workshop.repository(remote: "upstream")
            await #expect(
                throws: GitError.noSuchRemote("upstream", repository.path, known: ["origin"])
            ) { try await repository.fetchBase() }
        }
    }

    @Test func `a remote that can't be reached is told without its password`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                "git -C repository remote set-url origin http://ada:secret@127.0.0.1:9/x.git"
            )
            let repository = try workshop.repository()
            let error = await #expect(throws: GitError.self) { try await repository.fetchBase() }
            let unwrapped = try #require(error)
            guard case .unreachable = unwrapped else {
                Issue.record("\(unwrapped)")
                return
            }
            #expect(unwrapped.isTransient)
            #expect(!unwrapped.description.contains("secret"))
            #expect(unwrapped.description.contains("http://127.0.0.1:9/x.git"))
        }
    }

    /// What ssh says, whether trying again may help, and what the remote is called then.
    @Test(arguments: [
        ("ssh: connect to host x port 22: Connection refused", true),
        ("git@x: Permission denied (publickey).", false),
        ("ERROR: Repository not found.", false),
    ])
    func `a remote that is shut is told from one that is away`(
        words: String,
        isTransient: Bool
    ) async throws {
        try await Workshop.run { workshop in
            try await workshop.shell(
                """
                printf '#!/bin/sh\\necho "\(words)" >&2; exit 255\\n' > ssh && chmod +x ssh
                git -C repository remote set-url origin ssh://git@localhost/x
                """
            )
            let repository = try workshop.repository(
                environment: ["GIT_SSH": workshop.root.appending("ssh").string]
            )
            let error = await #expect(throws: GitError.self) { try await repository.fetchBase() }
            #expect(error?.isTransient == isTransient)
            switch error {
            case .unreachable("origin", _): #expect(isTransient)
            case .notAuthorized("origin", _): #expect(!isTransient)
            default: Issue.record("\(String(describing: error))")
            }
        }
    }

    @Test func `a remote whose folder is gone isn't taken for a remote that nobody added`()
        async throws
    {
        try await Workshop.run { workshop in
            try await workshop.shell("mv remote.git away.git")
            let error = await #expect(throws: GitError.self) {
                try await workshop.repository().fetchBase()
            }
            guard case .unreachable("origin", _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `a folder that is no repository is refused at once`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell("mv repository elsewhere && mkdir repository")
            #expect(throws: GitError.notARepository(workshop.root.appending("repository"))) {
                try workshop.repository()
            }
        }
    }

    @Test func `a call is ended when its time is up`() async throws {
        try await Workshop.run { workshop in
            let script = workshop.root.appending("slow ssh")
            try await workshop.shell(
                """
                printf '#!/bin/sh\\nexec sleep 60\\n' > 'slow ssh' && chmod +x 'slow ssh'
                git -C repository remote set-url origin ssh://localhost/x
                """
            )
            let repository = try workshop.repository(
                environment: ["GIT_SSH": script.string],
                limits: GitLimits(network: .milliseconds(300))
            )
            let error = await #expect(throws: GitError.self) { try await repository.fetchBase() }
            guard case .timedOut(_, repository.path, .milliseconds(300)) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
