import Domain
import SystemPackage
import Testing
import Verification

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.serialized, .timeLimit(.minutes(5))) struct HookRunTests {
    /// Runs a hook in a fresh folder, and returns what came of it and its log.
    private func run(
        _ command: String,
        environment: [String: String] = [:],
        memory: Int? = nil,
        outputLimit: Int = 10_000
    ) async throws -> (end: HookRun.End, log: String) {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "linecook hook \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A folder that stays behind spoils no other test.
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = FilePath(folder.path)
        let end = try await HookRun(
            .afterRun,
            command: command,
            timeout: .seconds(100),
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"].merging(environment) { $1 },
            marker: nil,
            memory: memory,
            outputLimit: outputLimit
        ).run(in: path, logsIn: path, named: "attempt-1")
        let log = FileManager.default.contents(atPath: path.appending(Hook.afterRun.log).string)
        return (end, String(decoding: try #require(log), as: UTF8.self))
    }

    @Test func `what a hook prints of a secret is covered, in its log and for the agent`()
        async throws
    {
        let (end, log) = try await run(
            "echo \"it is $API_TOKEN\"; exit 2",
            environment: ["API_TOKEN": "a1b2c3d4e5"]
        )
        #expect(end.isSentBack && end.output == "it is [value of API_TOKEN]")
        #expect(log == "it is [value of API_TOKEN]\n")
    }

    @Test func `a hook's log holds no more than 'limits.output'`() async throws {
        let (end, log) = try await run("seq 1000 1399", outputLimit: 800)
        #expect(end.result.passed)
        #expect(log.contains("[… 1200 bytes left out …]") && log.utf8.count < 850)
    }

    @Test func `a hook that holds too much memory is ended with the reason`() async throws {
        let command = "exec python3 -c 'held = b\"x\" * 200_000_000; import time; time.sleep(60)'"
        let reason = try await run(command, memory: 60_000_000).end.result.reason ?? ""
        #expect(reason.hasPrefix("ended since it held "), "\(reason)")
        #expect(reason.hasSuffix("; agent.memory allows 60 MB"), "\(reason)")
    }
}
