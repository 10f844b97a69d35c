import Cron
import Domain
import Scheduler
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Workflows that are changed, added and removed while tickets are worked.
@Suite struct ReloadTests {
    private func inForce(_ workflows: Workflow..., cron: Schedule? = nil) -> SchedulerEvent {
        .workflows(workflows.map { WorkflowInForce(workflow: $0, cron: cron) })
    }

    private func workflow(_ name: String) -> Workflow {
        var workflow = Bench.workflow()
        workflow.name = name
        return workflow
    }

    @Test func `a workflow that wasn't changed keeps its queue and isn't polled for a reload`() {
        var bench = Bench()
        let workflow = Bench.workflow(batch: BatchSettings(minimum: 3, wait: .seconds(900)))
        _ = bench.start(workflow, with: [Bench.ticket(1)])
        #expect(bench.held(1) != nil)
        _ = bench.pass(.seconds(10))
        #expect(bench.handle(inForce(workflow, self.workflow("other"))).polls == 1)
        #expect(bench.held(1) != nil)
        _ = bench.handle(.polled(workflow: "other", bench.report([])))
        #expect(bench.pass(.seconds(19)).polls == 0)
        #expect(bench.pass(.seconds(1)).polls == 1)
    }

    @Test func `who an earlier version's poll found isn't taken up by the new version`() {
        var bench = Bench()
        _ = bench.handle(inForce(Bench.workflow()))
        #expect(bench.handle(inForce(Bench.workflow(labels: ["agent"]))).polls == 0)
        let late = bench.handle(.polled(workflow: "portfolio", bench.report([Bench.ticket(1)])))
        #expect(late.begun == [] && late.polls == 1)
        let ticket = Bench.ticket(2, labels: ["agent"])
        let commands = bench.handle(.polled(workflow: "portfolio", bench.report([ticket])))
        #expect(commands.begun.map(\.ticket.key) == [Bench.key(2)])
    }

    @Test func `a poll of an earlier version that failed says nothing of the new version`() {
        var bench = Bench()
        _ = bench.handle(inForce(Bench.workflow(labels: ["gone"])))
        _ = bench.handle(inForce(Bench.workflow()))
        let commands = bench.handle(
            .pollFailed(workflow: "portfolio", reason: "no such label", isRetryable: false)
        )
        #expect(commands.polls == 1)
        #expect(bench.scheduler.pollNotes.map(\.problem) == [nil])
    }

    @Test func `tickets that an earlier version held are polled anew before they are begun`() {
        var bench = Bench()
        let held = Bench.workflow(batch: BatchSettings(minimum: 2, wait: .seconds(900)))
        _ = bench.start(held, with: [Bench.ticket(1)])
        let changed = bench.handle(inForce(Bench.workflow()))
        #expect(changed.begun == [] && changed.polls == 1)
        let commands = bench.handle(
            .polled(workflow: "portfolio", bench.report([Bench.ticket(1)]))
        )
        #expect(commands.begun.map(\.ticket.key) == [Bench.key(1)])
    }

    @Test func `a run is tried again, delivered and told under the version that it was begun with`()
        throws
    {
        var bench = Bench()
        let ticket = Bench.ticket(1)
        var old = Bench.workflow(retry: RetryPolicy(attempts: 2, delay: .seconds(30), jitter: 0))
        old.repository.path = "/repositories/old"
        _ = bench.claimAll(bench.start(old, with: [ticket]), [ticket])
        let new = Bench.workflow(retry: RetryPolicy(attempts: 1, delay: .seconds(5), jitter: 0))
        _ = bench.handle(inForce(new))
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([])))
        let id = Bench.id(1)
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.agentFailed)))
        #expect(bench.saved[id]?.state == .backingOff)
        #expect(bench.pass(.seconds(29)).launched == [])
        let again = bench.pass(.seconds(1))
        guard case .launch(let launch)? = again.first(where: { $0.run == id && !$0.isSave }) else {
            Issue.record("no second attempt: \(again)")
            return
        }
        #expect(launch.workflow == old)
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([])))
        let ended = bench.handle(.attemptEnded(id, attempt: 2, bench.result(.succeeded)))
        #expect(ended.workflows == [old])
        let pull = PullRequest(number: 1, url: "u", draft: true, state: .open)
        #expect(bench.handle(.delivered(id, pull)).workflows == [old])
        _ = bench.handle(.told(id, .inReview))
        // It's looked for where the old version has it, too.
        let looks = bench.pass(.seconds(30)).compactMap { command -> Workflow? in
            if case .lookAtPullRequests(_, let workflow) = command { workflow.value } else { nil }
        }
        #expect(looks == [old])
    }

    @Test func `a removed workflow takes up nothing new, its runs go on, and then it's forgotten`()
    {
        var bench = Bench()
        let tickets = [Bench.ticket(1), Bench.ticket(2)]
        let workflow = Bench.workflow(slots: SlotLimits(total: 1))
        _ = bench.claimAll(bench.start(workflow, with: tickets), tickets)
        #expect(bench.handle(inForce()).stopped == [])
        #expect(bench.scheduler.queue == [])
        bench.deliver(1)
        #expect(bench.scheduler.run(Bench.id(1))?.state == .inReview)
        #expect(bench.scheduler.pollNotes.map(\.workflow) == ["portfolio"])
        let look = bench.pass(.seconds(30))
        guard case .poll(_, candidates: false, tracked: ["id-1"])? = look.first else {
            Issue.record("its ticket isn't looked at: \(look)")
            return
        }
        _ = bench.handle(.polled(workflow: "portfolio", PollReport(candidates: nil, tracked: [])))
        bench.decide(1, .merged)
        #expect(bench.scheduler.run(Bench.id(1)) == nil)
        #expect(bench.scheduler.pollNotes == [])
        #expect(bench.scheduler.nextDeadline(after: bench.now) == nil)
    }

    @Test func `a workflow that is removed while it's polled is forgotten with the answer`() {
        var bench = Bench()
        _ = bench.handle(inForce(Bench.workflow()))
        _ = bench.handle(inForce())
        let commands = bench.handle(
            .polled(workflow: "portfolio", bench.report([Bench.ticket(1)]))
        )
        #expect(commands == [])
        #expect(bench.scheduler.pollNotes == [])
    }

    @Test func `a removed workflow whose tickets waited for a batch wakes nobody`() {
        var bench = Bench()
        let held = Bench.workflow(batch: BatchSettings(minimum: 2, wait: .seconds(900)))
        _ = bench.start(held, with: [Bench.ticket(1)])
        _ = bench.handle(inForce(workflow("other")))
        _ = bench.handle(.polled(workflow: "other", bench.report([])))
        #expect(bench.scheduler.nextDeadline(after: bench.now) == bench.now.uptime + .seconds(30))
    }

    @Test func `a changed workflow keeps the ticks of a schedule that wasn't changed`() throws {
        var bench = Bench()
        let hourly = Schedule.cron(try CronExpression("0 * * * *"), .utc)
        _ = bench.handle(inForce(Bench.workflow(), cron: hourly))
        // 19:40:02 UTC; the tick at 20:00 is due when the change comes.
        bench.now.uptime += .seconds(1199)
        bench.now.wall.addTimeInterval(1199)
        let commands = bench.handle(inForce(Bench.workflow(labels: ["agent"]), cron: hourly))
        guard case .poll(_, candidates: true, tracked: [])? = commands.last else {
            Issue.record("the tick is lost: \(commands)")
            return
        }
        // The answer to an earlier version's tick is asked for again; it isn't lost either.
        _ = bench.handle(inForce(Bench.workflow(), cron: hourly))
        let late = bench.handle(.polled(workflow: "portfolio", bench.report([Bench.ticket(1)])))
        guard case .poll(_, candidates: true, tracked: [])? = late.first else {
            Issue.record("the tick is lost: \(late)")
            return
        }
    }

    @Test func `fewer slots stop nobody, more are filled at once`() {
        var bench = Bench(machineSlots: 2)
        let tickets = (1...3).map { Bench.ticket($0) }
        _ = bench.claimAll(bench.start(Bench.workflow(), with: tickets), tickets)
        #expect(bench.scheduler.takenSlots == 2)
        let fewer = bench.handle(.slots(1))
        #expect(fewer.stopped == [] && fewer.claimed == [])
        _ = bench.handle(.attemptEnded(Bench.id(1), attempt: 1, bench.result(.noChanges)))
        #expect(bench.scheduler.takenSlots == 1)
        #expect(bench.held(3) == "all 1 slots of this machine are taken")
        #expect(bench.handle(.slots(2)).claimed == [Bench.id(3)])
    }
}

extension SchedulerCommand {
    fileprivate var isSave: Bool { if case .save = self { true } else { false } }
}

extension [SchedulerCommand] {
    /// The versions under which something is done outside, but for polls.
    fileprivate var workflows: [Workflow] {
        compactMap { command in
            switch command {
            case .claim(_, _, let workflow), .deliver(_, let workflow), .tell(_, let workflow),
                .clean(_, let workflow), .restack(_, let workflow, _):
                workflow.value
            case .begin, .save, .saveBatch, .refreshBatch, .saveTick, .saveBreaker, .poll, .launch,
                .stop,
                .lookAtPullRequests:
                nil
            }
        }
    }
}
