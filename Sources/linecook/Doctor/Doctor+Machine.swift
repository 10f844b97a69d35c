import Cron
import Disk
import Domain
import ProcessTree
import Service
import SystemPackage
import WorkflowFile

extension Doctor {
    /// What holds for the whole machine.
    var machine: [Check] {
        [
            Check(name: "git", run: git), Check(name: "state folder", run: state),
            Check(name: "sandbox", run: sandbox), Check(name: "time", run: time),
        ]
    }

    private var environment: [String: String] { installation.context.environment }

    @Sendable private func git() async throws -> [Finding] {
        let (program, said) = try await version(of: "git", environment)
        let words = said.split(separator: " ")
        let number = words.count > 2 ? String(words[2]) : said
        let parts = number.split(separator: ".").prefix(2).compactMap { Int($0) }
        // Merging without a worktree needs `git merge-tree --write-tree`, which 2.38 brought.
        guard parts.count == 2, (parts[0], parts[1]) >= (2, 38) else {
            return [
                Finding(
                    "git",
                    warning: "\(number) in \(program); merging and stacked work need 2.38",
                    "update git"
                )
            ]
        }
        return [Finding("git", ok: "\(number) (\(program))")]
    }

    @Sendable private func state() async throws -> [Finding] {
        let folder = installation.configuration.state
        var there = folder
        while !Installation.exists(there), !there.components.isEmpty { there.removeLastComponent() }
        guard there.isWritable else {
            return [
                Finding(
                    "state folder",
                    problem: "\(folder): this user may not write in \(there)",
                    "give it access, or set 'state' to a folder of its own"
                )
            ]
        }
        var findings: [Finding] = []
        if there == folder, let obstacle = try StateFolder(path: folder).obstacle() {
            findings.append(Finding("state folder", problem: obstacle.what, obstacle.mend))
        }
        let volume = try Volume(of: there)
        if there != folder, let obstacle = StateFolder.obstacle(of: folder, on: volume) {
            findings.append(Finding("state folder", problem: obstacle.what, obstacle.mend))
        }
        let free = volume.freeBytes.inGigabytes
        if volume.freeBytes < 1 << 30 {
            let advice = "free some; each ticket's worktree and logs need room"
            let found = "\(folder): \(free) free"
            findings.append(
                volume.freeBytes < 100 << 20
                    ? Finding("state folder", problem: found, advice)
                    : Finding("state folder", warning: found, advice)
            )
        }
        if !findings.isEmpty { return findings }
        let isNew = there == folder ? "" : ", made at the first start"
        return [Finding("state folder", ok: "\(folder), \(free) free\(isNew)")]
    }

    @Sendable private func sandbox() async throws -> [Finding] {
        let asking = workflows.filter { $0.agent.sandbox == .bubblewrap }.map(\.name)
        guard let obstacle = await Confinement.obstacle(environment: environment) else {
            let use = asking.isEmpty ? "works here; no workflow asks for it" : "works here"
            return [Finding("sandbox", ok: "bubblewrap \(use)")]
        }
        let parts = obstacle.split(separator: "; ", maxSplits: 1).map(String.init)
        let advice = parts.count > 1 ? parts[1] : "install bubblewrap, or set 'sandbox: none'"
        guard asking.isEmpty else {
            let names = asking.joined(separator: ", ")
            return [Finding("sandbox", problem: "\(parts[0]); \(names) asks for it", advice)]
        }
        return [
            Finding(
                "sandbox",
                warning: "\(parts[0]); no workflow asks for it",
                "nothing, unless 'sandbox: bubblewrap' is wanted: \(advice)"
            )
        ]
    }

    @Sendable private func time() async throws -> [Finding] {
        let zones = installation.context.zones
        do {
            let zone = try Zone.local(from: zones, environment: environment)
            let name = zone.name
            let used = Set(workflows.compactMap(\.schedule.timezone)).sorted()
            // A zone that a workflow names was read with the workflow.
            let others = used.isEmpty ? "" : "; schedules in \(used.joined(separator: ", "))"
            return [Finding("time zone", ok: "\(name)\(others)")]
        } catch {
            let isMeant = workflows.contains { workflow in
                if case .cron = workflow.schedule.trigger {
                    workflow.schedule.timezone == nil
                } else {
                    false
                }
            }
            let advice = "set schedule.timezone, or install the time zones (tzdata)"
            return [
                isMeant
                    ? Finding("time zone", problem: "\(error)", advice)
                    : Finding("time zone", warning: "\(error)", advice)
            ]
        }
    }

    /// The first line that a program says of its version.
    ///
    /// - Throws: `ProcessTreeError`, or `UsageError` when it says nothing of the kind.
    func version(
        of name: String,
        _ environment: [String: String]
    ) async throws -> (program: FilePath, said: String) {
        let request = ProcessRequest(
            command: [name, "--version"],
            environment: environment,
            directory: installation.context.currentFolder,
            timeout: limit,
            grace: .zero
        )
        let program = try request.resolved().program
        var bytes: [UInt8] = []
        let end = try await runTree(request) { chunk in
            if bytes.count < 4096, chunk.stream == .standardOutput { bytes += chunk.bytes }
        }
        try Task.checkCancellation()
        let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard end.termination == .exited(code: 0) else {
            throw UsageError("\(program) --version: \(end.termination); install it again")
        }
        return (program, line.inOneLine(limit: 100))
    }
}

extension Int {
    /// With one digit after the point.
    fileprivate var inGigabytes: String {
        let tenths = self / ((1 << 30) / 10)
        return "\(tenths / 10).\(tenths % 10) GB"
    }
}
