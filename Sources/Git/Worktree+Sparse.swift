import Disk
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Worktrees that hold only some folders of the repository (`repository.sparse`).
extension Worktree {
    /// Settings for calls of ours, which don't read those of the worktree.
    static let sparseSettings = [
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "core.sparseCheckout", "GIT_CONFIG_VALUE_0": "true",
        "GIT_CONFIG_KEY_1": "core.sparseCheckoutCone", "GIT_CONFIG_VALUE_1": "true",
    ]

    /// Says which folders the worktree has, for us and for every git that is called in it; files are
    /// written by what comes next.
    func limitFolders() async throws {
        guard !repository.sparse.isEmpty else { return }
        try await repository.allowOwnSettings()
        let disk = LocalFileSystem()
        let folder = administration.appending("info")
        try disk.makeFolder(folder)
        try disk.write(
            Array(Self.patterns(of: repository.sparse).utf8),
            to: folder.appending("sparse-checkout")
        )
        try disk.write(
            Array("[core]\n\tsparseCheckout = true\n\tsparseCheckoutCone = true\n".utf8),
            to: administration.appending("config.worktree")
        )
    }

    /// The lines of git's file for the mode "cone": the files of the top and of each folder on the way,
    /// and all that is in the folders.
    static func patterns(of folders: [String]) -> String {
        let paths = folders.map { FilePath($0).components.map { quoted($0.string) } }
        var lines = ["/*", "!/*/"]
        var open: Set<String> = []
        let whole = Set(paths.map { "/" + $0.joined(separator: "/") + "/" })
        for components in paths.sorted(by: { $0.joined(separator: "/") < $1.joined(separator: "/") }
        ) {
            var path = "/"
            // What lies in a folder that is there as a whole needs no line.
            var isCovered = false
            for component in components {
                path += "\(component)/"
                guard !isCovered else { break }
                isCovered = whole.contains(path)
                guard open.insert(path).inserted else { continue }
                lines += isCovered ? [path] : [path, "!\(path)*/"]
            }
        }
        return lines.map { "\($0)\n" }.joined()
    }

    private static func quoted(_ name: String) -> String {
        name.map { "\\*?[".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}

extension Repository {
    /// Lets each worktree have settings of its own in the repository's configuration, as
    /// `git sparse-checkout` does.
    fileprivate func allowOwnSettings() async throws {
        let file = common.appending("config").string
        func config(_ words: [String]) async throws -> GitOutput {
            try await attempt(["config", "--file"] + words)
        }
        let get = ["--type=bool", "--get", "extensions.worktreeConfig"]
        if try await config([file] + get).line == "true" { return }
        try await withLock(for: "setting of worktrees' own configuration") {
            if try await config([file, "--type=bool", "--get", "core.bare"]).line == "true" {
                // It holds for the repository itself, and not for its worktrees.
                let own = common.appending("config.worktree").string
                _ = try await call(["config", "--file", own, "core.bare", "true"])
                _ = try await call(["config", "--file", file, "--unset-all", "core.bare"])
            }
            _ = try await call(["config", "--file", file, "extensions.worktreeConfig", "true"])
        }
    }
}
