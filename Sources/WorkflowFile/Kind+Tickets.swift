internal import Domain
internal import YAML

extension Kind where Value == CycleChoice {
    /// A cycle as people speak of it.
    static var cycle: Kind {
        let expected = "active, next, or the number or name of a cycle"
        let text = Kind<String>.text(expected)
        let number = Kind<Int>.integer(1...100_000)
        let either: [JSONValue] = [.object(text.schema), .object(number.schema)]
        let json = { (cycle: CycleChoice) -> JSONValue? in
            switch cycle {
            case .active: .string("active")
            case .next: .string("next")
            case .number(let number): .integer(number)
            case .named(let name): .string(name)
            }
        }
        return Kind(expected: expected, schema: [("anyOf", .array(either))], json: json) {
            node,
            example,
            reading in
            let isNumber =
                switch node.scalar {
                case .integer, .hugeInteger, .float: true
                case .null, .boolean, .string, nil: false
                }
            if isNumber {
                return number.read(node, "12", &reading).map { .number($0) }
            }
            return text.read(node, example, &reading).map { text in
                switch text.lowercased() {
                case "active", "current": .active
                case "next", "upcoming": .next
                default: .named(text)
                }
            }
        }
    }
}

extension Kind where Value == FilterValue {
    /// A piece of Linear's `IssueFilter`: a mapping of plain values, which Linear looks at, not we.
    ///
    /// A name that Linear's schema didn't have when it was read is a warning, since Linear refuses every
    /// poll with one that it doesn't know.
    static var filter: Kind {
        let expected = "a mapping as in Linear's IssueFilter"
        let schema: [(String, JSONValue)] = [
            ("type", .string("object")), ("minProperties", .integer(1)),
        ]
        var kind = Kind(expected: expected, schema: schema, json: Self.json) {
            node,
            example,
            reading in
            guard case .mapping = node.content else {
                reading.refuse(node, expected: expected, example: example)
                return nil
            }
            var room = LinearFilterReading()
            return room.value(node, names: LinearFilterReading.issueNames, &reading)
        }
        kind.merge = merged
        return kind
    }

    private static func merged(_ inherited: FilterValue, _ own: FilterValue) -> FilterValue {
        guard case .mapping(let inherited) = inherited, case .mapping(let own) = own else {
            return own
        }
        return .mapping(inherited.merging(own, uniquingKeysWith: merged))
    }

    private static func json(_ value: FilterValue) -> JSONValue? {
        switch value {
        case .boolean(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .string(let text): .string(text)
        case .list(let values): .array(values.compactMap(json))
        case .mapping(let members):
            .object(
                members.sorted { $0.key < $1.key }.compactMap { name, value in
                    json(value).map { (name, $0) }
                }
            )
        }
    }
}

/// Reads a filter of bounded size.
private struct LinearFilterReading {
    /// Levels of mappings and lists; Linear's own filters seldom have more than four.
    private static let deepest = 10
    private var depth = 0
    private var count = 0
    private static let mostValues = 200

    /// The names that an `IssueFilter` takes, from `packages/sdk/src/schema.graphql` of
    /// github.com/linear/linear at `8335e09`.
    static let issueNames = """
        accumulatedStateUpdatedAt activity addedToCycleAt addedToCyclePeriod ageTime and archivedAt \
        assignee attachments autoArchivedAt autoClosedAt canceledAt children comments completedAt \
        createdAt creator customerCount customerImportantCount cycle cycleTime delegate description \
        dueDate estimate hasActiveAgentSessions hasBlockedByRelations hasBlockingRelations \
        hasDismissedAgentSessions hasDuplicateRelations hasErroredAgentSessions \
        hasMergedAgentPullRequests hasRelatedRelations hasSharedUsers hasSuggestedAssignees \
        hasSuggestedLabels hasSuggestedProjects hasSuggestedRelatedIssues hasSuggestedSimilarIssues \
        hasSuggestedTeams id labels lastAppliedTemplate leadTime needs number or parent priority \
        project projectMilestone reactions recurringIssueTemplate releases searchableContent \
        sharedWith slaBreachesAt slaStatus snoozedBy snoozedUntilAt sourceMetadata startedAt state \
        subscribers suggestions team title triageTime triagedAt updatedAt
        """.split(separator: " ").map(String.init)

    /// The value, or `nil` after it was reported why there is none; `names` are what the keys of a mapping may
    /// be called, where that is known.
    mutating func value(
        _ node: YAMLNode,
        names: [String]?,
        _ reading: inout Reading
    ) -> FilterValue? {
        depth += 1
        defer { depth -= 1 }
        count += 1
        guard depth <= Self.deepest, count <= Self.mostValues else {
            if depth > Self.deepest || count == Self.mostValues + 1 {
                reading.report(
                    node.place,
                    "'\(reading.name)' goes on here; it takes \(Self.mostValues) values in"
                        + " \(Self.deepest) levels at most",
                    hint: "make it simpler, or label the tickets in Linear and select them by label"
                )
            }
            return nil
        }
        switch node.content {
        case .scalar(let scalar): return plain(scalar, node, &reading)
        case .sequence(let nodes):
            var values: [FilterValue] = []
            for node in nodes {
                guard let value = value(node, names: names, &reading) else { return nil }
                values.append(value)
            }
            return .list(values)
        case .mapping(let entries):
            guard !entries.isEmpty else {
                refuseEmpty(node, &reading)
                return nil
            }
            var members: [String: FilterValue] = [:]
            for entry in entries {
                if let names, !names.contains(entry.key) { warn(of: entry, names, &reading) }
                let isGroup = entry.key == "and" || entry.key == "or"
                reading.descend(into: entry) { reading in
                    members[entry.key] = value(
                        entry.value,
                        names: isGroup ? names : nil,
                        &reading
                    )
                }
            }
            return members.count == entries.count ? .mapping(members) : nil
        }
    }

    private func plain(
        _ scalar: YAMLScalar,
        _ node: YAMLNode,
        _ reading: inout Reading
    ) -> FilterValue? {
        switch scalar.value {
        case .boolean(let value): return .boolean(value)
        case .integer(let value): return .integer(value)
        case .float(let value) where value.isFinite: return .number(value)
        case .string(let text) where text.utf8.count <= 1000: return .string(text)
        case .null:
            refuseEmpty(node, &reading)
            return nil
        case .float, .hugeInteger, .string:
            reading.refuse(
                node,
                expected: "a number or a short text that JSON can hold",
                example: nil
            )
            return nil
        }
    }

    private func refuseEmpty(_ node: YAMLNode, _ reading: inout Reading) {
        reading.report(
            node.place,
            "'\(reading.name)' is empty, which Linear takes for no filter: every ticket would pass",
            hint: "for tickets without a value write { null: true }, else remove the key"
        )
    }

    private func warn(of entry: YAMLEntry, _ names: [String], _ reading: inout Reading) {
        reading.report(
            entry.keyPlace,
            "\(ShownText.quoted(entry.key)) isn't a name that is known of Linear's IssueFilter;"
                + " Linear refuses every poll with a name that it doesn't know",
            hint: NearestName.nearest(to: entry.key, in: names).map { "did you mean '\($0)'?" },
            severity: .warning
        )
    }
}
