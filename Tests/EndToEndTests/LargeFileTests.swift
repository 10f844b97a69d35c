import Domain
import ProcessTree
import RunStore
import Sandbox
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private let hasLargeFileProgram: Bool = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/git-lfs")
    }
}()

private let isSandboxed: @Sendable () async throws -> Bool = {
    await Confinement.obstacle(environment: ["PATH": "/usr/bin:/bin"]) == nil
}

/// The whole way of files that git-lfs keeps, from the base to the merge and the next ticket.
@Suite(.serialized, .inTurn, .enabled(if: hasLargeFileProgram, "git-lfs isn't installed"))
struct LargeFileTests {
    @Test(.timeLimit(.minutes(5)))
    func `an agent's large file is checked, delivered, merged and handed to the next ticket`()
        async throws
    {
        try await Self.deliver(agent: "cat a.bin >> b.bin; echo more >> b.bin; git add -A")
    }

    @Test(.timeLimit(.minutes(5)), .enabled("bubblewrap works here", isSandboxed))
    func `an agent in the sandbox leaves its large files to be committed`() async throws {
        try await Self.deliver(
            agent: "cat a.bin >> b.bin; echo more >> b.bin",
            workflow: "  sandbox: bubblewrap"
        )
    }

    private static func deliver(agent: String, workflow: String = "") async throws {
        let tickets = [
            LinearSeed.Issue(title: "First"),
            LinearSeed.Issue(title: "Second", blockedBy: ["ENG-1"]),
        ]
        let checks = """
            \(workflow)
            verify:
              clean: true
              steps:
                - { name: contents, run: "grep -q large b.bin && grep -q more b.bin" }
            """
        try await Site.with(tickets, agent: agent, workflow: checks) { site in
            try await site.shell(
                """
                git lfs install --skip-repo && cd clone
                git lfs track '*.bin' && echo large > a.bin && git add -A
                git -c user.name=A -c user.email=a@b commit -qm large && git push -q origin develop
                rm -rf .git/lfs a.bin
                """
            )
            for number in 1...2 {
                let (text, _) = try await site.linecook("run", "--until-idle")
                let run = try site.run(of: number)
                #expect(run.attempts.map(\.outcome) == [.succeeded], "\(run.summary)\n\(text)")
                _ = try await site.linecook("pulls", "merge", "\(number)")
            }
            let merged = try await site.shellOutput(
                "git clone -q remote.git fresh && cat fresh/b.bin && cd fresh && git lfs ls-files -n"
            )
            #expect(merged == "large\nmore\nlarge\nmore\na.bin\nb.bin\n")
        }
    }
}
