package import Domain
package import YAML

/// What concerns several workflows of one service.
package enum WorkflowSet {
    /// A workflow file as it was read, under the name that messages have for it.
    package typealias Member = (file: String, loaded: LoadedFile<Workflow>)

    /// Names that are taken, and tickets that two workflows take.
    ///
    /// - Parameter members: In the order in which they are polled; those without a value are passed over.
    /// - Returns: Errors and warnings, at the later of two files.
    package static func diagnostics(_ members: [Member]) -> [Diagnostic] {
        var found: [Diagnostic] = []
        var earlier: [(file: String, workflow: Workflow)] = []
        for (file, loaded) in members {
            guard let workflow = loaded.value else { continue }
            if let other = earlier.first(where: { $0.workflow.name == workflow.name }) {
                found.append(
                    loaded.diagnostic(
                        in: file,
                        at: "name",
                        .error,
                        "the name '\(workflow.name)' is taken by \(ShownText.harmless(other.file))",
                        hint: "give each workflow a name of its own"
                    )
                )
            } else if let other = earlier.first(where: {
                overlap(workflow.tickets, $0.workflow.tickets)
            }) {
                let states = workflow.tickets.states.filter {
                    contains(other.workflow.tickets.states, $0)
                }
                found.append(
                    loaded.diagnostic(
                        in: file,
                        at: "tickets",
                        .warning,
                        "'\(other.workflow.name)' in \(ShownText.harmless(other.file)) takes the same tickets:"
                            + " team \(workflow.tickets.team), state"
                            + " \(states.map { ShownText.quoted($0) }.joined(separator: ", "))",
                        hint:
                            "a ticket goes to the workflow that polls first; tell them apart by labels,"
                            + " project or states"
                    )
                )
            }
            earlier.append((file, workflow))
        }
        return found
    }

    /// Whether all tickets that the one takes from some state are also taken by the other.
    private static func overlap(_ left: TicketSelection, _ right: TicketSelection) -> Bool {
        left.team == right.team && left.states.contains { contains(right.states, $0) }
            && (isWithin(left, right) || isWithin(right, left))
    }

    /// Whether whatever passes `inner` passes `outer`, but for the states.
    private static func isWithin(_ inner: TicketSelection, _ outer: TicketSelection) -> Bool {
        func isWithin(_ name: String?, _ other: String?) -> Bool {
            other == nil || name?.lowercased() == other?.lowercased()
        }
        return isWithin(inner.project, outer.project) && isWithin(inner.assignee, outer.assignee)
            && isWithin(inner.delegate, outer.delegate)
            && (outer.cycle == nil || inner.cycle == outer.cycle)
            && (outer.filter == nil || inner.filter == outer.filter)
            && outer.allLabels.allSatisfy { contains(inner.allLabels, $0) }
            && outer.noLabels.allSatisfy { contains(inner.noLabels, $0) }
    }

    private static func contains(_ names: [String], _ name: String) -> Bool {
        names.contains { $0.lowercased() == name.lowercased() }
    }
}

extension LoadedFile {
    /// A diagnostic at a key, or at the file when it comes from the defaults.
    fileprivate func diagnostic(
        in file: String,
        at key: String,
        _ severity: Diagnostic.Severity,
        _ message: String,
        hint: String
    ) -> Diagnostic {
        let place = keyPlaces[key]
        return Diagnostic(
            file: file,
            place: place,
            severity: severity,
            message: message,
            hint: hint
        ).showing(SourceText(bytes))
    }
}
