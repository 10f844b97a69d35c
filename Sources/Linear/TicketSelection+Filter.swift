import Domain

extension TicketSelection {
    /// The selection as an `IssueFilter`, so that Linear sends only what matters.
    ///
    /// Names are compared without regard to capitals. Whether `every` holds for an issue without labels
    /// isn't documented, so that case is spelled out.
    var filter: [GraphQLValue] {
        var parts: [GraphQLValue] = [
            ["team": ["key": ["eqIgnoreCase": .string(team)]]],
            ["state": ["or": .list(states.map { ["name": ["eqIgnoreCase": .string($0)]] })]],
        ]
        for label in allLabels {
            parts.append(["labels": ["some": ["name": ["eqIgnoreCase": .string(label)]]]])
        }
        if !noLabels.isEmpty {
            let others = noLabels.map { ["name": ["neqIgnoreCase": .string($0)]] as GraphQLValue }
            parts.append([
                "or": [
                    ["labels": ["length": ["eq": 0]]],
                    ["labels": ["every": ["and": .list(others)]]],
                ]
            ])
        }
        if let project {
            parts.append(["project": ["name": ["eqIgnoreCase": .string(project)]]])
        }
        switch assignee {
        case nil: break
        case "me": parts.append(["assignee": ["isMe": ["eq": true]]])
        case let email?: parts.append(["assignee": ["email": ["eqIgnoreCase": .string(email)]]])
        }
        return parts
    }

    /// Whether the labels hold one that the selection excludes; asked again here, since running a ticket
    /// that the team withheld is worse than a comparison too many.
    func excludes(_ labels: [String]) -> Bool {
        let names = Set(labels.map { $0.lowercased() })
        return noLabels.contains { names.contains($0.lowercased()) }
    }
}
