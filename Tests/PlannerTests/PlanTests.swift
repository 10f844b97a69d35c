import Domain
import Planner
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct PlanTests {
    private func key(_ number: Int) -> TicketKey {
        guard let key = TicketKey("FRE-\(number)") else { preconditionFailure("a bad key") }
        return key
    }

    private func ticket(
        _ number: Int,
        _ priority: Priority = .medium,
        age: Double = 0,
        blockedBy blockers: [(Int, StateType)] = []
    ) -> Ticket {
        Ticket(
            id: "id-\(number)",
            key: key(number),
            title: "t",
            url: "u",
            priority: priority,
            created: Date(timeIntervalSince1970: 1000 - age),
            updated: Date(timeIntervalSince1970: 1000),
            state: TicketState(id: "s", name: "Todo", type: .unstarted),
            blockers: blockers.map {
                Blocker(
                    id: "id-\($0.0)",
                    key: key($0.0),
                    state: TicketState(id: "x", name: "Whatever", type: $0.1)
                )
            }
        )
    }

    @Test func `urgent goes first, no priority last, then the older, then the lower key`() {
        let plan = Plan(of: [
            ticket(1, .none), ticket(2, .low), ticket(10, .high), ticket(9, .high),
            ticket(5, .high, age: 60), ticket(6, .urgent),
        ])
        #expect(plan.ready.map(\.key.number) == [6, 5, 9, 10, 2, 1])
    }

    @Test(arguments: [StateType.completed, .canceled, .duplicate])
    func `a finished blocker holds nobody, whatever its state is called`(type: StateType) {
        #expect(Plan(of: [ticket(2, blockedBy: [(1, type)])]).ready.count == 1)
    }

    @Test(arguments: [StateType.triage, .backlog, .unstarted, .started, .other("new")])
    func `any other blocker holds the ticket and is named`(type: StateType) {
        let plan = Plan(of: [ticket(2, blockedBy: [(7, type), (1, .completed), (3, type)])])
        #expect(plan.ready == [])
        #expect(plan.waiting.map(\.cause) == [.blockers([key(3), key(7)])])
    }

    @Test func `a blocker known to be finished since the poll holds nobody`() {
        let plan = Plan(of: [ticket(2, blockedBy: [(1, .started)])], finished: ["id-1"])
        #expect(plan.ready.map(\.key.number) == [2])
    }

    @Test func `a cycle is named with its members and holds only those and what waits for them`() {
        let plan = Plan(of: [
            ticket(1, blockedBy: [(3, .unstarted)]), ticket(2, blockedBy: [(1, .unstarted)]),
            ticket(3, blockedBy: [(2, .unstarted)]), ticket(4, blockedBy: [(3, .unstarted)]),
            ticket(5), ticket(6, blockedBy: [(6, .unstarted)]),
        ])
        #expect(plan.ready.map(\.key.number) == [5])
        let ring = Plan.Cause.cycle([key(1), key(2), key(3)])
        #expect(
            plan.waiting.map(\.cause) == [ring, ring, ring, .blockers([key(3)]), .cycle([key(6)])]
        )
    }

    @Test func `a chain of ten thousand is planned`() {
        let tickets = (1...10_000).map {
            ticket($0, blockedBy: $0 == 1 ? [] : [($0 - 1, .unstarted)])
        }
        let plan = Plan(of: tickets)
        #expect(plan.ready.map(\.key.number) == [1])
        #expect(plan.waiting.count == 9_999)
    }
}
