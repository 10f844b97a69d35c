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
            batches[batch.name] = batch
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
        for name in workflows.keys.sorted() {
            guard var polling = workflows[name], polling.isInForce else { continue }
            let pending = polling.plan.ready.filter {
                batchOf[$0.id] == nil && openRuns[$0.key] == nil
            }
            var readySince: [String: Duration] = [:]
            for ticket in pending {
                readySince[ticket.id] = polling.readySince[ticket.id] ?? now.uptime
            }
            polling.readySince = readySince
            let settings = polling.workflow.tickets.batch
            let release = readySince.values.min().map { $0 + settings.wait }
            let isFull =
                pending.count >= settings.minimum || release.map { $0 <= now.uptime } ?? false
            polling.batchRelease = isFull ? nil : release
            polling.batchReleaseAt = polling.batchRelease.map {
                now.wall.addingTimeInterval(($0 - now.uptime).inSeconds)
            }
            workflows[name] = polling
            if !pending.isEmpty, isFull { form(pending, polling, at: now, &commands) }
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
        let known = Set(entries.values.map(\.run.ticket.id)).union(batchOf.keys)
        for ticket in polling.plan.graph.phases(size: nil).joined() {
            guard let wait = waiting[ticket.id], batchOf[ticket.id] == nil,
                openRuns[ticket.key] == nil, case .blockers(let keys) = wait.cause
            else { continue }
            let isInside = ticket.blockers.allSatisfy { blocker in
                !keys.contains(blocker.key) || inside.contains(blocker.id)
                    || known.contains(blocker.id)
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
        batches[batch.name] = batch
        for member in batch.tickets { batchOf[member.id] = batch.name }
        commands.append(.saveBatch(batch))
    }

    /// The batch and the phase of a ticket that is about to be begun.
    func place(of ticket: Ticket) -> (batch: String, phase: String)? {
        guard let name = batchOf[ticket.id],
            let member = batches[name]?.tickets.first(where: { $0.id == ticket.id })
        else { return nil }
        return (name, member.phase)
    }

    /// Writes what became of a run into its batch's record.
    mutating func note(_ run: Run, _ commands: inout [Command]) {
        guard let name = run.batch, var batch = batches.removeValue(forKey: name) else { return }
        guard batch.take(run) else {
            batches[name] = batch
            return
        }
        let isOver = batch.tickets.first { $0.id == run.ticket.id }?.isOver ?? false
        if isOver { batchOf[run.ticket.id] = nil }
        keep(&batch, &commands)
    }

    private mutating func keep(_ batch: inout Batch, _ commands: inout [Command]) {
        // One that is delivered is kept in mind while a run of it may still come to another end.
        batches[batch.name] = batch.tickets.allSatisfy(\.isOver) ? nil : batch
        commands.append(.saveBatch(batch))
    }

    /// Takes members out of their batches that are no longer among the workflow's tickets.
    mutating func withdrawAbsent(of workflow: String, at now: Moment, _ commands: inout [Command]) {
        guard let polling = workflows[workflow] else { return }
        let present = Set(polling.candidates.map(\.id))
        for name in batches.keys.sorted() where batches[name]?.workflow == workflow {
            guard var batch = batches[name] else { continue }
            var isChanged = false
            for index in batch.tickets.indices {
                let member = batch.tickets[index]
                guard member.run == nil, member.state == nil, !present.contains(member.id) else {
                    continue
                }
                batch.tickets[index].leave(
                    Batch.withdrawn,
                    "it's no longer among the workflow's tickets",
                    at: now.wall
                )
                batchOf[member.id] = nil
                isChanged = true
            }
            if isChanged { keep(&batch, &commands) }
        }
    }

    /// Takes dependants of failed tickets out of their batches, where the workflow wants that.
    mutating func skipDependants(at now: Moment, _ commands: inout [Command]) {
        for name in workflows.keys.sorted() {
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
                guard var batch = batches[name] else { continue }
                for member in members {
                    guard let index = batch.tickets.firstIndex(where: { $0.id == member.id }) else {
                        continue
                    }
                    batch.tickets[index].leave(Batch.skipped, member.reason, at: now.wall)
                    batchOf[member.id] = nil
                }
                keep(&batch, &commands)
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
        guard settings.barrier == .phase, let name = batchOf[ticket.id], let batch = batches[name],
            let own = batch.tickets.first(where: { $0.id == ticket.id })?.phase,
            let index = batch.phases.firstIndex(where: { $0.name == own })
        else { return nil }
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
