package import Domain

extension Verification {
    /// What checks and steps found.
    package struct Report: Equatable, Sendable {
        /// One for each, in their order.
        package var results: [CheckResult]
        /// For the next prompt: what each check of the changes objects to, and what the first step that
        /// failed said last, at most 60 lines and 4 KB of it; `nil` when all passed.
        package var failureOutput: String?

        package init(results: [CheckResult], failureOutput: String?) {
            self.results = results
            self.failureOutput = failureOutput
        }

        /// Whether there is nothing to object to; also when nothing was checked.
        package var passed: Bool { results.allSatisfy(\.passed) }
        /// The first that failed.
        package var failure: CheckResult? { results.first { !$0.passed } }
        /// Whether the work has to stay on this machine: what was pushed can't be taken back.
        package var withholdsPush: Bool { failureThatWithholds != nil }
        /// The first check for whose sake nothing is pushed.
        package var failureThatWithholds: CheckResult? {
            results.first { !$0.passed && ["secrets", "forbid_paths"].contains($0.check) }
        }

        /// This one, and another one after it.
        package func followed(by other: Report) -> Report {
            let outputs = [failureOutput, other.failureOutput].compactMap(\.self)
            return Report(
                results: results + other.results,
                failureOutput: outputs.isEmpty ? nil : outputs.joined(separator: "\n\n")
            )
        }
    }
}

extension Verification.Report {
    /// The most places that a prompt shows of one check.
    private static let shownLimit = 20

    /// - Parameter results: Of checks of the changes.
    init(changes results: [CheckResult]) {
        let outputs = results.filter { !$0.passed }.map { result in
            let findings = result.findings ?? []
            var lines = ["\(result.check): \(result.reason ?? "failed")"]
            lines += findings.prefix(Self.shownLimit).map { "  \($0)" }
            if findings.count > Self.shownLimit {
                lines.append("  and \(findings.count - Self.shownLimit) more")
            }
            if let advice = Self.advice[result.check] { lines.append(advice) }
            return lines.joined(separator: "\n")
        }
        self.init(
            results: results,
            failureOutput: outputs.isEmpty ? nil : outputs.joined(separator: "\n\n")
        )
    }

    /// What the agent is told to do about it.
    private static let advice = [
        "debug_statements": "Take them out.",
        "touch": "Create or change them as the ticket says.",
        "forbid_paths": "Put these files back as they are in the base.",
        "limits.diff": "Keep to what the ticket asks for, and commit nothing that was generated.",
        "secrets": "Take them out of the files, and out of every commit of the branch.",
    ]
}
