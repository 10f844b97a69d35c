import Domain
import Git
import Subprocess
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A bare remote with one commit on `main`, and a clone of it, in a fresh folder with spaces in its
/// name.
struct Workshop {
    let root: FilePath
    let environment: [String: String]

    /// Runs `body` in a workshop and clears it away.
    static func run(bare: Bool = false, _ body: (Workshop) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "linecook git \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A folder that stays behind spoils no other test.
        defer { try? FileManager.default.removeItem(at: folder) }
        let workshop = Workshop(root: FilePath(folder.resolvingSymlinksInPath().path))
        try await workshop.shell(
            """
            git init -q --bare -b main remote.git
            git init -q -b main seed && cd seed
            printf 'one\\ntwo\\nthree\\n' > README.md
            printf 'build/\\n*.log\\n' > .gitignore
            git add . && git commit -q -m 'First commit'
            git push -q ../remote.git main
            cd .. && git clone -q \(bare ? "--bare" : "") remote.git repository
            """
        )
        try await body(workshop)
    }

    private init(root: FilePath) {
        self.root = root
        environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "HOME": root.string, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
        ]
    }

    /// The clone that worktrees are taken from.
    var clone: FilePath { root.appending("repository") }

    /// Where `linecook` would put the worktree of a ticket.
    func place(_ key: String) -> FilePath { root.appending("workspaces").appending(key) }

    func repository(
        base: String = "main",
        remote: String = "origin",
        pool: Int = 0,
        keep: [String] = [],
        sparse: [String] = [],
        environment: [String: String] = [:],
        limits: GitLimits = GitLimits(),
        time: any TimeSource = RealTime()
    ) throws -> Repository {
        try Repository(
            RepositorySettings(
                path: root.appending("repository"),
                remote: remote,
                base: base,
                pool: pool,
                keep: keep,
                sparse: sparse
            ),
            environment: self.environment.merging(environment) { $1 },
            time: time,
            limits: limits
        )
    }

    /// The repository by a git that does something of its own at some calls: `case`s on their words.
    func repository(git cases: String, pool: Int = 0) async throws -> Repository {
        try await shell(
            """
            mkdir bin && cat > bin/git <<'END'
            #!/bin/sh
            PATH=${PATH#*:}
            case "$*" in
            \(cases)
            esac
            exec git "$@"
            END
            chmod +x bin/git
            """
        )
        let path = try #require(environment["PATH"])
        return try repository(pool: pool, environment: ["PATH": "\(root)/bin:\(path)"])
    }

    /// A worktree for a ticket from the base as it is on the remote.
    func worktree(_ key: String) async throws -> (worktree: Worktree, base: String) {
        let repository = try repository()
        let base = try await repository.fetchBase()
        let branch = try BranchName("linecook/\(key)")
        return (try await repository.worktree(at: place(key), branch: branch, from: base), base)
    }

    /// Runs a script as a developer with an identity of their own would, and returns what it
    /// prints.
    @discardableResult
    func shell(_ script: String, in folder: FilePath? = nil) async throws -> String {
        let developer = [
            "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
        ]
        let variables = environment.merging(developer) { $1 }
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: ["-euc", script],
            environment: .custom(variables.map { Array("\($0)=\($1)\0".utf8) }),
            workingDirectory: folder ?? root,
            output: .bytes(limit: 1 << 20),
            error: .bytes(limit: 1 << 20)
        )
        let errors = String(decoding: result.standardError, as: UTF8.self)
        try #require(result.terminationStatus.isSuccess, "\(script)\n\(errors)")
        var text = String(decoding: result.standardOutput, as: UTF8.self)
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    /// Adds a commit to a branch of the remote, as somebody else would.
    func push(_ file: String, _ content: String, to branch: String) async throws {
        try await shell(
            """
            rm -rf other && git clone -q remote.git other && cd other
            git switch -q \(branch)
            printf '%s\\n' '\(content)' > \(file)
            git add . && git commit -q -m 'From somebody else' && git push -q origin \(branch)
            """
        )
    }
}

/// The machine's clock.
struct RealTime: TimeSource {
    private static let start = ContinuousClock.now

    func now() -> Moment { Moment(wall: Date(), uptime: ContinuousClock.now - Self.start) }

    func sleep(untilUptime deadline: Duration) async throws {
        try await Task.sleep(until: Self.start + deadline, clock: .continuous)
    }
}
