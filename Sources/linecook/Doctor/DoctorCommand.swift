import ArgumentParser
import Domain

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks all that the service needs, and says of each thing what to do.",
        discussion: """
            linecook doctor
            linecook doctor --format json | jq '.checks[] | select(.state != "ok")'

            git, the agents and their logins, Linear (token, team, states, labels), the forge's token, the \
            repositories, the state folder, the sandbox, the clock, and what earlier runs left behind. Nothing \
            is changed, nothing is spent, and no secret is shown.

            Exit codes: 0 no problem (warnings may be), 1 a problem, 2 the configuration can't be used.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption

    @Option(
        help: ArgumentHelp(
            "How long one check may take; what takes longer is a problem.",
            valueName: "seconds"
        )
    )
    var timeout = 10

    /// What `--format json` prints.
    struct Document: Encodable {
        var verdict: Finding.State
        var checks: [Finding]
    }

    func validate() throws {
        guard (1...600).contains(timeout) else {
            throw ValidationError("--timeout is \(timeout); set it from 1 to 600 seconds")
        }
    }

    func run() async throws {
        let doctor = try Doctor(configuration, limit: .seconds(timeout))
        let findings = await doctor.findings()
        switch output.format {
        case .json:
            try Console.document(Document(verdict: findings.verdict, checks: findings))
        case .text: Self.show(findings)
        }
        if doctor.isUnusable { throw Exit.usage }
        if findings.verdict == .problem { throw Exit.failed }
    }

    static func show(_ findings: [Finding]) {
        let width = Console.outputIsTerminal ? Console.width : 80
        for finding in findings.withEqualOnesTogether {
            for line in finding.lines(width: max(40, width)) { Console.line(line) }
        }
        func count(_ state: Finding.State, _ word: String) -> String {
            let number = findings.count { $0.state == state }
            return "\(number) \(word)\(number == 1 ? "" : "s")"
        }
        Console.line("")
        Console.line(
            "\(count(.ok, "check")) passed, \(count(.warning, "warning")),"
                + " \(count(.problem, "problem"))"
        )
    }
}

extension [Finding] {
    /// What was found alike for several workflows once, under all their names.
    var withEqualOnesTogether: [Finding] {
        var together: [Finding] = []
        for finding in self {
            let same = together.firstIndex { known in
                known.workflow != nil && finding.workflow != nil && known.check == finding.check
                    && known.found == finding.found && known.advice == finding.advice
            }
            if let same, let name = finding.workflow {
                together[same].workflow?.append(", \(name)")
            } else {
                together.append(finding)
            }
        }
        return together
    }

    /// The worst of them.
    var verdict: Finding.State {
        if contains(where: { $0.state == .problem }) { return .problem }
        return contains { $0.state == .warning } ? .warning : .ok
    }
}
