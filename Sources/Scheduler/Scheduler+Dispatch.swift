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
        startDue(at: now, &commands)
        startReady(at: now, using: &generator, &commands)
    }

    /// Starts the runs that are due as far as there are slots, in their order, and tells the others what holds them.
    private mutating func startDue(at now: Moment, _ commands: inout [Command]) {
        entries.ripen(at: now)
        var last: RunID?
        while true {
            entries.update()
            guard !entries.lines.isEmpty else { break }
            let (next, untold) = nextDue(after: last)
            for (id, obstacle) in untold {
                guard let place = entries.place(of: id) else { continue }
                wait(place, for: obstacle, at: now, &commands)
            }
            guard let next, let place = entries.place(of: next) else { break }
            start(place, entries.lowestFreeSlot(), at: now, &commands)
            last = next
        }
    }

    /// The first run after another that is due and may start.
    ///
    /// - Returns: It, and those before it whose records don't say what holds them: until it is started, nothing
    ///   changes for these.
    private func nextDue(after last: RunID?) -> (next: RunID?, untold: [(id: RunID, why: String)]) {
        var next: RunID?
        var held: [(line: Line, why: String)] = []
        for line in entries.lines.values {
            if let obstacle = obstacle(line.kind.value) {
                held.append((line, obstacle))
            } else if let first = line.first(after: last) {
                next = min(next ?? first, first)
            }
        }
        let untold = held.flatMap { line, why in
            line.untold(why, after: last, before: next).map { (id: $0, why: why) }
        }
        return (next, untold.sorted { $0.id < $1.id })
    }

    /// Begins runs of ready tickets as far as there are slots, in the order of the queue.
    private mutating func startReady(
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) {
        for run in entries.takeOffFiles() {
            for place in workflows.indices { workflows[place].queue.release(filesOf: run) }
        }
        while true {
            entries.update()
            guard !entries.slots.isFull, let (workflow, place) = nextReady() else { break }
            let ticket = workflows[workflow].plan.ticket(at: place)
            let version = workflows[workflow].sharedWorkflow
            if let hold = hold(of: ticket, version) {
                workflows[workflow].queue.setAside(place, for: hold)
            } else {
                // Before the run is there: until it has the slot, it would stand in line for one.
                let slot = entries.lowestFreeSlot()
                let run = begin(ticket, of: workflow, at: now, using: &generator, &commands)
                start(run, slot, at: now, &commands)
            }
        }
    }

    /// The first ticket of all queues whose group may have a slot.
    private func nextReady() -> (workflow: Int, place: Int)? {
        var best: (workflow: Int, place: Int)?
        for workflow in workflows.indices where workflows[workflow].isInForce {
            var next: Int?
            for group in workflows[workflow].queue.groups {
                guard let first = group.places.first, first < next ?? .max,
                    obstacle(group.kind.value) == nil
                else { continue }
                next = first
            }
            guard let place = next else { continue }
            if let best, !comesFirst(place, of: workflow, before: best.place, of: best.workflow) {
                continue
            }
            best = (workflow, place)
        }
        return best
    }

    /// Whether a ticket goes before one of another workflow.
    private func comesFirst(
        _ place: Int,
        of workflow: Int,
        before otherPlace: Int,
        of other: Int
    ) -> Bool {
        let (plan, otherPlan) = (workflows[workflow].plan, workflows[other].plan)
        let (ticket, otherTicket) = (plan.ticket(at: place), otherPlan.ticket(at: otherPlace))
        return Plan.comesFirst(
            ticket,
            chain: plan.graph.chainLength(ticket.id),
            otherTicket,
            chain: otherPlan.graph.chainLength(otherTicket.id)
        )
    }

    /// What of its own keeps a ready ticket that is taken up from being begun.
    func hold(of ticket: Ticket, _ workflow: Shared<Workflow>) -> ReadyQueue.Hold? {
        if openRuns[ticket.key] != nil { return .run }
        if workflow.value.plan.barrier == .phase, let name = batchOf[ticket.id],
            let batch = batches.place(of: name),
            let phase = batches[batch].phase(ofTicket: ticket.id),
            batches[batch].openPhase(workflow.value.plan.base) < phase
        {
            return .phase(phase, ofBatch: name)
        }
        return fileHolder(ticket, workflow).map { .files($0.run) }
    }

    private mutating func begin(
        _ ticket: Ticket,
        of place: Int,
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) -> Entries.Place {
        let workflow = workflows[place].sharedWorkflow
        let (branch, worktree) = names(workflow, ticket)
        // A poll's answer may be older than the last run, whose number must not be given again.
        let number =
            max(workflows[place].lastRuns[ticket.key] ?? 0, begun[ticket.key]?.number ?? 0) + 1
        begun[ticket.key] = (number, now.uptime)
        var run = Run(
            ticket: ticket,
            workflow: workflow.value,
            number: number,
            branch: branch,
            worktree: worktree,
            comment: makeUUID(using: &generator),
            at: now.wall
        )
        run.promptFile = promptFile
        if let member = self.place(of: ticket) { (run.batch, run.phase) = member }
        run.blockedBy = workflows[place].plan.graph.blockers(of: ticket.id)
        if workflow.value.plan.base == .stacked,
            case let stack = stack(for: ticket, workflow), !stack.isEmpty
        {
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
        let begun = entries.insert(entry)
        openRuns[ticket.key] = run.id
        if failed.remove(ticket.id) != nil { standingChanged(of: ticket.id) }
        dropCandidate(ticket.id)
        commands.append(.begin(entry.record, workflow))
        note(entry.record, &commands)
        return begun
    }

    /// Gives a due run a slot: its ticket is fetched first when it isn't known whole.
    private mutating func start(
        _ place: Entries.Place,
        _ slot: Int,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        if entries[place].liveNumber == nil,
            stopSpending(place, "nothing is left of the budget", at: now, &commands)
        {
            return
        }
        chooseProfile(place)
        let workflow = entries[place].sharedWorkflow
        let id = entries.id(of: place)
        let isKnown = entries[place].ticket != nil
        entries.change(place) { entry in
            entry.again = nil
            entry.isRipe = false
            if !isKnown { entry.activity = .claiming(slot: slot) }
        }
        breaker.started(id, of: workflow.value.name)
        saveBreaker(&commands)
        if isKnown {
            launch(place, slot, at: now, &commands)
        } else {
            let ticket = entries[place].run.ticket.id
            commands.append(.claim(id, ticket: ticket, workflow))
        }
    }

    /// Lets the run's next attempt have the first of its agents whose provider may be asked.
    private mutating func chooseProfile(_ place: Entries.Place) {
        let profiles = entries[place].profiles
        // Where none may, it's found out by the first, and nothing is spent.
        let chosen = parking.first(among: profiles) ?? 0
        guard chosen > 0 else {
            entries[place].take(0, because: nil)
            return
        }
        let why = parking.words(for: profiles[0]).map { ", since \($0)" } ?? ""
        entries[place].take(chosen, because: "\(profiles[chosen].name)\(why)")
    }

    /// Records the attempt and asks for its process.
    mutating func launch(
        _ place: Entries.Place,
        _ slot: Int,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        chooseProfile(place)
        guard let ticket = entries[place].ticket else { return }
        if entries[place].liveNumber == nil {
            let number = (entries[place].run.attempts.last?.number ?? 0) + 1
            var attempt = Attempt(number: number, started: now.wall)
            attempt.limit = limit(of: place)
            entries.change(place) { entry in
                entry.run.attempts.append(attempt)
                entry.run.enter(
                    .running,
                    why: "attempt \(number)",
                    next: "Attempt \(number) of at most \(entry.workflow.retry.attempts) ends at"
                        + " the latest after \(entry.workflow.agent.timeout.inWords).",
                    at: now.wall
                )
                entry.activity = .attempting(slot: slot, stop: nil)
            }
        } else {
            entries[place].activity = .attempting(slot: slot, stop: nil)
        }
        guard let live = entries[place].liveNumber else { return }
        save(place, &commands)
        var workflow = entries[place].sharedWorkflow
        if let limit = entries[place].run.attempts.last?.limit {
            workflow.value.agent.budget = limit.usd
            workflow.value.agent.tokens = limit.tokens
        }
        commands.append(
            .launch(
                .init(
                    sharedRun: entries[place].record,
                    sharedWorkflow: workflow,
                    sharedTicket: ticket,
                    attempt: live,
                    slot: slot,
                    lastFailure: entries[place].lastFailure,
                    written: entries[place].written
                )
            )
        )
    }

    /// What keeps runs of this kind from an attempt.
    ///
    /// The breaker asks for the run's id only to tell the one whose attempt it waits for, which isn't in line.
    private func obstacle(_ kind: Line.Kind) -> String? {
        if let words = parking.obstacle(to: kind.profiles) { return words }
        if !shortages.isEmpty, let words = diskObstacle(kind.workflow.value.repository) {
            return words
        }
        if let words = breakerObstacle(kind.workflow.value.name) { return words }
        if let words = budgetObstacle(kind.workflow) { return words }
        return entries.slots.obstacle(kind.workflow, labels: kind.labels, state: kind.state)
    }

    private mutating func wait(
        _ place: Entries.Place,
        for obstacle: String,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        let state = entries[place].run.state
        guard state != .queued, state != .running, entries[place].run.reason != obstacle
        else { return }
        entries[place].run.enter(
            .waiting,
            why: obstacle,
            reason: obstacle,
            next: "Starts as soon as that is over.",
            at: now.wall
        )
        save(place, &commands)
    }

    mutating func save(_ place: Entries.Place, _ commands: inout [Command]) {
        let record = entries[place].record
        commands.append(.save(record))
        note(record, &commands)
    }

    private func makeUUID(using generator: inout some RandomNumberGenerator) -> String {
        // RFC 9562, version 4: 122 random bits.
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for digit in 0..<32 {
            if (8...20).contains(digit), digit % 4 == 0 { text.append(UInt8(ascii: "-")) }
            let value = UInt8((digit < 16 ? high : low) >> (60 - digit % 16 * 4) & 0xF)
            text.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
