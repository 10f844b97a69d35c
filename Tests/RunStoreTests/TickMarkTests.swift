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

// A class, so that its folder goes when a test is over.
@Suite final class TickMarkTests {
    private let store: RunStore
    private let disk = LocalFileSystem()
    private let now = Date(timeIntervalSince1970: 1_795_435_210)

    init() throws {
        let root = FilePath("/tmp/linecook-ticks-\(UUID().uuidString)")
        store = RunStore(root: root, disk: disk)
        try store.prepare()
    }

    deinit { try? FileManager.default.removeItem(atPath: store.layout.root.string) }

    @Test func `marks are read as they were written, and a person can read them`() throws {
        var mark = TickMark(workflow: "portfolio", settled: now)
        mark.lastTick = now
        mark.isAnswered = false
        mark.missed = MissedTicks(count: 3, first: now, last: now, noticed: now, polls: 1)
        let other = TickMark(workflow: "default", settled: now)
        try store.save([mark, other])
        let found = try store.tickMarks(at: now, setsAside: true)
        #expect(found.marks == [other, mark] && found.problem == nil)
        let text = String(decoding: try #require(try disk.read(store.layout.ticks)), as: UTF8.self)
        #expect(text.contains(#""last_tick": "2026-11-23T12:00:10"#))
        #expect(text.contains(#""answered": false"#))
    }

    @Test func `no file is no marks`() throws {
        let found = try store.tickMarks(at: now, setsAside: true)
        #expect(found.marks == [] && found.problem == nil)
    }

    @Test func `a broken file is set aside and named, and one of a newer program refused`() throws {
        try disk.write(Array("{".utf8), to: store.layout.ticks)
        let problem = try #require(try store.tickMarks(at: now, setsAside: true).problem)
        #expect(problem.contains("set aside as ticks.json.broken-20261123T120010"), "\(problem)")
        #expect(problem.hasSuffix("no tick counts as missed, and the schedules go on from now"))
        #expect(try disk.read(store.layout.ticks) == nil)
        try disk.write(Array(#"{"schema": 9}"#.utf8), to: store.layout.ticks)
        #expect(throws: RunStoreError.newer(store.layout.ticks, schema: 9)) {
            try store.tickMarks(at: now, setsAside: true)
        }
    }
}
