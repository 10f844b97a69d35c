import Domain
import Planner
import TestSupport
import Testing

@Suite struct TicketGraphTests {
    private func phases(_ tickets: [Ticket], size: Int? = nil) -> [[Int]] {
        let graph = TicketGraph(tickets, sources: PlanSettings.Source.allCases)
        return graph.phases(size: size).map { $0.map { graph.tickets[$0].key.number } }
    }

    @Test func `a diamond has three phases`() {
        let tickets = [
            ticket(4, after: [2, 3]), ticket(3, after: [1]), ticket(2, after: [1]), ticket(1),
        ]
        #expect(phases(tickets) == [[1], [2, 3], [4]])
    }

    @Test func `the longest way decides about the phase`() {
        #expect(
            phases([ticket(1), ticket(2, after: [1]), ticket(3, after: [2, 1]), ticket(4)])
                == [[1, 4], [2], [3]]
        )
    }

    @Test func `the article's nine tickets have four phases of at most four`() {
        let tickets =
            (1...4).map { ticket($0) }
            + [
                ticket(5, after: [1]), ticket(6, after: [2]), ticket(7, after: [3]),
                ticket(8, after: [5, 6]), ticket(9, after: [8]),
            ]
        #expect(phases(tickets, size: 4) == [[1, 2, 3, 4], [5, 6, 7], [8], [9]])
    }

    @Test func `blockers that are finished, or not in the batch, make no phases`() {
        #expect(
            phases([ticket(1), ticket(2, after: [blocker(1, .canceled), blocker(9)])]) == [[1, 2]]
        )
    }

    @Test func `a wide level is cut, the more urgent tickets first`() {
        let tickets = (1...200).map { ticket($0, $0 > 196 ? .urgent : .low) }
        let cut = phases(tickets, size: 4)
        #expect(cut.count == 50)
        #expect(cut.first == [197, 198, 199, 200])
        #expect(cut.last == [193, 194, 195, 196])
        #expect(phases(tickets).count == 1)
        #expect(phases(tickets, size: 0).count == 200)
    }

    @Test func `tickets that name the same file go to different phases where a level is cut`() {
        let tickets = [
            ticket(1, after: [], paths: ["src/a.ts"]), ticket(2, after: [], paths: ["src/*.ts"]),
            ticket(3, after: [], paths: ["docs/a.md"]), ticket(4, after: []),
        ]
        #expect(phases(tickets, size: 2) == [[1, 3], [2, 4]])
        #expect(phases(tickets, size: 3) == [[1, 3, 4], [2]])
        #expect(phases(tickets) == [[1, 2, 3, 4]])
        let graph = TicketGraph(tickets, sources: [.relations])
        #expect(graph.overlaps == [])
    }

    @Test(arguments: [
        (0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"),
    ])
    func `phases are named as columns are`(index: Int, name: String) {
        #expect(TicketGraph.phaseName(index) == name)
    }

    @Test func `overlaps are found as they would be by comparing each with each`() {
        var generator = SplitMix64(seed: 11)
        let paths = [
            "src", "src/", "src/app", "src/app/", "src/app/a.ts", "src/app.ts", "src/app-b/c.ts",
            "src/app/**", "src/*/a.ts", "src/app*", "**/*.ts", "docs/{a,b}.md", "docs/a.md",
            "docs/?.md",
            "README.md", "src/app?ts", "{src,docs}/a.md",
        ]
        let tickets = (1...40).map { number in
            let count = Int.random(in: 0...3, using: &generator)
            let own = (0..<count).compactMap { _ in paths.randomElement(using: &generator) }
            return ticket(number, after: [], paths: own)
        }
        var expected: [Batch.Overlap] = []
        for left in tickets {
            for right in tickets where left.key < right.key {
                let shared = TicketText.overlap(left.paths ?? [], right.paths ?? [])
                guard !shared.isEmpty else { continue }
                expected.append(Batch.Overlap(tickets: [left.key, right.key], paths: shared))
            }
        }
        #expect(TicketGraph(tickets, sources: [.files]).overlaps == expected)
    }

    @Test func `a file that all name doesn't make the overlaps of thousands unbounded`() {
        let tickets = (1...2000).map { ticket($0, after: [], paths: ["package.json", "**"]) }
        #expect(TicketGraph(tickets, sources: [.files]).overlaps.count == 20_000)
    }

    @Test(arguments: 1...40)
    func `each ticket is in one phase, later than its blockers, whatever the graph`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        let count = Int.random(in: 1...60, using: &generator)
        let size = Bool.random(using: &generator) ? Int.random(in: 1...6, using: &generator) : nil
        let tickets = (1...count).map { number in
            let blockers = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                blocker(
                    // Seldom a later one, so that some graphs have cycles.
                    Int.random(in: 1...10, using: &generator) == 1
                        ? Int.random(in: 1...count, using: &generator)
                        : max(1, number - Int.random(in: 1...9, using: &generator)),
                    Int.random(in: 1...5, using: &generator) == 1 ? .completed : .unstarted
                )
            }
            return ticket(number, after: number == 1 ? [] : blockers)
        }.shuffled(using: &generator)
        let graph = TicketGraph(tickets, sources: [.relations])
        let phases = graph.phases(size: size).map { $0.map { graph.tickets[$0] } }
        let held = Set(graph.heldTickets.map(\.id))
        let placed = phases.joined().map(\.id) + held
        #expect(placed.sorted() == tickets.map(\.id).sorted())
        #expect(phases.allSatisfy { !$0.isEmpty && $0.count <= size ?? .max })
        var phaseOf: [String: Int] = [:]
        for (phase, members) in phases.enumerated() {
            for member in members { phaseOf[member.id] = phase }
        }
        let members = Set(graph.cycles.joined())
        for ticket in tickets {
            let blockers = ticket.unfinishedBlockers
            let isHeld = members.contains(ticket.key) || blockers.contains { held.contains($0.id) }
            #expect(held.contains(ticket.id) == isHeld)
            for blocker in blockers {
                guard let own = phaseOf[ticket.id], let other = phaseOf[blocker.id] else {
                    continue
                }
                #expect(other < own)
                #expect(graph.chainLength(blocker.id) > graph.chainLength(ticket.id))
            }
        }
    }
}
