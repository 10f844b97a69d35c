import Domain
import Scheduler
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct ReplyTests {
    private let id = Bench.id(1)

    private func launches(_ commands: [SchedulerCommand]) -> [SchedulerCommand.Launch] {
        commands.compactMap { if case .launch(let launch) = $0 { launch } else { nil } }
    }

    /// A run whose agent ran out of turns, which Linear was told of.
    private func waiting(for outcome: Outcome = .maxTurns, isTold: Bool = true) -> Bench {
        var bench = Bench()
        _ = bench.start(Bench.workflow(), with: [Bench.ticket(1)])
        bench.begin(1)
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(outcome)))
        if isTold { _ = bench.handle(.told(id, .needsHuman)) }
        return bench
    }

    private func reply(_ bench: Bench, after seconds: Double, comment: String = "c1") -> Reply {
        Reply(
            comment: comment,
            at: bench.now.wall.addingTimeInterval(seconds),
            author: "Kim",
            text: "Use blue."
        )
    }

    private func poll(
        _ bench: inout Bench,
        _ replies: [Reply],
        state: String = "In Progress",
        type: StateType = .started
    ) -> [SchedulerCommand] {
        _ = bench.pass(.seconds(30))
        var ticket = Bench.present(1, state, type)
        ticket.replies = replies
        return bench.handle(.polled(workflow: "portfolio", bench.report([], tracked: [ticket])))
    }

    @Test func `a person's answer brings the run on, in its next attempt, with what was written`()
        throws
    {
        var bench = waiting()
        let answer = reply(bench, after: 5)
        let claimed = poll(&bench, [answer])
        // The ticket is moved to its started state again, and fetched as it is now.
        #expect(claimed.claimed == [id])
        let launched = launches(bench.handle(.claimed(id, Bench.ticket(1))))
        #expect(launched.map(\.attempt) == [2])
        #expect(launched.first?.run.freshReplies(by: FailureTable()).map(\.text) == ["Use blue."])
        let run = try #require(bench.saved[id])
        #expect(run.run == 1 && run.state == .running)
        #expect(run.timeline.contains { $0.why == "Kim answered" })
        // Linear is told again when it needs a person again.
        let again = bench.handle(.attemptEnded(id, attempt: 2, bench.result(.maxTurns)))
        #expect(again.told == [.needsHuman])
    }

    @Test func `only a run that waits for an answer is watched, from when it asked`() throws {
        var bench = waiting()
        let asked = bench.now.wall
        func question(_ commands: [SchedulerCommand]) -> TrackedQuestion? {
            commands.compactMap { if case .poll(_, _, let asked) = $0 { asked } else { nil } }.first
        }
        let watch = try #require(question(bench.pass(.seconds(30)))?.watches.first)
        #expect(watch.ticket == "id-1")
        #expect(watch.own == bench.saved[id]?.tracker.comment)
        #expect(watch.since == asked.addingTimeInterval(-60))
        var working = Bench()
        _ = working.start(Bench.workflow(), with: [Bench.ticket(1)])
        working.begin(1)
        #expect(question(working.pass(.seconds(30)))?.watches == [])
    }

    /// The machine's clock is hours ahead of the tracker's, behind it, or right.
    @Test(arguments: [
        (-7200.0, heard: -7199.0, unheard: -7201.0), (7200, heard: -59, unheard: -61),
        (3, heard: 1, unheard: -61),
    ])
    func `an answer is heard whatever the machine's clock says`(
        told: Double,
        heard: Double,
        unheard: Double
    ) throws {
        var bench = waiting(isTold: false)
        let asked = bench.now.wall.addingTimeInterval(told)
        _ = bench.handle(.told(id, .needsHuman, at: asked))
        #expect(bench.saved[id]?.tracker.asked == asked)
        let old = reply(bench, after: unheard, comment: "c0")
        let answer = reply(bench, after: heard)
        #expect(poll(&bench, [old]).claimed == [])
        #expect(poll(&bench, [old, answer]).claimed == [id])
        // What it's asked later doesn't make the earlier answers to the first question unheard.
        _ = bench.handle(.claimed(id, Bench.ticket(1)))
        _ = bench.handle(.attemptEnded(id, attempt: 2, bench.result(.maxTurns)))
        _ = bench.handle(.told(id, .needsHuman, at: asked.addingTimeInterval(600)))
        #expect(bench.saved[id]?.tracker.asked == asked)
    }

    @Test func `an answer is heard once, and what is older than the question never`() {
        var bench = waiting()
        let old = reply(bench, after: -61, comment: "c0")
        #expect(poll(&bench, [old]).claimed == [])
        let answer = reply(bench, after: 1)
        #expect(poll(&bench, [old, answer]).claimed == [id])
        _ = bench.handle(.claimed(id, Bench.ticket(1)))
        _ = bench.handle(.attemptEnded(id, attempt: 2, bench.result(.maxTurns)))
        _ = bench.handle(.told(id, .needsHuman))
        #expect(poll(&bench, [old, answer]).claimed == [])
        // Only what is new is for the next attempt.
        var second = reply(bench, after: 2, comment: "c2")
        second.text = "Or green."
        #expect(poll(&bench, [answer, second]).claimed == [id])
        let launched = launches(bench.handle(.claimed(id, Bench.ticket(1))))
        #expect(launched.first?.run.freshReplies(by: FailureTable()).map(\.text) == ["Or green."])
        #expect(launched.first?.run.replies?.count == 2)
    }

    @Test func `moved back to the queue it goes on too, and is no new run`() {
        var bench = waiting(for: .budgetExceeded)
        let commands = poll(&bench, [], state: "Todo", type: .unstarted)
        #expect(commands.claimed == [id] && commands.told == [])
        #expect(launches(bench.handle(.claimed(id, Bench.ticket(1)))).map(\.attempt) == [2])
    }

    /// The work of the first ticket is pushed, and its pull request can't be opened.
    private func undelivered() -> Bench {
        var bench = Bench()
        _ = bench.start(Bench.workflow(), with: [Bench.ticket(1)])
        bench.begin(1)
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.succeeded)))
        _ = bench.handle(.deliveryFailed(id, reason: "no such base", isRetryable: false))
        _ = bench.handle(.told(id, .needsHuman))
        return bench
    }

    @Test func `asked for by hand, a pull request is opened and no agent works again`() {
        var bench = undelivered()
        let request = RetryRequest(ticket: Bench.key(1), asked: bench.now.wall)
        let commands = bench.handle(.retried(request))
        #expect(commands.contains { if case .deliver = $0 { true } else { false } })
        #expect(bench.saved[id]?.state == .delivering)
        bench.open(1)
        #expect(bench.saved[id]?.state == .inReview)
        #expect(bench.saved[id]?.attempts.count == 1)
        #expect(bench.saved[id]?.tracker.told == .inReview)
    }

    @Test
    func `what is written where no words help is kept for the next attempt, the newest of it`() {
        var bench = undelivered()
        let replies = (1...21).map { reply(bench, after: Double($0), comment: "c\($0)") }
        #expect(poll(&bench, replies).claimed == [])
        let run = bench.saved[id]
        #expect(run?.state == .needsHuman)
        #expect(run?.replies?.map(\.comment) == (2...21).map { "c\($0)" })
        #expect(run?.timeline.last?.why == "Kim answered, for the next attempt")
    }

    @Test func `an answer gives the attempts back`() {
        var bench = waiting()
        let answer = reply(bench, after: 1)
        _ = poll(&bench, [answer])
        _ = bench.handle(.claimed(id, Bench.ticket(1)))
        for attempt in 2...4 {
            #expect(bench.saved[id]?.state == .running)
            _ = bench.handle(.attemptEnded(id, attempt: attempt, bench.result(.agentFailed)))
            _ = bench.pass(.seconds(900))
        }
        #expect(bench.saved[id]?.state == .failed)
    }

    @Test func `nobody is answered while Linear is being told, nor on a ticket that is done`() {
        var bench = waiting(isTold: false)
        let answer = reply(bench, after: 1)
        #expect(poll(&bench, [answer]).claimed == [])
        _ = bench.handle(.told(id, .needsHuman))
        let done = poll(&bench, [answer], state: "Done", type: .completed)
        #expect(done.claimed == [])
        #expect(bench.saved[id]?.state == .done)
    }

    @Test func `what was heard isn't news because its time was rounded on disk`() throws {
        var bench = waiting()
        let answer = reply(bench, after: 1.0004)
        _ = poll(&bench, [answer])
        _ = bench.handle(.claimed(id, Bench.ticket(1)))
        _ = bench.handle(.attemptEnded(id, attempt: 2, bench.result(.maxTurns)))
        _ = bench.handle(.told(id, .needsHuman))
        var run = try #require(bench.saved[id])
        run.replies?[0].at.addTimeInterval(-0.0004)
        var next = Bench()
        next.now = bench.now
        let recovered = RecoveredRun(run: run, workflow: Bench.workflow(), fate: .none, ticket: nil)
        _ = next.handle(.recovered([recovered]))
        _ = next.start(Bench.workflow(), with: [])
        #expect(poll(&next, [answer]).claimed == [])
    }

    @Test func `an answer that was heard survives a restart`() throws {
        var bench = waiting()
        let answer = reply(bench, after: 1)
        _ = poll(&bench, [answer])
        let run = try #require(bench.saved[id])
        var next = Bench()
        next.now = bench.now
        let commands = next.handle(
            .recovered([
                RecoveredRun(
                    run: run,
                    workflow: Bench.workflow(),
                    fate: .none,
                    ticket: Bench.ticket(1)
                )
            ])
        )
        let launched = launches(commands)
        #expect(launched.map(\.attempt) == [2])
        #expect(launched.first?.run.freshReplies(by: FailureTable()).map(\.text) == ["Use blue."])
    }
}
