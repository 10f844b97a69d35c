import Domain

extension TicketSelection {
    /// The selection as parts of an `IssueFilter`, so that Linear sends only what matters.
    ///
    /// Names are compared without regard to capitals. Whether `every` holds for an issue without labels
    /// isn't documented, so that case is spelled out.
    var conditions: [GraphQLValue] {
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
        switch delegate {
        case nil: break
        case "me": parts.append(["delegate": ["isMe": ["eq": true]]])
        case let name?:
            let same: GraphQLValue = ["eqIgnoreCase": .string(name)]
            parts.append(["delegate": ["or": [["name": same], ["displayName": same]]]])
        }
        switch cycle {
        case nil: break
        case .active: parts.append(["cycle": ["isActive": ["eq": true]]])
        case .next: parts.append(["cycle": ["isNext": ["eq": true]]])
        case .number(let number): parts.append(["cycle": ["number": ["eq": .integer(number)]]])
        case .named(let name): parts.append(["cycle": ["name": ["eqIgnoreCase": .string(name)]]])
        }
        if let filter { parts.append(GraphQLValue(filter)) }
        return parts
    }

    /// Whether the labels hold one that the selection excludes; asked again here, since running a ticket
    /// that the team withheld is worse than a comparison too many.
    func excludes(_ labels: [String]) -> Bool {
        let names = Set(labels.map { $0.lowercased() })
        return noLabels.contains { names.contains($0.lowercased()) }
    }
}

extension GraphQLValue {
    /// What a person wrote as a filter, as a value beside the query, never as a part of its text.
    fileprivate init(_ filter: FilterValue) {
        self =
            switch filter {
            case .boolean(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .string(let value): .string(value)
            case .list(let values): .list(values.map { GraphQLValue($0) })
            case .mapping(let members): .object(members.mapValues { GraphQLValue($0) })
            }
    }
}
