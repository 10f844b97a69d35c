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

/// A repository with one commit and a worktree of it, in a fresh folder.
struct Yard {
    let root: FilePath
    let repository: Repository
    let worktree: Worktree
    let base: String

    /// Makes a yard, whose first commit has the files that `seed` writes, and clears it away behind `body`.
    static func run(_ seed: String = "", _ body: (Yard) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "linecook yard \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A folder that stays behind spoils no other test.
        defer { try? FileManager.default.removeItem(at: folder) }
        let root = FilePath(folder.resolvingSymlinksInPath().path)
        let script = """
            git init -q -b main clone && cd clone
            printf 'ignored/\\n*.log\\n' > .gitignore
            mkdir src && printf 'export const a = 1\\n' > src/a.ts
            printf 'def a():\\n    return 1\\n' > a.py && printf 'x\\n' > run.sh
            \(seed)
            git add . && git commit -q -m 'First commit'
            git rev-parse HEAD
            """
        let base = try await shell(script, in: root)
        let repository = try Repository(
            RepositorySettings(path: root.appending("clone")),
            environment: environment,
            time: ClockOfTests()
        )
        let worktree = try await repository.worktree(
            at: root.appending("work"),
            branch: try BranchName("linecook/FRE-1"),
            from: base
        )
        let yard = Yard(root: root, repository: repository, worktree: worktree, base: base)
        try await body(yard)
    }

    /// Does an agent's work, commits what it leaves, and returns the commit that the branch is at then.
    func work(_ script: String) async throws -> String {
        try await Self.shell(script, in: worktree.path)
        _ = try await worktree.commitAll(message: "Work")
        return try await worktree.tip()
    }

    /// What a script prints, without its last line end.
    @discardableResult
    static func shell(_ script: String, in folder: FilePath) async throws -> String {
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: ["-euc", script],
            environment: .custom(environment.map { Array("\($0)=\($1)\0".utf8) }),
            workingDirectory: folder,
            output: .bytes(limit: 1 << 20),
            error: .bytes(limit: 1 << 20)
        )
        let errors = String(decoding: result.standardError, as: UTF8.self)
        try #require(result.terminationStatus.isSuccess, "\(script)\n\(errors)")
        var text = String(decoding: result.standardOutput, as: UTF8.self)
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    private static let environment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
    ]
}

/// The machine's clock.
private struct ClockOfTests: TimeSource {
    private static let start = ContinuousClock.now

    func now() -> Moment { Moment(wall: Date(), uptime: ContinuousClock.now - Self.start) }

    func sleep(untilUptime deadline: Duration) async throws {
        try await Task.sleep(until: Self.start + deadline, clock: .continuous)
    }
}
