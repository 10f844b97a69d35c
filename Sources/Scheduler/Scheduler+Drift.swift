import Domain
import Planner

extension Scheduler {
    /// What the indices say and the runs, tickets and batches don't; nothing, ever.
    ///
    /// For tests, which ask after each event: it looks at all there is.
    package var drift: [String] {
        var drift = entries.drift
        for polling in workflows.values where polling.isInForce && !plansAreStale {
            let name = polling.workflow.name
            let plan = Plan(
                of: polling.candidates,
                settings: polling.workflow.plan,
                standing: standing(for: polling.sharedWorkflow)
            )
            if polling.lastPoll != nil, plan.ready != polling.plan.ready {
                drift.append("\(name): ready are \(plan.ready.map(\.key))")
            }
            if polling.lastPoll != nil, plan.waiting != polling.plan.waiting {
                let known = Set(polling.plan.waiting.map { "\($0.ticket.key): \($0.cause)" })
                let anew = plan.waiting.map { "\($0.ticket.key): \($0.cause)" }
                drift.append("\(name): waiting are \(anew.filter { !known.contains($0) })")
            }
            guard !polling.queueIsStale else { continue }
            for place in polling.plan.readyPlaces {
                let ticket = polling.plan.ticket(at: place)
                let isQueued = batchOf[ticket.id] != nil && openRuns[ticket.key] == nil
                if isQueued != polling.queue.holds(place) {
                    drift.append("\(name): \(ticket.key) is\(isQueued ? "n't" : "") in the queue")
                }
                if isQueued, polling.queue.isAside(place),
                    hold(of: ticket, polling.sharedWorkflow) == nil,
                    !entries.hasOffFiles
                {
                    drift.append("\(name): nothing holds \(ticket.key)")
                }
            }
        }
        for batch in batches.values {
            let anew = OpenBatch(batch.record)
            for base in PlanSettings.Base.allCases
            where anew.openPhase(base) != batch.openPhase(base) {
                drift.append("\(batch.record.name): the open phase is \(anew.openPhase(base))")
            }
            if (anew.openMembers == 0) != (batch.openMembers == 0) {
                drift.append("\(batch.record.name): isn't over")
            }
        }
        return drift
    }
}

extension Entries {
    /// The same for the runs alone.
    var drift: [String] {
        var anew = Entries(machineSlots: machineSlots)
        for entry in values { anew.insert(entry) }
        anew.update()
        var drift: [String] = []
        func compare<Value: Equatable>(_ name: String, _ value: (Entries) -> Value) {
            if value(self) != value(anew) {
                drift.append("\(name): \(value(self)), not \(value(anew))")
            }
        }
        compare("ids", \.ids)
        compare("slots") { $0.slots.attempts }
        compare("slots by workflow") { $0.slots.words }
        compare("lines") {
            $0.lines.values.map(\.members).reduce(into: [:]) { $0.merge($1) { $1 } }
        }
        for line in lines.values {
            for id in line.members.keys where self[id].map(Line.Kind.init) != line.kind.value {
                drift.append("\(id) is in another's line")
            }
        }
        compare("times", \.times)
        compare("files") { Set($0.workingOnFiles.map(\.run.id)) }
        for entry in values {
            let ticket = entry.run.ticket
            if !runs(ofTicket: ticket.id).contains(entry.run.id)
                || !holds(workflow: entry.run.workflow)
            {
                drift.append("\(entry.run.id) isn't known by its ticket")
            }
            compare("above \(ticket.key)") { known in
                var entries = known
                return entries.above(ticket.key).map { entries[$0].run.id }
            }
        }
        return drift
    }
}
