package import Domain
import Planner

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Scheduler {
    /// Takes over the batches that hadn't come to their end.
    mutating func recover(_ recovered: RecoveredBatches) {
        batchNumbers = recovered.newest
        for batch in recovered.open {
            batches.put(OpenBatch(batch), as: batch.name)
            batchNumbers[batch.workflow] = max(batchNumbers[batch.workflow] ?? 0, batch.number)
            for member in batch.tickets where !member.isOver { batchOf[member.id] = batch.name }
            for member in batch.tickets where member.state == RunState.failed.rawValue {
                failed.insert(member.id)
            }
        }
    }

    /// Takes up the tickets that are ready and in no batch yet, once they are enough or have waited enough.
    mutating func formBatches(at now: Moment, _ commands: inout [Command]) {
        guard !isDraining else { return }
        for place in workflows.indices {
            guard workflows[place].isInForce,
                workflows[place].queueIsStale
                    || workflows[place].batchRelease.map({ $0 <= now.uptime }) == true
            else { continue }
            let pending = fillQueue(of: place, at: now)
            guard !pending.isEmpty, workflows[place].batchRelease == nil else { continue }
            let ready = pending.map(workflows[place].plan.ticket)
            // The order of its members is that of a plan that knows of everything.
            if workflows[place].plan.isAmended { replan(place) }
            form(ready, of: place, at: now, &commands)
            _ = fillQueue(of: place, at: now)
        }
    }

    /// Puts the ready tickets that are taken up into the queue, and looks how long the others may wait for a batch.
    ///
    /// - Returns: The places in the plan's queue of the others, without those that have a run.
    private mutating func fillQueue(of workflow: Int, at now: Moment) -> [Int] {
        workflows[workflow].queueIsStale = false
        workflows[workflow].queue = ReadyQueue()
        var pending: [Int] = []
        var readySince: [String: Duration] = [:]
        let plan = workflows[workflow].plan
        for place in plan.readyPlaces {
            if openRuns[plan.key(at: place)] != nil { continue }
            let id = plan.id(at: place)
            if batchOf[id] == nil {
                pending.append(place)
                readySince[id] = workflows[workflow].readySince[id] ?? now.uptime
            } else {
                workflows[workflow].queue(place)
            }
        }
        workflows[workflow].readySince = readySince
        let settings = workflows[workflow].workflow.tickets.batch
        let release = readySince.values.min().map { $0 + settings.wait }
        let isFull = pending.count >= settings.minimum || release.map { $0 <= now.uptime } ?? false
        workflows[workflow].batchRelease = isFull ? nil : release
        workflows[workflow].batchReleaseAt = workflows[workflow].batchRelease.map {
            now.wall.addingTimeInterval(($0 - now.uptime).inSeconds)
        }
        return pending
    }

    /// Takes note that a ticket has left its batch or has no run any more: where it's ready, it may be taken up.
    mutating func free(_ ticket: String) {
        for place in workflows.indices where workflows[place].plan.place(of: ticket) != nil {
            workflows[place].queueIsStale = true
        }
    }

    private mutating func form(
        _ ready: [Ticket],
        of own: Int,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        let polling = workflows[own]
        let workflow = polling.workflow
        var inside = Set(ready.map(\.id))
        var members = ready
        // Who waits for nothing but members comes along, in an order in which blockers come first.
        let plan = polling.plan
        for place in plan.waitingForBlockers {
            let id = plan.id(at: place)
            guard batchOf[id] == nil, openRuns[plan.key(at: place)] == nil else { continue }
            let isInside = plan.openBlockers(ofTicketAt: place).allSatisfy { blocker in
                inside.contains(blocker) || batchOf[blocker] != nil
                    || entries.holds(ticket: blocker)
            }
            guard isInside else { continue }
            inside.insert(id)
            members.append(plan.ticket(at: place))
        }
        let number = (batchNumbers[workflow.name] ?? 0) + 1
        batchNumbers[workflow.name] = number
        var batch = Batch(
            of: members,
            settings: workflow.plan,
            workflow: workflow.name,
            number: number,
            at: now.wall
        )
        batch.promptFile = promptFile
        batches.put(OpenBatch(batch), as: batch.name)
        for member in batch.tickets {
            batchOf[member.id] = batch.name
            // Where another workflow has it ready, too, the first one that may begins it.
            for other in workflows.indices where other != own {
                guard let place = workflows[other].plan.place(of: member.id) else { continue }
                if workflows[other].plan.isReady(place) { queue(place, of: other) }
                workflows[other].queueIsStale = true
            }
        }
        commands.append(.saveBatch(batch))
    }

    /// The batch and the phase of a ticket that is about to be begun.
    func place(of ticket: Ticket) -> (batch: String, phase: String)? {
        guard let name = batchOf[ticket.id], let batch = batches.place(of: name),
            let member = batches[batch].member(ofTicket: ticket.id)
        else { return nil }
        return (name, member.phase)
    }

    /// Writes what became of a run into its batch's record.
    mutating func note(_ record: CopiedOnWrite<Run>, _ commands: inout [Command]) {
        guard let name = record.value.batch, let place = batches.place(of: name),
            let isOver = batches[place].take(record)
        else { return }
        if isOver { leaveBatch(record.value.ticket.id) }
        keep(place, &commands)
    }

    private mutating func leaveBatch(_ ticket: String) {
        batchOf[ticket] = nil
        free(ticket)
    }

    /// The record of a batch that hasn't come to its end, not refreshed.
    package func openBatch(_ name: String) -> Batch? { batches[name]?.record }

    private mutating func keep(_ place: Int, _ commands: inout [Command]) {
        let name = batches.names[place]
        let isOver = batches[place].openMembers == 0
        commands.append(isOver ? .saveBatch(batches[place].record) : .refreshBatch(name))
        for workflow in workflows.indices {
            guard let ahead = batches[place].ahead[workflows[workflow].workflow.plan.base] else {
                continue
            }
            let phase = ahead.first
            workflows[workflow].queue.release(upToPhase: phase, ofBatch: name)
        }
        // One that is delivered is kept in mind while a run of it may still come to another end.
        if isOver { batches.remove(at: place) }
    }

    /// Takes members out of their batches that are no longer among the workflow's tickets.
    mutating func withdrawAbsent(of place: Int, at now: Moment, _ commands: inout [Command]) {
        let workflow = workflows.names[place]
        let present = workflows[place].candidateIDs
        for name in batches.names {
            guard let batch = batches.place(of: name), batches[batch].record.workflow == workflow
            else { continue }
            var isChanged = false
            for member in batches[batch].record.tickets {
                guard member.run == nil, member.state == nil, !present.contains(member.id) else {
                    continue
                }
                let why = "it's no longer among the workflow's tickets"
                batches[batch].leave(member.id, Batch.withdrawn, why, at: now)
                leaveBatch(member.id)
                isChanged = true
            }
            if isChanged { keep(batch, &commands) }
        }
    }

    /// Takes dependants of failed tickets out of their batches, where the workflow wants that.
    mutating func skipDependants(at now: Moment, _ commands: inout [Command]) {
        for place in workflows.indices
        where workflows[place].workflow.plan.onFailedBlocker == .skip {
            var skipped: [String: [(id: String, reason: String)]] = [:]
            for waiting in workflows[place].plan.waiting {
                guard case .failed(let chain) = waiting.cause,
                    let batch = batchOf[waiting.ticket.id], openRuns[waiting.ticket.key] == nil
                else { continue }
                skipped[batch, default: []].append((waiting.ticket.id, Self.words(of: chain)))
            }
            for (name, members) in skipped.sorted(by: { $0.key < $1.key }) {
                guard let batch = batches.place(of: name) else { continue }
                for member in members where batches[batch].member(ofTicket: member.id) != nil {
                    batches[batch].leave(member.id, Batch.skipped, member.reason, at: now)
                    leaveBatch(member.id)
                }
                keep(batch, &commands)
            }
        }
    }

    /// Such as `FRE-1 failed, and FRE-3 waits for it`.
    package static func words(of chain: [TicketKey]) -> String {
        guard let first = chain.first else { return "a blocker failed" }
        var words = "\(first) failed"
        var last = first
        for key in chain.dropFirst() {
            words += ", \(key) waits for \(last)"
            last = key
        }
        return words
    }

    /// Why a ticket's phase can't start, or `nil` when it can.
    func phaseObstacle(_ ticket: Ticket, _ settings: PlanSettings) -> String? {
        guard settings.barrier == .phase, let name = batchOf[ticket.id],
            let place = batches.place(of: name),
            let index = batches[place].phase(ofTicket: ticket.id)
        else { return nil }
        let batch = batches[place].record
        let own = batch.phases[index].name
        let before = Set(batch.phases[..<index].map(\.name))
        let open = batch.tickets.filter { member in
            before.contains(member.phase) && !member.isBehind(settings.base)
        }
        guard let first = open.first else { return nil }
        let words = open.prefix(3).map { "\($0.ticket) (\($0.words))" }
        return "phase \(own) waits for phase \(first.phase): \(words.joined(separator: ", "))"
            + (open.count > 3 ? " and \(open.count - 3) more" : "")
    }
}
