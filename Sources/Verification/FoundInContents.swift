import Domain

/// What two searches found in the files of a change.
struct FoundInContents {
    private var statements: [CheckFinding] = []
    private var allowed: [String] = []
    private var secrets: [CheckFinding] = []
    private var goneSecrets: [CheckFinding] = []
    private var skipped: [String] = []

    mutating func add(_ found: DebugSearch.Found, path: String) {
        statements += found.findings
        allowed += found.allowed.map { "\(path.inOneLine(limit: 100)):\($0)" }
    }

    mutating func add(secrets found: [CheckFinding], _ version: FileVersion) {
        if version.isGone {
            goneSecrets += found.map {
                CheckFinding(file: $0.file, line: $0.line, what: "\($0.what) in an earlier commit")
            }
        } else {
            secrets += found
        }
    }

    /// Notes files that weren't looked into.
    mutating func skip(_ paths: [String]) { skipped += paths.map { $0.inOneLine(limit: 100) } }

    var debugResult: CheckResult {
        let findings = Self.shown(statements)
        let count =
            statements.count == 1 ? "a debug statement" : "\(statements.count) debug statements"
        var notes: [String] = []
        if !allowed.isEmpty {
            notes.append("allowed by a comment: \(Self.list(allowed.sorted()))")
        }
        if let unread { notes.append(unread) }
        return CheckResult(
            "debug_statements",
            findings,
            reason: "\(count) added: \(Self.list(findings.map { "\($0)" }))",
            note: notes.isEmpty ? nil : notes.joined(separator: "; ")
        )
    }

    func secretResult(base: String) -> CheckResult {
        // Of a secret that is still there, its earlier versions say nothing new.
        let known = Set(secrets.map(\.file))
        let all = secrets + goneSecrets.filter { !known.contains($0.file) }
        let findings = Self.shown(all)
        let isInHistory = secrets.isEmpty && !all.isEmpty
        return CheckResult(
            "secrets",
            findings,
            reason: "\(Self.list(findings.map { "\($0)" })); the branch isn't pushed"
                + (isInHistory
                    ? "; 'git reset --soft \(base.prefix(12))' and one new commit take it out of"
                        + " the branch" : ""),
            note: unread
        )
    }

    private var unread: String? {
        skipped.isEmpty
            ? nil : "too long to be looked into: \(Self.list(Set(skipped).sorted()))"
    }

    /// Sorted, and as they may be shown.
    private static func shown(_ findings: [CheckFinding]) -> [CheckFinding] {
        findings.sorted { ($0.file, $0.line ?? 0) < ($1.file, $1.line ?? 0) }
            .map {
                CheckFinding(file: $0.file.inOneLine(limit: 300), line: $0.line, what: $0.what)
            }
    }

    private static func list(_ items: [String]) -> String {
        items.prefix(3).joined(separator: ", ")
            + (items.count > 3 ? " and \(items.count - 3) more" : "")
    }
}
