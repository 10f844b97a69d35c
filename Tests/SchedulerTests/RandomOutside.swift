import Domain
import Scheduler
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// People, Linear, the forge and agents, who answer the scheduler in any order, well or not.
struct RandomOutside {
    private(set) var bench: Bench
    private var chance: SplitMix64
    private var workflows: [Workflow] = []
    private var tickets: [Int: Ticket] = [:]
    private var unanswered: [SchedulerCommand] = []
    private var lastRuns: [TicketKey: Int] = [:]
    private var pulls: [RunID: PullRequest] = [:]
    private var steps = 0

    init(seed: UInt64) {
        chance = SplitMix64(seed: seed &* 7919)
        bench = Bench(machineSlots: Int.random(in: 1...6, using: &chance))
        let base: PlanSettings.Base = isTrue(in: 3) ? .stacked : .merged
        workflows = (0..<(isTrue(in: 3) ? 2 : 1)).map { makeWorkflow($0, base) }
        let count = Int.random(in: 3...40, using: &chance)
        for number in 1...count { tickets[number] = makeTicket(number, of: count) }
        let inForce = workflows.map { WorkflowInForce(workflow: $0, cron: nil) }
        take(bench.handle(.workflows(inForce)))
    }

    /// Lets something happen; what it was.
    mutating func step() -> String {
        steps += 1
        let event = event()
        take(bench.handle(event))
        return "step \(steps): \("\(event)".prefix(80))"
    }

    private mutating func isTrue(in count: Int) -> Bool {
        Int.random(in: 0..<count, using: &chance) == 0
    }

    private mutating func makeWorkflow(_ number: Int, _ base: PlanSettings.Base) -> Workflow {
        var workflow = Bench.workflow(
            slots: SlotLimits(
                total: Int.random(in: 1...5, using: &chance),
                byLabel: isTrue(in: 2) ? ["x": 1] : [:],
                byState: isTrue(in: 4) ? ["Todo": 2] : [:]
            ),
            retry: RetryPolicy(attempts: 3, delay: .seconds(30), jitter: 0.2),
            plan: PlanSettings(
                phaseSize: isTrue(in: 2) ? 3 : nil,
                base: base,
                barrier: isTrue(in: 3) ? .phase : .ticket,
                onFailedBlocker: isTrue(in: 2) ? .skip : .hold
            ),
            batch: isTrue(in: 3) ? BatchSettings(minimum: 3, wait: .seconds(60)) : BatchSettings()
        )
        workflow.name = "workflow-\(number)"
        workflow.agent.budget = isTrue(in: 2) ? 3 : nil
        workflow.budget.day = isTrue(in: 3) ? 40 : nil
        return workflow
    }

    private mutating func makeTicket(_ number: Int, of count: Int) -> Ticket {
        var blockers: [Int] = []
        for _ in 0..<Int.random(in: 0...2, using: &chance) {
            let blocker = Int.random(in: 1...count, using: &chance)
            // A cycle now and then.
            if blocker < number || isTrue(in: 30) { blockers.append(blocker) }
        }
        let file = Int.random(in: 0...3, using: &chance)
        return Bench.ticket(
            number,
            isTrue(in: 2) ? .medium : .high,
            labels: isTrue(in: 3) ? ["x"] : [],
            blockedBy: blockers,
            paths: isTrue(in: 4) ? ["src/file\(file).ts"] : nil
        )
    }

    private mutating func take(_ commands: [SchedulerCommand]) {
        for command in commands {
            switch command {
            case .begin(let run, _): lastRuns[run.value.ticket.key] = run.value.run
            case .save, .saveBatch, .refreshBatch, .saveTick, .saveBreaker: break
            case .poll, .claim, .launch, .stop, .deliver, .restack, .tell, .lookAtPullRequests,
                .clean:
                unanswered.append(command)
            }
        }
    }

    private mutating func event() -> SchedulerEvent {
        if !unanswered.isEmpty, !isTrue(in: 4) {
            let place = isTrue(in: 2) ? 0 : Int.random(in: 0..<unanswered.count, using: &chance)
            return answer(to: unanswered.remove(at: place))
        }
        switch Int.random(in: 0..<10, using: &chance) {
        case 0...3: pass(.seconds(Double.random(in: 0...60, using: &chance)))
        case 4:
            if let deadline = bench.scheduler.nextDeadline(after: bench.now) {
                pass(deadline - bench.now.uptime)
            }
        case 5, 6:
            let run = pulls.keys.sorted().randomElement(using: &chance)
            guard let run, var pull = pulls[run] else { return .pollRequested }
            pull.draft = false
            pull.state = isTrue(in: 4) ? .open : isTrue(in: 4) ? .closed : .merged
            pulls[run] = pull.state == .open ? pull : nil
            return .pullRequestSeen(run, pull)
        case 7:
            let states: [(String, StateType)] = [
                ("Todo", .unstarted), ("Done", .completed), ("Canceled", .canceled),
            ]
            if let (name, type) = states.randomElement(using: &chance),
                let number = tickets.keys.sorted().randomElement(using: &chance)
            {
                move(number, name, type)
            }
            return .pollRequested
        case 8: return .slots(Int.random(in: 1...6, using: &chance))
        default: return .pollRequested
        }
        return .timePassed
    }

    private mutating func pass(_ duration: Duration) {
        bench.now.uptime += max(.zero, duration)
        bench.now.wall.addTimeInterval(max(.zero, duration).inSeconds)
    }

    private mutating func move(_ number: Int, _ state: String, _ type: StateType) {
        tickets[number]?.state = TicketState(id: state, name: state, type: type)
    }

    /// A ticket with the present states of its blockers.
    private func present(_ number: Int) -> Ticket {
        guard var ticket = tickets[number] else { return Bench.ticket(number) }
        for index in ticket.blockers.indices {
            if let state = tickets[ticket.blockers[index].key.number]?.state {
                ticket.blockers[index].state = state
            }
        }
        return ticket
    }

    private mutating func answer(to command: SchedulerCommand) -> SchedulerEvent {
        switch command {
        case .poll(let workflow, let wantsCandidates, let question):
            if isTrue(in: 10) {
                return .pollFailed(workflow: workflow.value.name, reason: "no", isRetryable: true)
            }
            return .polled(workflow: workflow.value.name, report(wantsCandidates, question))
        case .claim(let id, _, _):
            if isTrue(in: 6) { return .claimFailed(id, reason: "no") }
            if isTrue(in: 40) { return .claimedNothing(id) }
            move(id.ticket.number, "In Progress", .started)
            return .claimed(id, present(id.ticket.number))
        case .launch(let launch):
            let id = launch.run.id
            if isTrue(in: 2) {
                unanswered.append(command)
                return .launched(id, attempt: launch.attempt, base: "base")
            }
            if isTrue(in: 40) { return .unstackable(id, attempt: launch.attempt, reason: "no") }
            return .attemptEnded(id, attempt: launch.attempt, result())
        case .stop(let id, let attempt):
            return .attemptEnded(id, attempt: attempt, bench.result(.cancelled))
        case .deliver(let record, _):
            let run = record.value
            if isTrue(in: 6) {
                return .deliveryFailed(run.id, reason: "no", isRetryable: !isTrue(in: 4))
            }
            let number = run.ticket.key.number
            let pull = PullRequest(number: number, url: "u", draft: true, state: .open)
            pulls[run.id] = pull
            return .delivered(run.id, pull)
        case .restack(let record, _, let stack):
            let run = record.value
            if isTrue(in: 5) {
                return .restackFailed(run.id, reason: "no", isRetryable: !isTrue(in: 4))
            }
            var base = run.base
            base.stack = stack
            return .restacked(run.id, base: base, commit: "commit-\(steps)")
        case .tell(let run, _): return tell(run.value)
        case .lookAtPullRequests(let runs, _): return .looked(runs.map(\.value.id))
        case .clean(let run, _): return .cleaned(run.value.id, how: "removed")
        case .begin, .save, .saveBatch, .refreshBatch, .saveTick, .saveBreaker: return .timePassed
        }
    }

    private mutating func tell(_ run: Run) -> SchedulerEvent {
        if isTrue(in: 5) { return .tellFailed(run.id, run.state, reason: "no") }
        let number = run.ticket.key.number
        switch run.state {
        case .inReview: move(number, "In Review", .started)
        case .done: move(number, "Done", .completed)
        case .failed: move(number, "Backlog", .backlog)
        case .queued, .waiting, .running, .backingOff, .parked, .needsHuman, .delivering,
            .cancelled:
            break
        }
        return .told(run.id, run.state)
    }

    private mutating func result() -> AttemptResult {
        let any = Outcome.allCases.randomElement(using: &chance) ?? .succeeded
        var result = bench.result(isTrue(in: 2) ? .succeeded : any)
        result.pushed = "commit-\(steps)"
        if isTrue(in: 2) {
            var agent = AgentReport(kind: .command)
            agent.costUSD = 2.5
            result.agent = agent
        }
        return result
    }

    private mutating func report(_ wantsCandidates: Bool, _ question: TrackedQuestion) -> PollReport
    {
        var candidates: [Ticket] = []
        for number in tickets.keys.sorted() where tickets[number]?.state.name == "Todo" {
            if !isTrue(in: 40) { candidates.append(present(number)) }
        }
        var tracked: [TrackedTicket] = []
        for id in question.tickets {
            guard let ticket = tickets.values.first(where: { $0.id == id }) else { continue }
            let isGone = isTrue(in: 60)
            tracked.append(
                TrackedTicket(
                    id: id,
                    presence: isGone
                        ? .gone
                        : .present(key: ticket.key, state: ticket.state, labels: ticket.labels)
                )
            )
        }
        return PollReport(
            candidates: wantsCandidates ? candidates : nil,
            tracked: tracked,
            lastRuns: lastRuns
        )
    }
}
