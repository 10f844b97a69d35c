import Domain
import Scheduler
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How well the slots are used, against what no scheduler could do better.
@Suite struct QualityTests {
    /// A batch of tickets with the time that each agent takes; the scheduler doesn't know the times.
    struct Load {
        var tickets: [Ticket]
        var seconds: [TicketKey: Int]

        /// The longest chain, and the work shared out evenly: no plan is shorter than either.
        func bound(slots: Int) -> Double {
            var chain: [String: Int] = [:]
            for ticket in tickets {
                let before = ticket.blockers.compactMap { chain[$0.id] }.max() ?? 0
                chain[ticket.id] = before + seconds[ticket.key, default: 0]
            }
            let work = Double(seconds.values.reduce(0, +)) / Double(slots)
            return max(Double(chain.values.max() ?? 0), work)
        }
    }

    /// Works a load to its end with a clock that jumps from one agent's end to the next.
    static func makespan(of load: Load, slots: Int) -> Double {
        var bench = Bench(machineSlots: slots)
        let workflow = Bench.workflow(slots: SlotLimits(total: slots))
        let start = bench.now.uptime
        var ends: [(at: Duration, number: Int)] = []
        func take(_ commands: [SchedulerCommand]) {
            for id in commands.claimed {
                let number = id.ticket.number
                guard let ticket = load.tickets.first(where: { $0.key == id.ticket }) else {
                    continue
                }
                bench.begin(number, ticket)
                let seconds = load.seconds[id.ticket, default: 0]
                ends.append((bench.now.uptime + .seconds(seconds), number))
            }
        }
        take(bench.start(workflow, with: load.tickets))
        while let next = ends.min(by: { ($0.at, $0.number) < ($1.at, $1.number) }) {
            ends.removeAll { $0.number == next.number }
            bench.now.wall.addTimeInterval((next.at - bench.now.uptime).inSeconds)
            bench.now.uptime = next.at
            var result = bench.result(.succeeded)
            result.pushed = "c0ffee"
            take(bench.handle(.attemptEnded(Bench.id(next.number), attempt: 1, result)))
            take(bench.open(next.number))
            take(bench.decide(next.number, .merged))
        }
        #expect(bench.scheduler.openRunRecords.isEmpty && bench.saved.count == load.tickets.count)
        return (bench.now.uptime - start).inSeconds
    }

    /// Thirty to ninety tickets, each blocked by up to three of those shortly before it.
    static func load(_ seed: UInt64) -> Load {
        var generator = SplitMix64(seed: seed)
        let count = Int.random(in: 30...90, using: &generator)
        var load = Load(tickets: [], seconds: [:])
        for number in 1...count {
            var blockers: Set<Int> = []
            for _ in 0..<Int.random(in: 0...3, using: &generator) where number > 1 {
                blockers.insert(Int.random(in: max(1, number - 25)..<number, using: &generator))
            }
            let ticket = Bench.ticket(number, blockedBy: blockers.sorted())
            load.tickets.append(ticket)
            load.seconds[ticket.key] = Int.random(in: 60...1800, using: &generator)
        }
        return load
    }

    /// `LINECOOK_BATCHES=200` for the whole figure.
    private static let batches =
        ProcessInfo.processInfo.environment["LINECOOK_BATCHES"].flatMap { Int($0) } ?? 30

    @Test func `batches take at most a twentieth longer than the best that is possible`() {
        var (taken, bound) = (0.0, 0.0)
        for seed in 1...Self.batches {
            let load = Self.load(UInt64(seed))
            taken += Self.makespan(of: load, slots: 4)
            bound += load.bound(slots: 4)
        }
        #expect(taken / bound <= 1.05, "\(taken / bound)")
    }

    @Test func `the critical path goes first among equals`() {
        var bench = Bench(machineSlots: 1)
        let tickets = [
            Bench.ticket(1), Bench.ticket(2), Bench.ticket(3, blockedBy: [2]),
            Bench.ticket(4, blockedBy: [3]),
        ]
        #expect(bench.start(Bench.workflow(), with: tickets).claimed == [Bench.id(2)])
    }

    /// The article's batch: nine tickets in four phases, on four slots.
    static var portfolio: Load {
        let blockers: [Int: [Int]] = [
            65: [61, 62], 66: [63], 67: [64], 68: [65, 66], 69: [67, 68],
        ]
        var load = Load(tickets: [], seconds: [:])
        for number in 61...69 {
            let ticket = Bench.ticket(number, blockedBy: blockers[number] ?? [])
            load.tickets.append(ticket)
            load.seconds[ticket.key] = 300 + 60 * (number % 5)
        }
        return load
    }

    @Test func `nine tickets in four phases end with their critical path`() {
        let taken = Self.makespan(of: Self.portfolio, slots: 4)
        #expect(taken <= Self.portfolio.bound(slots: 4) * 1.05)
    }
}
