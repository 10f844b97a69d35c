import Domain
import RunStore
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct RetentionPlanTests {
    private let now = Date(timeIntervalSince1970: 1_795_462_802)

    private func id(_ text: String) throws -> RunID {
        let parts = text.split(separator: "/")
        return RunID(
            ticket: try #require(TicketKey(String(parts[0]))),
            number: try #require(Int(parts[1]))
        )
    }

    private func plan(
        _ runs: [(String, days: Double)],
        open: [String] = [],
        _ settings: RetentionSettings
    ) throws -> RetentionPlan {
        let finished = try runs.map { name, days in
            FinishedRun(
                id: try id(name),
                state: .done,
                ended: now.addingTimeInterval(-days * 86_400)
            )
        }
        var newest: [TicketKey: Int] = [:]
        for run in finished {
            newest[run.id.ticket] = max(newest[run.id.ticket] ?? 0, run.id.number)
        }
        return RetentionPlan(
            finished,
            newest: newest,
            open: Set(open.compactMap { TicketKey($0) }),
            by: settings,
            at: now
        )
    }

    private func names(_ runs: [FinishedRun]) -> [String] { runs.map { "\($0.id)" } }

    @Test func `where nothing is set all is kept`() throws {
        let plan = try plan([("A-1/1", 9000), ("A-1/2", 8000)], RetentionSettings())
        #expect(plan.removed.isEmpty && plan.stripped.isEmpty && plan.compressed.isEmpty)
    }

    @Test func `old runs go, but the newest of each ticket only loses its logs`() throws {
        let plan = try plan(
            [("A-1/1", 400), ("A-1/2", 366), ("A-1/3", 20), ("A-2/1", 500), ("A-3/1", 5)],
            RetentionSettings(
                runs: .init(age: .seconds(365 * 86_400)),
                logs: .init(age: .seconds(30 * 86_400)),
                compress: .seconds(86_400)
            )
        )
        #expect(names(plan.removed) == ["A-1/2", "A-1/1"])
        #expect(names(plan.stripped) == ["A-2/1"])
        #expect(names(plan.compressed) == ["A-3/1", "A-1/3"])
    }

    @Test func `beyond a number the oldest go, but never one of the last day`() throws {
        let runs = [("A-1/1", 0.5), ("A-1/2", 0.4), ("A-1/3", 0.3), ("A-2/1", 3), ("A-2/2", 2)]
        let settings = RetentionSettings(runs: .init(count: 1), logs: .init(count: 2))
        let plan = try plan(runs, settings)
        #expect(names(plan.removed) == ["A-2/1"])
        #expect(names(plan.stripped) == ["A-1/1", "A-2/2"])
    }

    @Test func `nothing of a ticket with an open run is touched`() throws {
        let plan = try plan(
            [("A-1/1", 400), ("A-1/2", 300), ("A-2/1", 400), ("A-2/2", 300)],
            open: ["A-1"],
            RetentionSettings(runs: .init(count: 1), compress: .seconds(3600))
        )
        #expect(names(plan.removed) == ["A-2/1"])
        #expect(names(plan.compressed) == ["A-2/2"])
    }

    @Test func `an age is exact, and a run that ends after now is young`() throws {
        let day = Duration.seconds(86_400)
        let settings = RetentionSettings(runs: .init(age: day * 30))
        let plan = try plan([("A-1/1", 30), ("A-1/2", -4), ("A-1/3", 1)], settings)
        #expect(plan.removed.isEmpty)
        #expect(
            names(try self.plan([("A-1/1", 30.001), ("A-1/2", 1)], settings).removed) == ["A-1/1"]
        )
    }
}
