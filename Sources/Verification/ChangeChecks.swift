package import Domain
package import Git
package import SystemPackage

/// Checks what a branch holds over its base, before anything is pushed.
///
/// It reads commits, never the files of a worktree, and runs no program but git.
package struct ChangeChecks: Sendable {
    private let repository: Repository
    private let settings: VerificationSettings
    private let limits: DiffLimits

    /// What is longer isn't looked into.
    static let contentLimit = 4 << 20
    /// The most that is read of all files together.
    var readingLimit = 256 << 20

    package init(
        _ repository: Repository,
        settings: VerificationSettings,
        limits: LimitSettings
    ) {
        self.repository = repository
        self.settings = settings
        self.limits = limits.diff
    }

    /// Why the work comes to nothing.
    ///
    /// - Parameters:
    ///   - base: The commit that the branch started from.
    ///   - head: The branch's.
    /// - Returns: One sentence, or `nil` when there is work.
    /// - Throws: What every call of git may throw.
    package func nothing(from base: String, to head: String) async throws -> String? {
        let changes = try await repository.changes(from: base, to: head)
        if changes.isEmpty { return "the branch equals its base" }
        let counted = Set(settings.noChanges.count)
        var pairs: [FileChange] = []
        var modes = 0
        for change in changes {
            guard let old = change.old, let new = change.new, old.isRegularFile,
                new.isRegularFile
            else { return nil }
            if change.isOfModeOnly {
                modes += 1
                if counted.contains(.mode) { return nil }
            } else {
                if counted.contains(.whitespace) { return nil }
                if old.mode != new.mode, counted.contains(.mode) { return nil }
                pairs.append(change)
            }
        }
        // Mostly the first one tells already.
        for part in [pairs.prefix(1), pairs.dropFirst()]
        where try await differ(Array(part)) { return nil }
        let what =
            switch (modes > 0, !pairs.isEmpty) {
            case (true, false): "the modes of files"
            case (false, _): "white space"
            case (true, true): "white space and the modes of files"
            }
        let key = (pairs.isEmpty ? [] : ["whitespace"]) + (modes > 0 ? ["mode"] : [])
        let files = changes.prefix(3).map { $0.path.inOneLine(limit: 100) }
        return "only \(what) changed, in \(files.joined(separator: ", "))"
            + (changes.count > 3 ? " and \(changes.count - 3) more" : "")
            + "; verify.no_changes.count: [\(key.joined(separator: ", "))] would count it"
    }

    /// Whether any of the files differs in more than white space.
    private func differ(_ changes: [FileChange]) async throws -> Bool {
        var wanted: [String: Set<String>] = [:]
        for change in changes {
            for side in [change.old, change.new].compactMap(\.self) {
                wanted[side.blob, default: []].insert(change.path)
            }
        }
        var bare: [Version: Int] = [:]
        let left = try await repository.read(
            blobs: wanted.keys.sorted(),
            limitInBytes: Self.contentLimit
        ) { blob, bytes in
            guard Trifles.isText(bytes) else { return }
            for path in wanted[blob] ?? [] {
                bare[Version(blob: blob, path: path)] = Trifles.bare(bytes, path: path).hashValue
            }
        }
        guard left.isEmpty else { return true }
        return changes.contains { change in
            guard let old = change.old, let new = change.new,
                let before = bare[Version(blob: old.blob, path: change.path)],
                let after = bare[Version(blob: new.blob, path: change.path)]
            else { return true }
            return before != after
        }
    }

    private struct Version: Hashable {
        var blob: String
        var path: String
    }

    /// Runs the checks that the settings ask for.
    ///
    /// - Parameters:
    ///   - base: The commit that the branch started from.
    ///   - head: The branch's commit, or a tree of files that aren't committed yet.
    ///   - history: The commit whose way from the base is searched for secrets.
    ///   - described: What the ticket's text tells of files; `nil` when there is no ticket.
    ///   - folder: The top of a worktree that is asked which of the ticket's files git ignores.
    /// - Returns: A result for each check.
    /// - Throws: What every call of git may throw.
    package func run(
        from base: String,
        to head: String,
        history: String,
        described: DescribedFiles?,
        folder: FilePath?
    ) async throws -> Verification.Report {
        let changes = try await repository.changes(from: base, to: head)
        var missed: [String] = []
        if case .described = settings.touch, let described {
            missed = PathChecks.missedFiles(described.required, by: changes.map(\.path))
        }
        var ignored: Set<String> = []
        if let folder, !missed.isEmpty {
            ignored = try await repository.ignored(missed, in: folder)
        }
        let contents = try await contents(changes, from: base, history: history)
        let results = [
            contents.debugResult,
            PathChecks.touch(changes, settings.touch, described, ignored: ignored),
            PathChecks.forbidden(changes, settings.forbidPaths),
            PathChecks.size(changes, limits),
            contents.secretResult,
        ]
        return Verification.Report(changes: results.compactMap(\.self))
    }

    /// What was found in the contents of files.
    private struct Contents {
        var debugResult: CheckResult?
        var secretResult: CheckResult?
    }

    private func contents(
        _ changes: [FileChange],
        from base: String,
        history: String
    ) async throws -> Contents {
        let statements = settings.debugStatements.statements
        let debug = statements.isEmpty ? nil : DebugSearch(statements)
        let secrets = settings.secrets.isOn ? SecretSearch(allow: settings.secrets.allow) : nil
        guard debug != nil || secrets != nil else { return Contents() }
        let allowed = PathRules(settings.debugStatements.allow)
        var versions = changes.compactMap { change -> FileVersion? in
            guard let new = change.new, new.isRegularFile, !change.isOfModeOnly else { return nil }
            let old = change.old.flatMap { $0.isRegularFile ? $0.blob : nil }
            return FileVersion(path: change.path, blobs: BlobPair(old: old, new: new.blob))
        }
        if secrets != nil { versions += try await gone(versions, changes, from: base, to: history) }
        var found = FoundInContents()
        let skipped = try await read(versions) { version, bytes, lines in
            let path = version.path
            if let secrets, secrets.concerns(path) {
                found.add(secrets: secrets.found(in: bytes, path: path, lines: lines), version)
            }
            if let debug, !version.isGone, debug.concerns(path), allowed.rule(for: path) == nil {
                found.add(debug.found(in: bytes, path: path, lines: lines), path: path)
            }
        }
        found.skip(skipped)
        return Contents(
            debugResult: debug == nil ? nil : found.debugResult,
            secretResult: secrets == nil ? nil : found.secretResult(base: base)
        )
    }

    /// What the branch's commits hold that is no more in its files: a push would show it all the same.
    private func gone(
        _ versions: [FileVersion],
        _ changes: [FileChange],
        from base: String,
        to head: String
    ) async throws -> [FileVersion] {
        let present = Set(versions.map(\.blobs.new))
        let gone = try await repository.blobs(from: base, to: head)
            .filter { !present.contains($0.blob) }
        guard !gone.isEmpty else { return [] }
        var old: [String: String] = [:]
        let changed = Set(changes.map(\.path))
        if gone.contains(where: { !changed.contains($0.path) }) {
            // A file that is again as in the base.
            for file in try await repository.files(at: base) { old[file.path] = file.blob }
        } else {
            for change in changes { old[change.path] = change.old?.blob }
        }
        return gone.map { version in
            FileVersion(
                path: version.path,
                blobs: BlobPair(old: old[version.path], new: version.blob),
                isGone: true
            )
        }
    }

    /// Hands on each version that is short enough and text, with its new lines.
    ///
    /// - Returns: The paths of those that are too long.
    private func read(
        _ versions: [FileVersion],
        _ body: (FileVersion, [UInt8], [Range<Int>]) -> Void
    ) async throws -> [String] {
        let blobs = Set(versions.flatMap { [$0.blobs.old, $0.blobs.new].compactMap(\.self) })
        let sizes = try await repository.sizes(of: blobs.sorted())
        var taken: [FileVersion] = []
        var skipped: [String] = []
        var left = readingLimit
        for version in versions {
            let size = sizes[version.blobs.new] ?? .max
            let old = version.blobs.old.map { sizes[$0] ?? .max } ?? 0
            guard size <= Self.contentLimit, size <= left else {
                skipped.append(version.path)
                continue
            }
            left -= size
            var version = version
            // All of it is new beside what is too long to be compared.
            if old > Self.contentLimit { version.blobs.old = nil }
            taken.append(version)
        }
        let lines = try await repository.addedLines(of: taken.map(\.blobs))
        let byBlob = Dictionary(grouping: taken, by: \.blobs.new)
        try await repository.read(
            blobs: byBlob.keys.sorted(),
            limitInBytes: Self.contentLimit
        ) { blob, bytes in
            guard Trifles.isText(bytes) else { return }
            for version in byBlob[blob] ?? [] {
                body(version, bytes, lines[version.blobs] ?? [])
            }
        }
        return skipped
    }
}

/// A content of a file beside the one in the base.
struct FileVersion: Hashable, Sendable {
    var path: String
    var blobs: BlobPair
    /// Whether a later commit of the branch took it out again.
    var isGone = false
}
