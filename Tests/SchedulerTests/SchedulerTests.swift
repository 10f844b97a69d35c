import Cron
import Domain
import Scheduler
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct SchedulerTests {
    /// A bench with one ticket whose first attempt runs.
    private func running(
        retry: RetryPolicy = RetryPolicy(attempts: 3, delay: .seconds(30), jitter: 0),
        labels: [String] = []
    ) -> Bench {
        var bench = Bench()
        let ticket = Bench.ticket(1, labels: labels)
        let commands = bench.start(Bench.workflow(retry: retry, labels: labels), with: [ticket])
        _ = bench.claimAll(commands, [ticket])
        _ = bench.handle(.launched(Bench.id(1), attempt: 1, base: "c0ffee"))
        return bench
    }

    @Test func `a ready ticket is recorded, claimed and launched, in this order`() {
        var bench = Bench()
        let ticket = Bench.ticket(1)
        let first = bench.start(Bench.workflow(), with: [ticket])
        guard case .saveBatch(let batch)? = first.first,
            case .begin(let begun, _)? = first.dropFirst().first,
            case .claim(let id, let linear, _)? = first.last
        else {
            Issue.record("begins with \(first)")
            return
        }
        let run = begun.value
        #expect(run.state == .queued && run.tracker.comment.count == 36)
        #expect(batch.name == "portfolio-1" && run.batch == batch.name && run.phase == "A")
        #expect(id == Bench.id(1) && linear == "id-1")
        let second = bench.claimAll(first, [ticket])
        guard case .save(let saved)? = second.first, case .launch(let launch)? = second.last else {
            Issue.record("goes on with \(second)")
            return
        }
        #expect(saved.value.state == .running && saved.value.attempts.count == 1)
        #expect(launch.attempt == 1 && launch.slot == 0 && launch.ticket.key == ticket.key)
    }

    @Test func `no more run than there are slots, urgent first, and a slot refills when it frees`()
    {
        var bench = Bench()
        let tickets = [Bench.ticket(1, .low), Bench.ticket(2, .urgent), Bench.ticket(3, .high)]
        let first = bench.start(Bench.workflow(slots: SlotLimits(total: 2)), with: tickets)
        #expect(first.claimed == [Bench.id(2), Bench.id(3)])
        _ = bench.claimAll(first, tickets)
        let next = bench.handle(
            .attemptEnded(Bench.id(3), attempt: 1, bench.result(.succeeded))
        )
        #expect(next.claimed == [Bench.id(1)])
        #expect(next.polls == 0)
    }

    @Test func `an attempt keeps its slot after it was told to stop, until it has ended`() {
        var bench = Bench(machineSlots: 1)
        let tickets = [Bench.ticket(1), Bench.ticket(2)]
        _ = bench.claimAll(bench.start(Bench.workflow(), with: tickets), tickets)
        _ = bench.pass(.seconds(30))
        let seen = bench.handle(
            .polled(
                workflow: "portfolio",
                bench.report([tickets[1]], tracked: [Bench.present(1, "Canceled", .canceled)])
            )
        )
        #expect(seen.stopped == [Bench.id(1)])
        #expect(seen.claimed == [])
        let next = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, bench.result(.cancelled)))
        #expect(next.claimed == [Bench.id(2)])
        #expect(bench.saved[Bench.id(1)]?.state == .cancelled)
        #expect(bench.saved[Bench.id(1)]?.reason == "the ticket was moved to Canceled")
    }

    @Test func `a label's slots hold only tickets with that label`() {
        var bench = Bench()
        let tickets = [
            Bench.ticket(1, labels: ["Frontend"]), Bench.ticket(2, labels: ["frontend"]),
            Bench.ticket(3),
        ]
        let limits = SlotLimits(total: 8, byLabel: ["frontend": 1])
        let commands = bench.start(Bench.workflow(slots: limits), with: tickets)
        #expect(commands.claimed == [Bench.id(1), Bench.id(3)])
        #expect(
            bench.scheduler.queue.map(\.reason) == ["all 1 slots for the label frontend are taken"]
        )
    }

    @Test func `a blocked ticket starts once its blocker is merged and Linear knows`() {
        var bench = Bench()
        let tickets = [Bench.ticket(1), Bench.ticket(2, blockedBy: [1])]
        let first = bench.start(Bench.workflow(), with: tickets)
        #expect(first.claimed == [Bench.id(1)])
        _ = bench.claimAll(first, tickets)
        #expect(bench.scheduler.queue.map(\.reason) == ["blocked by FRE-1 (running)"])
        _ = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, bench.result(.succeeded)))
        let open = PullRequest(number: 1, url: "u", draft: true, state: .open)
        #expect(bench.handle(.delivered(Bench.id(1), open)).told == [.inReview])
        _ = bench.handle(.told(Bench.id(1), .inReview))
        let merged = PullRequest(number: 1, url: "u", draft: true, state: .merged)
        let seen = bench.handle(.pullRequestSeen(Bench.id(1), merged))
        #expect(seen.told == [.done])
        #expect(seen.claimed == [])
        #expect(bench.handle(.told(Bench.id(1), .done)).claimed == [Bench.id(2)])
    }

    @Test func `a failing ticket has exactly its attempts, each after a longer wait, then fails`() {
        var bench = running()
        let id = Bench.id(1)
        let first = bench.handle(
            .attemptEnded(id, attempt: 1, bench.result(.agentFailed, "exit 1"))
        )
        #expect(first.launched == [] && first.told == [])
        #expect(bench.saved[id]?.state == .backingOff)
        #expect(bench.saved[id]?.retry?.seconds == 30)
        #expect(bench.pass(.seconds(29)).launched == [])
        let second = bench.pass(.seconds(1))
        #expect(second.launched == [id])
        guard case .launch(let launch)? = second.last else { return }
        #expect(launch.attempt == 2 && launch.lastFailure == "the agent failed: exit 1")
        _ = bench.handle(.attemptEnded(id, attempt: 2, bench.result(.stalled)))
        #expect(bench.saved[id]?.retry?.seconds == 60)
        #expect(bench.pass(.seconds(60)).launched == [id])
        let last = bench.handle(.attemptEnded(id, attempt: 3, bench.result(.timedOut)))
        #expect(last.told == [.failed])
        #expect(bench.saved[id]?.state == .failed)
        #expect(bench.pass(.seconds(3600)).launched == [])
    }

    @Test(arguments: [Outcome.noChanges, .refused, .authFailed, .misconfigured])
    func `what would fail again is not tried again`(outcome: Outcome) {
        var bench = running()
        let commands = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, bench.result(outcome)))
        #expect(commands.told == [.failed])
    }

    @Test(arguments: [Outcome.maxTurns, .budgetExceeded])
    func `an agent at its own limit waits for a person`(outcome: Outcome) {
        var bench = running()
        let commands = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, bench.result(outcome)))
        #expect(commands.told == [.needsHuman])
        #expect(bench.pass(.seconds(86_400)).launched == [])
    }

    @Test func `a provider's limit parks, spends no attempt and holds its other tickets`() {
        var bench = running()
        var result = bench.result(.rateLimited)
        result.retryAt = bench.now.wall.addingTimeInterval(600)
        _ = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, result))
        #expect(bench.saved[Bench.id(1)]?.state == .parked)
        _ = bench.pass(.seconds(30))
        let polled = bench.handle(
            .polled(
                workflow: "portfolio",
                bench.report(
                    [Bench.ticket(2)],
                    tracked: [Bench.present(1, "In Progress", .started)]
                )
            )
        )
        #expect(polled.claimed == [])
        let resumed = bench.pass(.seconds(570))
        #expect(resumed.launched == [Bench.id(1)])
        #expect(resumed.claimed == [Bench.id(2)])
        for attempt in 2...4 {
            _ = bench.handle(
                .attemptEnded(Bench.id(1), attempt: attempt, bench.result(.agentFailed))
            )
            _ = bench.pass(.seconds(900))
        }
        #expect(bench.saved[Bench.id(1)]?.state == .failed)
        #expect(bench.saved[Bench.id(1)]?.attempts.count == 4)
    }

    @Test func `a provider that stays overloaded is asked ever more seldom, and at last a person`()
    {
        var bench = running()
        var waits: [Double] = []
        for attempt in 1...24 {
            var result = bench.result(.overloaded)
            result.retryAt = bench.now.wall.addingTimeInterval(60)
            let commands = bench.handle(.attemptEnded(Bench.id(1), attempt: attempt, result))
            guard attempt < 24 else {
                #expect(commands.told == [.needsHuman])
                break
            }
            let wait = bench.saved[Bench.id(1)]?.retry?.seconds ?? 0
            waits.append(wait)
            #expect(bench.pass(.seconds(wait)).launched == [Bench.id(1)])
        }
        #expect(waits.prefix(6) == [120, 240, 480, 960, 1800, 1800])
    }

    @Test(arguments: [
        (Bench.present(1, "Done", .completed), "the ticket was moved to Done"),
        (Bench.present(1, "In Progress", .started), "the label agent was taken off"),
        (TrackedTicket(id: "id-1", presence: .gone), "the ticket was deleted or archived"),
    ])
    func `a ticket that a person takes away stops its agent within one poll`(
        ticket: TrackedTicket,
        why: String
    ) {
        var bench = running(labels: why.contains("label") ? ["agent"] : [])
        _ = bench.pass(.seconds(30))
        let commands = bench.handle(
            .polled(workflow: "portfolio", bench.report([], tracked: [ticket]))
        )
        #expect(commands.stopped == [Bench.id(1)])
        _ = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, bench.result(.cancelled)))
        #expect(bench.saved[Bench.id(1)]?.state == .cancelled)
        #expect(bench.saved[Bench.id(1)]?.reason == why)
        #expect(bench.saved[Bench.id(1)]?.next == "The work is kept on the branch feature/FRE-1.")
    }

    @Test func `a poll begun before the claim was confirmed takes nothing away`() {
        var bench = Bench()
        let ticket = Bench.ticket(1)
        let first = bench.start(Bench.workflow(), with: [ticket])
        #expect(bench.pass(.seconds(30)).polls == 1)
        bench.now.uptime += .seconds(1)
        _ = bench.claimAll(first, [ticket])
        let commands = bench.handle(
            .polled(
                workflow: "portfolio",
                bench.report([ticket], tracked: [Bench.present(1, "Backlog", .backlog)])
            )
        )
        #expect(commands.stopped == [] && commands.claimed == [])
    }

    @Test func `a failed poll stops nobody, and the next one comes in time`() {
        var bench = running()
        #expect(bench.pass(.seconds(30)).polls == 1)
        #expect(
            bench.handle(.pollFailed(workflow: "portfolio", reason: "HTTP 502", isRetryable: true))
                .stopped == []
        )
        #expect(bench.scheduler.pollNotes.map(\.problem) == ["HTTP 502"])
        #expect(bench.pass(.seconds(29)).polls == 0)
        #expect(bench.pass(.seconds(1)).polls == 1)
    }

    @Test func `a poll that can't succeed is no reason to ask again at once, nor to wait for ever`()
    {
        var bench = Bench()
        _ = bench.handle(
            .workflows([WorkflowInForce(workflow: Bench.workflow(), cron: nil)])
        )
        for _ in 1...4 {
            _ = bench.handle(
                .pollFailed(workflow: "portfolio", reason: "HTTP 502", isRetryable: true)
            )
            #expect(bench.scheduler.idleness == .busy)
            #expect(bench.pass(.seconds(29)).polls == 0)
            #expect(bench.pass(.seconds(1)).polls == 1)
        }
        _ = bench.handle(
            .pollFailed(workflow: "portfolio", reason: "HTTP 502", isRetryable: true)
        )
        #expect(
            bench.scheduler.idleness
                == .stuck("workflow portfolio: HTTP 502", isRetryable: true)
        )
        #expect(bench.pass(.seconds(30)).polls == 1)
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([])))
        #expect(bench.scheduler.idleness == .idle)
        #expect(bench.pass(.seconds(30)).polls == 1)
        _ = bench.handle(
            .pollFailed(workflow: "portfolio", reason: "no such team", isRetryable: false)
        )
        #expect(
            bench.scheduler.idleness
                == .stuck("workflow portfolio: no such team", isRetryable: false)
        )
    }

    @Test func `a ticket in review that is moved back to the queue gets another run`() {
        var bench = running()
        _ = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, bench.result(.succeeded)))
        let open = PullRequest(number: 7, url: "u", draft: true, state: .open)
        _ = bench.handle(.delivered(Bench.id(1), open))
        _ = bench.handle(.told(Bench.id(1), .inReview))
        _ = bench.pass(.seconds(30))
        var report = bench.report(
            [Bench.ticket(1)],
            tracked: [Bench.present(1, "Todo", .unstarted)]
        )
        report.lastRuns = [Bench.key(1): 1]
        let seen = bench.handle(.polled(workflow: "portfolio", report))
        #expect(seen.told == [.cancelled] && seen.claimed == [])
        #expect(bench.handle(.told(Bench.id(1), .cancelled)).claimed == [Bench.id(1, run: 2)])
    }

    @Test func `a write that Linear didn't take is tried again, ever more slowly`() {
        var bench = running()
        let id = Bench.id(1)
        #expect(
            bench.handle(.attemptEnded(id, attempt: 1, bench.result(.noChanges))).told == [.failed]
        )
        _ = bench.handle(.tellFailed(id, .failed, reason: "HTTP 502"))
        #expect(bench.pass(.seconds(4)).told == [])
        #expect(bench.pass(.seconds(1)).told == [.failed])
        _ = bench.handle(.tellFailed(id, .failed, reason: "HTTP 502"))
        #expect(bench.pass(.seconds(9)).told == [])
        #expect(bench.pass(.seconds(1)).told == [.failed])
        #expect(bench.scheduler.openRunRecords.count == 1)
        _ = bench.handle(.told(id, .failed))
        #expect(bench.scheduler.openRunRecords == [])
    }

    @Test func `a claim that waits for a slot wakes nobody before the slot is free`() throws {
        var bench = Bench(machineSlots: 1)
        _ = bench.start(Bench.workflow(), with: [Bench.ticket(1)])
        _ = bench.handle(.claimFailed(Bench.id(1), reason: "HTTP 502"))
        _ = bench.handle(.pollRequested)
        let polled = bench.handle(.polled(workflow: "portfolio", bench.report([Bench.ticket(2)])))
        #expect(polled.claimed == [Bench.id(2)])
        _ = bench.pass(.seconds(6))
        let wake = try #require(bench.scheduler.nextDeadline(after: bench.now))
        #expect(wake > bench.now.uptime)
    }

    @Test func `a delivery that is under way for the second time wakes nobody`() throws {
        var bench = running()
        let id = Bench.id(1)
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.succeeded)))
        _ = bench.handle(.deliveryFailed(id, reason: "HTTP 502", isRetryable: true))
        #expect(bench.pass(.seconds(5)).delivers)
        let wake = try #require(bench.scheduler.nextDeadline(after: bench.now))
        #expect(wake > bench.now.uptime)
    }

    @Test func `a doubled or late answer changes nothing`() {
        var bench = running()
        let id = Bench.id(1)
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.succeeded)))
        let record = bench.saved[id]
        for event in [
            SchedulerEvent.attemptEnded(id, attempt: 1, bench.result(.agentFailed)),
            .claimed(id, Bench.ticket(1)), .claimFailed(id, reason: "x"), .claimedNothing(id),
            .launched(id, attempt: 1, base: "other"), .told(id, .failed),
            .tellFailed(id, .failed, reason: "x"), .cleaned(id, how: "removed"),
            .attemptEnded(Bench.id(9), attempt: 1, bench.result(.succeeded)),
            .delivered(Bench.id(9), PullRequest(number: 1, url: "", draft: true, state: .open)),
        ] { #expect(bench.handle(event) == []) }
        #expect(bench.saved[id] == record)
    }

    @Test func `it's idle only when a poll begun after the last change has confirmed it`() {
        var bench = running()
        let id = Bench.id(1)
        #expect(bench.scheduler.idleness == .busy)
        _ = bench.pass(.seconds(1))
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.noChanges)))
        #expect(bench.scheduler.idleness == .busy)
        _ = bench.handle(.told(id, .failed))
        #expect(bench.scheduler.idleness == .unconfirmed)
        #expect(bench.handle(.pollRequested).polls == 1)
        #expect(bench.scheduler.idleness == .busy)
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([])))
        #expect(bench.scheduler.idleness == .idle)
    }

    @Test
    func `a cron workflow takes up tickets at its ticks and looks after its own between them`()
        throws
    {
        var bench = Bench()
        let hourly = Schedule.cron(try CronExpression("0 * * * *"), .utc)
        _ = bench.handle(
            .workflows([WorkflowInForce(workflow: Bench.workflow(), cron: hourly)])
        )
        // 19:40:02 UTC: the next tick is at 20:00.
        #expect(bench.pass(.seconds(1190)).polls == 0)
        let tick = bench.pass(.seconds(10))
        guard case .poll(_, candidates: true, tracked: [])? = tick.last else {
            Issue.record("the tick brought \(tick)")
            return
        }
        let ticket = Bench.ticket(1)
        let claims = bench.handle(.polled(workflow: "portfolio", bench.report([ticket])))
        _ = bench.claimAll(claims, [ticket])
        let look = bench.pass(.seconds(3600))
        #expect(look.polls == 1)
        var report = PollReport(
            candidates: nil,
            tracked: [Bench.present(1, "In Progress", .started)]
        )
        report.candidates = []
        _ = bench.handle(.polled(workflow: "portfolio", report))
        guard case .poll(_, candidates: false, tracked: ["id-1"])? = bench.pass(.seconds(31)).first
        else {
            Issue.record("nothing looks after the ticket between the ticks")
            return
        }
    }
}
