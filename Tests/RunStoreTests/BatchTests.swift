import Disk
import Domain
import RunStore
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct BatchTests {
    private let now = Date(timeIntervalSince1970: 1_795_462_802)

    private func batch(_ number: Int, of workflow: String = "portfolio", ended: Bool = false)
        -> Batch
    {
        var batch = Batch(
            workflow: workflow,
            number: number,
            started: now,
            phases: [],
            tickets: [],
            dependencies: [],
            overlaps: []
        )
        if ended { batch.ended = now }
        return batch
    }

    private func withStore(_ body: (RunStore, FilePath) throws -> Void) throws {
        let root = FilePath("/tmp/linecook-batches-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: root.string) }
        let store = RunStore(root: root, disk: LocalFileSystem())
        try store.prepare()
        try body(store, root)
    }

    @Test func `start-up finds the batches that go on, and not those at their end`() throws {
        try withStore { store, _ in
            try store.save(batch(1, ended: true))
            try store.save(batch(2))
            try store.save(batch(3))
            try store.save(batch(3, ended: true))
            let open = try store.openBatches(at: now, setsAside: true)
            #expect(open.batches.map(\.name) == ["portfolio-2"])
            #expect(open.problems == [])
            #expect(try store.batch(named: "portfolio-3")?.ended == now)
        }
    }

    @Test func `a number is taken once, whatever a workflow is called`() throws {
        try withStore { store, _ in
            try store.save(batch(1, of: "a-2"))
            try store.save(batch(12, of: "a"))
            try store.save(batch(9, of: "a.json-x"))
            #expect(try store.newestBatches()["a-2"] == 1)
            #expect(try store.newestBatches()["a"] == 12)
        }
    }

    @Test
    func
        `a broken record is set aside by the daemon, left by who only looks, and keeps its number`()
        throws
    {
        try withStore { store, root in
            try store.save(batch(4))
            let path = root.appending("batches").appending("portfolio-4.json")
            try LocalFileSystem().write(Array("{".utf8), to: path)
            #expect(try store.openBatches(at: now, setsAside: false).problems.count == 1)
            #expect(try LocalFileSystem().read(path) != nil)
            let problems = try store.openBatches(at: now, setsAside: true).problems
            #expect(problems.first?.contains("set aside as portfolio-4.json.broken-") == true)
            #expect(try LocalFileSystem().read(path) == nil)
            #expect(try store.newestBatches() == ["portfolio": 4])
        }
    }

    @Test func `a mark left on a batch at its end goes at the next start`() throws {
        try withStore { store, root in
            try store.save(batch(5, ended: true))
            let mark = root.appending("batches").appending("open").appending("portfolio-5")
            try LocalFileSystem().write([], to: mark)
            #expect(try store.openBatches(at: now, setsAside: false).batches == [])
            #expect(try LocalFileSystem().read(mark) != nil)
            #expect(try store.openBatches(at: now, setsAside: true).batches == [])
            #expect(try LocalFileSystem().read(mark) == nil)
        }
    }

    @Test func `a mark without a record is nothing`() throws {
        try withStore { store, root in
            try LocalFileSystem().write(
                [],
                to: root.appending("batches").appending("open").appending("portfolio-7")
            )
            #expect(try store.openBatches(at: now, setsAside: true).batches == [])
        }
    }
}
