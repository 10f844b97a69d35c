package import Domain

/// Whose a commit is that Linecook makes for nobody, and each one where git knows of nobody.
enum OwnIdentity {
    static let name = "Linecook"
    static let email = "linecook@localhost"
    /// Make git use it.
    static let settings = ["-c", "user.name=\(name)", "-c", "user.email=\(email)"]
}

extension Worktree {
    /// Whether the branch and the files hold anything that the base doesn't.
    ///
    /// Compares contents: a new file is a change, a file that git ignores is none, and neither is
    /// work that was committed and taken back.
    ///
    /// - Parameter base: The commit that the branch started from.
    /// - Returns: Whether there is anything to deliver.
    /// - Throws: What every call of git may throw.
    package func hasChanges(since base: String) async throws -> Bool {
        // A repository of its own isn't taken into a commit.
        if try await status().untracked.contains(where: { !$0.hasSuffix("/") }) { return true }
        let command = Self.diff + ["--quiet", "--ignore-submodules=dirty", base, "--"]
        let output = try await attempt(command)
        switch output.exit {
        case 0: return false
        case 1: return true
        default: throw repository.error(of: output, of: command, in: path)
        }
    }

    /// Commits what lies in the files uncommitted, without hooks and signatures.
    ///
    /// Work that the agent committed elsewhere, on another branch or on none, is taken onto the
    /// branch when it builds on it. A repository that the agent cloned into the worktree is left
    /// out.
    ///
    /// - Parameter message: Not empty.
    /// - Returns: The new commit, or `nil` when nothing was uncommitted.
    /// - Throws: `GitError.unfinishedMerge`, `.worktreeElsewhere` and what every call of git may
    ///   throw.
    package func commitAll(message: String) async throws -> String? {
        repository.disarm(administration, branch)
        let status = try await status()
        guard status.unmerged.isEmpty else {
            throw GitError.unfinishedMerge(path, files: status.unmerged)
        }
        try await returnToBranch()
        let nested = status.untracked.filter { $0.hasSuffix("/") }
        guard status.tracked || status.untracked.count > nested.count else { return nil }
        try await repository.stageAll(in: place, of: path, leaving: nested)
        let commit = ["commit", "--quiet", "--no-verify", "--allow-empty-message", "-m", message]
        let output = try await repository.attemptSigned(commit, in: place)
        // What was uncommitted may come to nothing once it is added, such as the end of a line.
        if output.exit == 1, output.text.contains("nothing to commit") { return nil }
        _ = try repository.expectSuccess(output, of: commit, in: path)
        return try await repository.commit(at: branch.reference)
    }

    /// The commit that the branch is at.
    package func tip() async throws -> String {
        try await repository.commit(at: branch.reference)
    }

    /// What the commits of the branch hold over the base.
    package func summary(since base: String) async throws -> ChangeSummary {
        let counted = try await call(Self.diff + ["--shortstat", base, branch.reference, "--"])
        var summary = ChangeSummary(files: 0, insertions: 0, deletions: 0, commits: [])
        // ` 4 files changed, 120 insertions(+), 3 deletions(-)`; what is 0 is left out.
        for part in counted.line.split(separator: ",") {
            let words = part.split(separator: " ")
            guard words.count >= 2, let number = Int(words[0]) else { continue }
            if words[1].hasPrefix("file") { summary.files = number }
            if words[1].hasPrefix("insertion") { summary.insertions = number }
            if words[1].hasPrefix("deletion") { summary.deletions = number }
        }
        let listed = try await call([
            "rev-list", "--reverse", "--max-count=1000", "\(base)..\(branch.reference)", "--",
        ])
        summary.commits = listed.text.split(separator: "\n").map(String.init)
        let named = try await call(
            Self.diff + ["--name-only", "--no-renames", "-z", base, branch.reference, "--"]
        )
        summary.paths = named.bytes.split(separator: 0).prefix(300)
            .map { harmless(String(decoding: $0, as: UTF8.self)) }
        return summary
    }

    /// The difference between base and branch as text, the beginning of it when it is longer than
    /// `limitInBytes`.
    ///
    /// - Returns: Bytes as they are in the files, whatever their encoding, with a line at the end
    ///   when something is missing.
    package func diff(since base: String, limitInBytes: Int) async throws -> [UInt8] {
        let command = Self.diff + ["--no-color", base, branch.reference, "--"]
        do {
            let output = try await attempt(command, limitInBytes: max(limitInBytes, 1))
            return try repository.expectSuccess(output, of: command, in: path).bytes
        } catch GitError.tooMuchOutput {
            let counted = try await call(
                Self.diff + ["--stat=120", "--stat-count=500", base, branch.reference, "--"]
            )
            return Array(
                "The difference is longer than \(limitInBytes) bytes. What it touches:\n\n".utf8
            ) + counted.bytes
        }
    }

    /// Settings that keep a difference from running the programs of an agent's configuration.
    private static let diff =
        Repository.largestText + ["diff", "--no-ext-diff", "--no-textconv"]

    struct Status {
        /// Whether something that git knows has changed.
        var tracked = false
        /// New files, and folders with a `/` at the end that are repositories of their own.
        var untracked: [String] = []
        /// Files with conflicts.
        var unmerged: [String] = []

        var isClean: Bool { !tracked && untracked.isEmpty && unmerged.isEmpty }
    }

    func status() async throws -> Status {
        let output = try await call([
            "status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all",
            // A look into one would be a git of its own, with the settings that lie there.
            "--ignore-submodules=dirty",
        ])
        var status = Status()
        for record in output.records {
            switch record.first {
            case "?": status.untracked.append(String(record.dropFirst(2)))
            case "u":
                // u XY sub m1 m2 m3 mW h1 h2 h3 path
                let fields = record.split(separator: " ", maxSplits: 10)
                status.unmerged.append(fields.count == 11 ? String(fields[10]) : record)
            default: status.tracked = true
            }
        }
        return status
    }

    /// Whether HEAD holds all that `reference` holds.
    func isAhead(of reference: String) async throws -> Bool {
        let command = ["merge-base", "--is-ancestor", reference, "HEAD"]
        let output = try await attempt(command)
        switch output.exit {
        case 0: return true
        case 1: return false
        default: throw repository.error(of: output, of: command, in: path)
        }
    }

    /// Puts HEAD back on the branch, with the commits that were made elsewhere; files stay as they
    /// are.
    private func returnToBranch() async throws {
        let found: String
        switch head {
        case .branch(branch.rawValue): return
        case .branch(let name): found = "'\(harmless(name))'"
        case .detached(let commit): found = "no branch, at \(commit.prefix(10))"
        case .broken: throw GitError.folderInTheWay(path)
        }
        guard try await isAhead(of: branch.reference) else {
            throw GitError.worktreeElsewhere(path, branch: branch, found: found)
        }
        _ = try await call(["update-ref", branch.reference, "HEAD"])
        _ = try await call(["symbolic-ref", "HEAD", branch.reference])
    }
}
