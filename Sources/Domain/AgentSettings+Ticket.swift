/// What a run's agent works with, where that isn't what the workflow says for every ticket.
package struct AgentProfile: Codable, Equatable, Sendable {
    /// The overrides that were applied, in the workflow's order: `label complex: max_turns, timeout`.
    package var overrides: [String]
    /// The model that the ticket's text asked for and got.
    package var model: String?
    /// What the ticket's text asked for and didn't get, and why.
    package var note: String?
    /// The fallback that works now, and why; `nil` while it's the workflow's agent.
    package var fallback: String?

    package init(
        overrides: [String] = [],
        model: String? = nil,
        note: String? = nil,
        fallback: String? = nil
    ) {
        self.overrides = overrides
        self.model = model
        self.note = note
        self.fallback = fallback
    }

    /// In one sentence, without the note; `nil` when nothing differs.
    package var words: String? {
        let model = model.map { "the ticket's text: model \($0)" }
        let parts = overrides + [model, fallback].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}

extension Workflow {
    /// The workflow with the agent's settings for one ticket, as far as the ticket is known.
    package func resolved(for ticket: Ticket) -> Workflow {
        var workflow = self
        workflow.agent = agent.resolved(for: ticket).settings
        return workflow
    }
}

extension AgentSettings {
    /// The keys that an override may set; the raw values are those of the workflow file.
    package enum Key: String, Codable, Sendable, CaseIterable {
        case kind
        case command
        case arguments
        case prompt
        case model
        case models
        case maxTurns = "max_turns"
        case timeout
        case stall
        case idleWork = "idle_work"
        case grace
        case memory
        case budget
        case tokens
        case environment
        case permissionMode = "permission_mode"
        case allowedTools = "allowed_tools"
    }

    /// The settings for one ticket, and what of them isn't the workflow's for every ticket.
    ///
    /// Every override whose condition holds is applied, in order, so that the last one wins where two set
    /// one key; the text's `Model:` line comes last, and names one of `models` or is ignored.
    ///
    /// - Parameter ticket: As far as it's known; without its description its text asks for nothing.
    /// - Returns: Settings without overrides, and `nil` for the profile where nothing was asked for.
    package func resolved(for ticket: Ticket) -> (settings: AgentSettings, profile: AgentProfile?) {
        guard !overrides.isEmpty || !models.isEmpty else { return (self, nil) }
        var settings = self
        settings.overrides = []
        var profile = AgentProfile()
        for override in overrides where override.when.holds(for: ticket) {
            settings.apply(override)
            let keys = override.keys.map(\.rawValue).joined(separator: ", ")
            profile.overrides.append("\(override.when.words): \(keys)")
        }
        if !settings.models.isEmpty, let asked = Self.model(askedForIn: ticket.description ?? "") {
            let model = settings.models.first { $0.lowercased() == asked.lowercased() }
            if let model {
                settings.model = model
                profile.model = model
            } else {
                profile.note =
                    "the ticket asks for the model '\(asked.inOneLine(limit: 60))', which isn't one of"
                    + " agent.models: \(settings.models.joined(separator: ", "))"
            }
        }
        return (settings, profile == AgentProfile() ? nil : profile)
    }

    /// Takes over what an override sets.
    ///
    /// Another kind of agent is another program: its command, arguments, models and permissions are that
    /// kind's own unless the override sets them too.
    package mutating func apply(_ override: AgentOverride) {
        apply(override.keys, of: override.settings)
    }

    /// Takes over these keys of other settings; the same holds for another kind.
    package mutating func apply(_ keys: [Key], of other: AgentSettings) {
        if keys.contains(.kind), other.kind != kind {
            let own = AgentSettings(kind: other.kind)
            let programs: [Key] = [
                .command, .arguments, .prompt, .model, .models, .permissionMode, .allowedTools,
            ]
            for key in programs { take(key, from: own) }
        }
        for key in keys { take(key, from: other) }
    }

    private mutating func take(_ key: Key, from other: AgentSettings) {
        switch key {
        case .kind: kind = other.kind
        case .command: command = other.command
        case .arguments: arguments = other.arguments
        case .prompt: prompt = other.prompt
        case .model: model = other.model
        case .models: models = other.models
        case .maxTurns: maxTurns = other.maxTurns
        case .timeout: timeout = other.timeout
        case .stall: stall = other.stall
        case .idleWork: idleWork = other.idleWork
        case .grace: grace = other.grace
        case .memory: memory = other.memory
        case .budget: budget = other.budget
        case .tokens: tokens = other.tokens
        case .environment: environment = other.environment
        case .permissionMode: permissionMode = other.permissionMode
        case .allowedTools: allowedTools = other.allowedTools
        }
    }

    /// What stands behind the first `Model:` that begins a line of a ticket's text, Markdown's marks left out.
    private static func model(askedForIn text: String) -> String? {
        let marks: Set<Character> = ["*", "_", "`", "-", ">", " ", "\t"]
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop(while: marks.contains)
            guard line.prefix(5).lowercased() == "model" else { continue }
            let rest = line.dropFirst(5).drop { $0 == "*" || $0 == "_" }
            guard rest.first == ":" else { continue }
            var value = rest.dropFirst().drop(while: marks.contains)
            while let last = value.last, marks.contains(last) { value.removeLast() }
            if !value.isEmpty { return String(value) }
        }
        return nil
    }
}
