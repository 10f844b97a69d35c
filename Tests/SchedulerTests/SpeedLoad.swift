import Domain
import Scheduler
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A scheduler with many tickets, and the outside world's part played as fast as it can be.
///
/// Every second ticket waits for the one before it, every second one needs two attempts, and a quarter of all are
/// in review at any time. That makes ten events a ticket.
struct SpeedLoad {
    struct Figures {
        var tickets: Int
        var events = 0
        /// Runs that came to their end.
        var done = 0
        /// The most attempts at once.
        var working = 0
        /// What the scheduler itself took for all events.
        var time = Duration.zero
    }
    private struct End {
        var at: Duration
        var run: RunID
        var attempt: Int
    }
    private static let slots = 64
    private static let agentTime = Duration.seconds(60)

    private let clock = ContinuousClock()
    private var scheduler: Scheduler
    private var now = Moment(wall: Date(timeIntervalSince1970: 1_795_462_802), uptime: .zero)
    private var generator = SystemRandomNumberGenerator()
    private let tickets: [TicketKey: Ticket]
    private let workflow: Workflow
    /// What the outside says next, oldest first.
    private var events: [SchedulerEvent] = []
    private var nextEvent = 0
    private var ends: [End] = []
    private var nextEnd = 0
    private var reviews: [RunID] = []
    private var nextReview = 0
    private var begun: Set<TicketKey> = []
    private var merged: Set<String> = []
    private var working = 0
    private(set) var figures: Figures

    init(tickets count: Int) {
        figures = Figures(tickets: count)
        workflow = Workflow(
            name: "portfolio",
            schedule: ScheduleSettings(trigger: .every(.seconds(12 * 3600))),
            tickets: TicketSelection(team: "FRE"),
            repository: RepositorySettings(path: "/repositories/portfolio"),
            slots: SlotLimits(total: Self.slots),
            agent: AgentSettings(kind: .command, command: "agent"),
            prompt: PromptSettings(file: "/workflows/prompts/ticket.md", text: "x"),
            retry: RetryPolicy(attempts: 3, delay: .seconds(30), jitter: 0.2)
        )
        scheduler = Scheduler(
            machineSlots: Self.slots,
            breaker: BreakerSettings(failures: nil)
        ) { _, ticket in ("linecook/\(ticket.key)", "../\(ticket.key)") }
        var made: [TicketKey: Ticket] = [:]
        for number in 1...count {
            guard let key = TicketKey("FRE-\(number)") else { continue }
            let todo = TicketState(id: "todo", name: "Todo", type: .unstarted)
            let before = TicketKey("FRE-\(number - 1)")
            made[key] = Ticket(
                id: "id-\(number)",
                key: key,
                title: "Ticket \(number)",
                url: "https://linear.app/x/issue/FRE-\(number)",
                priority: .medium,
                created: Date(timeIntervalSince1970: Double(number)),
                updated: Date(timeIntervalSince1970: Double(number)),
                state: todo,
                labels: [],
                blockers: number % 2 == 0
                    ? before.map { [Blocker(id: "id-\(number - 1)", key: $0, state: todo)] } ?? []
                    : []
            )
        }
        tickets = made
        events = [.workflows([WorkflowInForce(workflow: workflow, cron: nil)])]
    }

    /// Works all tickets to their end.
    mutating func run() {
        while figures.done < figures.tickets, let event = next() {
            figures.events += 1
            let began = clock.now
            let commands = scheduler.handle(event, at: now, using: &generator)
            figures.time += clock.now - began
            for command in commands { answer(command) }
        }
    }

    private mutating func next() -> SchedulerEvent? {
        if nextEvent < events.count {
            defer { nextEvent += 1 }
            return events[nextEvent]
        }
        events.removeAll(keepingCapacity: true)
        nextEvent = 0
        let isLast = nextEnd == ends.count
        if reviews.count - nextReview > (isLast ? 0 : figures.tickets / 4) {
            let run = reviews[nextReview]
            nextReview += 1
            let pull = PullRequest(
                number: run.ticket.number,
                url: "u",
                draft: false,
                state: .merged
            )
            events = [.pullRequestSeen(run, pull)]
        }
        let began = clock.now
        let deadline = scheduler.nextDeadline(after: now)
        figures.time += clock.now - began
        if nextEnd < ends.count, deadline.map({ $0 > ends[nextEnd].at }) ?? true {
            let end = ends[nextEnd]
            nextEnd += 1
            pass(until: end.at)
            let fails = end.attempt == 1 && end.run.ticket.number % 4 < 2
            var result = AttemptResult(
                outcome: fails ? .agentFailed : .succeeded,
                reason: nil,
                ended: now.wall
            )
            result.pushed = "c0ffee"
            working -= 1
            return .attemptEnded(end.run, attempt: end.attempt, result)
        }
        if !events.isEmpty { return next() }
        guard let deadline else { return nil }
        pass(until: deadline)
        return .timePassed
    }

    private mutating func pass(until moment: Duration) {
        guard moment > now.uptime else { return }
        now.wall.addTimeInterval((moment - now.uptime).inSeconds)
        now.uptime = moment
    }

    private mutating func answer(_ command: SchedulerCommand) {
        switch command {
        case .claim(let id, _, _):
            begun.insert(id.ticket)
            if let ticket = tickets[id.ticket] { events.append(.claimed(id, ticket)) }
        case .launch(let launch):
            let run = launch.run.id
            events.append(.launched(run, attempt: launch.attempt, base: "base"))
            ends.append(
                End(at: now.uptime + Self.agentTime, run: run, attempt: launch.attempt)
            )
            working += 1
            figures.working = max(figures.working, working)
        case .deliver(let run, _):
            let pull = PullRequest(
                number: run.value.ticket.key.number,
                url: "u",
                draft: true,
                state: .open
            )
            events.append(.delivered(run.value.id, pull))
        case .tell(let record, _):
            let run = record.value
            events.append(.told(run.id, run.state))
            if run.state == .inReview {
                let pull = PullRequest(
                    number: run.ticket.key.number,
                    url: "u",
                    draft: false,
                    state: .open
                )
                events.append(.pullRequestSeen(run.id, pull))
                reviews.append(run.id)
            }
            if run.state == .done { merged.insert(run.ticket.id) }
        case .clean(let run, _):
            figures.done += 1
            events.append(.cleaned(run.value.id, how: "removed"))
        case .poll(_, let wantsCandidates, _):
            let found = tickets.values.filter { !begun.contains($0.key) }.map { ticket in
                var seen = ticket
                seen.blockers = ticket.blockers.filter { !merged.contains($0.id) }
                return seen
            }
            let report = PollReport(candidates: wantsCandidates ? found : nil, tracked: [])
            events.append(.polled(workflow: workflow.name, report))
        case .lookAtPullRequests(let runs, _): events.append(.looked(runs.map { $0.value.id }))
        case .begin, .save, .saveBatch, .refreshBatch, .saveTick, .saveBreaker, .stop, .restack:
            break
        }
    }
}
