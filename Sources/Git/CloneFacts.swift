package import Domain
package import SystemPackage

/// What a clone tells somebody who sets Linecook up for it.
package struct CloneFacts: Equatable, Sendable {
    /// Its top folder.
    package let path: FilePath
    /// `origin`, or the only remote; `nil` when there is none or no telling.
    package let remote: String?
    /// Whether that remote is on github.com.
    package let isOnGitHub: Bool
    /// The branch that the remote's HEAD names; else main, master or develop, on the remote or here; else
    /// the one that is checked out.
    package let base: String?
    /// Those of the paths asked about that git doesn't ignore.
    package let unignored: [String]

    /// The clone that a folder is in.
    ///
    /// - Parameters:
    ///   - folder: Absolute.
    ///   - paths: Paths relative to the clone, to be told whether git ignores them.
    ///   - environment: The caller's.
    ///   - time: For the limits.
    /// - Returns: The facts; `nil` when neither the folder nor one above it is a clone.
    /// - Throws: `GitError`, or `CancellationError`.
    package static func find(
        from folder: FilePath,
        ignoring paths: [String],
        environment: [String: String],
        time: any TimeSource
    ) async throws -> CloneFacts? {
        var top = folder
        while Repository.commonDirectory(of: top) == nil {
            guard !top.components.isEmpty else { return nil }
            top.removeLastComponent()
        }
        guard let common = Repository.commonDirectory(of: top) else { return nil }
        let git = GitProgram(environment: environment, time: time)
        let place = GitPlace(repository: top, common: common)
        func lines(_ command: [String]) async throws -> [String] {
            let output = try await git(
                command,
                in: place,
                timeout: .seconds(30),
                limitInBytes: 1 << 20
            )
            // Whatever it doesn't know is a question for the person.
            return output.exit == 0 ? output.text.split(separator: "\n").map(String.init) : []
        }
        let remotes = try await lines(["remote"])
        let remote = remotes.contains("origin") ? "origin" : remotes.count == 1 ? remotes[0] : nil
        var url: String?
        if let remote { url = try await lines(["config", "--get", "remote.\(remote).url"]).first }
        let references = try await lines([
            "for-each-ref", "--format=%(refname)%20%(symref)", "refs/heads", "refs/remotes",
        ])
        let head = try await lines(["symbolic-ref", "-q", "--short", "HEAD"]).first
        let ignored = try await lines(["check-ignore", "--"] + paths)
        return CloneFacts(
            path: top,
            remote: remote,
            isOnGitHub: url.map(isGitHub) ?? false,
            base: base(among: references, remote: remote) ?? head,
            unignored: paths.filter { !ignored.contains($0) }
        )
    }

    private static func base(among references: [String], remote: String?) -> String? {
        let all = references.map { $0.split(separator: " ", omittingEmptySubsequences: false) }
        if let remote {
            let prefix = "refs/remotes/\(remote)/"
            if let head = all.first(where: { $0[0] == prefix + "HEAD" })?.last,
                head.hasPrefix(prefix), head.count > prefix.count
            {
                return String(head.dropFirst(prefix.count))
            }
            for name in ["main", "master", "develop"]
            where all.contains(where: { $0[0] == prefix + name }) {
                return name
            }
        }
        return ["main", "master", "develop"].first { name in
            all.contains { $0[0] == "refs/heads/\(name)" }
        }
    }

    private static func isGitHub(_ url: String) -> Bool {
        // https://TOKEN@github.com/…, ssh://git@github.com/…, git@github.com:…
        let rest = url.split(separator: "://", maxSplits: 1).last ?? ""
        let authority = rest.prefix { $0 != "/" }
        let host = authority.split(separator: "@").last ?? ""
        return host.prefix { $0 != ":" }.lowercased() == "github.com"
    }
}
