import Domain
import Git
import SystemPackage
import Testing

@Suite(.serialized) struct CloneTests {
    /// A repository that is reached by a program in place of ssh.
    private static func settings(
        _ workshop: Workshop,
        remote: String = "origin",
        base: String = "main"
    ) throws -> RepositorySettings {
        let url = try RepositoryURL("ssh://git@localhost/remote.git")
        return RepositorySettings(
            path: workshop.root.appending("state").pushing(url.place),
            url: url,
            remote: remote,
            base: base
        )
    }

    private static func clone(
        _ workshop: Workshop,
        ssh script: String,
        remote: String = "origin",
        limits: GitLimits = GitLimits()
    ) async throws {
        try await Repository.cloneIfMissing(
            try settings(workshop, remote: remote),
            environment: try await environment(workshop, ssh: script),
            time: RealTime(),
            limits: limits,
            announce: { _ in }
        )
    }

    private static func environment(
        _ workshop: Workshop,
        ssh script: String
    ) async throws -> [String: String] {
        try await workshop.shell(
            "printf '#!/bin/sh\\n%s\\n' '\(script)' > ssh && chmod +x ssh"
        )
        return workshop.environment.merging(
            ["GIT_SSH": workshop.root.appending("ssh").string]
        ) { $1 }
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

    @Test func `a clone calls the remote as the workflow does, by a name that can be one`()
        async throws
    {
        try await Workshop.run { workshop in
            try await Self.clone(workshop, ssh: Self.serve, remote: "upstream")
            let repository = try Repository(
                try Self.settings(workshop, remote: "upstream"),
                environment: try await Self.environment(workshop, ssh: Self.serve),
                time: RealTime()
            )
            #expect(try await repository.knownBase() == (try await repository.fetchBase()))
            try await workshop.shell("rm -rf state")
            await #expect(throws: GitError.unusableRemoteName("up stream")) {
                try await Self.clone(workshop, ssh: Self.serve, remote: "up stream")
            }
        }
    }

    @Test func `a clone that the remote refuses is tried again, or not, as any other call`()
        async throws
    {
        let address = "ssh://git@localhost/remote.git"
        try await Workshop.run { workshop in
            for (words, isTransient) in [
                ("ssh: connect to host localhost port 22: Connection refused", true),
                ("git@localhost: Permission denied (publickey).", false),
            ] {
                let error = await #expect(throws: GitError.self) {
                    try await Self.clone(workshop, ssh: "echo \"\(words)\" >&2; exit 255")
                }
                switch error {
                case .unreachable(address, _): #expect(isTransient)
                case .notAuthorized(address, _): #expect(!isTransient)
                default: Issue.record("\(String(describing: error))")
                }
            }
        }
    }

    @Test(arguments: [("main", true), ("nowhere", false)])
    func `where the base is can be asked before there is a clone`(
        base: String,
        isThere: Bool
    ) async throws {
        try await Workshop.run { workshop in
            let settings = try Self.settings(workshop, base: base)
            let found = try await Repository.base(
                at: try #require(settings.url),
                of: settings,
                environment: try await Self.environment(workshop, ssh: Self.serve),
                time: RealTime(),
                limits: GitLimits()
            )
            let main = try await workshop.shell("git -C remote.git rev-parse main")
            #expect(found == (isThere ? main : nil))
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
