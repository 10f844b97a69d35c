import Disk
import Domain
import RunStore
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

// A class, so that its folder goes when a test is over.
@Suite final class PruningTests {
    private let store: RunStore
    private let disk = LocalFileSystem()
    private let now = Sample.now
    private let settings = RetentionSettings(
        runs: .init(age: .seconds(100 * 86_400)),
        logs: .init(age: .seconds(30 * 86_400)),
        compress: .seconds(86_400)
    )

    init() throws {
        let root = FilePath("/tmp/linecook-pruning-\(UUID().uuidString)")
        store = RunStore(root: root.appending("state"), disk: disk)
        try store.prepare()
    }

    deinit {
        let folder = store.layout.root.removingLastComponent().string
        try? FileManager.default.removeItem(atPath: folder)
    }

    private var pruning: RunPruning { RunPruning(store: store, disk: disk) }

    private func id(_ key: String, _ number: Int) throws -> RunID {
        RunID(ticket: try #require(TicketKey(key)), number: number)
    }

    /// A run with an attempt's files, at rest unless another state is named.
    @discardableResult
    private func add(
        _ key: String,
        _ number: Int,
        days: Double,
        state: RunState = .done
    ) throws -> RunID {
        let ended = now.addingTimeInterval(-days * 86_400)
        var run = try Sample.run(key, number, at: ended)
        run.enter(state, why: "so", next: "", at: ended)
        if state.isFinal {
            run.tracker.told = state
            run.cleanup = "removed"
        }
        try store.begin(run, workflow: Sample.workflow, source: Sample.source)
        try store.save(run)
        let attempt = store.layout.attempt(run.id, 1)
        try disk.makeFolder(attempt)
        let long = Array(repeating: UInt8(ascii: "x"), count: 10_000)
        for name in ["agent.jsonl", "verify-build.log"] {
            try disk.write(long, to: attempt.appending(name))
        }
        for name in ["prompt.md", "changes.diff", "result.json", "agent.stderr.log"] {
            try disk.write(Array("little\n".utf8), to: attempt.appending(name))
        }
        return run.id
    }

    private func files(_ run: RunID) throws -> [String] {
        try disk.list(store.layout.attempt(run, 1))
    }

    private func prune() async throws -> PruneResult {
        try await pruning.carryOut(try pruning.list(by: settings, at: now)) { _, target in
            try target.writeAll(Array("gzip".utf8))
        }
    }

    private func history() throws -> [RunID] { try store.listing(limit: 1000).map(\.id).sorted() }

    @Test func `what is listed is what is done, logs before verdicts`() async throws {
        let oldest = try add("FRE-1", 1, days: 400)
        let newest = try add("FRE-1", 2, days: 300)
        let young = try add("FRE-2", 1, days: 2)
        let fresh = try add("FRE-3", 1, days: 0.5)
        let list = try pruning.list(by: settings, at: now)
        #expect(
            list.steps.map { "\($0.action.words) \($0.id) \($0.files)" } == [
                "remove run FRE-1/1 []",
                #"remove logs FRE-1/2 ["attempt-1/agent.jsonl", "attempt-1/agent.stderr.log", "attempt-1/verify-build.log"]"#,
                #"compress FRE-2/1 ["attempt-1/agent.jsonl", "attempt-1/verify-build.log"]"#,
            ]
        )
        #expect(list.kept == [])
        #expect(try pruning.list(by: settings, at: now) == list, "looking changes nothing")
        let result = try await prune()
        #expect(result.steps == list.steps)
        #expect(result.problems == [])
        let bytes = list.steps.map(\.bytes)
        #expect(bytes[1...] == [20_007, 20_000])
        #expect(result.freedBytes == bytes[0] + bytes[1] + bytes[2] - 8)
        #expect(try disk.read(store.layout.record(oldest)) == nil)
        #expect(try disk.list(store.layout.ticket(oldest.ticket)) == ["2", "latest"])
        #expect(try files(newest) == ["changes.diff", "prompt.md", "result.json"])
        #expect(try store.run(newest)?.id == newest)
        #expect(
            try files(young) == [
                "agent.jsonl.gz", "agent.stderr.log", "changes.diff", "prompt.md", "result.json",
                "verify-build.log.gz",
            ]
        )
        #expect(try files(fresh).contains("agent.jsonl"))
        #expect(try history() == [newest, young, fresh])
        #expect(try pruning.list(by: settings, at: now).steps == [], "there is nothing left to do")
    }

    @Test(arguments: [
        RunState.queued, .waiting, .running, .backingOff, .parked, .needsHuman, .delivering,
        .inReview,
    ])
    func `runs that are open stay, with all before them`(state: RunState) async throws {
        let before = try add("FRE-1", 1, days: 500)
        let open = try add("FRE-1", 2, days: 400, state: state)
        let result = try await prune()
        #expect(result.steps == [])
        for run in [before, open] { #expect(try files(run).count == 6) }
    }

    @Test func `a record that isn't what its folder says is kept and named`() async throws {
        for number in 1...3 { try add("FRE-1", number, days: 400) }
        let changed = try id("FRE-1", 1)
        try disk.write(Array("{".utf8), to: store.layout.record(changed))
        let record = store.layout.record(try id("FRE-1", 2))
        // The history says that it's over, and the record doesn't.
        let text = String(decoding: try #require(try disk.read(record)), as: UTF8.self)
        try disk.write(Array(text.replacing("\"done\"", with: "\"running\"").utf8), to: record)
        let list = try pruning.list(by: settings, at: now)
        #expect(list.steps.allSatisfy { $0.action != .removeRun })
        #expect(
            list.kept == [
                "FRE-1/2 is kept: \(record): the run isn't at rest",
                "FRE-1/1 is kept: \(store.layout.record(changed)): it isn't valid JSON",
            ]
        )
    }

    @Test func `a copy of a run's folder is nobody's, and stays`() async throws {
        let run = try add("FRE-1", 1, days: 400)
        let folder = store.layout.ticket(run.ticket)
        for copy in ["1.bak", "2", "01"] {
            try FileManager.default.copyItem(
                atPath: store.layout.run(run).string,
                toPath: folder.appending(copy).string
            )
        }
        let result = try await prune()
        #expect(result.steps.map(\.id) == [run], "the folder 2 is the newest")
        #expect(try disk.list(folder) == ["01", "1.bak", "2", "latest"])
        #expect(try history() == [])
    }

    @Test func `links lead nowhere`() async throws {
        let run = try add("FRE-1", 1, days: 400)
        try add("FRE-1", 2, days: 300)
        let outside = store.layout.root.removingLastComponent().appending("outside")
        try disk.makeFolder(outside.appending("attempt-9"))
        for name in ["attempt-9/agent.jsonl", "precious.log"] {
            let text = Array(repeating: UInt8(ascii: "x"), count: 9000)
            try disk.write(text, to: outside.pushing(FilePath(name)))
        }
        // In a run that goes, in one that loses its logs, and in place of a run and a ticket.
        for (link, target) in [
            ("FRE-1/1/attempt-2", outside), ("FRE-1/2/attempt-2", outside.appending("attempt-9")),
            ("FRE-1/2/precious.log", outside.appending("precious.log")), ("FRE-1/3", outside),
            ("FRE-2", outside),
        ] {
            try disk.link(store.layout.runs.pushing(FilePath(link)), to: target.string)
        }
        let result = try await prune()
        #expect(result.steps.map(\.action) == [.removeRun, .removeLogs])
        #expect(try disk.list(store.layout.run(run)) == [])
        #expect(try disk.list(outside) == ["attempt-9", "precious.log"])
        #expect(try disk.list(outside.appending("attempt-9")) == ["agent.jsonl"])
        #expect(throws: DiskError.self) {
            try self.disk.removeAll(
                self.store.layout.runs.pushing("FRE-2/precious.log"),
                below: self.store.layout.root,
                last: nil
            )
        }
    }

    @Test(arguments: 0..<12)
    func `a kill at any step leaves nothing half-said`(step: Int) async throws {
        for key in ["FRE-1", "FRE-2"] {
            for (number, days) in [(1, 400.0), (2, 300), (3, 200), (4, 2)] {
                try add(key, number, days: days)
            }
        }
        let cutting = CuttingDisk(after: step)
        let dying = RunPruning(
            store: RunStore(root: store.layout.root, disk: cutting),
            disk: cutting
        )
        let list = try dying.list(by: settings, at: now)
        #expect(list.steps.count == 8)
        _ = try? await dying.carryOut(list) { _, target in try target.writeAll([0]) }
        #expect(cutting.wasKilled)
        // Before the next start nothing that is told of as whole is without its record.
        for run in try history() where try store.run(run) == nil {
            #expect(try disk.read(store.layout.pruneIntent) != nil, "\(run)")
        }
        #expect(try pruning.finish(at: now) == nil)
        #expect(try disk.read(store.layout.pruneIntent) == nil)
        let left = try store.listing(limit: 100)
        for line in left { #expect(try store.run(line.id)?.state == .done) }
        let folders = try [1, 2].flatMap { number in
            try store.runNumbers(of: id("FRE-\(number)", 1).ticket).map {
                try id("FRE-\(number)", $0)
            }
        }
        #expect(left.map(\.id).sorted() == folders)
        _ = try await prune()
        #expect(try history() == [id("FRE-1", 4), id("FRE-2", 4)])
        for key in ["FRE-1", "FRE-2"] {
            let names = try files(id(key, 4))
            #expect(names.contains("agent.jsonl.gz") && !names.contains("agent.jsonl"), "\(names)")
        }
    }

    @Test func `a list of what was to go that a person wrote takes no run that has to stay`() throws
    {
        try add("FRE-1", 1, days: 400)
        let newest = try add("FRE-1", 2, days: 400)
        let open = try add("FRE-2", 1, days: 400, state: .needsHuman)
        try add("FRE-2", 2, days: 300)
        try disk.write(
            Array(#"{"schema": 1, "removed": {"FRE-1": [1, 2, 7], "FRE-2": [1]}}"#.utf8),
            to: store.layout.pruneIntent
        )
        #expect(try pruning.finish(at: now) == nil)
        #expect(try store.runNumbers(of: newest.ticket) == [2])
        #expect(try store.run(open)?.state == .needsHuman)
        let path = store.layout.pruneIntent
        try disk.write(Array(#"{"schema": 1, "removed": {"../..": [1]}}"#.utf8), to: path)
        let notice = try pruning.finish(at: now)
        #expect(notice?.contains("isn't a ticket key") == true, "\(notice ?? "-")")
        #expect(notice?.contains("set aside as prune.json.broken-") == true, "\(notice ?? "-")")
        #expect(try store.runNumbers(of: newest.ticket) == [2])
    }

    @Test(.timeLimit(.minutes(30)))
    func `no damage to the list of what was to go takes more than it may`() throws {
        let newest = try add("FRE-1", 2, days: 400)
        let open = try add("FRE-2", 1, days: 400, state: .needsHuman)
        try add("FRE-2", 2, days: 300)
        let list = #"{ "schema": 1, "removed": { "FRE-1": [2], "FRE-2": [1, 2], "FRE-33": [1] } }"#
        var mutations = Mutations(of: [Array(list.utf8)], seed: 25)
        let root = store.layout.root
        for number in 0..<Mutations.count() {
            try disk.write(mutations.damaged(Array(list.utf8)), to: store.layout.pruneIntent)
            do { _ = try pruning.finish(at: now) } catch {
                guard case .newer = error else { throw error }
            }
            #expect(try store.run(newest)?.state == .done, "list \(number)")
            #expect(try store.run(open)?.state == .needsHuman, "list \(number)")
            for name in try disk.list(root) where name.contains(".broken-") {
                try disk.remove(root.appending(name))
            }
        }
    }

    @Test func `it's due once a day, and at once after a kill`() throws {
        #expect(store.isPruningDue(by: settings, at: now))
        #expect(!store.isPruningDue(by: RetentionSettings(), at: now))
        try store.save(PruneNote(at: now, summary: ""))
        #expect(!store.isPruningDue(by: settings, at: now.addingTimeInterval(86_399)))
        #expect(store.isPruningDue(by: settings, at: now.addingTimeInterval(86_400)))
        try disk.write(Array("{}".utf8), to: store.layout.pruneIntent)
        #expect(store.isPruningDue(by: RetentionSettings(), at: now))
    }

    @Test func `the history is made anew from the records`() throws {
        let first = try add("FRE-1", 1, days: 400)
        let second = try add("FRE-2", 1, days: 40)
        let broken = try add("FRE-3", 1, days: 30)
        let gone = try add("FRE-4", 1, days: 20)
        try add("FRE-5", 1, days: 10, state: .inReview)
        let lines = try store.listing(limit: 10)
        try disk.write(Array("{".utf8), to: store.layout.record(broken))
        try FileManager.default.removeItem(atPath: store.layout.run(gone).string)
        // Lost, doubled, edited, torn.
        let months = try disk.list(store.layout.history)
        #expect(months.count > 1)
        try disk.remove(store.layout.history.appending(months[0]))
        for month in months.dropFirst() {
            let path = store.layout.history.appending(month)
            let text = try #require(try disk.read(path))
            try disk.write(text + text + Array("{\"ticket\":".utf8), to: path)
        }
        let (count, problems) = try store.reindex()
        #expect(count == 3)
        #expect(problems == ["\(store.layout.record(broken)): it isn't valid JSON"])
        let kept = [first, second, broken]
        #expect(
            try store.listing(limit: 10)
                == lines.filter { !$0.state.isFinal || kept.contains($0.id) }
        )
        #expect(try history().filter { kept.contains($0) } == kept)
    }
}
