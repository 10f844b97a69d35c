import ProcessTree
import SystemPackage
import Testing

extension ProcessTreeTests {
    @Suite struct Ends {
        @Test func `a stopped tree takes along who left its session and ignores signals`()
            async throws
        {
            let (processes, end) = try await withProcessTree(python(Agent.leaker)) { tree in
                let processes = try await readLine(of: tree)
                tree.stop()
                tree.stop()
                return processes
            }
            #expect(end.cause == .stopped)
            #expect(end.termination == .signaled(9))
            #expect(end.swept == 4)
            #expect(end.survivors == 0)
            #expect(processes.count == 6)
            #expect(processes.allSatisfy { !$0.isAlive })
        }

        @Test func `what the leader leaves behind ends with it`() async throws {
            var request = python(Agent.deserter)
            request.grace = .seconds(20)
            let (end, chunks) = try await collect(request)
            #expect(end.cause == .itself)
            #expect(end.termination == .exited(code: 0))
            #expect(end.swept == 4)
            #expect(end.duration < .seconds(5))
            for word in text(of: chunks).split(separator: " ") {
                #expect(Int32(word).flatMap(ProcessIdentity.of(pid:)) == nil)
            }
        }

        @Test func `a grandchild that holds the output does not hold the run`() async throws {
            let (end, chunks) = try await collect(shell("sleep 60 & echo done"))
            #expect(text(of: chunks) == "done\n")
            #expect(end.termination == .exited(code: 0))
            #expect(end.swept == 1)
            #expect(end.duration < .seconds(5))
        }

        @Test func `the polite signal lets the leader end as it likes`() async throws {
            let script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done"
            let (_, end) = try await withProcessTree(shell(script, grace: .seconds(20))) { tree in
                for await _ in tree.output { tree.stop() }
            }
            #expect(end.termination == .exited(code: 7))
            #expect(end.cause == .stopped)
            #expect(end.duration < .seconds(10))
        }

        @Test func `who ignores the polite signal is killed when the grace is over`() async throws {
            let script = "trap '' TERM; echo ready; while :; do sleep 0.02; done"
            let (_, end) = try await withProcessTree(shell(script)) { tree in
                for await _ in tree.output { tree.stop() }
            }
            #expect(end.termination == .signaled(9))
            #expect(end.duration >= .milliseconds(200))
            #expect(end.duration < .milliseconds(200) + .seconds(2))
        }

        @Test func `a tree ends when its time is up`() async throws {
            let end = try await runTree(shell("sleep 60 & wait", timeout: .milliseconds(100)))
            #expect(end.cause == .timedOut)
            #expect(end.termination == .signaled(15))
            #expect(end.duration >= .milliseconds(100))
        }

        @Test func `a tree that says nothing for too long is ended`() async throws {
            let script = "for n in 1 2 3 4; do sleep 0.05; echo $n; done; sleep 60"
            let (end, chunks) = try await collect(shell(script, silence: .seconds(2)))
            #expect(text(of: chunks) == "1\n2\n3\n4\n")
            #expect(end.cause == .stalled)
            #expect(end.duration >= .seconds(2))
        }

        @Test func `a tree is not silent while nobody listens`() async throws {
            let script = "echo ready; sleep 4; echo over"
            let end = try await withProcessTree(shell(script, silence: .seconds(2))) { tree in
                for await _ in tree.output { break }
                _ = try await runTree(shell("sleep 3"))
            }.end
            #expect(end.cause == .itself && end.termination == .exited(code: 0))
        }

        @Test func `a cancelled task returns when its tree is gone`() async throws {
            let (started, start) = AsyncStream.makeStream(of: [ProcessIdentity].self)
            try await withThrowingTaskGroup(of: TreeEnd.self) { group in
                group.addTask {
                    try await withProcessTree(python(Agent.leaker)) { tree in
                        start.yield(try await readLine(of: tree))
                    }.end
                }
                var iterator = started.makeAsyncIterator()
                let processes = try #require(await iterator.next())
                group.cancelAll()
                let end = try #require(try await group.next())
                #expect(end.cause == .stopped)
                #expect(processes.allSatisfy { !$0.isAlive })
            }
        }

        @Test func `an error of who reads ends the tree and is passed on`() async throws {
            struct Unreadable: Error {}
            var leader: ProcessIdentity?
            await #expect(throws: Unreadable.self) {
                try await withProcessTree(shell("echo ready; sleep 60")) { tree in
                    leader = tree.leader
                    for await _ in tree.output { throw Unreadable() }
                }
            }
            #expect(try #require(leader).isAlive == false)
        }

        @Test func `a chain that forks faster than it can be read is caught`() async throws {
            let chain = """
                import os, sys, time
                until = time.monotonic() + 30
                print("ready", flush=True)
                for lane in range(3):
                    if os.fork() == 0:
                        while time.monotonic() < until:
                            time.sleep(0.003)
                            if os.fork() > 0: os._exit(0)
                            os.setsid()
                time.sleep(30)
                """
            let (_, end) = try await withProcessTree(python(chain, marker: "chain")) { tree in
                for await _ in tree.output { tree.stop() }
            }
            #expect(end.survivors == 0)
            #expect(await sweep(marker: "chain") == Sweep(swept: 0, survivors: 0))
        }

        @Test func `the death of its owner ends the tree`() async throws {
            let (owner, processes) = try await startOwner(of: Agent.leaker)
            owner.signal(9)
            #expect(try await owner.waitForExit() == .signaled(9))
            for process in processes { try await process.waitForExit() }
            #expect(processes.allSatisfy { !$0.isAlive })
        }

        @Test func `the death of the supervisor is told, and the rest is swept`() async throws {
            var processes: [ProcessIdentity] = []
            let error = await #expect(throws: ProcessTreeError.self) {
                try await withProcessTree(python(Agent.leaker, marker: "FRE-2/1")) { tree in
                    processes = try await readLine(of: tree)
                    try #require(processes.last).signal(9)
                }
            }
            // The leader may be met on its way out, or be gone.
            #expect([.supervisorLost(swept: 4), .supervisorLost(swept: 5)].contains(error))
            #expect(processes.count == 6)
            #expect(processes.allSatisfy { !$0.isAlive })
        }

        @Test func `a leader dies with its supervisor, also where no marker is given`() async throws
        {
            var leader: ProcessIdentity?
            await #expect(throws: ProcessTreeError.supervisorLost(swept: 0)) {
                try await withProcessTree(shell("echo $$ $PPID; exec sleep 60")) { tree in
                    leader = tree.leader
                    try #require(try await readLine(of: tree).last).signal(9)
                }
            }
            try await leader?.waitForExit()
            #expect(leader?.isAlive == false)
        }

        @Test func `a sweep ends what carries exactly its marker`() async throws {
            let (owner, processes) = try await startOwner(of: Agent.leaker, marker: "FRE-3/1")
            let (_, end) = try await withProcessTree(
                shell("echo ready; sleep 60", marker: "FRE-3/10")
            ) { tree in
                for await _ in tree.output {
                    let found = await sweep(marker: "FRE-3/1", grace: .milliseconds(100))
                    #expect(found.swept >= 5)
                    #expect(found.survivors == 0)
                    #expect(processes.allSatisfy { !$0.isAlive })
                    #expect(tree.leader.isAlive)
                    tree.stop()
                }
            }
            #expect(end.cause == .stopped)
            owner.signal(9)
            try await owner.waitForExit()
        }

        /// A process that runs a supervisor by hand, as a test can't kill itself.
        ///
        /// What it starts is told through a FIFO.
        private func startOwner(
            of agent: String,
            marker: String = "owned"
        ) async throws -> (owner: ProcessIdentity, processes: [ProcessIdentity]) {
            let folder = try TemporaryFolder()
            let script = """
                import os, socket, struct, subprocess, sys
                ours, theirs = socket.socketpair()
                reading, writing = os.pipe()
                def hand_over():
                    for target, source in enumerate([0, writing, 2]): os.dup2(source, target)
                    os.dup2(theirs.fileno(), 3)
                supervisor = subprocess.Popen(["linecook", "__linecook_supervise"],
                    executable="/proc/\(ProcessIdentity.current.pid)/exe", preexec_fn=hand_over,
                    close_fds=False, env={**os.environ, "LINECOOK_ATTEMPT": "\(marker)"})
                words = ["-1", "100", "-1", "65536", "3", "2", sys.executable, "/", sys.executable, "-c",
                    sys.argv[1], "PATH=/usr/bin:/bin", "LINECOOK_ATTEMPT=\(marker)"]
                block = b"".join(word.encode() + b"\\0" for word in words)
                ours.sendall(struct.pack("=I", len(block)) + block)
                theirs.close(); os.close(writing)
                line = os.fdopen(reading).readline()
                open("line", "w").write(line)
                supervisor.wait()
                """
            var owner: ProcessIdentity?
            let listener = shell("mkfifo line && echo made && cat line", directory: folder.path)
            let (line, _) = try await withProcessTree(listener) { tree in
                var iterator = tree.output.makeAsyncIterator()
                _ = await iterator.next()
                owner = try DetachedProcess.start(
                    executable: try ExecutableSearch(environment: agentEnvironment, directory: "/")
                        .find("python3"),
                    arguments: ["-c", script, agent],
                    environment: agentEnvironment,
                    directory: folder.path
                )
                return await iterator.next()
            }
            let bytes = try #require(line).bytes
            let processes = try identities(in: String(decoding: bytes, as: UTF8.self))
            try #require(processes.count == 6)
            return (try #require(owner), processes)
        }
    }
}
