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
        while !entries.lines.isEmpty {
            let (next, untold) = nextDue(after: last)
            for (id, obstacle) in untold { wait(id, for: obstacle, at: now, &commands) }
            guard let next else { break }
            start(next, at: now, &commands)
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
            for name in workflowNames { workflows[name]?.queue.release(filesOf: run) }
        }
        while !entries.slots.isFull, let (name, place, ticket) = nextReady() {
            guard let workflow = workflows[name]?.sharedWorkflow else { return }
            if let hold = hold(of: ticket, workflow.value) {
                workflows[name]?.queue.setAside(place, for: hold)
            } else {
                let id = begin(ticket, workflow, at: now, using: &generator, &commands)
                start(id, at: now, &commands)
            }
        }
    }

    /// The first ticket of all queues whose group may have a slot.
    private func nextReady() -> (workflow: String, place: Int, ticket: Ticket)? {
        var best: (workflow: String, place: Int, ticket: Ticket, chain: Int)?
        for name in workflowNames {
            guard let index = workflows.index(forKey: name), workflows.values[index].isInForce
            else { continue }
            let groups = workflows.values[index].queue.groups
            guard
                let place = groups.compactMap({ group -> Int? in
                    guard let first = group.places.first, obstacle(group.kind.value) == nil else {
                        return nil
                    }
                    return first
                }).min()
            else { continue }
            let ticket = workflows.values[index].plan.ticket(at: place)
            let chain = workflows.values[index].plan.graph.chainLength(ticket.id)
            if let best,
                !Plan.comesFirst(ticket, chain: chain, best.ticket, chain: best.chain)
            {
                continue
            }
            best = (name, place, ticket, chain)
        }
        return best.map { ($0.workflow, $0.place, $0.ticket) }
    }

    /// What of its own keeps a ready ticket that is taken up from being begun.
    func hold(of ticket: Ticket, _ workflow: Workflow) -> ReadyQueue.Hold? {
        if openRuns[ticket.key] != nil { return .run }
        if workflow.plan.barrier == .phase, let name = batchOf[ticket.id],
            let batch = batches[name],
            let phase = batch.phase(ofTicket: ticket.id),
            batch.openPhase(workflow.plan.base) < phase
        {
            return .phase(phase, ofBatch: name)
        }
        return fileHolder(ticket, workflow).map { .files($0.run) }
    }

    private mutating func begin(
        _ ticket: Ticket,
        _ shared: Shared<Workflow>,
        at now: Moment,
        using generator: inout some RandomNumberGenerator,
        _ commands: inout [Command]
    ) -> RunID {
        let workflow = shared.value
        let (branch, worktree) = names(workflow, ticket)
        var run = Run(
            ticket: ticket,
            workflow: workflow,
            number: (workflows[workflow.name]?.lastRuns[ticket.key] ?? 0) + 1,
            branch: branch,
            worktree: worktree,
            comment: makeUUID(using: &generator),
            at: now.wall
        )
        run.promptFile = promptFile
        if let place = place(of: ticket) { (run.batch, run.phase) = place }
        run.blockedBy = workflows[workflow.name]?.plan.graph.blockers(of: ticket.id) ?? []
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
        var entry = Entry(run: run, workflow: shared)
        entry.takenFrom = ticket.state.name
        entry.ticketLabels = ticket.labels
        entry.chooseAgent(for: ticket)
        entries[run.id] = entry
        openRuns[ticket.key] = run.id
        if failed.remove(ticket.id) != nil { standingChanged(of: ticket.id) }
        dropCandidate(ticket.id)
        commands.append(.begin(entry.record, shared))
        note(run, &commands)
        return run.id
    }

    /// Gives a due run a slot: its ticket is fetched first when it isn't known whole.
    private mutating func start(_ id: RunID, at now: Moment, _ commands: inout [Command]) {
        if entries[id]?.run.liveAttempt == nil,
            stopSpending(id, "nothing is left of the budget", at: now, &commands)
        {
            return
        }
        chooseProfile(id)
        guard let entry = entries[id] else { return }
        let slot = entries.lowestFreeSlot()
        entries[id]?.again = nil
        entries[id]?.isRipe = false
        breaker.started(id, of: entry.workflow.name)
        saveBreaker(&commands)
        if entry.ticket == nil {
            entries[id]?.activity = .claiming(slot: slot)
            commands.append(.claim(id, ticket: entry.run.ticket.id, entry.sharedWorkflow))
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
            var attempt = Attempt(number: number, started: now.wall)
            attempt.limit = limit(of: entry)
            entry.run.attempts.append(attempt)
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
        var workflow = entry.sharedWorkflow
        if let limit = attempt.limit {
            workflow.value.agent.budget = limit.usd
            workflow.value.agent.tokens = limit.tokens
        }
        commands.append(
            .launch(
                .init(
                    sharedRun: entry.record,
                    sharedWorkflow: workflow,
                    sharedTicket: ticket,
                    attempt: attempt.number,
                    slot: slot,
                    lastFailure: entry.lastFailure,
                    written: entry.written
                )
            )
        )
    }

    /// What keeps runs of this kind from an attempt.
    ///
    /// The breaker asks for the run's id only to tell the one whose attempt it waits for, which isn't in line.
    private func obstacle(_ kind: Line.Kind) -> String? {
        if let words = parking.obstacle(to: kind.profiles) { return words }
        if let words = diskObstacle(kind.workflow) { return words }
        if let words = breakerObstacle(kind.workflow) { return words }
        if let words = budgetObstacle(kind.workflow) { return words }
        return entries.slots.obstacle(kind.workflow, labels: kind.labels, state: kind.state)
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
        guard let record = entries[id]?.record else { return }
        commands.append(.save(record))
        note(record.value, &commands)
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
