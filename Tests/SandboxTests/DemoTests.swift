import Sandbox
import Subprocess
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(5))) struct DemoTests {
    /// A demo folder for as long as `body` runs, and beside it a `sleep` that doesn't.
    private func withDemo(_ body: (DemoFolder, _ tools: FilePath) async throws -> Void) async throws
    {
        let folder = FilePath(FileManager.default.temporaryDirectory.path)
            .appending("linecook-demo-\(UUID().uuidString)")
        let tools = folder.appending("tools")
        try FileManager.default.createDirectory(
            atPath: tools.string,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let sleep = tools.appending("sleep").string
        try Data("#!/bin/sh\n".utf8).write(to: URL(filePath: sleep))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: sleep)
        try await body(try await DemoFolder.make(at: folder), tools)
    }

    private func run(
        _ program: FilePath,
        _ arguments: [String] = [],
        in folder: FilePath,
        environment: [Environment.Key: String] = [:],
        input: String = ""
    ) async throws -> (exit: TerminationStatus, output: String, errors: String) {
        let result = try await Subprocess.run(
            .path(program),
            arguments: Arguments(arguments),
            environment: .inherit.updating(environment),
            workingDirectory: folder,
            input: .string(input),
            output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16)
        )
        return (result.terminationStatus, result.standardOutput, result.standardError)
    }

    private func environment(_ key: String, attempt: Int) -> [Environment.Key: String] {
        ["LINECOOK_TICKET": key, "LINECOOK_ATTEMPT_NUMBER": "\(attempt)"]
    }

    @Test func `the program carries the same workflow and prompt that ship as files`() throws {
        let top = FilePath(#filePath).removingLastComponent().removingLastComponent()
            .removingLastComponent().appending("workflows")
        let workflow = try Data(contentsOf: URL(filePath: top.appending("demo.yml").string))
        let prompt = try Data(
            contentsOf: URL(filePath: top.appending("prompts").appending("demo.md").string)
        )
        #expect(String(decoding: workflow, as: UTF8.self) == DemoWorkflow.text)
        #expect(String(decoding: prompt, as: UTF8.self) == DemoWorkflow.prompt)
    }

    @Test func `nine tickets stand in four phases`() async throws {
        let sandbox = try LinearSandbox(seed: DemoTickets.seed(apiKey: "key")) { Date() }
        let issues = await sandbox.issues
        #expect(issues.map(\.key) == (61...69).map { "FRE-\($0)" })
        #expect(Set(issues.map(\.key)) == Set(DemoTickets.stories.keys))
        #expect(issues.allSatisfy { $0.state == "Todo" && $0.labels.contains("agent") })
        var phases: [String: Int] = [:]
        for issue in DemoTickets.seed(apiKey: "key").issues {
            let blockers = issue.blockedBy.compactMap { phases[$0] }
            #expect(blockers.count == issue.blockedBy.count)
            phases["FRE-\(issue.number ?? 0)"] = (blockers.max() ?? 0) + 1
        }
        #expect(phases.values.max() == 4)
    }

    @Test func `the site is pushed, and its build and lint pass`() async throws {
        try await withDemo { demo, _ in
            let clone = demo.repository.clone
            for step in ["build.sh", "lint.sh"] {
                #expect(try await run(clone.appending(step), in: clone).exit.isSuccess)
            }
            let status = try await run(
                "/usr/bin/env",
                ["git", "status", "--short", "--branch"],
                in: clone
            )
            #expect(status.output == "## develop...origin/develop\n")
        }
    }

    @Test func `each ticket's agent plays its part, and what it leaves passes build and lint`()
        async throws
    {
        try await withDemo { demo, tools in
            let clone = demo.repository.clone
            let path =
                "\(tools.string):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
            func commits() async throws -> Int {
                let list = try await run("/usr/bin/env", ["git", "rev-list", "HEAD"], in: clone)
                return list.output.split(separator: "\n").count
            }
            func attempt(_ number: Int, _ key: String) async throws -> (Bool, String) {
                var variables = environment(key, attempt: number)
                variables["PATH"] = path
                let ended = try await run(
                    demo.agent,
                    in: clone,
                    environment: variables,
                    input: "Ticket \(key). Do it."
                )
                for line in ended.output.split(separator: "\n") {
                    #expect(try JSONValue(parsing: Array(line.utf8))["event"] != nil)
                }
                return (ended.exit.isSuccess, ended.errors)
            }
            for (key, story) in DemoTickets.stories.sorted(by: { $0.key < $1.key }) {
                let before = try await commits()
                switch story {
                case .hangs: continue
                case .failsOnce:
                    let (succeeded, reason) = try await attempt(1, key)
                    #expect(!succeeded && reason.contains("connection to the model was lost"))
                    #expect(try await attempt(2, key).0)
                case .succeeds, .changesNothing: #expect(try await attempt(1, key).0)
                }
                #expect(try await commits() == before + (story == .changesNothing ? 0 : 1))
                for step in ["build.sh", "lint.sh"] {
                    let check = try await run(clone.appending(step), in: clone)
                    #expect(check.exit.isSuccess, "\(key): \(check.output)\(check.errors)")
                }
            }
        }
    }

    @Test func `the one that hangs says so and goes on until it is killed`() async throws {
        try await withDemo { demo, _ in
            var options = PlatformOptions()
            options.createSession = true
            let ended = try await Subprocess.run(
                .path(demo.agent),
                environment: .inherit.updating(environment("FRE-64", attempt: 2)),
                workingDirectory: demo.repository.clone,
                platformOptions: options,
                input: .string("Ticket FRE-64"),
                output: .sequence,
                error: .discarded
            ) { execution in
                for try await line in execution.standardOutput.strings()
                where line.contains("browser") {
                    break
                }
                try execution.send(signal: .kill, toProcessGroup: true)
            }
            #expect(ended.terminationStatus == .signaled(9))
        }
    }

    @Test func `an agent whose prompt is another ticket's refuses to work`() async throws {
        try await withDemo { demo, _ in
            let ended = try await run(
                demo.agent,
                in: demo.repository.clone,
                environment: environment("FRE-61", attempt: 1),
                input: "Ticket FRE-99"
            )
            #expect(ended.exit == .exited(2))
            #expect(ended.errors == "the prompt doesn't name FRE-61\n")
        }
    }
}
