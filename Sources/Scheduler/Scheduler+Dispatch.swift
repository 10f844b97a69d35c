import Domain
import Planner

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Scheduler {
    /// Fills the free slots: first with runs that are due, then with new tickets.
    mutating func dispatch(
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) {
        parking.expire(at: now.wall)
        spent.expire(at: now.wall)
        breaker.expire(at: now.wall)
        saveBreaker(&commands)
        guard !isDraining, !startsNothing else { return }
        var slots = SlotUse(machine: machineSlots, entries: entries.values)
        let due = entries.filter { $0.value.isDue(at: now) }.keys.sorted()
        for id in due {
            guard let entry = entries[id], entry.isDue(at: now) else { continue }
            if let obstacle = obstacle(entry, slots) {
                wait(id, for: obstacle, at: now, &commands)
            } else {
                chooseProfile(id)
                start(id, slots.take(entries[id] ?? entry), at: now, &commands)
            }
        }
        for (polling, ticket) in readyTickets() {
            if slots.isFull { break }
            guard obstacle(to: ticket, polling, slots) == nil else { continue }
            let id = begin(ticket, polling, at: now, using: &generator, &commands)
            chooseProfile(id)
            if let entry = entries[id] { start(id, slots.take(entry), at: now, &commands) }
        }
    }

    /// The ready tickets of all workflows in the order of the queue.
    private func readyTickets() -> [(Polling, Ticket)] {
        let inForce = workflows.values.filter { $0.isInForce && !$0.plan.ready.isEmpty }
        if inForce.count == 1, let only = inForce.first {
            return only.plan.ready.map { (only, $0) }
        }
        return inForce.sorted { $0.workflow.name < $1.workflow.name }
            .flatMap { polling in polling.plan.ready.map { (polling, $0) } }
            .sorted { left, right in
                Plan.comesFirst(
                    left.1,
                    chain: left.0.plan.graph.chainLength(left.1.id),
                    right.1,
                    chain: right.0.plan.graph.chainLength(right.1.id)
                )
            }
    }

    private mutating func begin(
        _ ticket: Ticket,
        _ polling: Polling,
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) -> RunID {
        let workflow = polling.workflow
        let (branch, worktree) = names(workflow, ticket)
        var run = Run(
            ticket: ticket,
            workflow: workflow,
            number: (polling.lastRuns[ticket.key] ?? 0) + 1,
            branch: branch,
            worktree: worktree,
            comment: makeUUID(using: &generator),
            at: now.wall
        )
        run.promptFile = promptFile
        if let place = place(of: ticket) { (run.batch, run.phase) = place }
        run.blockedBy = polling.plan.graph.blockers(of: ticket.id)
        let stack = stack(for: ticket, workflow)
        if !stack.isEmpty {
            run.base.stack = stack
            // One branch is built upon as it is; several are put together when the attempt starts.
            run.base.branch = stack.count == 1 ? stack[0].branch : Run.stackBranch(of: run.id)
            run.base.commit = stack.count == 1 ? stack[0].commit : nil
        }
        run.enter(
            .queued,
            why: "ready in \(ticket.state.name)",
            next: "Is claimed in Linear, then started.",
            at: now.wall
        )
        var entry = Entry(run: run, workflow: workflow)
        entry.takenFrom = ticket.state.name
        entry.ticketLabels = ticket.labels
        entry.chooseAgent(for: ticket)
        entries[run.id] = entry
        openRuns[ticket.key] = run.id
        if failed.remove(ticket.id) != nil { plansAreStale = true }
        dropCandidate(ticket.id)
        commands.append(.begin(entry.run, workflow))
        note(run, &commands)
        return run.id
    }

    /// Gives a due run a slot: its ticket is fetched first when it isn't known whole.
    private mutating func start(
        _ id: RunID,
        _ slot: Int,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id] else { return }
        entries[id]?.again = nil
        breaker.started(id, of: entry.workflow.name)
        saveBreaker(&commands)
        if entry.ticket == nil {
            entries[id]?.activity = .claiming(slot: slot)
            commands.append(.claim(id, ticket: entry.run.ticket.id, entry.workflow))
        } else {
            launch(id, slot, at: now, &commands)
        }
    }

    /// Lets the run's next attempt have the first of its agents whose provider may be asked.
    private mutating func chooseProfile(_ id: RunID) {
        guard let entry = entries[id], entry.run.liveAttempt == nil else { return }
        let profiles = entry.profiles
        // Where none may, it's found out by the first, and nothing is spent.
        guard let chosen = parking.first(of: profiles), chosen != profiles[0] else {
            entries[id]?.take(profiles[0], because: nil)
            return
        }
        let why = parking.words(for: profiles[0]).map { ", since \($0)" } ?? ""
        entries[id]?.take(chosen, because: "\(chosen.name)\(why)")
    }

    /// Records the attempt and asks for its process.
    mutating func launch(
        _ id: RunID,
        _ slot: Int,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        chooseProfile(id)
        guard var entry = entries[id], let ticket = entry.ticket else { return }
        if entry.run.liveAttempt == nil {
            let number = (entry.run.attempts.last?.number ?? 0) + 1
            entry.run.attempts.append(Attempt(number: number, started: now.wall))
            entry.run.enter(
                .running,
                why: "attempt \(number)",
                next: "Attempt \(number) of at most \(entry.workflow.retry.attempts) ends at the"
                    + " latest after \(entry.workflow.agent.timeout.inWords).",
                at: now.wall
            )
        }
        guard let attempt = entry.run.liveAttempt else { return }
        entry.activity = .attempting(slot: slot, stop: nil)
        entries[id] = entry
        save(id, &commands)
        commands.append(
            .launch(
                .init(
                    run: entry.run,
                    workflow: entry.workflow,
                    ticket: ticket,
                    attempt: attempt.number,
                    slot: slot,
                    lastFailure: entry.lastFailure,
                    written: entry.written
                )
            )
        )
    }

    private func obstacle(_ entry: Entry, _ slots: SlotUse) -> String? {
        if let words = parking.obstacle(to: entry.profiles) { return words }
        if let words = diskObstacle(entry.workflow) { return words }
        if let words = breakerObstacle(entry.workflow, entry.run.id) { return words }
        if let words = budgetObstacle(entry.workflow, slots) { return words }
        return slots.obstacle(
            entry.workflow,
            labels: entry.ticketLabels,
            state: entry.takenFrom
        )
    }

    private mutating func wait(
        _ id: RunID,
        for obstacle: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        guard let entry = entries[id], entry.run.state != .queued,
            entry.run.state != .running, entry.run.reason != obstacle
        else { return }
        entries[id]?.run.enter(
            .waiting,
            why: obstacle,
            reason: obstacle,
            next: "Starts as soon as that is over.",
            at: now.wall
        )
        save(id, &commands)
    }

    mutating func save(_ id: RunID, _ commands: inout [Command]) {
        guard let run = entries[id]?.run else { return }
        commands.append(.save(run))
        note(run, &commands)
    }

    private func makeUUID(using generator: inout some RandomNumberGenerator) -> String {
        // RFC 9562, version 4: 122 random bits.
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        func hex(_ value: UInt64, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        return hex(high >> 32, 8) + "-" + hex(high >> 16 & 0xFFFF, 4) + "-" + hex(high & 0xFFFF, 4)
            + "-" + hex(low >> 48, 4) + "-" + hex(low & 0xFFFF_FFFF_FFFF, 12)
    }
}

/// Which slots are taken, and by whom.
struct SlotUse {
    private let machine: Int
    private var taken: Set<Int> = []
    private var byWorkflow: [String: Int] = [:]
    private var held: [String: Double] = [:]
    private var byLabel: [String: [String: Int]] = [:]
    private var byState: [String: [String: Int]] = [:]

    init(machine: Int, entries: some Sequence<Entry>) {
        self.machine = machine
        for entry in entries { if let slot = entry.slot { count(entry, slot) } }
    }

    var machineSlots: Int { machine }
    var total: Int { taken.count }

    func count(of workflow: Workflow) -> Int { byWorkflow[workflow.name, default: 0] }

    /// US dollars that the attempts of a workflow that hold a slot may spend.
    func held(by workflow: Workflow) -> Double { held[workflow.name, default: 0] }

    var isFull: Bool { taken.count >= machine }

    /// Why a ticket can't have a slot, or `nil` when it can.
    func obstacle(_ workflow: Workflow, labels: [String], state: String?) -> String? {
        if isFull { return "all \(machine) slots of this machine are taken" }
        if byWorkflow[workflow.name, default: 0] >= workflow.slots.total {
            return "all \(workflow.slots.total) slots of the workflow are taken"
        }
        for (label, limit) in workflow.slots.byLabel.sorted(by: { $0.key < $1.key })
        where labels.contains(where: { $0.lowercased() == label.lowercased() }) {
            if byLabel[workflow.name]?[label.lowercased()] ?? 0 >= limit {
                return "all \(limit) slots for the label \(label) are taken"
            }
        }
        if let state {
            for (name, limit) in workflow.slots.byState
            where name.lowercased() == state.lowercased() {
                if byState[workflow.name]?[name.lowercased()] ?? 0 >= limit {
                    return "all \(limit) slots for the state \(name) are taken"
                }
            }
        }
        return nil
    }

    /// Takes the lowest free slot.
    mutating func take(_ entry: Entry) -> Int {
        let slot = (0..<machine).first { !taken.contains($0) } ?? machine
        count(entry, slot)
        return slot
    }

    private mutating func count(_ entry: Entry, _ slot: Int) {
        let workflow = entry.workflow.name
        taken.insert(slot)
        byWorkflow[workflow, default: 0] += 1
        if let budget = entry.workflow.agent.budget { held[workflow, default: 0] += budget }
        for label in Set(entry.ticketLabels.map { $0.lowercased() }) {
            byLabel[workflow, default: [:]][label, default: 0] += 1
        }
        if let state = entry.takenFrom?.lowercased() {
            byState[workflow, default: [:]][state, default: 0] += 1
        }
    }
}
