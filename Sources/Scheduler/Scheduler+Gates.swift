package import Domain
import Planner

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What keeps a ticket that nothing blocks from being begun.
enum Obstacle: Equatable, Sendable {
    case stopping
    /// A run of it is open.
    case run(RunID)
    case batch(String)
    case phase(String)
    case files(String)
    case provider(String)
    case disk(String)
    case breaker(String)
    case budget(String)
    case slots(String)

    var words: String {
        switch self {
        case .stopping: "the service is stopping"
        case .run(let id): "run \(id) holds it"
        case .batch(let words), .phase(let words), .files(let words), .provider(let words),
            .disk(let words), .breaker(let words), .budget(let words), .slots(let words):
            words
        }
    }
}

/// One thing that a ticket has to pass before an agent works on it.
package struct Gate: Codable, Equatable, Sendable {
    package var name: String
    /// Its present value, in words.
    package var value: String
    /// Whether it holds the ticket now.
    package var holds: Bool

    package init(_ name: String, _ value: String, holds: Bool = false) {
        self.name = name
        self.value = value
        self.holds = holds
    }
}

extension Scheduler {
    /// What keeps a ready ticket from being begun now, or `nil` when nothing does.
    func obstacle(to ticket: Ticket, _ polling: Polling) -> Obstacle? {
        if isDraining { return .stopping }
        if let run = openRuns[ticket.key] { return .run(run) }
        let workflow = polling.workflow.resolved(for: ticket)
        guard batchOf[ticket.id] != nil else { return .batch(batchWords(polling)) }
        if let words = phaseObstacle(ticket, workflow.plan) { return .phase(words) }
        if let words = fileObstacle(ticket, workflow) { return .files(words) }
        if let words = parking.obstacle(to: workflow.agent.profiles) { return .provider(words) }
        if let words = diskObstacle(workflow.repository) { return .disk(words) }
        if let words = breakerObstacle(workflow.name) { return .breaker(words) }
        if let words = budgetObstacle(Shared(workflow)) { return .budget(words) }
        let state = ticket.state.name
        return entries.slots.obstacle(Shared(workflow), labels: ticket.labels, state: state)
            .map { .slots($0) }
    }

    /// Which disk has too little room for another attempt, or `nil` when all have enough.
    func diskObstacle(_ repository: RepositorySettings) -> String? {
        shortages.first { $0.concerns(repository.path) }?.words
    }

    private func batchWords(_ polling: Polling) -> String {
        let settings = polling.workflow.tickets.batch
        guard settings.minimum > 1, let release = polling.batchReleaseAt else {
            return "is taken up with the next batch"
        }
        return "held for a batch: \(polling.readySince.count) of \(settings.minimum) ready,"
            + " taken up at \(clock(release)) at the latest"
    }

    private func fileObstacle(_ ticket: Ticket, _ workflow: Workflow) -> String? {
        guard let (id, path) = fileHolder(ticket, Shared(workflow)), let run = entries[id]?.run
        else {
            return nil
        }
        return "\(run.ticket.key) works on \(path.inOneLine(limit: 120)) too (\(run.state.words))"
    }

    /// Which run works on a file that the ticket names too, and on which.
    func fileHolder(
        _ ticket: Ticket,
        _ workflow: Shared<Workflow>
    ) -> (run: RunID, path: String)? {
        guard workflow.value.plan.dependencies.contains(.files), let paths = ticket.paths,
            !paths.isEmpty
        else { return nil }
        for entry in entries.workingOnFiles {
            guard entry.workflow.repository.path == workflow.value.repository.path,
                let others = entry.run.ticket.paths, !others.isEmpty,
                let shared = TicketText.overlap(paths, others).first
            else { continue }
            return (entry.run.id, shared)
        }
        return nil
    }

    /// Every gate that a ticket of the last poll, or one that has an open run, has to pass.
    ///
    /// - Returns: Nothing when the scheduler doesn't know the ticket.
    package func gates(of key: TicketKey, at now: Moment) -> [Gate] {
        if let id = openRuns[key], let entry = entries[id] { return gates(of: entry, at: now) }
        for polling in workflows.values {
            guard let ticket = polling.candidates.first(where: { $0.key == key }) else { continue }
            return gates(of: ticket, polling, at: now)
        }
        return []
    }

    private func gates(of ticket: Ticket, _ polling: Polling, at now: Moment) -> [Gate] {
        let workflow = polling.workflow.resolved(for: ticket)
        let slots = entries.slots
        let slot = slots.obstacle(Shared(workflow), labels: ticket.labels, state: ticket.state.name)
        let phase = phaseObstacle(ticket, workflow.plan)
        let files = fileObstacle(ticket, workflow)
        var gates =
            [scheduleGate(polling, now)] + Self.selectionGates(of: ticket, workflow.tickets)
        if let waiting = polling.plan.waiting.first(where: { $0.ticket.id == ticket.id }) {
            gates.append(Gate("blockers", reason(waiting, polling), holds: true))
        } else {
            let count = ticket.blockers.count
            gates.append(Gate("blockers", count == 0 ? "none" : "all \(count) finished"))
        }
        let batch = batchOf[ticket.id]
        let isReady = !(gates.last?.holds ?? false)
        gates.append(Gate("batch", batch ?? batchWords(polling), holds: batch == nil && isReady))
        gates.append(
            Gate("phase", phase ?? place(of: ticket)?.phase ?? "none yet", holds: phase != nil)
        )
        gates.append(
            Gate(
                "files",
                files
                    ?? ((ticket.paths ?? []).isEmpty
                        ? "it names none" : "nobody else works on them"),
                holds: files != nil
            )
        )
        let profile = polling.workflow.agent.resolved(for: ticket).profile
        gates += commonGates(workflow, workflow.agent.profiles, profile)
        gates.append(Gate("slots", slot ?? slots.words(workflow), holds: slot != nil))
        return gates
    }

    /// Whether a ticket is one of those that a workflow takes up.
    package static func selectionGates(of ticket: Ticket, _ selection: TicketSelection) -> [Gate] {
        func isAny(_ names: [String], _ name: String) -> Bool {
            names.contains { $0.lowercased() == name.lowercased() }
        }
        func list(_ names: [String]) -> String { names.joined(separator: ", ") }
        var gates: [Gate] = []
        if ticket.key.team != selection.team.uppercased() {
            gates.append(
                Gate("team", "\(ticket.key.team); it takes \(selection.team)", holds: true)
            )
        }
        let isTaken = isAny(selection.states, ticket.state.name)
        gates.append(
            Gate(
                "state",
                isTaken
                    ? ticket.state.name
                    : "\(ticket.state.name); it takes from \(list(selection.states))",
                holds: !isTaken
            )
        )
        if let project = selection.project {
            let own = ticket.project ?? "none"
            let fits = own.lowercased() == project.lowercased()
            gates.append(Gate("project", fits ? own : "\(own); it takes \(project)", holds: !fits))
        }
        let missing = selection.allLabels.filter { !isAny(ticket.labels, $0) }
        let unwanted = selection.noLabels.filter { isAny(ticket.labels, $0) }
        var words = ticket.labels.isEmpty ? "none" : list(ticket.labels)
        if !missing.isEmpty { words += "; missing \(list(missing))" }
        if !unwanted.isEmpty { words += "; must not have \(list(unwanted))" }
        gates.append(Gate("labels", words, holds: !missing.isEmpty || !unwanted.isEmpty))
        return gates
    }

    private func gates(of entry: Entry, at now: Moment) -> [Gate] {
        let run = entry.run
        let workflow = entry.workflow
        var gates = [Gate("run", "\(run.id): \(run.verdict)", holds: run.state.waitsForPerson)]
        if let batch = run.batch { gates.append(Gate("batch", batch)) }
        if let phase = run.phase { gates.append(Gate("phase", phase)) }
        gates.append(
            Gate(
                "blockers",
                run.blockedBy.isEmpty
                    ? "none" : run.blockedBy.map(\.rawValue).joined(separator: ", ")
            )
        )
        if let retry = run.retry {
            let isOpen = retry.at <= now.wall
            gates.append(
                Gate(
                    run.state == .parked ? "provider" : "backoff",
                    "attempt \(retry.attempt) at \(clock(retry.at))",
                    holds: !isOpen
                )
            )
        } else {
            gates.append(Gate("backoff", "none"))
        }
        let slots = entries.slots
        gates += commonGates(workflow, entry.profiles, run.profile, run.id)
        if let slot = entry.slot {
            gates.append(Gate("slots", "holds slot \(slot)"))
        } else {
            let obstacle = slots.obstacle(
                entry.sharedWorkflow,
                labels: entry.ticketLabels,
                state: entry.takenFrom
            )
            let wants = entry.isDue(at: now)
            gates.append(
                Gate("slots", obstacle ?? slots.words(workflow), holds: wants && obstacle != nil)
            )
        }
        return gates
    }

    private func scheduleGate(_ polling: Polling, _ now: Moment) -> Gate {
        if let problem = polling.problem { return Gate("poll", problem, holds: true) }
        let last = polling.lastPoll.map { "last poll at \(clock($0))" } ?? "not polled yet"
        switch polling.workflow.schedule.trigger {
        case .every(let duration): return Gate("schedule", "\(last), every \(duration.inWords)")
        case .cron(let text, _):
            let tick = polling.ticks?.mark.lastTick.map { ", last tick at \(clock($0))" } ?? ""
            let next = polling.ticks?.next.map { ", next tick at \(clock($0))" } ?? ""
            let missed = polling.ticks?.mark.missed.map { "; \($0.words)" } ?? ""
            return Gate("schedule", "\(last), \(text)\(tick)\(next)\(missed)")
        }
    }

    /// Who of those that may work asked for a break, and who works instead.
    private func providerWords(_ profiles: [AgentSettings]) -> String {
        let parked = profiles.compactMap(parking.words)
        guard let first = parking.first(of: profiles) else { return parked.joined(separator: ", ") }
        return parked.isEmpty
            ? "\(first.kind.rawValue) isn't parked"
            : parked.joined(separator: ", ") + "; falls back to \(first.name)"
    }

    private func commonGates(
        _ workflow: Workflow,
        _ profiles: [AgentSettings],
        _ profile: AgentProfile?,
        _ id: RunID? = nil
    ) -> [Gate] {
        let agent = workflow.agent
        let open = entries.values.count {
            $0.run.workflow == workflow.name && $0.run.pullRequest?.state == .open
        }
        let differs = [profile?.words, profile?.note].compactMap(\.self).map { "; \($0)" }.joined()
        return [
            Gate(
                "agent",
                "\(agent.name), at most \(agent.timeout.inWords)\(differs)"
            ),
            Gate(
                "provider",
                providerWords(profiles),
                holds: parking.first(of: profiles) == nil
            ),
            Gate(
                "budget",
                budgetWords(Shared(workflow)),
                holds: budgetObstacle(Shared(workflow)) != nil
            ),
            Gate("open pull requests", "\(open) of this workflow, no limit is set"),
            Gate(
                "disk",
                diskObstacle(workflow.repository) ?? "there is room",
                holds: diskObstacle(workflow.repository) != nil
            ),
            Gate(
                "breaker",
                breakerWords(workflow.name),
                holds: breakerObstacle(workflow.name, id) != nil
            ),
            Gate("pause", isDraining ? "the service is stopping" : "not paused", holds: isDraining),
        ]
    }
}

extension SlotUse {
    /// How many slots a workflow has and has taken.
    func words(_ workflow: Workflow) -> String {
        "\(count(of: workflow.name)) of \(workflow.slots.total) taken, \(total) of \(machine) of the machine"
    }
}
