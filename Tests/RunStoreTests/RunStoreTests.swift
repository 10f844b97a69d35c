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
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// A class, so that its folder goes when a test is over.
@Suite final class RunStoreTests {
    private let store: RunStore
    private let disk = LocalFileSystem()
    private let now = Sample.now

    init() throws {
        let root = FilePath("/tmp/linecook-store-\(UUID().uuidString)")
        store = RunStore(root: root, disk: disk)
        try store.prepare()
    }

    deinit { try? FileManager.default.removeItem(atPath: store.layout.root.string) }

    private func makeRun(_ key: String, number: Int = 1) throws -> Run {
        var run = try Sample.run(key, number)
        run.enter(.queued, why: "ready in Todo", next: "Is claimed in Linear.", at: now)
        run.refresh()
        try store.begin(run, workflow: Sample.workflow, source: Sample.source)
        return run
    }

    private func finish(_ run: inout Run) {
        run.state = .failed
        run.ended = now
        run.tracker.told = .failed
        run.refresh()
    }

    @Test func `an open run is found again as it was, with its workflow`() throws {
        var run = try makeRun("FRE-69")
        run.attempts = [Attempt(number: 1, started: now)]
        run.refresh()
        try store.save(run)
        let recovery = try store.recover(at: now)
        #expect(recovery.runs == [run])
        #expect(recovery.problems == [])
        #expect(try store.workflow(of: run.id) == Sample.workflow)
        #expect(
            try disk.read(store.layout.ticket(run.ticket.key).appending("latest/run.json"))
                == disk.read(store.layout.record(run.id))
        )
    }

    @Test func `a run at rest is no longer read at the start but stays in the history`() throws {
        var run = try makeRun("FRE-69")
        try store.save(run)
        finish(&run)
        try store.save(run)
        #expect(try store.recover(at: now).runs == [])
        #expect(try store.listing(limit: 10) == [HistoryLine(run)])
        #expect(try store.run(run.id) == run)
    }

    @Test func `what is written begins with the verdict of what it says`() throws {
        var run = try makeRun("FRE-69")
        run.enter(.waiting, why: "full", reason: "all slots are taken", next: "", at: now)
        try store.save(run)
        #expect(try store.run(run.id)?.summary == "Waiting: all slots are taken.")
    }

    @Test func `a failed run stays open until Linear has been told`() throws {
        var run = try makeRun("FRE-69")
        finish(&run)
        run.tracker.told = .running
        try store.save(run)
        #expect(try store.recover(at: now).runs == [run])
    }

    @Test func `a record that a person broke is set aside, named and not lost`() throws {
        let run = try makeRun("FRE-69")
        let other = try makeRun("FRE-70")
        try store.save(run)
        try store.save(other)
        let record = store.layout.record(run.id)
        try disk.write(Array("{\"schema\": 1, \"summary\": ".utf8), to: record)
        let recovery = try store.recover(at: now)
        #expect(recovery.runs == [other])
        #expect(
            recovery.problems == [
                "\(record): it isn't valid JSON; set aside as run.json.broken-20261123T194002000Z"
                    + ", mend it and move it back, or move the ticket to start it anew"
            ]
        )
        #expect(
            try disk.read(
                record.removingLastComponent().appending("run.json.broken-20261123T194002000Z")
            ) != nil
        )
    }

    @Test func `a record of a newer program is refused unharmed`() throws {
        let run = try makeRun("FRE-69")
        try store.save(run)
        let record = store.layout.record(run.id)
        let bytes = Array("{\"schema\": 9, \"other\": true}".utf8)
        try disk.write(bytes, to: record)
        let recovery = try store.recover(at: now)
        #expect(
            recovery.problems == [
                "\(record): written by a newer linecook (schema 9, this one knows 1); install that"
                    + " one again; its ticket is left alone"
            ]
        )
        #expect(try disk.read(record) == bytes)
    }

    @Test func `a kill between the entry and the first record leaves nothing open`() throws {
        let run = try makeRun("FRE-69")
        try store.write(OpenEntry(run), to: store.layout.open(run.ticket.key))
        #expect(try store.recover(at: now).runs == [])
        #expect(try disk.list(store.layout.open) == [])
    }

    @Test func `a torn last line of the history is passed over`() throws {
        var run = try makeRun("FRE-69")
        finish(&run)
        try store.save(run)
        try disk.append(
            Array("{\"ticket\": \"FRE-7".utf8),
            to: store.layout.history.appending("2026-11.jsonl")
        )
        #expect(try store.listing(limit: 10) == [HistoryLine(run)])
    }

    @Test func `runs of a ticket are numbered on`() throws {
        try store.save(try makeRun("FRE-69", number: 1))
        try store.save(try makeRun("FRE-69", number: 2))
        #expect(try store.runNumbers(of: try #require(TicketKey("FRE-69"))) == [1, 2])
        #expect(try store.runNumbers(of: try #require(TicketKey("FRE-1"))) == [])
    }

    @Test func `what finished runs cost since then is found again, each attempt once`() throws {
        // Linear heard of FRE-4's end long after the others'; then the clock was set back by two hours.
        let runs: [(key: String, attempt: Double, run: Double, cost: Double)] = [
            ("FRE-1", 30, 30, 1), ("FRE-2", 3, 3, 2), ("FRE-3", 1, 1, 4), ("FRE-4", 26, 26, 8),
            ("FRE-5", 23, 25, 16),
        ]
        for (key, hours, runHours, cost) in runs {
            var run = try makeRun(key)
            let ended = now.addingTimeInterval(-hours * 3600)
            let runEnded = now.addingTimeInterval(-runHours * 3600)
            var attempt = Attempt(number: 1, started: ended)
            var result = AttemptResult(outcome: .succeeded, reason: nil, ended: ended)
            var agent = AgentReport(kind: .claudeCode)
            agent.costUSD = cost
            result.agent = agent
            attempt.finish(with: result)
            run.attempts = [attempt]
            run.enter(.failed, why: "no attempt is left", next: "", at: runEnded)
            run.tracker.told = .failed
            try store.save(run)
            // A crash after the history was written makes the next start write it again.
            try store.save(run)
        }
        let spent = try store.spendings(since: now.addingTimeInterval(-86_400))
        #expect(spent.map(\.usd).sorted() == [2, 4, 16])
        #expect(spent.allSatisfy { $0.workflow == "portfolio" && !$0.isEstimate })
        // A person broke a record: what its run cost is still in the history.
        let broken = RunID(ticket: try #require(TicketKey("FRE-3")), number: 1)
        try disk.write(Array("{".utf8), to: store.layout.record(broken))
        let left = try store.spendings(since: now.addingTimeInterval(-86_400))
        #expect(left.map(\.usd).sorted() == [2, 4, 16])
    }

    @Test func `a run whose maker was killed before its record gives its number to the next`()
        throws
    {
        let first = try makeRun("FRE-1")
        #expect(try store.runNumbers(of: first.ticket.key) == [])
        try store.save(first)
        #expect(try store.runNumbers(of: first.ticket.key) == [1])
        _ = try makeRun("FRE-1", number: 2)
        #expect(try store.runNumbers(of: first.ticket.key) == [1])
        // A record that was set aside is still somebody's.
        try disk.write([1], to: store.layout.run(first.id).appending("run.json.broken-1"))
        try disk.remove(store.layout.record(first.id))
        #expect(try store.runNumbers(of: first.ticket.key) == [1])
    }

    @Test
    func
        `what killed writers left half-written goes at the next start, what is being written stays`()
        throws
    {
        let run = try makeRun("FRE-1")
        try store.save(run)
        // No process has a number beyond what the system gives out.
        let dead = [
            store.layout.root.appending(".service.json.99999999-1.tmp"),
            store.layout.open.appending(".FRE-1.json.99999999-140.tmp"),
            store.layout.run(run.id).appending(".run.json.99999999-2.tmp"),
        ]
        let live = store.layout.open.appending(".FRE-1.json.\(getpid())-1.tmp")
        let own = store.layout.root.appending("notes.tmp")
        for path in dead + [live, own] { try disk.write([1], to: path) }
        _ = try store.recover(at: now, setsAside: false)
        for path in dead { #expect(try disk.read(path) != nil, "who only looks removes nothing") }
        _ = try store.recover(at: now)
        for path in dead { #expect(try disk.read(path) == nil, "\(path)") }
        for path in [live, own] { #expect(try disk.read(path) != nil, "\(path)") }
    }

    @Test func `a cost beyond all belief in a record leaves it a record`() throws {
        var run = try makeRun("FRE-1")
        for number in 1...2 {
            var attempt = Attempt(number: number, started: now)
            var report = AgentReport(kind: .command)
            report.costUSD = 1.7e308
            attempt.agent = report
            attempt.outcome = .agentFailed
            run.attempts.append(attempt)
        }
        run.enter(.failed, why: "attempt 2: agent failed", next: "Nothing.", at: now)
        try store.save(run)
        let record = try store.run(run.id)
        #expect(record?.state == .failed && record?.summary.contains("USD") == true)
    }
}
