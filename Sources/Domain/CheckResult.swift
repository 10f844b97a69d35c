/// One check of the verification.
package struct CheckResult: Codable, Equatable, Sendable {
    /// The name of a step, or the key of a check of the changes: `debug_statements`.
    package var check: String
    package var passed: Bool
    /// Why not, in one sentence: `exit 1`, `timed out after 10 min`.
    package var reason: String?
    package var seconds: Double
    /// Relative to the run's folder; `nil` for a check that has no output.
    package var log: String?
    /// Whether it passed only when it was run again; `nil` when it didn't have to be.
    package var flaky: Bool?
    /// What a person should know although it changes nothing; one sentence.
    package var note: String?
    /// The places that a check of the changes objects to, the first ones; `nil` for steps.
    package var findings: [CheckFinding]?

    package init(
        check: String,
        passed: Bool,
        reason: String?,
        seconds: Double,
        log: String?,
        flaky: Bool? = nil,
        note: String? = nil,
        findings: [CheckFinding]? = nil
    ) {
        self.check = check
        self.passed = passed
        self.reason = reason
        self.seconds = seconds
        self.log = log
        self.flaky = flaky
        self.note = note
        self.findings = findings
    }
}

/// One place that a check objects to.
package struct CheckFinding: Codable, Equatable, Sendable, CustomStringConvertible {
    /// From the root of the repository; one line without control characters.
    package var file: String
    /// From 1; `nil` for the whole file.
    package var line: Int?
    /// What was found, such as `console.log`; never a secret itself.
    package var what: String

    package init(file: String, line: Int?, what: String) {
        self.file = file
        self.line = line
        self.what = what
    }

    package var description: String {
        "\(file)\(line.map { ":\($0)" } ?? ""): \(what)"
    }
}
