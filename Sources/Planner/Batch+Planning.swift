package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension Batch {
    /// A batch of tickets that are taken up together, with its plan; no run is begun yet.
    ///
    /// - Parameters:
    ///   - tickets: in any order. One that waits for itself, or behind such a ticket, is a member without
    ///     a phase, with the reason.
    ///   - settings: which blockers count, and how wide a phase may be.
    ///   - workflow: the workflow's name.
    ///   - number: the batch's number among the workflow's.
    ///   - now: when the tickets are taken up.
    package init(
        of tickets: [Ticket],
        settings: PlanSettings,
        workflow: String,
        number: Int,
        at now: Date
    ) {
        self.init(
            of: TicketGraph(tickets, sources: settings.dependencies),
            settings: settings,
            workflow: workflow,
            number: number,
            at: now
        )
    }

    /// The same for tickets whose graph is known, such as a plan's.
    ///
    /// - Parameters:
    ///   - graph: the tickets with their dependencies.
    ///   - settings: how wide a phase may be.
    ///   - workflow: the workflow's name.
    ///   - number: the batch's number among the workflow's.
    ///   - now: when the tickets are taken up.
    package init(
        of graph: TicketGraph,
        settings: PlanSettings,
        workflow: String,
        number: Int,
        at now: Date
    ) {
        var phases: [Phase] = []
        var members: [Member] = []
        let tickets = graph.tickets
        members.reserveCapacity(tickets.count)
        for (index, places) in graph.phases(size: settings.phaseSize).enumerated() {
            let name = TicketGraph.phaseName(index)
            phases.append(Phase(name: name, tickets: places.map { tickets[$0].key }))
            for place in places {
                members.append(
                    Member(
                        ticket: tickets[place].key,
                        id: tickets[place].id,
                        title: tickets[place].title,
                        phase: name
                    )
                )
            }
        }
        for ticket in graph.heldTickets {
            var member = Member(ticket: ticket.key, id: ticket.id, title: ticket.title, phase: "")
            member.reason = graph.reasonItIsHeld(ticket.id)
            members.append(member)
        }
        self.init(
            workflow: workflow,
            number: number,
            started: now,
            phases: phases,
            tickets: members,
            dependencies: graph.dependencies,
            overlaps: graph.overlaps
        )
    }
}

extension TicketGraph {
    fileprivate func reasonItIsHeld(_ id: String) -> String? {
        guard let index = place(of: id), isHeld[index] else { return nil }
        if let cycle = cycle[index] {
            return "waits for itself: "
                + (cycles[cycle] + cycles[cycle].prefix(1)).map(\.rawValue).joined(separator: " → ")
        }
        let held = Set(waitsFor[index].filter { isHeld[$0] }.map { tickets[$0].key }).sorted()
        return "waits for \(held.map(\.rawValue).joined(separator: ", "))"
            + ", which can't start before a cycle is undone"
    }
}
