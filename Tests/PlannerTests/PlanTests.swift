import Domain
import Planner
import Testing

@Suite struct PlanTests {
    @Test func `urgent goes first, no priority last, then the older, then the lower key`() {
        let plan = Plan(of: [
            ticket(1, .none), ticket(2, .low), ticket(10, .high), ticket(9, .high),
            ticket(5, .high, age: 60), ticket(6, .urgent),
        ])
        #expect(plan.ready.map(\.key.number) == [6, 5, 9, 10, 2, 1])
    }

    @Test func `among equals the ticket that the longest chain waits for goes first`() {
        let tickets = [
            ticket(1, age: 60), ticket(2), ticket(3, .high), ticket(4, after: [2]),
            ticket(5, after: [4]), ticket(6, after: [1]), ticket(7, after: [1]),
        ]
        let plan = Plan(of: tickets)
        #expect(plan.ready.map(\.key.number) == [3, 2, 1])
        #expect(plan.graph.chainLength("id-2") == 3)
        #expect(plan.graph.chainLength("id-1") == 2)
        #expect(Plan.comesFirst(tickets[1], chain: 3, tickets[0], chain: 2))
    }

    @Test(arguments: [StateType.completed, .canceled, .duplicate])
    func `a finished blocker holds nobody, whatever its state is called`(type: StateType) {
        #expect(Plan(of: [ticket(2, after: [blocker(1, type)])]).ready.count == 1)
    }

    @Test(arguments: [StateType.triage, .backlog, .unstarted, .started, .other("new")])
    func `any other blocker holds the ticket and is named, also one that isn't planned`(
        type: StateType
    ) {
        let blockers = [blocker(7, type), blocker(1, .completed), blocker(3, type)]
        let plan = Plan(of: [ticket(2, after: blockers)])
        #expect(plan.ready == [])
        #expect(plan.waiting.map(\.cause) == [.blockers([key(3), key(7)])])
        #expect(plan.graph.blockers(of: "id-2") == [key(1), key(3), key(7)])
    }

    @Test(arguments: [
        (PlanSettings.Source.relations, DependencyCause.relation), (.parents, .subIssue),
        (.mentions, .mention),
    ])
    func `only the kinds of blockers count that the workflow looks for`(
        source: PlanSettings.Source,
        cause: DependencyCause
    ) {
        for other in DependencyCause.allCases {
            let plan = Plan(
                of: [ticket(2, after: [blocker(1, .started, other)])],
                settings: PlanSettings(dependencies: [source])
            )
            #expect(plan.ready.isEmpty == (other == cause || other == .phase), "\(other)")
        }
    }

    @Test(arguments: [
        (Plan.Standing.finished, PlanSettings.Base.merged, true), (.finished, .stacked, true),
        (.offered, .merged, false), (.offered, .stacked, true), (.failed, .stacked, false),
    ])
    func `an offered blocker is enough only for a ticket that builds on its branch`(
        standing: Plan.Standing,
        base: PlanSettings.Base,
        isReady: Bool
    ) {
        let plan = Plan(
            of: [ticket(2, after: [blocker(1, .started)])],
            settings: PlanSettings(base: base),
            standing: ["id-1": standing]
        )
        #expect(plan.ready.count == (isReady ? 1 : 0))
    }

    @Test func `what waits for a failed ticket names the way to the nearest failure`() {
        let plan = Plan(
            of: [
                ticket(3, after: [1, 8]), ticket(4, after: [3]), ticket(5, after: [4]),
                ticket(6, after: [5, 2]), ticket(7, after: [9]),
            ],
            standing: ["id-1": .failed, "id-2": .failed]
        )
        #expect(
            plan.waiting.sorted { $0.ticket.key < $1.ticket.key }.map(\.cause) == [
                .failed(chain: [key(1)]), .failed(chain: [key(1), key(3)]),
                .failed(chain: [key(1), key(3), key(4)]), .failed(chain: [key(2)]),
                .blockers([key(9)]),
            ]
        )
    }

    @Test func `a cycle is named once and holds only its members and what waits for them`() {
        let plan = Plan(of: [
            ticket(1, after: [2]), ticket(2, after: [3]), ticket(3, after: [1]),
            ticket(4, after: [3]), ticket(5), ticket(6, after: [6]), ticket(7, after: [5, 4]),
        ])
        #expect(plan.ready.map(\.key.number) == [5])
        let ring = Plan.Cause.cycle([key(1), key(2), key(3)])
        #expect(
            plan.waiting.sorted { $0.ticket.key < $1.ticket.key }.map(\.cause) == [
                ring, ring, ring, .blockers([key(3)]), .cycle([key(6)]),
                .blockers([key(4), key(5)]),
            ]
        )
        #expect(plan.graph.cycles == [[key(1), key(2), key(3)], [key(6)]])
        #expect(
            plan.graph.phases(size: nil).joined().map { plan.graph.tickets[$0].key.number } == [5]
        )
        #expect(Set(plan.graph.heldTickets.map(\.key.number)) == [1, 2, 3, 4, 6, 7])
    }

    @Test func `two cycles that share a ticket are one`() {
        let graph = TicketGraph(
            [ticket(1, after: [2, 3]), ticket(2, after: [1]), ticket(3, after: [1])],
            sources: [.relations]
        )
        #expect(graph.cycles == [[key(1), key(2), key(3)]])
    }

    @Test func `a ticket that is there twice is planned once`() {
        #expect(Plan(of: [ticket(1), ticket(1)]).ready.count == 1)
    }

    @Test func `a chain of ten thousand is planned`() {
        let tickets = (1...10_000).map { ticket($0, after: $0 == 1 ? [] : [$0 - 1]) }
        let plan = Plan(of: tickets)
        #expect(plan.ready.map(\.key.number) == [1])
        #expect(plan.waiting.count == 9_999)
        #expect(plan.graph.phases(size: 4).count == 10_000)
        #expect(plan.graph.chainLength("id-1") == 10_000)
    }
}
