import Domain
import HTTP
import Linear

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Doctor {
    /// What a workflow names in Linear.
    func tracker(_ workflow: Workflow) -> Check {
        Check(name: "Linear", workflow: workflow.name) { try await linear(workflow) }
    }

    private func linear(_ workflow: Workflow) async throws -> [Finding] {
        let composition: Composition
        do {
            composition = try installation.composition(needsForge: false)
        } catch let error as UsageError {
            return [Finding("Linear", workflow.name, problem: error)]
        }
        let clock = AnsweringClock(transport: composition.http, time: composition.time)
        let client = composition.makeLinearClient(through: clock)
        let selection = workflow.tickets
        let team = try await client.team(selection.team)
        var findings: [Finding] = []
        let known = team.states.map(\.name).joined(separator: ", ")
        let moves = selection.transitions
        let states =
            [
                ("states", selection.states),
                ("slots.by_state", workflow.slots.byState.keys.sorted()),
            ]
            + [
                ("transitions.started", [moves.started]), ("transitions.review", [moves.review]),
                ("transitions.failed", [moves.failed]), ("transitions.done", [moves.done]),
            ]
        for (place, names) in states {
            for name in names where team.state(named: name) == nil {
                findings.append(
                    Finding(
                        "Linear",
                        workflow.name,
                        problem: "team \(team.key) has no state '\(name)', which \(place) names",
                        "write one of its states: \(known)"
                    )
                )
            }
        }
        let wanted = selection.allLabels
        let others =
            selection.noLabels + workflow.slots.byLabel.keys.sorted()
            + workflow.agent.overrides.flatMap {
                [$0.when.label].compactMap(\.self) + $0.when.allLabels
            }
        var labels: [String] = []
        for name in wanted + others where !labels.contains(name) { labels.append(name) }
        for name in try await client.missingLabels(among: labels, team: team.key) {
            let found = "neither team \(team.key) nor the workspace has a label '\(name)'"
            findings.append(
                wanted.contains(name)
                    ? Finding(
                        "Linear",
                        workflow.name,
                        problem: "\(found), without which no ticket is taken up",
                        "make it in Linear, or correct tickets.labels"
                    )
                    : Finding(
                        "Linear",
                        workflow.name,
                        warning: "\(found), which the workflow names",
                        "make it in Linear, or correct the workflow"
                    )
            )
        }
        if findings.allSatisfy({ $0.state != .problem }) {
            // The selection as a whole, with its filter, as each poll will ask for it.
            let count = try await client.poll(selection).tickets.count
            let name = await client.viewer?.name ?? "somebody"
            let tickets = count == 1 ? "1 ticket is" : "\(count) tickets are"
            findings.insert(
                Finding(
                    "Linear",
                    workflow.name,
                    ok: "as \(name), team \(team.key); \(tickets) there to be taken up"
                ),
                at: 0
            )
        }
        return findings + [clock.finding].compactMap(\.self)
    }
}
