private import Cron
internal import Domain
internal import YAML

/// What concerns more than one key of a workflow, and so can't be said in a schema.
enum WorkflowChecks {
    /// Reports what doesn't fit together.
    ///
    /// - Parameters:
    ///   - workflow: As read; keys with errors have their defaults.
    ///   - root: The file's root.
    ///   - reading: Where to report.
    static func check(_ workflow: Workflow, root: YAMLNode, _ reading: inout Reading) {
        checkSchedule(workflow.schedule, root: root, &reading)
        checkTickets(workflow.tickets, &reading)
        checkAgent(workflow.agent, root: root, &reading)
        checkBudget(workflow, &reading)
        if let place = reading.place(of: "retry.delay"), workflow.retry.delay > workflow.retry.limit
        {
            let limit = DurationText.text(of: workflow.retry.limit)
            reading.report(
                place,
                "'retry.delay' is longer than 'retry.limit', which is \(limit)",
                hint: "every wait is cut to the limit",
                severity: .warning
            )
        }
    }

    private static func checkSchedule(
        _ schedule: ScheduleSettings,
        root: YAMLNode,
        _ reading: inout Reading
    ) {
        let section = root["schedule"]
        if let place = reading.place(ofKey: "schedule.every"), section?["cron"] != nil {
            reading.report(
                place,
                "'schedule.every' and 'schedule.cron' are both set",
                hint: "keep one of the two"
            )
        }
        if section?["cron"] == nil, let place = reading.place(ofKey: "schedule.seconds") {
            reading.report(
                place,
                "'schedule.seconds' says how 'schedule.cron' is read, and there is no 'schedule.cron'",
                hint: "remove it"
            )
        }
        if section?["cron"] == nil, let place = reading.place(ofKey: "schedule.missed") {
            reading.report(
                place,
                "'schedule.missed' is about the ticks of 'schedule.cron', and there is no 'schedule.cron'",
                hint: "an interval polls at every start; remove it",
                severity: .warning
            )
        }
        switch schedule.trigger {
        case .cron(let text, let seconds):
            if let node = section?["cron"] { checkCron(text, seconds: seconds, node, &reading) }
        case .every(let duration):
            if let place = reading.place(of: "schedule.every"), (try? Interval(duration)) == nil {
                // The error's text names no other reason: the range was checked before.
                reading.report(
                    place,
                    "'schedule.every' has fractions of a second",
                    hint: "write whole seconds, such as 1s"
                )
            }
        }
        if let zone = schedule.timezone, let place = reading.place(of: "schedule.timezone") {
            do throws(ZoneError) {
                _ = try Zone.load(zone, from: reading.context.zones)
            } catch {
                reading.report(place, error.description)
            }
        }
    }

    private static func checkCron(
        _ text: String,
        seconds: Bool,
        _ node: YAMLNode,
        _ reading: inout Reading
    ) {
        do throws(CronError) {
            for warning in try CronExpression(text, seconds: seconds).warnings {
                reading.report(
                    reading.place(inside: node, offset: warning.offset, length: warning.length),
                    warning.description,
                    severity: .warning
                )
            }
        } catch {
            reading.report(
                reading.place(inside: node, offset: error.offset, length: error.length),
                error.message
            )
        }
    }

    private static func checkTickets(_ tickets: TicketSelection, _ reading: inout Reading) {
        let transitions = tickets.transitions
        for (key, state) in [
            ("started", transitions.started), ("review", transitions.review),
            ("failed", transitions.failed), ("done", transitions.done),
        ] where tickets.states.contains(where: { $0.lowercased() == state.lowercased() }) {
            let name = "tickets.transitions.\(key)"
            let written = reading.place(of: name)
            reading.report(
                written ?? reading.place(of: "tickets.states"),
                "'\(name)' is \(ShownText.quoted(state))\(written == nil ? " by default" : ""), which is"
                    + " also in 'tickets.states': the ticket would be taken up again at once",
                hint: "move it to another state"
            )
        }
        for label in tickets.allLabels
        where tickets.noLabels.contains(where: { $0.lowercased() == label.lowercased() }) {
            reading.report(
                reading.place(of: "tickets.labels.none"),
                "the label \(ShownText.quoted(label)) is in 'all' and in 'none': no ticket can match",
                hint: "remove it from one of the two"
            )
        }
    }

    private static func checkBudget(_ workflow: Workflow, _ reading: inout Reading) {
        guard let day = workflow.budget.day, let place = reading.place(of: "budget.day") else {
            return
        }
        guard let attempt = workflow.agent.budget else {
            // A mistake in 'agent.budget' is reported by itself.
            guard reading.place(of: "agent.budget") == nil else { return }
            reading.report(
                place,
                "'budget.day' needs 'agent.budget': an attempt that runs is counted with what it may cost",
                hint: "add it, such as agent: { budget: 5.00 }"
            )
            return
        }
        let most = agents(of: workflow).compactMap(\.budget).max() ?? attempt
        if day < most {
            reading.report(
                place,
                "'budget.day' is less than 'agent.budget', which is \(most): no such attempt could ever start",
                hint: "raise the one or lower the other"
            )
        }
    }

    /// The settings for every ticket, then those with each override by itself.
    private static func agents(of workflow: Workflow) -> [AgentSettings] {
        [workflow.agent]
            + workflow.agent.overrides.map { override in
                var settings = workflow.agent
                settings.apply(override)
                return settings
            }
    }

    private static func checkAgent(
        _ agent: AgentSettings,
        root: YAMLNode,
        _ reading: inout Reading
    ) {
        guard let section = root["agent"] else { return }
        checkAgent(agent, in: section, &reading)
        guard case .sequence(let items)? = section["overrides"]?.content else { return }
        for (override, item) in zip(agent.overrides, items) {
            var settings = agent
            settings.apply(override)
            checkAgent(settings, in: item, &reading)
        }
    }

    /// What doesn't fit together in settings, as far as the keys of one mapping are the cause.
    private static func checkAgent(
        _ agent: AgentSettings,
        in mapping: YAMLNode,
        _ reading: inout Reading
    ) {
        guard case .mapping(let entries) = mapping.content else { return }
        if agent.stall >= agent.timeout, let place = mapping["stall"]?.place {
            reading.report(
                place,
                "'agent.stall' is not shorter than 'agent.timeout', which is"
                    + " \(DurationText.text(of: agent.timeout)), and never comes to bear",
                hint: "write a shorter one",
                severity: .warning
            )
        }
        if agent.kind == .command, let kind = mapping["kind"], mapping["command"] == nil {
            reading.report(
                kind.place,
                "'agent.kind' is command, and 'agent.command' is missing",
                hint: "name the program, such as command: ./agent.sh"
            )
        }
        for entry in entries {
            guard let hint = meaningless(entry.key, to: agent.kind),
                entry.key != "prompt" || agent.prompt != .stdin
            else { continue }
            reading.report(
                entry.keyPlace,
                "'agent.\(entry.key)' means nothing to an agent of the kind \(agent.kind.rawValue)",
                hint: hint,
                severity: .warning
            )
        }
        if let place = danger(in: mapping, agent) {
            reading.report(
                place,
                "the agent may run any command with the rights of this account, and the text of tickets"
                    + " is written by others",
                hint: danger(of: agent.kind),
                severity: .warning
            )
        }
    }

    /// What to do instead of a key that a kind of agent takes no notice of; `nil` when it does.
    private static func meaningless(_ key: String, to kind: AgentSettings.Kind) -> String? {
        switch (kind, key) {
        case (.claudeCode, "prompt"), (.codex, "prompt"): "it gets the prompt on standard input"
        case (.codex, "max_turns"): "it has no such limit; 'timeout' and 'stall' hold it back"
        case (.codex, "budget"): "it tells no cost; 'timeout' and 'stall' hold it back"
        case (.codex, "permission_mode"), (.codex, "allowed_tools"):
            "it has a sandbox instead: arguments: [--sandbox, workspace-write] is the default"
        case (.command, "permission_mode"), (.command, "allowed_tools"):
            "give it to the program under 'arguments'"
        case (.claudeCode, _), (.codex, _), (.command, _): nil
        }
    }

    /// Where a mapping lets an agent do anything to this account; `nil` when it doesn't.
    private static func danger(in mapping: YAMLNode, _ agent: AgentSettings) -> SourcePlace? {
        guard agent.sandbox == .none else { return nil }
        switch agent.kind {
        case .claudeCode:
            if agent.permissionMode == "bypassPermissions", let mode = mapping["permission_mode"] {
                return mode.place
            }
            return agent.arguments.contains("--dangerously-skip-permissions")
                ? mapping["arguments"]?.place : nil
        case .codex:
            let isOpen = agent.arguments.contains {
                $0 == "--dangerously-bypass-approvals-and-sandbox"
                    || $0.hasSuffix("danger-full-access")
            }
            return isOpen ? mapping["arguments"]?.place : nil
        case .command: return nil
        }
    }

    private static func danger(of kind: AgentSettings.Kind) -> String {
        let account = "give the service an account or a container of its own"
        return switch kind {
        case .claudeCode: "use permission_mode: acceptEdits with allowed_tools, or \(account)"
        case .codex: "use --sandbox workspace-write, or \(account)"
        case .command: account
        }
    }
}
