import Domain
import Git
import SystemPackage
import Testing

@Suite struct CloneTests {
    /// A repository that is reached by a program in place of ssh.
    private static func settings(_ workshop: Workshop) throws -> RepositorySettings {
        let url = try RepositoryURL("ssh://git@localhost/remote.git")
        return RepositorySettings(
            path: workshop.root.appending("state").pushing(url.place),
            url: url
        )
    }

    private static func clone(
        _ workshop: Workshop,
        ssh script: String,
        limits: GitLimits = GitLimits()
    ) async throws {
        try await workshop.shell(
            "printf '#!/bin/sh\\n%s\\n' '\(script)' > ssh && chmod +x ssh"
        )
        try await Repository.cloneIfMissing(
            try settings(workshop),
            environment: workshop.environment.merging([
                "GIT_SSH": workshop.root.appending("ssh").string
            ]) { $1 },
            time: RealTime(),
            limits: limits,
            announce: { _ in }
        )
    }

    private static let serve = #"echo x >> "$HOME/calls"; exec git-upload-pack "$HOME/remote.git""#

    @Test func `a clone that takes too long is broken off, and made anew by the next call`()
        async throws
    {
        try await Workshop.run { workshop in
            let settings = try Self.settings(workshop)
            await #expect(
                throws: GitError.cloneTookTooLong(
                    try #require(settings.url),
                    after: .milliseconds(300)
                )
            ) {
                try await Self.clone(
                    workshop,
                    ssh: "exec sleep 60",
                    limits: GitLimits(clone: .milliseconds(300))
                )
            }
            let open = try? Repository(
                settings,
                environment: workshop.environment,
                time: RealTime()
            )
            #expect(open == nil)
            for _ in 1...2 { try await Self.clone(workshop, ssh: Self.serve) }
            #expect(try await workshop.shell("cat calls") == "x")
            let repository = try Repository(
                settings,
                environment: workshop.environment,
                time: RealTime()
            )
            let base = try await workshop.shell("git -C remote.git rev-parse main")
            #expect(try await repository.knownBase() == base)
            // No branch of the remote is one of the clone's own, and nothing half-made is left.
            let left = "cd state/repositories/*; git -C remote.git branch | wc -l | tr -d ' '; ls"
            #expect(try await workshop.shell(left) == "0\nclone.lock\nremote.git")
        }
    }

    @Test func `calls at once make one clone`() async throws {
        try await Workshop.run { workshop in
            try await workshop.shell("git -C remote.git branch other main")
            try await withThrowingTaskGroup(of: Void.self) { group in
                let settings = RepositorySettings(
                    path: workshop.root.appending("state/x/remote.git"),
                    url: try RepositoryURL("ssh://git@localhost/remote.git")
                )
                try await workshop.shell(
                    "printf '#!/bin/sh\\n%s\\n' '\(Self.serve)' > ssh && chmod +x ssh"
                )
                let environment = workshop.environment.merging([
                    "GIT_SSH": workshop.root.appending("ssh").string
                ]) { $1 }
                for _ in 1...4 {
                    group.addTask {
                        try await Repository.cloneIfMissing(
                            settings,
                            environment: environment,
                            time: RealTime(),
                            announce: { _ in }
                        )
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await workshop.shell("cat calls") == "x")
        }
    }

    @Test func `what lies in the clone's place and is no clone stays`() async throws {
        try await Workshop.run { workshop in
            let settings = try Self.settings(workshop)
            try await workshop.shell(
                "mkdir -p '\(settings.path)' && echo mine > '\(settings.path)/file'"
            )
            await #expect(
                throws: GitError.cloneInTheWay(settings.path, try #require(settings.url))
            ) { try await Self.clone(workshop, ssh: Self.serve) }
            try await workshop.shell("test -e '\(settings.path)/file'")
        }
    }
}
