import ProcessTree
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ProcessTreeTests {
    @Suite struct Bounds {
        /// Leaves a daemon of a double fork that holds the output and ignores signals, and a server in a session of
        /// its own; the line names both.
        private static let serving = """
            import os, signal, socket
            reading, writing = os.pipe()
            def rest():
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.alarm(60)
                os.write(writing, b"%d\\n" % os.getpid())
                while True: signal.pause()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0: rest()
                os._exit(0)
            if os.fork() == 0:
                os.setsid()
                server = socket.create_server(("127.0.0.1", 0))
                rest()
            lines = os.fdopen(reading)
            print(*[lines.readline().strip() for _ in range(2)], flush=True)
            """

        /// `LINECOOK_RUNS=100 swift test --filter 'run after run'` for the whole count.
        @Test func `servers and daemons that an agent leaves behind end with it, run after run`()
            async throws
        {
            let wanted = ProcessInfo.processInfo.environment["LINECOOK_RUNS"]
            let marker = "run-after-run-\(ProcessIdentity.current.pid)"
            for _ in 0..<(wanted.flatMap { Int($0) } ?? 10) {
                let (end, chunks) = try await collect(python(Self.serving, marker: marker))
                #expect(end.cause == .itself && end.swept == 2 && end.survivors == 0)
                // The daemon holds the output for as long as it's there.
                #expect(end.duration < .seconds(5))
                let words = text(of: chunks).split { " \n".contains($0) }
                try #require(words.count == 2)
                for word in words {
                    #expect(Int32(word).flatMap(ProcessIdentity.of(pid:)) == nil)
                }
            }
            #expect(await sweep(marker: marker) == Sweep(swept: 0, survivors: 0))
        }

        @Test func `a tree that holds too much memory is ended, and another goes on`() async throws
        {
            // None of them alone is over the limit.
            let eaters = """
                import os, signal
                for _ in range(4):
                    if os.fork() == 0:
                        held = b"x" * 40_000_000
                        signal.pause()
                signal.pause()
                """
            let folder = try TemporaryFolder()
            let patient = shell(
                "mkfifo go; echo ready; read -r x < go; echo over",
                directory: folder.path,
                memory: 100_000_000
            )
            let (eaten, end) = try await withProcessTree(patient) { tree in
                for await _ in tree.output { break }
                let eaten = try await runTree(python(eaters, memory: 100_000_000))
                _ = try await runTree(shell("echo go > go", directory: folder.path))
                return eaten
            }
            guard case .overMemory(let held) = eaten.cause else {
                Issue.record("\(eaten.cause)")
                return
            }
            // Where the kernel keeps to the bound, it has ended them all by itself.
            let isKernel = held == 100_000_000
            #expect(held >= 100_000_000 && held < 400_000_000)
            #expect(isKernel ? eaten.swept <= 4 : eaten.swept == 4)
            #expect(eaten.survivors == 0)
            #expect(end.cause == .itself && end.termination == .exited(code: 0))
        }

        @Test func `memory that processes share counts once`() async throws {
            let sharers = """
                import os, time
                held = b"x" * 60_000_000
                for _ in range(5):
                    if os.fork() == 0: time.sleep(0.4); os._exit(0)
                for _ in range(5): os.wait()
                """
            let end = try await runTree(python(sharers, memory: 150_000_000))
            #expect(end.cause == .itself && end.termination == .exited(code: 0))
        }

        @Test func `a process opens no more files than it may`() async throws {
            var request = python(
                "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE))"
            )
            request.openFiles = 64
            #expect(text(of: try await collect(request).chunks) == "(64, 64)\n")
        }

        @Test func `time in which nothing ran is not the tree's`() async throws {
            let folder = try TemporaryFolder()
            let script = "mkfifo go; echo $$ $PPID; read -r x < go; exit 5"
            // What isn't lost may take a while on a busy machine.
            let timeout = Duration.seconds(8)
            let request = shell(script, directory: folder.path, timeout: timeout)
            let (_, end) = try await withProcessTree(request) { tree in
                let pids = try await readLine(of: tree).map { String($0.pid) }
                    .joined(separator: " ")
                let pause = "kill -STOP \(pids); sleep 9; kill -CONT \(pids); echo go > go"
                _ = try await runTree(shell(pause, directory: folder.path))
            }
            #expect(end.cause == .itself && end.termination == .exited(code: 5))
            #expect(end.lostTime >= .seconds(7))
            #expect(end.duration < timeout)
        }

        #if os(Linux)
        @Test(.enabled("a control group can be made here") { try await isGrouped() })
        func `what hides from its dead supervisor is found by its control group`() async throws {
            // No parent, no session and no environment lead to it.
            let hidden = """
                import os, signal
                reading, writing = os.pipe()
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        os.write(writing, b"%d\\n" % os.getpid())
                        os.execve("/bin/sleep", ["sleep", "60"], {})
                    os._exit(0)
                os.wait()
                print(os.fdopen(reading).readline().strip(), os.getpid(), os.getppid(), flush=True)
                signal.pause()
                """
            let marker = "hidden-\(ProcessIdentity.current.pid)"
            var processes: [ProcessIdentity] = []
            await #expect(throws: ProcessTreeError.self) {
                try await withProcessTree(python(hidden, marker: marker)) { tree in
                    processes = try await readLine(of: tree)
                    try #require(processes.last).signal(9)
                }
            }
            #expect(processes.count == 3)
            #expect(processes.allSatisfy { !$0.isAlive })
            let supervisor = try #require(processes.last).pid
            let (_, left) = try await collect(
                shell("find /sys/fs/cgroup -type d -name 'linecook-*-\(supervisor)'")
            )
            #expect(text(of: left).isEmpty)
        }

        /// Tests/Genuine/memory.py gives a kernel that can.
        @Test(.enabled("the kernel bounds a tree's memory here") { try await isBounded() })
        func `the kernel lets a tree take no more than its memory, and all of it is gone then`()
            async throws
        {
            // At once, and by one that no parent and no session lead to.
            let eater = """
                import os, signal
                print(os.getppid(), flush=True)
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0: held = b"x" * 400_000_000
                    os._exit(0)
                signal.pause()
                """
            let (end, chunks) = try await collect(python(eater, memory: 100_000_000))
            let supervisor = try #require(Int(text(of: chunks).dropLast()))
            #expect(end.cause == .overMemory(bytes: 100_000_000))
            #expect(end.termination == .signaled(9) && end.survivors == 0)
            #expect(end.peakMemoryInBytes <= 100_000_000)
            let left = "find /sys/fs/cgroup -type d -name 'linecook-*-\(supervisor)'"
            #expect(text(of: try await collect(shell(left)).chunks).isEmpty)
        }

        /// Whether a tree's group here has a bound that the kernel keeps to.
        private static func isBounded() async throws -> Bool {
            let bound =
                "cat \"/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/memory.max\" 2>/dev/null"
            let (_, chunks) = try await collect(shell(bound, memory: 104_857_600))
            return text(of: chunks) == "104857600\n"
        }

        /// Whether trees get a group of their own here.
        private static func isGrouped() async throws -> Bool {
            text(of: try await collect(shell("cat /proc/self/cgroup")).chunks)
                .contains("/linecook-")
        }
        #endif
    }
}
