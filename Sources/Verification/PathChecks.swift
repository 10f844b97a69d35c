package import Domain
package import Git
import Scaffold

/// The files that a ticket's text tells of.
package struct DescribedFiles: Equatable, Sendable {
    /// Listed as files to create or to change.
    package var required: [String]
    /// Named anywhere.
    package var named: [String]

    package init(required: [String], named: [String]) {
        self.required = required
        self.named = named
    }
}

/// The checks for which the paths and sizes of a change are enough.
package enum PathChecks {
    /// `forbid_paths`: whether what must stay as it is was left alone; `nil` when nothing must.
    package static func forbidden(_ changes: [FileChange], _ globs: [String]) -> CheckResult? {
        guard !globs.isEmpty else { return nil }
        let rules = PathRules(globs)
        let findings = changes.compactMap { change in
            rules.rule(for: change.path).map { rule in
                CheckFinding(
                    file: change.path.inOneLine(limit: 300),
                    line: nil,
                    what: "verify.forbid_paths has \(rule.inOneLine(limit: 100))"
                )
            }
        }
        let count = findings.count == 1 ? "a file" : "\(findings.count) files"
        return CheckResult(
            "forbid_paths",
            findings,
            reason: "\(count) that must stay as in the base: \(list(findings))"
        )
    }

    /// `limits.diff`: whether the change has the size that is allowed; `nil` without a bound.
    package static func size(_ changes: [FileChange], _ limits: DiffLimits) -> CheckResult? {
        guard limits.lines != nil || limits.files != nil else { return nil }
        let lines = changes.reduce(0) { sum, change in
            SourceCode.isLockFile(change.path) ? sum : sum + change.insertions + change.deletions
        }
        var reasons: [String] = []
        if let limit = limits.lines, lines > limit {
            reasons.append("\(lines) lines, and limits.diff.lines is \(limit)")
        }
        if let limit = limits.files, changes.count > limit {
            reasons.append("\(changes.count) files, and limits.diff.files is \(limit)")
        }
        guard !reasons.isEmpty else { return CheckResult("limits.diff", [], reason: "") }
        // The largest ones say best where to begin.
        let largest = changes.sorted {
            ($1.insertions + $1.deletions, $0.path) < ($0.insertions + $0.deletions, $1.path)
        }
        let findings = largest.prefix(10).map { change in
            CheckFinding(
                file: change.path.inOneLine(limit: 300),
                line: nil,
                what: "+\(change.insertions) -\(change.deletions)"
            )
        }
        return CheckResult(
            "limits.diff",
            findings,
            reason: "the change has " + reasons.joined(separator: "; ")
        )
    }

    /// `touch`: whether the work is where it should be; `nil` when it may be anywhere.
    ///
    /// - Parameters:
    ///   - changes: The work.
    ///   - settings: What is asked for.
    ///   - described: What the ticket's text tells; `nil` when there is no ticket.
    ///   - ignored: Those of the files that git ignores, which no work can show.
    /// - Returns: Failed when a file that is required wasn't touched. What is merely named in the text
    ///   is noted.
    package static func touch(
        _ changes: [FileChange],
        _ settings: TouchSettings,
        _ described: DescribedFiles?,
        ignored: Set<String> = []
    ) -> CheckResult? {
        let paths = changes.map(\.path)
        switch settings {
        case .any: return nil
        case .globs(let globs):
            let missed = PathRules(globs).unmet(by: paths)
            return CheckResult(
                "touch",
                missed.map {
                    CheckFinding(
                        file: $0.inOneLine(limit: 300),
                        line: nil,
                        what: "verify.touch asks for a change there, and there is none"
                    )
                },
                reason: "nothing was changed in \(missed.prefix(5).joined(separator: ", "))"
            )
        case .described:
            guard let described else {
                return CheckResult("touch", [], reason: "", note: "there is no ticket's text")
            }
            let missed = missedFiles(described.required, by: paths).filter { !ignored.contains($0) }
            let findings = missed.map {
                CheckFinding(
                    file: $0.inOneLine(limit: 300),
                    line: nil,
                    what: "the ticket lists it as a file to create or change, and it is as before"
                )
            }
            return CheckResult(
                "touch",
                findings,
                reason: "\(missed.count) of \(described.required.count) files that the ticket"
                    + " lists \(missed.count == 1 ? "wasn't" : "weren't") touched: \(list(findings))",
                note: note(described, paths)
            )
        }
    }

    /// Those of a ticket's files that no change is in.
    ///
    /// A path may be meant from a folder further down: `app/page.tsx` of `web/app/page.tsx`.
    package static func missedFiles(_ files: [String], by paths: [String]) -> [String] {
        PathRules(files, anywhere: true).unmet(by: paths)
    }

    private static func note(_ described: DescribedFiles, _ paths: [String]) -> String? {
        if described.named.isEmpty, described.required.isEmpty {
            return "the ticket names no files"
        }
        let required = Set(described.required)
        let missed = missedFiles(described.named.filter { !required.contains($0) }, by: paths)
        guard !missed.isEmpty else { return nil }
        let shown = missed.prefix(5).map { $0.inOneLine(limit: 100) }.joined(separator: ", ")
        return "named in the ticket and not touched: \(shown)"
            + (missed.count > 5 ? " and \(missed.count - 5) more" : "")
    }

    private static func list(_ findings: [CheckFinding]) -> String {
        findings.prefix(3).map(\.file).joined(separator: ", ")
            + (findings.count > 3 ? " and \(findings.count - 3) more" : "")
    }
}

extension CheckResult {
    /// The most places that a record holds of one check.
    static let findingsLimit = 50

    /// A check of the changes, which fails when there are findings.
    init(_ check: String, _ findings: [CheckFinding], reason: String, note: String? = nil) {
        self.init(
            check: check,
            passed: findings.isEmpty,
            reason: findings.isEmpty ? nil : reason,
            seconds: 0,
            log: nil,
            note: note,
            findings: findings.isEmpty ? nil : Array(findings.prefix(Self.findingsLimit))
        )
    }
}
