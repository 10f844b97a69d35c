import Disk
import Synchronization
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The folder that git is told is the repository's own: all in it leads to the real one, but the
/// configuration is a copy.
///
/// An agent that isn't kept in a sandbox can write the repository's configuration, and much in there
/// names programs that git then runs, or other places to push to. So git is given the settings that
/// stood there when Linecook first came to the repository, and of later ones those that can do
/// neither. A worktree's own `config.worktree` isn't read at all.
final class GuardedFolder: Sendable {
    /// The repository's own folder.
    let common: FilePath
    let path: FilePath
    /// Whether the copy is made; what is written to the original later counts for the next one only.
    private let isReady = Mutex(false)

    init(common: FilePath) {
        self.common = common
        path = common.appending(Self.name)
    }

    private static let name: FilePath.Component = "linecook-git"

    /// Where a file really lies that git names by the way through this folder.
    static func original(of path: FilePath) -> FilePath {
        guard path.removingLastComponent().lastComponent == name, let file = path.lastComponent
        else {
            return path
        }
        return path.removingLastComponent().removingLastComponent().appending(file)
    }

    private var original: FilePath { common.appending("config") }
    /// The copy in force; who deletes it has the original trusted anew.
    private var copy: FilePath { path.appending("config") }
    /// The original as it was when the copy was made from it.
    private var seen: FilePath { path.appending("config.seen") }

    /// Makes the folder, or brings it up to date, once for this object.
    ///
    /// - Throws: `GitError.unreadableConfiguration`, `DiskError`, and what a call of git may throw.
    func prepare(_ git: GitProgram, limits: GitLimits) async throws {
        guard !isReady.withLock({ $0 }) else { return }
        let disk = LocalFileSystem()
        let text = try disk.read(original) ?? []
        if try disk.read(seen) != text || FileKind(at: copy) != .file {
            try await renew(from: text, disk, git, limits)
        }
        try link()
        // Whoever adds a worktree is told by it what the clone itself has checked out.
        let head = try disk.read(common.appending("HEAD")) ?? []
        if try disk.read(path.appending("HEAD")) != head {
            try disk.write(head, to: path.appending("HEAD"))
        }
        isReady.withLock { $0 = true }
    }

    /// The settings that the original has and that aren't heeded, because they came later than
    /// Linecook and could run a program or lead elsewhere.
    func unheeded(_ git: GitProgram, limits: GitLimits) async throws -> [String] {
        let known = try await settings(in: copy, git, limits)
        let now = try await settings(of: try LocalFileSystem().read(original) ?? [], git, limits)
        return Set(now.filter { !$0.isIdle && !known.contains($0) }.map(\.name)).sorted()
    }

    /// Whether a file of settings has none that could run a program; what it includes isn't followed.
    func isHarmless(_ file: FilePath, _ git: GitProgram, limits: GitLimits) async throws -> Bool {
        let settings = try await list(["--file", file.string, "--no-includes"], nil, git, limits)
        return settings.allSatisfy {
            $0.isHarmless
                || ["core.worktree", "core.hookspath", "core.fsmonitor"].contains($0.name)
                || $0.remote != nil
        }
    }

    private func renew(
        from text: [UInt8],
        _ disk: LocalFileSystem,
        _ git: GitProgram,
        _ limits: GitLimits
    ) async throws {
        var settings: [GitSetting]
        if FileKind(at: copy) == .file {
            let old = try await self.settings(in: copy, git, limits)
            let new: [GitSetting]
            do {
                new = try await self.settings(of: text, git, limits)
            } catch GitError.failed {
                // Not to be read: what was understood last stays in force.
                return
            }
            let remotes = Set(old.compactMap(\.remote))
            // What doesn't stand in the original itself came from a file that it names.
            let before = try await self.settings(of: try disk.read(seen) ?? [], git, limits)
            let included = Set(old).subtracting(before)
            settings = old.filter { $0.isHarmless && included.contains($0) && !$0.isLeftOut }
            settings += new.filter { setting in
                // What a remote is that wasn't there before, nobody has relied on.
                setting.isHarmless || setting.remote.map { !remotes.contains($0) } ?? false
            }
            settings += old.filter { !$0.isHarmless }
        } else {
            settings = try await self.settings(in: original, git, limits)
        }
        settings.removeAll(where: \.isLeftOut)
        try disk.makeFolder(path)
        try disk.write(Array(settings.map(\.line).joined().utf8), to: copy)
        try disk.write(text, to: seen)
    }

    private func settings(
        in file: FilePath,
        _ git: GitProgram,
        _ limits: GitLimits
    ) async throws -> [GitSetting] {
        guard FileKind(at: file) != .nothing else { return [] }
        return try await list(["--file", file.string, "--includes"], nil, git, limits)
    }

    private func settings(
        of text: [UInt8],
        _ git: GitProgram,
        _ limits: GitLimits
    ) async throws -> [GitSetting] {
        try await list(["--file", "-", "--no-includes"], text, git, limits)
    }

    private func list(
        _ source: [String],
        _ input: [UInt8]?,
        _ git: GitProgram,
        _ limits: GitLimits
    ) async throws -> [GitSetting] {
        let command = ["config"] + source + ["--list", "-z"]
        let output = try await git(
            command,
            in: GitPlace(nowhere: common),
            input: input,
            timeout: limits.local,
            limitInBytes: limits.outputInBytes
        )
        guard output.exit == 0 else {
            throw GitError.failed(
                GitFailure(
                    command: shown(command),
                    folder: common,
                    exit: output.exit,
                    output: cleaned(output.errors)
                )
            )
        }
        return output.records.map(GitSetting.init(record:))
    }

    /// What git keeps in a repository for all its worktrees.
    private static let shared = [
        "objects", "refs", "logs", "packed-refs", "info", "worktrees", "shallow", "reftable",
        "rr-cache", "modules",
    ]

    private func link() throws {
        for name in Self.shared {
            let place = path.appending(name)
            guard FileKind(at: place) != .link else { continue }
            do {
                try FileManager.default.createSymbolicLink(
                    atPath: place.string,
                    withDestinationPath: "../\(name)"
                )
            } catch {
                // Another process was quicker.
                guard FileKind(at: place) == .link else { throw error }
            }
        }
    }
}

/// One line of a configuration.
struct GitSetting: Hashable, Sendable {
    /// `remote.origin.url`: git puts section and key in small letters.
    var name: String
    /// `nil` when only the key stands there, which means true.
    var value: String?

    init(name: String, value: String?) {
        self.name = name
        self.value = value
    }

    /// A record of `git config --list -z`.
    init(record: String) {
        let parts = record.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(parts[0])
        value = parts.count > 1 ? String(parts[1]) : nil
    }

    private var section: Substring { name.prefix { $0 != "." } }
    private var key: Substring { name.split(separator: ".").last ?? "" }

    /// `origin`, for what is set of that remote.
    var remote: String? {
        guard section == "remote", name.utf8.count > key.utf8.count + 8 else { return nil }
        return String(name.dropFirst(7).dropLast(key.count + 1))
    }

    /// Whether it can neither start a program nor lead elsewhere, whatever its value is.
    var isHarmless: Bool {
        switch section {
        case "extensions": !isLeftOut
        case "branch", "user", "author", "committer", "pack", "index", "feature": true
        case "core": Self.harmlessCore.contains(String(key))
        case "remote": ["fetch", "promisor", "partialclonefilter", "tagopt"].contains(key)
        default: false
        }
    }

    /// Whether no call of ours heeds it anyway.
    var isIdle: Bool {
        switch section {
        case "alias", "pager", "color", "column", "gui", "maintenance", "gc", "pull", "init",
            "rebase", "advice", "submodule", "gitflow", "commit", "tag", "rerere", "status":
            true
        case "core":
            isHarmless || isLeftOut
                || ["hookspath", "fsmonitor", "pager", "editor"].contains(key)
        case "lfs": ["repositoryformatversion", "access", "locksverify"].contains(key)
        case "push": key != "pushoption"
        default: isHarmless || isLeftOut
        }
    }

    /// Whether the copy goes without it: it's about the clone's own files, or names other files of
    /// settings.
    var isLeftOut: Bool {
        switch section {
        case "include", "includeif": true
        case "extensions": key == "worktreeconfig"
        case "core": ["worktree", "sparsecheckout", "sparsecheckoutcone"].contains(key)
        default: false
        }
    }

    private static let harmlessCore: Set<String> = [
        "repositoryformatversion", "filemode", "bare", "logallrefupdates", "ignorecase",
        "precomposeunicode", "symlinks", "autocrlf", "eol", "safecrlf", "longpaths", "abbrev",
        "compression", "loosecompression", "bigfilethreshold", "untrackedcache", "quotepath",
        "sharedrepository", "multipackindex", "commitgraph",
    ]

    /// As it stands in a file.
    var line: String {
        let middle = name.dropFirst(section.count + 1).dropLast(key.count + 1)
        let head =
            name.utf8.count > section.utf8.count + key.utf8.count + 1
            ? "[\(section) \(Self.quoted(String(middle)))]" : "[\(section)]"
        return "\(head)\n\t\(key)" + (value.map { " = \(Self.quoted($0))" } ?? "") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\\": quoted += "\\\\"
            case "\"": quoted += "\\\""
            case "\n": quoted += "\\n"
            default: quoted.unicodeScalars.append(character)
            }
        }
        return quoted + "\""
    }
}
