import Cron
import Domain
import Scheduler
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A scheduler with a clock that stands still until it's moved, and Linear's part played by hand.
struct Bench {
    var scheduler: Scheduler
    var now = Moment(wall: Date(timeIntervalSince1970: 1_795_462_802), uptime: .seconds(100))
    var generator = SplitMix64(seed: 1)
    /// The newest record of each run that the scheduler asked to be saved.
    var saved: [RunID: Run] = [:]
    /// The newest record of each batch.
    var batches: [String: Batch] = [:]
    /// How far each schedule had come when it was last saved.
    var marks: [String: TickMark] = [:]

    /// What the breakers were last asked to remember.
    var breakers: [BreakerMark] = []
    /// The breaks that it was last asked to remember.
    var breaks: [ProviderBreak] = []

    init(machineSlots: Int = 8, breaker: BreakerSettings = BreakerSettings()) {
        scheduler = Scheduler(machineSlots: machineSlots, breaker: breaker) { _, ticket in
            ("feature/\(ticket.key)", "../workspace-\(ticket.key)")
        }
    }

    mutating func handle(_ event: SchedulerEvent) -> [SchedulerCommand] {
        let commands = scheduler.handle(event, at: now, using: &generator)
        for command in commands {
            switch command {
            case .begin(let run, _), .save(let run): saved[run.value.id] = run.value
            case .saveBatch(var batch):
                batch.refresh()
                batches[batch.name] = batch
            case .refreshBatch(let name):
                var batch = scheduler.openBatch(name)
                batch?.refresh()
                batches[name] = batch ?? batches[name]
            case .saveTick(let mark): marks[mark.workflow] = mark
            case .saveBreaker(let marks, let breaks): (breakers, self.breaks) = (marks, breaks)
            case .poll, .claim, .launch, .stop, .deliver, .tell, .lookAtPullRequests, .clean,
                .restack:
                break
            }
        }
        return commands
    }

    mutating func pass(_ duration: Duration) -> [SchedulerCommand] {
        now.uptime += duration
        now.wall.addTimeInterval(duration.inSeconds)
        return handle(.timePassed)
    }

    /// Puts a workflow in force and answers its first poll.
    mutating func start(
        _ workflow: Workflow,
        with tickets: [Ticket]
    ) -> [SchedulerCommand] {
        _ = handle(.workflows([WorkflowInForce(workflow: workflow, cron: nil)]))
        return handle(.polled(workflow: workflow.name, report(tickets)))
    }

    /// Answers the claims among the commands; returns what follows.
    mutating func claimAll(_ commands: [SchedulerCommand], _ tickets: [Ticket])
        -> [SchedulerCommand]
    {
        var following: [SchedulerCommand] = []
        for case .claim(let id, _, _) in commands {
            for ticket in tickets where ticket.key == id.ticket {
                following += handle(.claimed(id, ticket))
            }
        }
        return following
    }

    /// Plays one run from its claim to the pull request's opening; what followed last.
    @discardableResult
    mutating func deliver(_ number: Int, _ ticket: Ticket? = nil, pushed: String = "c0ffee")
        -> [SchedulerCommand]
    {
        begin(number, ticket)
        let id = Self.id(number)
        var result = result(.succeeded)
        result.pushed = pushed
        _ = handle(.attemptEnded(id, attempt: 1, result))
        return open(number)
    }

    /// Plays the claim of a run and the start of its agent.
    mutating func begin(_ number: Int, _ ticket: Ticket? = nil) {
        let id = Self.id(number)
        _ = handle(.claimed(id, ticket ?? Self.ticket(number)))
        _ = handle(.launched(id, attempt: 1, base: "base"))
    }

    /// Answers the delivery of a run with its pull request, whose number is the ticket's.
    @discardableResult
    mutating func open(_ number: Int) -> [SchedulerCommand] {
        let pull = PullRequest(number: number, url: "u", draft: true, state: .open)
        return handle(.delivered(Self.id(number), pull))
            + handle(.told(Self.id(number), .inReview))
    }

    /// A person merges or closes the pull request of a run, and Linear is told.
    @discardableResult
    mutating func decide(_ number: Int, _ state: PullRequest.State) -> [SchedulerCommand] {
        let pull = PullRequest(number: number, url: "u", draft: false, state: state)
        let id = Self.id(number)
        var commands = handle(.pullRequestSeen(id, pull))
        commands += handle(.told(id, state == .merged ? .done : .cancelled))
        return commands + handle(.cleaned(id, how: "removed"))
    }

    /// What holds a ticket that has no run.
    func held(_ number: Int) -> String? {
        scheduler.queue.first { $0.ticket == Self.key(number) }?.reason
    }

    func report(_ tickets: [Ticket], tracked: [TrackedTicket] = []) -> PollReport {
        PollReport(candidates: tickets, tracked: tracked)
    }

    func result(_ outcome: Outcome, _ reason: String? = nil) -> AttemptResult {
        AttemptResult(outcome: outcome, reason: reason, ended: now.wall)
    }

    static func key(_ number: Int) -> TicketKey {
        guard let key = TicketKey("FRE-\(number)") else { preconditionFailure("a bad key") }
        return key
    }

    static func id(_ number: Int, run: Int = 1) -> RunID { RunID(ticket: key(number), number: run) }

    static func ticket(
        _ number: Int,
        _ priority: Priority = .medium,
        labels: [String] = [],
        blockedBy blockers: [Int] = [],
        paths: [String]? = nil
    ) -> Ticket {
        Ticket(
            id: "id-\(number)",
            key: key(number),
            title: "Ticket \(number)",
            url: "https://linear.app/x/issue/FRE-\(number)",
            priority: priority,
            created: Date(timeIntervalSince1970: Double(number)),
            updated: Date(timeIntervalSince1970: Double(number)),
            state: TicketState(id: "todo", name: "Todo", type: .unstarted),
            labels: labels,
            blockers: blockers.map {
                Blocker(
                    id: "id-\($0)",
                    key: key($0),
                    state: TicketState(id: "todo", name: "Todo", type: .unstarted)
                )
            },
            paths: paths
        )
    }

    static func workflow(
        slots: SlotLimits = SlotLimits(total: 8),
        retry: RetryPolicy = RetryPolicy(attempts: 3, delay: .seconds(30), jitter: 0),
        labels: [String] = [],
        plan: PlanSettings = PlanSettings(),
        batch: BatchSettings = BatchSettings()
    ) -> Workflow {
        Workflow(
            name: "portfolio",
            tickets: TicketSelection(team: "FRE", allLabels: labels, batch: batch),
            repository: RepositorySettings(path: "/repositories/portfolio"),
            plan: plan,
            slots: slots,
            agent: AgentSettings(kind: .command, command: "agent"),
            prompt: PromptSettings(file: "/workflows/prompts/ticket.md", text: "x"),
            retry: retry
        )
    }

    static func present(_ number: Int, _ state: String, _ type: StateType, labels: [String] = [])
        -> TrackedTicket
    {
        TrackedTicket(
            id: "id-\(number)",
            presence: .present(
                key: key(number),
                state: TicketState(id: state, name: state, type: type),
                labels: labels
            )
        )
    }
}

extension [SchedulerCommand] {
    var launched: [RunID] {
        compactMap { command in
            if case .launch(let launch) = command { launch.run.id } else { nil }
        }
    }
    var restacks: [[Run.StackedOn]] {
        compactMap { command in
            if case .restack(_, _, let stack) = command { stack } else { nil }
        }
    }
    var begun: [Run] {
        compactMap { command in
            if case .begin(let run, _) = command { run.value } else { nil }
        }
    }
    var claimed: [RunID] {
        compactMap { command in
            if case .claim(let id, _, _) = command { id } else { nil }
        }
    }
    var stopped: [RunID] {
        compactMap { command in
            if case .stop(let id, _) = command { id } else { nil }
        }
    }
    var told: [RunState] {
        compactMap { command in
            if case .tell(let run, _) = command { run.value.state } else { nil }
        }
    }
    var polls: Int {
        count { command in
            if case .poll = command { true } else { false }
        }
    }
    var delivers: Bool {
        contains { command in
            if case .deliver = command { true } else { false }
        }
    }
}
