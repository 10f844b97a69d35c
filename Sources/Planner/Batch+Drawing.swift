import Domain

/// What the drawings of a batch have in common.
extension Batch {
    static let titleLimit = 60
    static let labelLimit = 80

    struct DrawnPhase {
        var id: String
        var title: String
        var members: [Member]
    }
    struct DrawnArrow {
        var on: TicketKey
        var ticket: TicketKey
        var label: String
    }
    struct DrawnLine {
        var first: TicketKey
        var second: TicketKey
        var label: String
    }

    /// A name that needs no quotes in any drawing; no two tickets share one, because the number is last.
    static func node(_ key: TicketKey) -> String { "T_\(key.team)_\(key.number)" }

    /// The phases in order, and at the end the tickets that are in none.
    var drawnPhases: [DrawnPhase] {
        let byPhase = Dictionary(grouping: tickets, by: \.phase)
        var drawn = phases.enumerated().map { index, phase in
            DrawnPhase(
                id: "phase\(index + 1)",
                title: "Phase \(phase.name)",
                members: byPhase[phase.name] ?? []
            )
        }
        let names = Set(phases.map(\.name))
        let rest = tickets.filter { !names.contains($0.phase) }
        if !rest.isEmpty {
            drawn.append(DrawnPhase(id: "none", title: "In no phase", members: rest))
        }
        return drawn.filter { !$0.members.isEmpty }
    }

    /// One arrow for each pair, labelled with all of its causes.
    var drawnArrows: [DrawnArrow] {
        var arrows: [DrawnArrow] = []
        var places: [[TicketKey]: Int] = [:]
        for dependency in dependencies {
            let pair = [dependency.on, dependency.ticket]
            if let place = places[pair] {
                arrows[place].label += ", \(dependency.cause.words)"
            } else {
                places[pair] = arrows.count
                arrows.append(
                    DrawnArrow(
                        on: dependency.on,
                        ticket: dependency.ticket,
                        label: dependency.cause.words
                    )
                )
            }
        }
        return arrows
    }

    /// Tickets that wait for each other anyway need no line.
    var drawnOverlaps: [DrawnLine] {
        let ordered = Set(dependencies.flatMap { [[$0.on, $0.ticket], [$0.ticket, $0.on]] })
        return overlaps.compactMap { overlap in
            guard !ordered.contains(overlap.tickets), let first = overlap.tickets.first,
                let second = overlap.tickets.last
            else { return nil }
            let paths = overlap.paths.joined(separator: ", ").inOneLine(limit: Self.labelLimit)
            return DrawnLine(first: first, second: second, label: paths)
        }
    }
}

extension DependencyCause {
    /// What the one that is waited for is to the one that waits.
    fileprivate var words: String {
        switch self {
        case .relation: "blocks"
        case .subIssue: "sub-issue"
        case .mention: "mentioned"
        case .phase: "phase before"
        }
    }
}
