import ProcessTree
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Whether bubblewrap works on this machine; where it doesn't, there is nothing to test.
private let isAvailable: @Sendable () async throws -> Bool = {
    await Confinement.obstacle(environment: ["PATH": "/usr/bin:/bin"]) == nil
}

@Suite(.enabled("bubblewrap works here", isAvailable), .timeLimit(.minutes(5)))
struct ConfinementTests {
    private func said(_ script: String, in confinement: Confinement, from folder: FilePath)
        async throws -> String
    {
        var request = shell(script, environment: ["PATH": "/usr/bin:/bin"], directory: folder)
        request.confinement = confinement
        let (_, chunks) = try await collect(request)
        return text(of: chunks)
    }

    @Test func `what is hidden is empty, but for what is named`() async throws {
        let home = try TemporaryFolder()
        for name in ["secret", "shown"] { _ = try home.write(name, to: name) }
        let work = try TemporaryFolder()
        let view = Confinement(
            hidden: [home.path],
            readable: [home.path.appending("shown"), home.path.appending("absent")],
            writable: [work.path]
        )
        let script = """
            ls \(home.path); cat \(home.path)/shown; echo
            echo x > \(home.path)/shown; echo x > kept && echo wrote
            """
        let words = try await said(script, in: view, from: work.path)
        #expect(words == "shown\nshown\nwrote\n")
        #expect(FileManager.default.fileExists(atPath: work.path.appending("kept").string))
    }

    @Test func `the system can't be written, and /tmp is its own`() async throws {
        let work = try TemporaryFolder()
        let other = try TemporaryFolder()
        let name = other.path.lastComponent?.string ?? "?"
        let script = """
            touch /etc/linecook-was-here 2>/dev/null || echo refused
            test -e /tmp/\(name) || echo unseen; echo x > /tmp/\(name)-mine && echo "$TMPDIR"
            """
        let words = try await said(
            script,
            in: Confinement(hidden: [], writable: [work.path]),
            from: work.path
        )
        #expect(words == "refused\nunseen\n/tmp\n")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/\(name)-mine"))
    }

    @Test func `no process outside is seen`() async throws {
        let work = try TemporaryFolder()
        let script = "cat /proc/[0-9]*/comm | sort -u | tr '\\n' ' '"
        let words = try await said(
            script,
            in: Confinement(hidden: [], writable: [work.path]),
            from: work.path
        )
        #expect(
            Set(words.split(separator: " ")).isSubset(of: ["bwrap", "sh", "cat", "sort", "tr"])
        )
    }

    @Test func `a program that lies in what is hidden is found all the same`() async throws {
        let home = try TemporaryFolder()
        let work = try TemporaryFolder()
        let program = try home.write("#!/bin/sh\nls \(home.path); exit 3\n", to: "agent.sh")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755],
            ofItemAtPath: program.string
        )
        var request = shell("", environment: ["PATH": "/usr/bin:/bin"], directory: work.path)
        request.command = [program.string]
        request.confinement = Confinement(hidden: [home.path], writable: [work.path])
        let (end, chunks) = try await collect(request)
        #expect(end.termination == .exited(code: 3))
        #expect(text(of: chunks) == "agent.sh\n")
    }

    @Test func `nothing of it is left when it's told to stop`() async throws {
        let work = try TemporaryFolder()
        var request = shell(
            "trap '' TERM; (setsid sleep 300 &) ; echo ready; sleep 300",
            environment: ["PATH": "/usr/bin:/bin"],
            directory: work.path
        )
        request.confinement = Confinement(hidden: [], writable: [work.path])
        let (_, end) = try await withProcessTree(request) { tree in
            for await _ in tree.output { tree.stop() }
        }
        #expect(end.cause == .stopped)
        #expect(end.survivors == 0)
    }

    @Test func `without bubblewrap it says what to install`() async throws {
        let work = try TemporaryFolder()
        var request = shell("exit 0", directory: work.path)
        request.command = ["/bin/sh", "-c", "exit 0"]
        request.environment = ["PATH": work.path.string]
        request.confinement = Confinement(hidden: [])
        await #expect(throws: ProcessTreeError.noConfinement) { try await runTree(request) }
    }
}
