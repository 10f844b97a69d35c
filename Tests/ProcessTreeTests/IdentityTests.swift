import ProcessTree
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ProcessTreeTests {
    @Suite struct Identities {
        @Test func `a process of the same pid that started at another time is a stranger`()
            async throws
        {
            let current = ProcessIdentity.current
            let earlier = ProcessIdentity(
                pid: current.pid,
                startTime: current.startTime - 1,
                bootID: current.bootID
            )
            #expect(current.isAlive)
            #expect(current.signal(0))
            #expect(!earlier.isAlive)
            #expect(!earlier.signal(0))
            #expect(try await earlier.waitForExit() == nil)
        }

        @Test func `a process of another boot is gone`() async throws {
            let current = ProcessIdentity.current
            let before = ProcessIdentity(
                pid: current.pid,
                startTime: current.startTime,
                bootID: "0d5f7c1e-0000-4000-8000-000000000000"
            )
            #expect(!before.isAlive)
            #expect(!before.signal(0))
            #expect(try await before.waitForExit() == nil)
        }

        @Test func `an identity on disk has a pid, a start time and a boot`() throws {
            let identity = ProcessIdentity(pid: 7, startTime: 1234, bootID: "b")
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let data = try encoder.encode(identity)
            #expect(
                String(decoding: data, as: UTF8.self) == #"{"boot":"b","pid":7,"start_time":1234}"#
            )
            #expect(try JSONDecoder().decode(ProcessIdentity.self, from: data) == identity)
        }

        @Test func `a detached process has a session of its own and is collected when awaited`()
            async throws
        {
            let folder = try TemporaryFolder()
            let log = try folder.write("before\n", to: "stderr.log")
            let process = try startShell(
                "pwd -P >&2; cut -d ' ' -f 1,6 /proc/$$/stat | grep -qx \"$$ $$\" && exit 5",
                in: folder.path,
                standardError: log
            )
            #expect(try await process.waitForExit() == .exited(code: 5))
            #expect(ProcessIdentity.of(pid: process.pid) != process)
            let text = try String(contentsOf: URL(filePath: log.string), encoding: .utf8)
            #expect(text.hasPrefix("before\n/"))
            #expect(text.hasSuffix("/\(folder.path.lastComponent?.string ?? "?")\n"))
        }

        @Test func `a child that has ended is collected once, and only when it has`() async throws {
            let first = try startShell("exit 4", in: "/")
            let other = try startShell("sleep 60", in: "/")
            #expect(try await first.waitForExit() == .exited(code: 4))
            #expect(other.reap() == nil)
            #expect(other.signal(15))
            #expect(try await other.waitForExit() == .signaled(15))
            #expect(other.reap() == nil)
            #expect(try await other.waitForExit() == nil)
        }

        @Test func `who waits for a process can turn away, and the process goes on`() async throws {
            let process = try startShell("sleep 60", in: "/")
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do {
                        try await process.waitForExit()
                        return false
                    } catch is CancellationError {
                        return true
                    } catch {
                        return false
                    }
                }
                group.cancelAll()
                #expect(await group.next() == true)
            }
            #expect(process.isAlive)
            process.signal(9)
            #expect(try await process.waitForExit() == .signaled(9))
            #expect(!process.isAlive)
        }

        @Test func `a detached process that can't be started is named`() throws {
            #expect(throws: ProcessTreeError.programRefused("/no/such", .noSuchFileOrDirectory)) {
                try DetachedProcess.start(
                    executable: "/no/such",
                    arguments: [],
                    environment: [:],
                    directory: "/"
                )
            }
            #expect(throws: ProcessTreeError.folderRefused("/no/such", .noSuchFileOrDirectory)) {
                try startShell("", in: "/no/such")
            }
        }

        private func startShell(
            _ script: String,
            in directory: FilePath,
            standardError: FilePath? = nil
        ) throws -> ProcessIdentity {
            try DetachedProcess.start(
                executable: "/bin/sh",
                arguments: ["-c", script],
                environment: agentEnvironment,
                directory: directory,
                standardError: standardError
            )
        }
    }
}
