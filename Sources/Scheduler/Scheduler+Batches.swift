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
            batches[batch.name] = OpenBatch(batch)
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
        for name in workflowNames {
            guard workflows[name]?.isInForce == true,
                workflows[name]?.queueIsStale == true
                    || workflows[name]?.batchRelease.map({ $0 <= now.uptime }) == true
            else { continue }
            let pending = fillQueue(of: name, at: now)
            guard !pending.isEmpty, workflows[name]?.batchRelease == nil else { continue }
            // The order of its members is that of a plan that knows of everything.
            if workflows[name]?.plan.isAmended == true { replan(name) }
            guard let polling = workflows[name] else { continue }
            form(pending, polling, at: now, &commands)
            _ = fillQueue(of: name, at: now)
        }
    }

    /// Puts the ready tickets that are taken up into the queue, and looks how long the others may wait for a batch.
    ///
    /// - Returns: The others, without those that have a run.
    private mutating func fillQueue(of name: String, at now: Moment) -> [Ticket] {
        guard var polling = workflows[name] else { return [] }
        polling.queueIsStale = false
        polling.queue = ReadyQueue()
        var pending: [Ticket] = []
        for place in polling.plan.readyPlaces {
            let ticket = polling.plan.ticket(at: place)
            if openRuns[ticket.key] != nil { continue }
            if batchOf[ticket.id] == nil {
                pending.append(ticket)
            } else {
                polling.queue.insert(place, ticket, polling.workflow)
            }
        }
        var readySince: [String: Duration] = [:]
        for ticket in pending {
            readySince[ticket.id] = polling.readySince[ticket.id] ?? now.uptime
        }
        polling.readySince = readySince
        let settings = polling.workflow.tickets.batch
        let release = readySince.values.min().map { $0 + settings.wait }
        let isFull = pending.count >= settings.minimum || release.map { $0 <= now.uptime } ?? false
        polling.batchRelease = isFull ? nil : release
        polling.batchReleaseAt = polling.batchRelease.map {
            now.wall.addingTimeInterval(($0 - now.uptime).inSeconds)
        }
        workflows[name] = polling
        return pending
    }

    /// Takes note that a ticket has left its batch or has no run any more: where it's ready, it may be taken up.
    mutating func free(_ ticket: String) {
        for name in workflowNames where workflows[name]?.plan.place(of: ticket) != nil {
            workflows[name]?.queueIsStale = true
        }
    }

    private mutating func form(
        _ ready: [Ticket],
        _ polling: Polling,
        at now: Moment,
        _ commands: inout [Command]
    ) {
        let workflow = polling.workflow
        var inside = Set(ready.map(\.id))
        var members = ready
        // Who waits for nothing but members comes along, in an order in which blockers come first.
        let waiting = Dictionary(
            polling.plan.waiting.map { ($0.ticket.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for ticket in polling.plan.graph.phases(size: nil).joined() {
            guard let wait = waiting[ticket.id], batchOf[ticket.id] == nil,
                openRuns[ticket.key] == nil, case .blockers(let keys) = wait.cause
            else { continue }
            let isInside = ticket.blockers.allSatisfy { blocker in
                !keys.contains(blocker.key) || inside.contains(blocker.id)
                    || batchOf[blocker.id] != nil || entries.holds(ticket: blocker.id)
            }
            guard isInside else { continue }
            inside.insert(ticket.id)
            members.append(ticket)
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
        batches[batch.name] = OpenBatch(batch)
        for member in batch.tickets {
            batchOf[member.id] = batch.name
            // Where another workflow has it ready, too, the first one that may begins it.
            for name in workflowNames where name != workflow.name {
                guard let place = workflows[name]?.plan.place(of: member.id) else { continue }
                if workflows[name]?.plan.isReady(place) == true { queue(place, of: name) }
                workflows[name]?.queueIsStale = true
            }
        }
        commands.append(.saveBatch(batch))
    }

    /// The batch and the phase of a ticket that is about to be begun.
    func place(of ticket: Ticket) -> (batch: String, phase: String)? {
        guard let name = batchOf[ticket.id],
            let member = batches[name]?.member(ofTicket: ticket.id)
        else { return nil }
        return (name, member.phase)
    }

    /// Writes what became of a run into its batch's record.
    mutating func note(_ run: Run, _ commands: inout [Command]) {
        guard let name = run.batch, batches[name]?.take(run) == true else { return }
        if batches[name]?.member(ofTicket: run.ticket.id)?.isOver ?? false {
            leaveBatch(run.ticket.id)
        }
        keep(name, &commands)
    }

    private mutating func leaveBatch(_ ticket: String) {
        batchOf[ticket] = nil
        free(ticket)
    }

    /// The record of a batch that hasn't come to its end, not refreshed.
    package func openBatch(_ name: String) -> Batch? { batches[name]?.record }

    private mutating func keep(_ name: String, _ commands: inout [Command]) {
        guard let batch = batches[name] else { return }
        commands.append(batch.isOver ? .saveBatch(batch.record) : .refreshBatch(name))
        for workflow in workflowNames {
            guard let base = workflows[workflow]?.workflow.plan.base else { continue }
            workflows[workflow]?.queue.release(upToPhase: batch.openPhase(base), ofBatch: name)
        }
        // One that is delivered is kept in mind while a run of it may still come to another end.
        if batch.isOver { batches[name] = nil }
    }

    /// Takes members out of their batches that are no longer among the workflow's tickets.
    mutating func withdrawAbsent(of workflow: String, at now: Moment, _ commands: inout [Command]) {
        guard let polling = workflows[workflow] else { return }
        let present = Set(polling.candidates.map(\.id))
        for name in batches.keys.sorted() where batches[name]?.record.workflow == workflow {
            guard let members = batches[name]?.record.tickets else { continue }
            var isChanged = false
            for member in members {
                guard member.run == nil, member.state == nil, !present.contains(member.id) else {
                    continue
                }
                let why = "it's no longer among the workflow's tickets"
                batches[name]?.leave(member.id, Batch.withdrawn, why, at: now)
                leaveBatch(member.id)
                isChanged = true
            }
            if isChanged { keep(name, &commands) }
        }
    }

    /// Takes dependants of failed tickets out of their batches, where the workflow wants that.
    mutating func skipDependants(at now: Moment, _ commands: inout [Command]) {
        for name in workflowNames {
            guard let polling = workflows[name],
                polling.workflow.plan.onFailedBlocker == .skip
            else { continue }
            var skipped: [String: [(id: String, reason: String)]] = [:]
            for waiting in polling.plan.waiting {
                guard case .failed(let chain) = waiting.cause,
                    let batch = batchOf[waiting.ticket.id], openRuns[waiting.ticket.key] == nil
                else { continue }
                skipped[batch, default: []].append((waiting.ticket.id, Self.words(of: chain)))
            }
            for (name, members) in skipped.sorted(by: { $0.key < $1.key }) {
                for member in members where batches[name]?.member(ofTicket: member.id) != nil {
                    batches[name]?.leave(member.id, Batch.skipped, member.reason, at: now)
                    leaveBatch(member.id)
                }
                keep(name, &commands)
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
            let index = batches[name]?.phase(ofTicket: ticket.id),
            let batch = batches[name]?.record
        else { return nil }
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
