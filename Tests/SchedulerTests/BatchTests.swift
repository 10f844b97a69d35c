import Domain
import Scheduler
import Testing

/// Batches and phases: what is taken up together, and in which order.
@Suite struct BatchTests {
    @Test func `too few ready tickets are held, and status says how many and how long`() {
        var bench = Bench()
        let workflow = Bench.workflow(batch: BatchSettings(minimum: 3, wait: .seconds(900)))
        let first = bench.start(workflow, with: [Bench.ticket(1), Bench.ticket(2)])
        #expect(first.claimed == [])
        #expect(
            bench.held(1)
                == "held for a batch: 2 of 3 ready, taken up at 19:55:02 UTC at the latest"
        )
        _ = bench.pass(.seconds(30))
        let full = bench.handle(
            .polled(
                workflow: "portfolio",
                bench.report([Bench.ticket(1), Bench.ticket(2), Bench.ticket(3)])
            )
        )
        #expect(full.claimed == [Bench.id(1), Bench.id(2), Bench.id(3)])
        #expect(bench.batches.keys.sorted() == ["portfolio-1"])
    }

    @Test func `no ticket is held for a batch longer than the wait`() {
        var bench = Bench()
        let workflow = Bench.workflow(batch: BatchSettings(minimum: 3, wait: .seconds(900)))
        _ = bench.start(workflow, with: [Bench.ticket(1)])
        #expect(bench.scheduler.nextDeadline(after: bench.now) ?? .zero <= .seconds(130))
        _ = bench.pass(.seconds(899))
        #expect(bench.saved.isEmpty)
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([Bench.ticket(1)])))
        #expect(bench.scheduler.nextDeadline(after: bench.now) == .seconds(1000))
        #expect(bench.pass(.seconds(1)).claimed == [Bench.id(1)])
    }

    @Test func `dependants come into the batch of their blockers, and have their phase`() {
        var bench = Bench()
        _ = bench.start(
            Bench.workflow(),
            with: [
                Bench.ticket(1), Bench.ticket(2, blockedBy: [1]), Bench.ticket(3, blockedBy: [2]),
                Bench.ticket(4, blockedBy: [99]),
            ]
        )
        #expect(
            bench.batches["portfolio-1"]?.tickets.map { "\($0.ticket.number)\($0.phase)" }
                == ["1A", "2B", "3C"]
        )
        #expect(bench.held(4) == "blocked by FRE-99 (Todo)")
    }

    @Test func `with a barrier a phase starts only when the one before is merged`() {
        var bench = Bench()
        let tickets = [Bench.ticket(1), Bench.ticket(2), Bench.ticket(3, blockedBy: [1])]
        _ = bench.start(Bench.workflow(plan: PlanSettings(barrier: .phase)), with: tickets)
        bench.deliver(1)
        bench.deliver(2)
        #expect(bench.decide(1, .merged).claimed == [])
        #expect(bench.held(3) == "phase B waits for phase A: FRE-2 (in review)")
        #expect(bench.decide(2, .merged).claimed == [Bench.id(3)])
    }

    @Test func `without a barrier a ticket starts as soon as its own blockers are merged`() {
        var bench = Bench()
        let tickets = [Bench.ticket(1), Bench.ticket(2), Bench.ticket(3, blockedBy: [1])]
        _ = bench.start(Bench.workflow(), with: tickets)
        bench.deliver(1)
        #expect(bench.decide(1, .merged).claimed == [Bench.id(3)])
    }

    @Test func `a failed ticket of a phase doesn't keep the next one from starting`() {
        var bench = Bench()
        let tickets = [Bench.ticket(1), Bench.ticket(2), Bench.ticket(3, blockedBy: [1])]
        _ = bench.start(Bench.workflow(plan: PlanSettings(barrier: .phase)), with: tickets)
        bench.deliver(1)
        bench.begin(2)
        _ = bench.decide(1, .merged)
        let end = bench.handle(.attemptEnded(Bench.id(2), attempt: 1, bench.result(.refused)))
        #expect(end.claimed == [Bench.id(3)])
    }

    @Test func `dependants of a failed ticket are held, with the chain in the reason`() {
        var bench = Bench()
        let tickets = [
            Bench.ticket(1), Bench.ticket(2, blockedBy: [1]), Bench.ticket(3, blockedBy: [2]),
        ]
        _ = bench.start(Bench.workflow(), with: tickets)
        bench.begin(1)
        _ = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, bench.result(.refused, "no")))
        _ = bench.handle(.told(Bench.id(1), .failed))
        #expect(bench.held(2) == "held: FRE-1 failed; see to FRE-1")
        #expect(bench.held(3) == "held: FRE-1 failed, FRE-2 waits for FRE-1; see to FRE-1")
        #expect(bench.batches["portfolio-1"]?.ended == nil)
    }

    @Test func `dependants of a failed ticket are skipped where the team wants that`() {
        var bench = Bench()
        let tickets = [
            Bench.ticket(1), Bench.ticket(2, blockedBy: [1]), Bench.ticket(3, blockedBy: [2]),
        ]
        let plan = PlanSettings(onFailedBlocker: .skip)
        _ = bench.start(Bench.workflow(plan: plan), with: tickets)
        bench.begin(1)
        _ = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, bench.result(.refused, "no")))
        let batch = bench.batches["portfolio-1"]
        #expect(batch?.tickets.map(\.state) == ["failed", "skipped", "skipped"])
        #expect(batch?.tickets.last?.reason == "FRE-1 failed, FRE-2 waits for FRE-1")
        #expect(batch?.ended != nil)
        #expect(bench.held(3) == "skipped: FRE-1 failed, FRE-2 waits for FRE-1")
    }

    @Test func `two tickets that name the same file don't run at once`() {
        var bench = Bench()
        let tickets = [
            Bench.ticket(1, .high, paths: ["src/a.swift"]),
            Bench.ticket(2, paths: ["src/a.swift", "src/b.swift"]),
            Bench.ticket(3, paths: ["src/c.swift"]),
        ]
        let first = bench.start(Bench.workflow(), with: tickets)
        #expect(first.claimed == [Bench.id(1), Bench.id(3)])
        #expect(bench.held(2) == "FRE-1 works on src/a.swift too (queued)")
        _ = bench.handle(.claimed(Bench.id(1), Self.naming("src/a.swift", 1)))
        var result = bench.result(.succeeded)
        result.pushed = "c0ffee"
        #expect(bench.handle(.attemptEnded(Bench.id(1), attempt: 1, result)).claimed == [])
        #expect(bench.open(1).claimed == [Bench.id(2)])
    }

    private static func naming(_ path: String, _ number: Int) -> Ticket {
        var ticket = Bench.ticket(number)
        ticket.description = "Change `\(path)`."
        return ticket
    }

    @Test func `a batch ends with its last delivery, and says what serial work would have taken`() {
        var bench = Bench()
        _ = bench.start(Bench.workflow(), with: [Bench.ticket(1), Bench.ticket(2)])
        bench.begin(1)
        bench.begin(2)
        _ = bench.pass(.seconds(60))
        for number in [1, 2] {
            var result = bench.result(.succeeded)
            result.pushed = "c0ffee"
            _ = bench.handle(.attemptEnded(Bench.id(number), attempt: 1, result))
            bench.open(number)
        }
        let batch = bench.batches["portfolio-1"]
        #expect(batch?.makespan == 60 && batch?.serial == 120)
        #expect(batch?.summary == "2 tickets: 2 in review; 60 s, one after the other 2 min.")
        #expect(batch?.ended != nil)
    }

    @Test func `a batch learns what became of its pull requests, also after a restart`() throws {
        var bench = Bench()
        _ = bench.start(Bench.workflow(), with: [Bench.ticket(1)])
        bench.deliver(1)
        let batch = try #require(bench.batches["portfolio-1"])
        #expect(batch.ended != nil && !batch.isAtRest)
        var second = Bench()
        _ = second.handle(
            .recovered(
                [
                    RecoveredRun(
                        run: try #require(bench.saved[Bench.id(1)]),
                        workflow: Bench.workflow(),
                        fate: .none,
                        ticket: nil
                    )
                ],
                RecoveredBatches(open: [batch], newest: ["portfolio": 1])
            )
        )
        second.decide(1, .merged)
        let end = try #require(second.batches["portfolio-1"])
        #expect(end.summary.hasPrefix("1 ticket: 1 done") && end.isAtRest)
        #expect(end.ended == batch.ended && end.makespan == batch.makespan)
    }

    @Test func `a ticket that leaves the queue before its turn leaves its batch`() {
        var bench = Bench()
        let tickets = [Bench.ticket(1), Bench.ticket(2, blockedBy: [1])]
        _ = bench.start(Bench.workflow(), with: tickets)
        bench.deliver(1)
        _ = bench.pass(.seconds(30))
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([])))
        #expect(bench.batches["portfolio-1"]?.tickets.last?.state == "withdrawn")
        #expect(bench.batches["portfolio-1"]?.ended != nil)
    }

    @Test func `a batch goes on after a restart, and the next one has the next number`() throws {
        var bench = Bench()
        let tickets = [Bench.ticket(1), Bench.ticket(2, blockedBy: [1])]
        _ = bench.start(Bench.workflow(), with: tickets)
        bench.deliver(1)
        let run = try #require(bench.saved[Bench.id(1)])
        let batch = try #require(bench.batches["portfolio-1"])
        var second = Bench()
        _ = second.handle(
            .recovered(
                [RecoveredRun(run: run, workflow: Bench.workflow(), fate: .none, ticket: nil)],
                RecoveredBatches(open: [batch], newest: ["portfolio": 1])
            )
        )
        _ = second.start(
            Bench.workflow(),
            with: [tickets[1], Bench.ticket(3)]
        )
        #expect(second.batches["portfolio-2"]?.tickets.map(\.ticket) == [Bench.key(3)])
        let begun = second.decide(1, .merged).begun
        #expect(begun.map(\.batch) == ["portfolio-1"])
    }

    @Test func `a batch that waits only for a person's merge lets the service come to its end`() {
        var bench = Bench()
        let tickets = [Bench.ticket(1), Bench.ticket(2), Bench.ticket(3, blockedBy: [1])]
        _ = bench.start(Bench.workflow(plan: PlanSettings(barrier: .phase)), with: tickets)
        bench.deliver(1)
        bench.deliver(2)
        _ = bench.pass(.seconds(30))
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([tickets[2]])))
        _ = bench.handle(.looked([Bench.id(1), Bench.id(2)]))
        #expect(bench.scheduler.idleness == .idle)
    }

    @Test func `a batch that waits for its time doesn't`() {
        var bench = Bench()
        let workflow = Bench.workflow(batch: BatchSettings(minimum: 2))
        _ = bench.start(workflow, with: [Bench.ticket(1)])
        #expect(bench.scheduler.idleness == .busy)
        // One tick and its runs don't wait for more tickets.
        #expect(bench.scheduler.idleness(waitingForBatches: false) != .busy)
    }
}
