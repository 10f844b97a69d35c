import ProcessTree
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ProcessTreeTests {
    @Suite struct Runs {
        @Test(arguments: [
            ("exit 0", Termination.exited(code: 0)), ("exit 3", .exited(code: 3)),
            ("exit 255", .exited(code: 255)), ("kill -9 $$", .signaled(9)),
            ("kill -15 $$", .signaled(15)),
        ])
        func `the way in which the leader ended is told`(
            script: String,
            termination: Termination
        ) async throws {
            let end = try await runTree(shell(script))
            #expect(end.termination == termination)
            #expect(end.cause == .itself)
            #expect(end.swept == 0)
            #expect(end.survivors == 0)
        }

        @Test func `the process sees the given environment and folder, and nothing else`()
            async throws
        {
            let folder = try TemporaryFolder()
            let (_, chunks) = try await collect(
                shell(
                    "pwd -P; exec env",
                    environment: ["PATH": "/usr/bin:/bin", "GREETING": "a=b \u{e9}"],
                    directory: folder.path,
                    marker: "FRE-1"
                )
            )
            let lines = text(of: chunks).split(separator: "\n").map(String.init)
            let known = ["PWD=", "SHLVL=", "_=", "OLDPWD="]
            #expect(lines.first?.hasSuffix(folder.path.lastComponent?.string ?? "?") == true)
            #expect(
                lines.dropFirst().filter { line in !known.contains { line.hasPrefix($0) } }.sorted()
                    == ["GREETING=a=b \u{e9}", "LINECOOK_ATTEMPT=FRE-1", "PATH=/usr/bin:/bin"]
            )
        }

        @Test func `both streams arrive whole, and are told apart`() async throws {
            let (_, chunks) = try await collect(shell("echo out; echo err >&2; printf 'a\\0b'"))
            #expect(text(of: chunks) == "out\na\0b")
            #expect(text(of: chunks, .standardError) == "err\n")
        }

        @Test func `who reads the input finds its end at once`() async throws {
            let (end, chunks) = try await collect(shell("cat; echo over"))
            #expect(text(of: chunks) == "over\n")
            #expect(end.termination == .exited(code: 0))
        }

        @Test func `a file is handed over as input`() async throws {
            let folder = try TemporaryFolder()
            let prompt = try folder.write("Do it.", to: "prompt.md")
            let (_, chunks) = try await collect(shell("cat", input: .file(prompt)))
            #expect(text(of: chunks) == "Do it.")
        }

        @Test func `the leader leads a session, without core files or descriptors of ours`()
            async throws
        {
            let (_, chunks) = try await collect(
                python(
                    """
                    import os, resource
                    print(os.getsid(0) == os.getpid(), resource.getrlimit(resource.RLIMIT_CORE),
                          [n for n in range(3, 200) if os.path.exists(f"/dev/fd/{n}")])
                    """
                )
            )
            #expect(text(of: chunks) == "True (0, 0) []\n")
        }

        @Test func `a hundred megabytes pass through without being kept`() async throws {
            let before = try residentMemoryInBytes()
            var peak = before
            var count = 0
            var largest = 0
            var request = shell("")
            request.command = ["head", "-c", "100000000", "/dev/zero"]
            let end = try await runTree(request) { chunk in
                count += chunk.bytes.count
                largest = max(largest, chunk.bytes.count)
                if count % 10_000_000 < chunk.bytes.count {
                    peak = max(peak, try residentMemoryInBytes())
                }
            }
            #expect(end.termination == .exited(code: 0))
            #expect(count == 100_000_000)
            #expect(largest <= 65_536)
            #expect(peak - before < 20_000_000)
        }

        @Test func `a tree waits in its writes for who does not read`() async throws {
            let folder = try TemporaryFolder()
            let mark = folder.path.appending("written").string
            let script = "head -c 1000000 /dev/zero; touch \(mark)"
            let (wasWritten, end) = try await withProcessTree(shell(script)) { tree in
                // Whatever the pipe holds, a million bytes are more.
                for await _ in tree.output { break }
                return FileManager.default.fileExists(atPath: mark)
            }
            #expect(!wasWritten)
            #expect(end.termination == .exited(code: 0))
            #expect(FileManager.default.fileExists(atPath: mark))
        }

        @Test func `a hundred runs leave no descriptor and no process behind`() async throws {
            let before = try descriptorCount()
            let marker = "hundred-runs-\(ProcessIdentity.current.pid)"
            for _ in 1...100 {
                _ = try await runTree(shell("sleep 60 & echo started", marker: marker))
            }
            // Tests beside this one open descriptors too, but not one for every other run.
            #expect(try descriptorCount() < before + 50)
            #expect(await sweep(marker: marker) == Sweep(swept: 0, survivors: 0))
        }

        private func residentMemoryInBytes() throws -> Int {
            let text = try String(contentsOf: URL(filePath: "/proc/self/statm"), encoding: .utf8)
            return try #require(Int(text.split(separator: " ")[1])) * 4096
        }

        private func descriptorCount() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        }
    }

    @Suite struct Refusals {
        private static let rows: [(command: [String], directory: FilePath, message: String)] = [
            (
                ["no-such-agent", "--fast"], "/",
                "no program 'no-such-agent' in /usr/local/bin:/usr/bin:/bin; "
                    + "install it, or give its absolute path"
            ),
            (
                ["/no/such/agent"], "/",
                "/no/such/agent: there is no such program, or the interpreter in its first line"
                    + " is missing; install it, or correct the path"
            ),
            (
                ["/etc/passwd"], "/",
                "/etc/passwd: is not executable; chmod +x it, or name another program"
            ),
            (
                ["sh"], "/no/such/folder",
                "/no/such/folder: can't be entered to start a process: No such file or directory;"
                    + " create it, or correct the path"
            ),
            (
                ["sh"], "work",
                "'work': is not an absolute path to start a process in; write it from / on"
            ),
            ([], "/", "the command is empty; name a program"),
            (
                ["sh", "-c", "a\0b"], "/",
                "argument 2 of the command holds a character that no process can be given"
                    + " (NUL, or '=' in a name); remove it"
            ),
        ]

        @Test(arguments: rows)
        func `what can't be started is named, with what to do about it`(
            command: [String],
            directory: FilePath,
            message: String
        ) async throws {
            let request = ProcessRequest(
                command: command,
                environment: agentEnvironment,
                directory: directory
            )
            let error = await #expect(throws: ProcessTreeError.self) {
                try await runTree(request)
            }
            #expect(error?.description == message)
        }

        @Test func `a script without a first line is refused, not guessed at`() async throws {
            let folder = try TemporaryFolder()
            let script = try folder.write("echo hello", to: "agent")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: script.string
            )
            var request = shell("")
            request.command = ["./agent"]
            request.directory = folder.path
            await #expect(throws: ProcessTreeError.programRefused("./agent", .execFormatError)) {
                try await runTree(request)
            }
        }
    }
}
