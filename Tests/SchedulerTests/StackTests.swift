import Domain
import Scheduler
import SystemPackage
import Testing

/// Stacked work: dependants start on their blockers' branches and follow them.
@Suite struct StackTests {
    private let workflow = Bench.workflow(plan: PlanSettings(base: .stacked))

    /// Ticket 1 in review at `one`, and 2, which builds on it, in review as well.
    private func stacked() -> Bench {
        var bench = Bench()
        _ = bench.start(workflow, with: [Bench.ticket(1), Bench.ticket(2, blockedBy: [1])])
        bench.deliver(1, pushed: "one")
        bench.deliver(2, Bench.ticket(2, blockedBy: [1]), pushed: "two")
        return bench
    }

    @Test func `a dependant starts on its blocker's branch once that is in review`() {
        var bench = Bench()
        _ = bench.start(workflow, with: [Bench.ticket(1), Bench.ticket(2, blockedBy: [1])])
        let begun = bench.deliver(1, pushed: "one").begun
        #expect(begun.map(\.ticket.key) == [Bench.key(2)])
        #expect(begun.first?.base.branch == "feature/FRE-1")
        #expect(begun.first?.base.commit == "one")
        #expect(begun.first?.blockedBy == [Bench.key(1)])
    }

    @Test func `a blocker in another repository has to be merged all the same`() {
        var bench = Bench()
        var other = workflow
        other.name = "other"
        other.repository.path = "/repositories/other"
        _ = bench.handle(
            .workflows([
                WorkflowInForce(workflow: workflow, cron: nil),
                WorkflowInForce(workflow: other, cron: nil),
            ])
        )
        _ = bench.handle(.polled(workflow: "portfolio", bench.report([Bench.ticket(1)])))
        _ = bench.handle(
            .polled(workflow: "other", bench.report([Bench.ticket(2, blockedBy: [1])]))
        )
        #expect(bench.deliver(1, pushed: "one").begun == [])
        #expect(bench.held(2) == "blocked by FRE-1 (in review)")
    }

    @Test func `a pull request that a person has to mend is still looked at`() {
        var bench = stacked()
        _ = bench.decide(1, .merged)
        _ = bench.handle(.restackFailed(Bench.id(2), reason: "x", isRetryable: false))
        _ = bench.handle(.told(Bench.id(2), .needsHuman))
        let looked = bench.pass(.seconds(30)).compactMap { command -> [RunID]? in
            if case .lookAtPullRequests(let runs, _) = command { runs.map(\.value.id) } else { nil }
        }
        #expect(looked == [[Bench.id(2)]])
    }

    @Test func `without stacking a dependant waits for the merge`() {
        var bench = Bench()
        _ = bench.start(
            Bench.workflow(),
            with: [Bench.ticket(1), Bench.ticket(2, blockedBy: [1])]
        )
        #expect(bench.deliver(1, pushed: "one").begun == [])
        #expect(bench.held(2) == "blocked by FRE-1 (in review)")
    }

    @Test func `on the merge of the blocker the dependant is put on the base`() {
        var bench = stacked()
        let commands = bench.decide(1, .merged)
        #expect(commands.restacks == [[]])
        _ = bench.handle(
            .restacked(Bench.id(2), base: Run.Base(branch: "main", commit: "b"), commit: "two'")
        )
        let run = bench.saved[Bench.id(2)]
        #expect(run?.state == .inReview)
        #expect(run?.base == Run.Base(branch: "main", commit: "b"))
        #expect(run?.attempts.last?.pushed == "two'")
        #expect(run?.timeline.last?.why == "rebased onto main")
    }

    @Test func `who builds on a branch that was rebased follows it`() {
        var bench = Bench()
        let tickets = [
            Bench.ticket(1), Bench.ticket(2, blockedBy: [1]), Bench.ticket(3, blockedBy: [2]),
        ]
        _ = bench.start(workflow, with: tickets)
        bench.deliver(1, pushed: "one")
        bench.deliver(2, tickets[1], pushed: "two")
        bench.deliver(3, tickets[2], pushed: "three")
        _ = bench.decide(1, .merged)
        let follows = bench.handle(
            .restacked(Bench.id(2), base: Run.Base(branch: "main", commit: "b"), commit: "two'")
        )
        #expect(
            follows.restacks == [
                [Run.StackedOn(ticket: Bench.key(2), branch: "feature/FRE-2", commit: "two'")]
            ]
        )
    }

    @Test func `a dependant at work is put on the base when it is done, before it's delivered`() {
        var bench = Bench()
        let second = Bench.ticket(2, blockedBy: [1])
        _ = bench.start(workflow, with: [Bench.ticket(1), second])
        bench.deliver(1, pushed: "one")
        bench.begin(2, second)
        #expect(bench.decide(1, .merged).restacks == [])
        var result = bench.result(.succeeded)
        result.pushed = "two"
        let end = bench.handle(.attemptEnded(Bench.id(2), attempt: 1, result))
        #expect(end.restacks == [[]] && !end.delivers)
        let done = bench.handle(
            .restacked(Bench.id(2), base: Run.Base(branch: "main", commit: "b"), commit: "two'")
        )
        #expect(done.delivers)
    }

    @Test func `a restart finishes what the merge began`() throws {
        var bench = stacked()
        _ = bench.decide(1, .merged)
        let run = try #require(bench.saved[Bench.id(2)])
        var second = Bench()
        let commands = second.handle(
            .recovered([RecoveredRun(run: run, workflow: workflow, fate: .none, ticket: nil)])
        )
        #expect(commands.restacks == [[]])
    }

    @Test func `a conflict with the base asks a person and names the files`() {
        var bench = stacked()
        _ = bench.decide(1, .merged)
        let commands = bench.handle(
            .restackFailed(
                Bench.id(2),
                reason: "it conflicts with main in a.txt",
                isRetryable: false
            )
        )
        #expect(commands.told == [.needsHuman])
        #expect(
            bench.saved[Bench.id(2)]?.verdict == "Needs a person: it conflicts with main in a.txt."
        )
        _ = bench.handle(.told(Bench.id(2), .needsHuman))
        // The person rebases and merges by hand.
        #expect(bench.decide(2, .merged).told == [.done])
    }

    @Test func `a remote that can't be reached is tried again`() {
        var bench = stacked()
        _ = bench.decide(1, .merged)
        _ = bench.handle(.restackFailed(Bench.id(2), reason: "no network", isRetryable: true))
        #expect(bench.saved[Bench.id(2)]?.state == .inReview)
        #expect(bench.pass(.seconds(5)).restacks == [[]])
    }

    @Test func `a blocker that is closed takes what builds on it to a person`() {
        var bench = stacked()
        #expect(bench.decide(1, .closed).told.contains(.needsHuman))
        #expect(
            bench.saved[Bench.id(2)]?.reason
                == "it builds on FRE-1, whose pull request was closed without merging"
        )
    }

    @Test func `several blockers are put together, and one that holds another stands for both`() {
        var bench = Bench()
        let tickets = [
            Bench.ticket(1), Bench.ticket(2), Bench.ticket(3, blockedBy: [1]),
            Bench.ticket(4, blockedBy: [1, 2, 3]),
        ]
        _ = bench.start(workflow, with: tickets)
        bench.deliver(1, pushed: "one")
        bench.deliver(2, pushed: "two")
        let begun = bench.deliver(3, tickets[2], pushed: "three").begun
        #expect(begun.first?.base.stack?.map(\.ticket.number) == [2, 3])
        #expect(begun.first?.base.branch == "linecook/stack/FRE-4-1")
        #expect(begun.first?.base.commit == nil)
    }

    @Test func `blockers that conflict with each other ask a person`() {
        var bench = Bench()
        let tickets = [Bench.ticket(1), Bench.ticket(2), Bench.ticket(3, blockedBy: [1, 2])]
        _ = bench.start(workflow, with: tickets)
        bench.deliver(1, pushed: "one")
        bench.deliver(2, pushed: "two")
        _ = bench.handle(.claimed(Bench.id(3), tickets[2]))
        let commands = bench.handle(
            .unstackable(
                Bench.id(3),
                attempt: 1,
                reason: "the branches of FRE-1, FRE-2 conflict in a.txt"
            )
        )
        #expect(commands.told == [.needsHuman])
        #expect(
            bench.saved[Bench.id(3)]?.reason == "the branches of FRE-1, FRE-2 conflict in a.txt"
        )
        #expect(bench.saved[Bench.id(3)]?.attempts.last?.outcome == .conflict)
    }

    @Test func `an answer that comes twice, or for another state, changes nothing`() {
        var bench = stacked()
        let base = Run.Base(branch: "main", commit: "b")
        #expect(bench.handle(.restacked(Bench.id(2), base: base, commit: "x")) == [])
        #expect(bench.handle(.restackFailed(Bench.id(2), reason: "x", isRetryable: true)) == [])
        #expect(bench.handle(.unstackable(Bench.id(2), attempt: 1, reason: "x")) == [])
    }
}
