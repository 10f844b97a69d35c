import Domain
import Testing

@testable import Dashboard

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct BatchStoryTests {
    private func story(_ batch: Batch) throws -> BatchStory {
        let runs = Dictionary(uniqueKeysWithValues: try NineTickets.runs().map { ($0.id, $0) })
        return BatchStory(batch, runs: runs, now: NineTickets.minutes(80))
    }

    @Test func `the critical path is the chain that took the longest`() throws {
        let path = try story(try NineTickets.batch()).criticalPath
        #expect(path.map(\.number) == [70, 72, 75, 77])
    }

    @Test func `one long ticket is the critical path, or makes its chain that`() throws {
        var runs = try NineTickets.runs()
        runs[2].attempts[0].seconds = 36_000
        let known = Dictionary(uniqueKeysWithValues: runs.map { ($0.id, $0) })
        let story = BatchStory(
            try NineTickets.batch(),
            runs: known,
            now: NineTickets.minutes(80)
        )
        #expect(story.criticalPath.map(\.number) == [69, 71])
        var batch = try NineTickets.batch()
        batch.dependencies = []
        let apart = BatchStory(batch, runs: known, now: NineTickets.minutes(80))
        #expect(apart.criticalPath.map(\.number) == [71])
    }

    @Test func `a cycle is in no chain and stops nothing`() throws {
        var batch = try NineTickets.batch()
        batch.dependencies.append(
            Batch.Dependency(
                ticket: try NineTickets.key(70),
                on: try NineTickets.key(72),
                cause: .relation
            )
        )
        #expect(try story(batch).criticalPath.map(\.number) == [69, 73, 74, 76])
        let page = ReportPage(batches: [batch], runs: [], at: NineTickets.start).html
        #expect(page.contains("FRE-70 waits for FRE-72: Linear says that it&#39;s blocked by it"))
    }

    @Test func `a page draws the newest batch of a workflow and those that go on`() throws {
        func batch(_ number: Int, of workflow: String, ended: Bool) -> Batch {
            var batch = Batch(
                workflow: workflow,
                number: number,
                started: NineTickets.start,
                phases: [],
                tickets: [],
                dependencies: [],
                overlaps: []
            )
            if ended { batch.ended = NineTickets.start }
            return batch
        }
        let drawn = ReportPage.drawn(of: [
            batch(9, of: "a", ended: true), batch(10, of: "a", ended: true),
            batch(2, of: "a", ended: false), batch(1, of: "b", ended: true),
        ])
        #expect(drawn == ["a-10", "a-2", "b-1"])
    }
}
