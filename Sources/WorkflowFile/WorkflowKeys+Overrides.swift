internal import Domain
internal import YAML

/// What an entry of a list changes of the agent's settings.
protocol AgentChange {
    var keys: [AgentSettings.Key] { get set }
    var settings: AgentSettings { get set }
}

extension AgentOverride: AgentChange {}
extension AgentFallback: AgentChange {}

/// The keys of one entry of `agent.overrides:` or `agent.fallback:`, the agent's own among them.
extension WorkflowKeys {
    static var fallback: Table<AgentFallback> {
        Table(
            "Settings of the agent while the provider asks for a break; what isn't named stays as it is.",
            agentValues.compactMap { $0.inChange(of: AgentFallback.self) }
        )
    }

    static var override: Table<AgentOverride> {
        Table(
            "Settings of the agent for the tickets that 'when' describes; what isn't named stays as it is.",
            [.section("when", \.when, condition, required: true)]
                + agentValues.compactMap { $0.inChange(of: AgentOverride.self) }
        )
    }

    private static var condition: Table<TicketCondition> {
        Table(
            "Which tickets: all that is named here holds for them.",
            [
                .optional(
                    "label",
                    \.label,
                    .text("the name of a label"),
                    example: .string("complex"),
                    "The ticket has this label."
                ),
                .section("labels", \.self, conditionLabels),
                .optional(
                    "estimate",
                    \.estimate,
                    .estimate,
                    example: .string(">= 5"),
                    "The ticket's estimate: a number, or a comparison such as \">= 5\"; without an estimate it never holds."
                ),
                .optional(
                    "project",
                    \.project,
                    .text("the name of a project"),
                    example: .string("Portfolio"),
                    "The ticket is in the project with this name."
                ),
            ]
        )
    }

    private static var conditionLabels: Table<TicketCondition> {
        Table(
            "Which labels the ticket has and hasn't.",
            [
                .value(
                    "all",
                    \.allLabels,
                    Kind<String>.list(of: .text(), "a list of labels"),
                    example: .array([.string("frontend"), .string("complex")]),
                    "It has all of these labels."
                ),
                .value(
                    "none",
                    \.noLabels,
                    Kind<String>.list(of: .text(), "a list of labels"),
                    example: .array([.string("trivial")]),
                    "It has none of these labels."
                ),
            ]
        )
    }
}

extension Key where Root == AgentSettings {
    /// The same key in an entry, which has no default there: what is left out stays as it is.
    fileprivate func inChange<Change: AgentChange>(of type: Change.Type) -> Key<Change>? {
        guard let key = AgentSettings.Key(rawValue: name) else { return nil }
        return Key<Change>(
            name: name,
            isRequired: false,
            example: example,
            innerNames: [],
            rows: { change, prefix in rows(change.settings, prefix) },
            schema: { schema($0.settings, $1).filter { $0.0 != "default" } },
            read: { node, change, reading in
                change.keys.append(key)
                read(node, &change.settings, &reading)
            },
            written: { $0.keys.contains(key) ? written($0.settings) : nil },
            resolve: { change, _, _ in .value(written(change.settings)) }
        )
    }
}

extension Kind where Value == [AgentOverride] {
    static var overrides: Kind {
        let override = Kind<AgentOverride>(
            expected: "a mapping with 'when' and what differs",
            schema: WorkflowKeys.override.schema(of: AgentOverride()),
            json: { WorkflowKeys.override.written($0) },
            read: { node, _, reading in
                var override = AgentOverride()
                guard case .mapping = node.content else {
                    reading.refuse(
                        node,
                        expected: "entries with 'when' and what differs",
                        example: "{ when: { label: complex }, max_turns: 60 }"
                    )
                    return nil
                }
                WorkflowKeys.override.read(node, into: &override, &reading)
                check(node, &reading)
                return override
            }
        )
        return Kind<AgentOverride>.list(of: override, "a list of entries with 'when'")
    }

    private static func check(_ node: YAMLNode, _ reading: inout Reading) {
        if let when = node["when"], case .mapping = when.content, when.ownKeys.isEmpty {
            reading.report(
                when.place,
                "'agent.overrides.when' names no condition, and every ticket would meet it",
                hint: "write label, labels, estimate or project, or set the keys in 'agent' itself"
            )
        }
        if node.ownKeys.subtracting(["when"]).isEmpty {
            reading.report(
                node.place,
                "this entry of 'agent.overrides' changes nothing",
                hint: "add what differs, such as max_turns: 60",
                severity: .warning
            )
        }
    }
}

extension Kind where Value == [AgentFallback] {
    static var fallback: Kind {
        let entry = Kind<AgentFallback>(
            expected: "a mapping of what differs",
            schema: WorkflowKeys.fallback.schema(of: AgentFallback()),
            json: { WorkflowKeys.fallback.written($0) },
            read: { node, _, reading in
                var entry = AgentFallback()
                guard case .mapping = node.content else {
                    reading.refuse(
                        node,
                        expected: "entries with what differs",
                        example: "{ kind: codex }"
                    )
                    return nil
                }
                WorkflowKeys.fallback.read(node, into: &entry, &reading)
                if node.ownKeys.isEmpty {
                    reading.report(
                        node.place,
                        "this entry of 'agent.fallback' changes nothing",
                        hint: "add what differs, such as kind: codex",
                        severity: .warning
                    )
                }
                return entry
            }
        )
        return Kind<AgentFallback>.list(of: entry, "a list of entries with what differs")
    }
}

extension YAMLNode {
    /// The keys of a mapping, without those for notes.
    fileprivate var ownKeys: Set<String> {
        guard case .mapping(let entries) = content else { return [] }
        return Set(entries.map(\.key).filter { !$0.hasPrefix("x-") })
    }
}

extension Kind where Value == EstimateBound {
    /// A number of points, or a comparison with one.
    static var estimate: Kind {
        let number = #"[0-9]+(\.[0-9]+)?"#
        let schema: [(String, JSONValue)] = [
            ("type", .array([.string("number"), .string("string")])), ("minimum", .integer(0)),
            ("maximum", .integer(1_000_000)),
            ("pattern", .string("^(>=|<=|>|<|=) *\(number)$")),
        ]
        return scalar(
            "a number of points or a comparison",
            schema: schema,
            json: { .string($0.description) },
            convert: {
                switch $0 {
                case .integer(let points) where 0...1_000_000 ~= points:
                    EstimateBound(.equal, Double(points))
                case .float(let points) where 0...1_000_000 ~= points:
                    EstimateBound(.equal, points)
                case .string(let text): EstimateBound(text)
                case .null, .boolean, .integer, .float, .hugeInteger: nil
                }
            }
        )
    }
}
