import Domain
import Scheduler

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Works tickets to their end with agents that all take the same time; each pull request is merged at once.
struct WorkedTickets {
    /// The numbers of the tickets in the order in which their agents were started.
    private(set) var started: [Int] = []
    /// Those that were started before a blocker of theirs was finished.
    private(set) var early: [Int] = []
    /// The most agents at once.
    private(set) var most = 0
    /// From the first start to the last end.
    private(set) var taken = Duration.zero
    private(set) var bench: Bench
    private let agentTime: Duration
    private let tickets: [TicketKey: Ticket]
    private var ends: [(at: Duration, number: Int)] = []
    private var next = 0
    private var finished: Set<Int> = []

    init(_ tickets: [Ticket], slots: Int, agentTime: Duration) {
        bench = Bench(machineSlots: slots)
        self.agentTime = agentTime
        self.tickets = Dictionary(
            tickets.map { ($0.key, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let workflow = Bench.workflow(slots: SlotLimits(total: 2 * slots))
        let begin = bench.now.uptime
        take(bench.start(workflow, with: tickets))
        while next < ends.count {
            let end = ends[next]
            next += 1
            bench.now.wall.addTimeInterval((end.at - bench.now.uptime).inSeconds)
            bench.now.uptime = end.at
            var result = bench.result(.succeeded)
            result.pushed = "c0ffee"
            take(bench.handle(.attemptEnded(Bench.id(end.number), attempt: 1, result)))
            finished.insert(end.number)
            take(bench.open(end.number))
            take(bench.decide(end.number, .merged))
        }
        taken = bench.now.uptime - begin
    }

    private mutating func take(_ commands: [SchedulerCommand]) {
        for id in commands.claimed {
            guard let ticket = tickets[id.ticket] else { continue }
            started.append(id.ticket.number)
            let isEarly = ticket.blockers.contains {
                !$0.state.isFinished && !finished.contains($0.key.number)
            }
            if isEarly { early.append(id.ticket.number) }
            bench.begin(id.ticket.number, ticket)
            ends.append((bench.now.uptime + agentTime, id.ticket.number))
        }
        most = max(most, bench.scheduler.takenSlots)
    }
}
