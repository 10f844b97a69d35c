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

/// What a person does to the files, while the service runs and while it's down.
// A class, so that its folder goes when a test is over.
@Suite final class EditedFilesTests {
    private let store: RunStore
    private let disk = LocalFileSystem()
    private let now = Sample.now

    init() throws {
        let root = FilePath("/tmp/linecook-edited-\(UUID().uuidString)")
        store = RunStore(root: root, disk: disk)
        try store.prepare()
    }

    deinit { try? FileManager.default.removeItem(atPath: store.layout.root.string) }

    private func begin(_ key: String, _ number: Int = 1) throws -> Run {
        var run = try Sample.run(key, number)
        run.enter(.queued, why: "ready in Todo", next: "", at: now)
        run.refresh()
        try store.begin(run, workflow: Sample.workflow, source: Sample.source)
        try store.save(run)
        return run
    }

    private func write(_ text: String, _ path: FilePath) throws {
        try disk.write(Array(text.utf8), to: path)
    }

    private func text(_ path: FilePath) throws -> String? {
        try disk.read(path).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: ["", "{", "{\"schema\": 1, \"state\": \"done\"}", "\u{0}\u{0}"])
    func `what a person makes of a record while the service runs isn't lost`(edit: String) throws {
        var run = try begin("FRE-1")
        run.enter(.running, why: "attempt 1", next: "", at: now)
        run.refresh()
        for path in [store.layout.record(run.id), store.layout.open(run.ticket.key)] {
            try write(edit, path)
        }
        let notice = try #require(try store.save(run))
        for (folder, name) in [
            (store.layout.run(run.id), "run.json"), (store.layout.open, "FRE-1.json"),
        ] {
            let aside = "\(name).broken-20261123T194002000Z"
            #expect(
                notice.contains(
                    "\(name): it was changed while the service was at work; set aside as \(aside)"
                )
            )
            #expect(try text(folder.appending(aside)) == edit)
        }
        #expect(try store.run(run.id) == run)
        #expect(try store.save(run) == nil)
        // The same again, at the same time by the clock: the first one stays.
        try write("again", store.layout.record(run.id))
        #expect(try store.save(run)?.contains("run.json.broken-20261123T194002000Z-2") == true)
        #expect(
            try text(store.layout.run(run.id).appending("run.json.broken-20261123T194002000Z"))
                == edit
        )
    }

    @Test func `ticks and breakers that a person changed meanwhile are set aside, too`() throws {
        try store.save([TickMark(workflow: "portfolio", settled: now)])
        try store.save([BreakerMark](), at: now)
        for path in [store.layout.ticks, store.layout.breaker] { try write("mine", path) }
        let later = TickMark(workflow: "portfolio", settled: now.addingTimeInterval(60))
        for notice in [try store.save([later]), try store.save([BreakerMark](), at: now)] {
            #expect(notice?.contains("set aside as ") == true)
        }
        let names = try disk.list(store.layout.root).filter { $0.contains(".broken-") }
        #expect(names.count == 2)
        for name in names { #expect(try text(store.layout.root.appending(name)) == "mine") }
    }

    @Test func `folders that are deleted meanwhile come back with what is known`() throws {
        var run = try begin("FRE-1")
        for folder in [store.layout.runs, store.layout.open, store.layout.history] {
            try FileManager.default.removeItem(atPath: folder.string)
        }
        run.enter(.running, why: "attempt 1", next: "", at: now)
        run.refresh()
        #expect(try store.save(run) == nil)
        #expect(try store.recover(at: now).runs == [run])
        run.enter(.failed, why: "no", next: "", at: now)
        run.tracker.told = .failed
        try store.save(run)
        #expect(try store.listing(limit: 9).map(\.id) == [run.id])
    }

    @Test func `an entry that is broken, copied or swapped hides no run and makes none`() throws {
        let first = try begin("FRE-1")
        let second = try begin("FRE-2")
        var over = try begin("FRE-3")
        over.enter(.failed, why: "no", next: "", at: now)
        over.tracker.told = .failed
        try store.save(over)
        let entry = try #require(try text(store.layout.open(second.ticket.key)))
        try write("{\"run\": 1", store.layout.open(first.ticket.key))
        for name in ["FRE-3.json", "FRE-4.json", "FRE-2 (copy).json", ".FRE-9.json"] {
            try write(entry, store.layout.open.appending(name))
        }
        let found = try store.recover(at: now)
        #expect(found.runs.map(\.id) == [first.id, second.id])
        try #require(found.problems.count == 3)
        #expect(
            found.problems[0].contains(
                "FRE-1.json: it isn't valid JSON; set aside as FRE-1.json.broken-"
            )
        )
        #expect(found.problems[1].contains("FRE-3.json: it is a copy of FRE-2's; set aside as"))
        // What was set aside is told of once, and what it said stands again.
        let again = try store.recover(at: now)
        #expect(again.runs.map(\.id) == [first.id, second.id] && again.problems == [])
    }

    @Test func `a record that was set aside, or deleted, is named until a person has seen to it`()
        throws
    {
        let broken = try begin("FRE-1")
        let deleted = try begin("FRE-2")
        for run in [broken, deleted] { try disk.makeFolder(store.layout.attempt(run.id, 1)) }
        try write("{", store.layout.record(broken.id))
        try disk.remove(store.layout.record(deleted.id))
        for round in 1...3 {
            let found = try store.recover(at: now.addingTimeInterval(Double(round)))
            #expect(found.runs == [])
            #expect(found.unreadable == [broken.id, deleted.id], "\(round)")
            try #require(found.problems.count == 2, "\(round): \(found.problems)")
            #expect(found.problems[0].contains("run.json.broken-20261123T194003000Z"))
            #expect(found.problems[1].contains("there is no such file any more"))
        }
        // Brought back, it goes on.
        let folder = store.layout.run(broken.id)
        try store.write(broken, to: folder.appending("run.json"))
        #expect(try store.recover(at: now).runs == [broken])
    }

    @Test func `a run that is over doesn't keep its ticket from another one`() throws {
        var run = try begin("FRE-1")
        run.enter(.failed, why: "no luck", next: "", at: now)
        run.ended = now
        run.refresh()
        try store.save(run)
        try disk.remove(store.layout.open(run.ticket.key))
        #expect(try store.hiddenRun(of: run.ticket.key) != nil, "Linear wasn't told yet")
        run.tracker.told = .failed
        run.refresh()
        try store.save(run)
        #expect(try disk.read(store.layout.open(run.ticket.key)) == nil)
        #expect(try store.hiddenRun(of: run.ticket.key) == nil)
    }

    @Test(arguments: ["1.bak", "2", "02", "1 (copy)"])
    func `a copy of a run's folder is no second run`(copy: String) throws {
        let run = try begin("FRE-1")
        let folder = store.layout.ticket(run.ticket.key)
        try FileManager.default.copyItem(
            atPath: store.layout.run(run.id).string,
            toPath: folder.appending(copy).string
        )
        #expect(try store.recover(at: now).runs == [run])
        #expect(try store.listing(limit: 9).map(\.id) == [run.id])
        // Even when the entry is to be found out anew.
        try write("{", store.layout.open(run.ticket.key))
        #expect(try store.recover(at: now).runs == [run])
        try disk.remove(store.layout.open(run.ticket.key))
        #expect(try store.hiddenRun(of: run.ticket.key)?.contains("FRE-1/1 isn't at rest") == true)
        _ = try store.reindex(restoresEntries: true)
        #expect(try store.recover(at: now).runs == [run])
        #expect(try store.hiddenRun(of: run.ticket.key) == nil)
    }
}
