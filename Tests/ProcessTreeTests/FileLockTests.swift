import ProcessTree
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ProcessTreeTests {
    @Suite struct Locks {
        @Test func `a lock has one holder, who is named, and is free after its release`() throws {
            let folder = try TemporaryFolder()
            let path = folder.path.appending("lock")
            #expect(try FileLock.isHeld(at: path) == false)
            #expect(FileLock.holder(at: path) == nil)

            let lock = try #require(
                try FileLock.take(at: path, holder: "process 7 on this machine")
            )
            #expect(try FileLock.take(at: path, holder: "another") == nil)
            #expect(try FileLock.isHeld(at: path))
            #expect(FileLock.holder(at: path) == "process 7 on this machine")

            lock.release()
            lock.release()
            #expect(try FileLock.isHeld(at: path) == false)
            let next = try #require(try FileLock.take(at: path, holder: "8"))
            #expect(FileLock.holder(at: path) == "8")
            next.release()
        }

        @Test func `a lock is let go of with its object`() throws {
            let folder = try TemporaryFolder()
            let path = folder.path.appending("lock")
            do {
                let lock = try FileLock.take(at: path)
                #expect(lock != nil)
                #expect(try FileLock.isHeld(at: path))
            }
            #expect(try FileLock.isHeld(at: path) == false)
        }

        @Test func `a lock whose file was deleted does not hold for the new file`() throws {
            let folder = try TemporaryFolder()
            let path = folder.path.appending("lock")
            let first = try #require(try FileLock.take(at: path))
            try FileManager.default.removeItem(atPath: path.string)
            let second = try #require(try FileLock.take(at: path))
            #expect(first.path == second.path)
        }

        @Test func `a lock file that can't be made is named`() {
            #expect(throws: ProcessTreeError.fileRefused("/no/such/lock", .noSuchFileOrDirectory)) {
                try FileLock.take(at: "/no/such/lock")
            }
        }

        @Test func `a lock of another process holds until that process is killed`() async throws {
            let folder = try TemporaryFolder()
            let path = folder.path.appending("lock")
            let script = """
                import fcntl, signal, struct
                file = open("\(path)", "w")
                fcntl.fcntl(file, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
                print("held", flush=True)
                signal.pause()
                """
            let (lock, _) = try await withProcessTree(python(script)) { tree in
                var iterator = tree.output.makeAsyncIterator()
                _ = await iterator.next()
                #expect(try FileLock.take(at: path) == nil)
                #expect(try FileLock.isHeld(at: path))
                tree.leader.signal(9)
                return try await FileLock.wait(at: path, holder: "the next")
            }
            #expect(FileLock.holder(at: path) == "the next")
            #expect(try FileLock.isHeld(at: path))
            lock.release()
        }

        @Test func `a child that is started meanwhile does not inherit the lock`() async throws {
            let folder = try TemporaryFolder()
            let path = folder.path.appending("lock")
            _ = try await withProcessTree(shell("echo ready; sleep 60")) { tree in
                let lock = try FileLock.take(at: path)
                _ = try await withProcessTree(shell("echo ready; sleep 60")) { inner in
                    for await _ in inner.output {
                        lock?.release()
                        let isHeld = try FileLock.isHeld(at: path)
                        #expect(!isHeld)
                        inner.stop()
                    }
                }
                tree.stop()
            }
        }

        @Test func `who waits for a lock can turn away`() async throws {
            let folder = try TemporaryFolder()
            let path = folder.path.appending("lock")
            let lock = try #require(try FileLock.take(at: path))
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do {
                        _ = try await FileLock.wait(at: path)
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
            lock.release()
            // The thread that waited on takes the lock for a moment only.
            try await FileLock.wait(at: path).release()
            #expect(try FileLock.isHeld(at: path) == false)
        }

        @Test func `tasks that wait for one lock have it one after the other`() async throws {
            let folder = try TemporaryFolder()
            let path = folder.path.appending("lock")
            let counter = try folder.write("0", to: "counter")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...20 {
                    group.addTask {
                        let lock = try await FileLock.wait(at: path)
                        let url = URL(filePath: counter.string)
                        let count = Int(try String(contentsOf: url, encoding: .utf8)) ?? -100
                        try Data("\(count + 1)".utf8).write(to: url)
                        lock.release()
                    }
                }
                try await group.waitForAll()
            }
            #expect(try String(contentsOf: URL(filePath: counter.string), encoding: .utf8) == "20")
        }
    }
}
