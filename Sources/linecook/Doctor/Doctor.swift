import Domain
import Scheduler
import Service
import SystemPackage
import WorkflowFile
import YAML

/// Looks at all that the service needs.
struct Doctor {
    /// One question, and the findings that answer it.
    struct Check: Sendable {
        var name: String
        var workflow: String?
        var run: @Sendable () async throws -> [Finding]
    }
    let installation: Installation
    /// Those that can be used.
    let workflows: [Workflow]
    /// Whether the files have errors.
    let isUnusable: Bool
    let limit: Duration
    private let files: [Finding]

    /// - Throws: `UsageError` when the configuration that was named isn't there, or `ExitCode` 2 after the mistakes
    ///   were printed that leave no state folder.
    init(_ option: ConfigurationOption, limit: Duration) throws {
        installation = try Installation(option, onlyReads: true, tellsMistakes: false)
        self.limit = limit
        var check = try FileCheck(option)
        check.all()
        check.together()
        isUnusable = check.diagnostics.contains { $0.severity == .error }
        files = Self.findings(check)
        let installation = installation
        workflows = installation.workflowFiles.compactMap { file in
            installation.read(file, installation.defaults).workflow?.inForce.workflow
        }
    }

    /// All of them, each within the limit; they are looked for at once.
    func findings() async -> [Finding] {
        let checks =
            machine + agents + workflows.flatMap { [tracker($0), repository($0)] } + [leftovers]
        let limit = limit
        return await withTaskGroup(of: (Int, [Finding]).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await check.findings(within: limit)) }
            }
            var found: [Int: [Finding]] = [:]
            for await (index, findings) in group { found[index] = findings }
            return files + checks.indices.flatMap { found[$0] ?? [] }
        }
    }

    private static func findings(_ check: FileCheck) -> [Finding] {
        func count(_ number: Int, _ word: String) -> String {
            "\(number) \(word)\(number == 1 ? "" : "s")"
        }
        let errors = check.diagnostics.filter { $0.severity == .error }
        let warnings = check.diagnostics.count - errors.count
        guard !check.files.isEmpty else {
            return [
                Finding("files", problem: "no configuration and no workflow files", "linecook init")
            ]
        }
        let words =
            "\(count(check.files.count, "file")): \(count(errors.count, "error")), \(count(warnings, "warning"))"
        let more = "'linecook validate' shows each with its line"
        if let first = errors.first {
            return [Finding("files", problem: "\(words); \(first)", more)]
        }
        if let first = check.diagnostics.first {
            return [Finding("files", warning: "\(words); \(first)", more)]
        }
        return [Finding("files", ok: words)]
    }
}

extension Doctor.Check {
    /// What it finds; one problem when it isn't done in time.
    func findings(within limit: Duration) async -> [Finding] {
        await withTaskGroup(of: [Finding]?.self) { group in
            group.addTask {
                do { return try await run() } catch {
                    return Task.isCancelled ? nil : [Finding(name, workflow, problem: error)]
                }
            }
            group.addTask {
                // Cancelled once the check is done.
                try? await SystemTime().sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? [
                Finding(
                    name,
                    workflow,
                    problem: "no answer within \(limit.inWords)",
                    "look whether it hangs; --timeout \(Int(limit.inSeconds) * 3) waits longer"
                )
            ]
        }
    }
}
