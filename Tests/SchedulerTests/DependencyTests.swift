import Domain
import Scheduler
import Testing

/// Tickets that wait for each other in all the ways that teams tie them.
@Suite struct DependencyTests {
    private func ticket(_ number: Int, after blockers: [Int] = []) -> Ticket {
        Bench.ticket(number, blockedBy: blockers)
    }

    private func work(_ tickets: [Ticket], slots: Int = 8) -> WorkedTickets {
        WorkedTickets(tickets, slots: slots, agentTime: .seconds(60))
    }

    @Test func `a chain of a hundred is worked one after the other, each once`() {
        let chain = (1...100).map { ticket($0, after: $0 > 1 ? [$0 - 1] : []) }
        let worked = work(chain.reversed())
        #expect(worked.started == Array(1...100))
        #expect(worked.most == 1)
    }

    @Test func `the end of a diamond waits for both of its sides`() {
        let worked = work([
            ticket(4, after: [2, 3]), ticket(3, after: [1]), ticket(2, after: [1]), ticket(1),
        ])
        #expect(worked.started.first == 1 && worked.started.last == 4)
        #expect(worked.started.sorted() == [1, 2, 3, 4] && worked.early == [])
        #expect(worked.most == 2)
    }

    @Test func `two hundred that wait for one fill the slots and no more, each once`() {
        let worked = work([ticket(1)] + (2...201).map { ticket($0, after: [1]) })
        #expect(worked.started.sorted() == Array(1...201) && worked.started.first == 1)
        #expect(worked.most == 8)
        #expect(worked.taken == .seconds(60 * (1 + 25)))
    }

    @Test func `a cycle is named in one message with its members, and holds only them`() {
        let worked = work([
            ticket(1), ticket(2, after: [4]), ticket(3, after: [2]), ticket(4, after: [3]),
            ticket(5, after: [3]), ticket(6, after: [1]),
        ])
        #expect(worked.started == [1, 6])
        let queue = worked.bench.scheduler.queue
        let message =
            "waits for itself: FRE-2 → FRE-4 → FRE-3; remove one of these relations in Linear"
        #expect(queue.filter { $0.reason == message }.map(\.ticket.number) == [2, 3, 4])
        #expect(worked.bench.held(5) == "blocked by FRE-3 (Todo)")
        #expect(queue.count == 4)
    }

    @Test func `a ticket that blocks itself says so, and holds nobody else`() {
        let worked = work([ticket(1, after: [1]), ticket(2), ticket(3, after: [2])])
        #expect(worked.started == [2, 3])
        #expect(worked.bench.held(1)?.hasPrefix("waits for itself: FRE-1;") == true)
    }

    @Test(arguments: [StateType.canceled, .duplicate, .completed])
    func `a blocker that was closed in Linear holds nobody`(type: StateType) {
        var waiting = ticket(2, after: [1])
        waiting.blockers[0].state = TicketState(id: "closed", name: "Closed", type: type)
        #expect(work([waiting]).started == [2])
    }

    @Test func `a blocker of another team is waited for until a poll sees it done`() throws {
        var bench = Bench()
        let foreign = try #require(TicketKey("OPS-9"))
        var waiting = ticket(1)
        waiting.blockers = [
            Blocker(
                id: "ops-9",
                key: foreign,
                state: TicketState(id: "s", name: "In Progress", type: .started)
            )
        ]
        #expect(bench.start(Bench.workflow(), with: [waiting, ticket(2)]).claimed == [Bench.id(2)])
        #expect(bench.held(1) == "blocked by OPS-9 (In Progress)")
        waiting.blockers[0].state = TicketState(id: "d", name: "Done", type: .completed)
        _ = bench.handle(.pollRequested)
        let seen = bench.handle(.polled(workflow: "portfolio", bench.report([waiting])))
        #expect(seen.claimed == [Bench.id(1)])
    }

    @Test func `a blocker that is given up in review holds its dependants until Linear closes it`()
    {
        var bench = Bench()
        let tickets = [ticket(1), ticket(2, after: [1])]
        _ = bench.start(Bench.workflow(), with: tickets)
        bench.deliver(1)
        #expect(bench.decide(1, .closed).claimed == [])
        #expect(bench.held(2) == "blocked by FRE-1 (Todo)")
        var freed = tickets[1]
        freed.blockers[0].state = TicketState(id: "c", name: "Canceled", type: .canceled)
        _ = bench.handle(.pollRequested)
        let seen = bench.handle(.polled(workflow: "portfolio", bench.report([freed])))
        #expect(seen.claimed == [Bench.id(2)])
    }

    @Test func `a thousand tickets use their slots, each once, and never more than there are`() {
        let agentTime = Duration.milliseconds(50)
        let worked = WorkedTickets((1...1000).map { ticket($0) }, slots: 8, agentTime: agentTime)
        #expect(worked.started.sorted() == Array(1...1000))
        #expect(worked.most == 8)
        #expect(agentTime * 1000 / 8 / worked.taken >= 0.95)
    }
}
