private import Cron
internal import Domain
internal import SystemPackage
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
        checkSchedule(workflow.schedule, &reading)
        checkTickets(workflow.tickets, &reading)
        checkRepository(workflow.repository, &reading)
        checkAgent(workflow.agent, &reading)
        checkBudget(workflow, &reading)
        checkRetry(workflow, &reading)
        checkSlots(workflow, &reading)
    }

    private static func checkRepository(
        _ repository: RepositorySettings,
        _ reading: inout Reading
    ) {
        let (path, url) = (reading.site(of: "repository.path"), reading.site(of: "repository.url"))
        if let path, let url {
            // What a workflow says itself wins over the defaults.
            guard path.isInherited == url.isInherited, repository.url != nil else { return }
            reading.report(
                url.key,
                "'repository.path' and 'repository.url' are both set",
                hint: "keep 'path' for a clone of your own, or 'url' for one that Linecook makes"
            )
        } else if repository.path.isEmpty, path?.node.scalar ?? .null == .null,
            url?.node.scalar ?? .null == .null, let section = reading.place(ofKey: "repository")
        {
            reading.report(
                section,
                "the key 'path' is missing in 'repository'",
                hint: "add it, such as path: ../portfolio, or 'url' to have a clone made"
            )
        }
    }

    private static func checkRetry(_ workflow: Workflow, _ reading: inout Reading) {
        let retry = workflow.retry
        if let place = reading.place(of: "retry.delay"), retry.delay > retry.limit {
            let limit = DurationText.text(of: retry.limit)
            reading.report(
                place,
                "'retry.delay' is longer than 'retry.limit', which is \(limit)",
                hint: "every wait is cut to the limit",
                severity: .warning
            )
        }
        // A longer delay is cut to the limit.
        let waits = [("retry.delay", min(retry.delay, retry.limit)), ("retry.limit", retry.limit)]
        for (name, wait) in waits {
            guard retry.attempts > 1, wait > workflow.agent.timeout,
                let place = reading.place(of: name)
            else { continue }
            let timeout = DurationText.text(of: workflow.agent.timeout)
            reading.report(
                place,
                "'\(name)' is longer than 'agent.timeout', which is \(timeout): a ticket may wait longer"
                    + " for its next attempt than an attempt may take",
                hint: "write a shorter one where that isn't meant",
                severity: .warning
            )
        }
    }

    /// Bounds that can never hold anything back.
    private static func checkSlots(_ workflow: Workflow, _ reading: inout Reading) {
        func has(_ names: [String], _ name: String) -> Bool {
            names.contains { $0.lowercased() == name.lowercased() }
        }
        let states = workflow.tickets.states
        for state in workflow.slots.byState.keys.sorted() where !has(states, state) {
            reading.report(
                reading.place(ofKey: "slots.by_state.\(state)"),
                "no ticket is taken from \(ShownText.quoted(state)): 'tickets.states' has"
                    + " \(states.map { ShownText.quoted($0) }.joined(separator: ", "))",
                hint: NearestName.nearest(to: state, in: states).map { "did you mean '\($0)'?" }
                    ?? "add it there, or remove it here",
                severity: .warning
            )
        }
        for label in workflow.slots.byLabel.keys.sorted()
        where has(workflow.tickets.noLabels, label) {
            reading.report(
                reading.place(ofKey: "slots.by_label.\(label)"),
                "no ticket with the label \(ShownText.quoted(label)) is taken: it is in"
                    + " 'tickets.labels.none'",
                hint: "remove it from one of the two",
                severity: .warning
            )
        }
        for (name, bounds) in [
            ("by_label", workflow.slots.byLabel), ("by_state", workflow.slots.byState),
        ] {
            for (key, bound) in bounds.sorted(by: { $0.key < $1.key })
            where bound > workflow.slots.total {
                reading.report(
                    reading.place(of: "slots.\(name).\(key)"),
                    "'slots.\(name).\(key)' is more than 'slots.total', which is"
                        + " \(workflow.slots.total), and never comes to bear",
                    hint: "raise the total or write fewer",
                    severity: .warning
                )
            }
        }
    }

    private static func checkSchedule(
        _ schedule: ScheduleSettings,
        _ reading: inout Reading
    ) {
        let cron = reading.site(of: "schedule.cron")
        if let place = reading.place(ofKey: "schedule.every"), cron != nil {
            reading.report(
                place,
                "'schedule.every' and 'schedule.cron' are both set",
                hint: "keep one of the two"
            )
        }
        if cron == nil, let place = reading.place(ofKey: "schedule.seconds") {
            reading.report(
                place,
                "'schedule.seconds' says how 'schedule.cron' is read, and there is no 'schedule.cron'",
                hint: "remove it"
            )
        }
        // What the defaults say for all workflows may mean nothing to some of them.
        if cron == nil, let place = reading.place(ofKey: "schedule.timezone"), !place.isInherited {
            reading.report(
                place,
                "'schedule.timezone' is the zone of 'schedule.cron', and there is no 'schedule.cron'",
                hint: "an interval needs no zone; remove it",
                severity: .warning
            )
        }
        if cron == nil, let place = reading.place(ofKey: "schedule.missed"), !place.isInherited {
            reading.report(
                place,
                "'schedule.missed' is about the ticks of 'schedule.cron', and there is no 'schedule.cron'",
                hint: "an interval polls at every start; remove it",
                severity: .warning
            )
        }
        switch schedule.trigger {
        case .cron(let text, let seconds):
            if let cron {
                checkCron(text, seconds: seconds, cron, zone: schedule.timezone, &reading)
            }
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
        _ site: KeySite,
        zone: String?,
        _ reading: inout Reading
    ) {
        func place(_ offset: Int, _ length: Int) -> FilePlace {
            FilePlace(
                place: reading.place(inside: site, offset: offset, length: length),
                isInherited: site.isInherited
            )
        }
        do throws(CronError) {
            let expression = try CronExpression(text, seconds: seconds)
            for warning in expression.warnings {
                reading.report(
                    place(warning.offset, warning.length),
                    warning.description,
                    hint: next(warning, expression, zone, reading.context),
                    severity: .warning
                )
            }
        } catch {
            reading.report(
                place(error.offset, error.length),
                error.message
            )
        }
    }

    /// The next five times of an expression that sets both day fields, as they are shown in its zone.
    private static func next(
        _ warning: CronWarning,
        _ expression: CronExpression,
        _ name: String?,
        _ context: ReadingContext
    ) -> String? {
        guard case .bothDayFields = warning.surprise, let now = context.now else { return nil }
        do throws(ZoneError) {
            let zone =
                if let name {
                    try Zone.load(name, from: context.zones)
                } else {
                    try Zone.local(from: context.zones, environment: context.environment)
                }
            let schedule = Schedule.cron(expression, zone)
            var times: [String] = []
            var moment = now
            while times.count < 5, let fire = schedule.nextFire(after: moment) {
                let local = zone.localTime(at: fire)
                let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
                times.append("\(days[local.weekday]) \(local)")
                moment = fire
            }
            return times.isEmpty ? nil : "next: " + times.joined(separator: ", ")
        } catch {
            // A zone that can't be read is reported where it is named.
            return nil
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
        let agents = agents(of: workflow)
        checkDay(
            ("budget.day", workflow.budget.day),
            ("agent.budget", workflow.agent.budget, agents.compactMap(\.budget).max()),
            such: "5.00",
            &reading
        )
        checkDay(
            ("budget.day_tokens", workflow.budget.dayTokens),
            ("agent.tokens", workflow.agent.tokens, agents.compactMap(\.tokens).max()),
            such: "500k",
            &reading
        )
    }

    private static func checkDay<Amount: Comparable>(
        _ day: (key: String, value: Amount?),
        _ attempt: (key: String, value: Amount?, most: Amount?),
        such: String,
        _ reading: inout Reading
    ) {
        guard let value = day.value, let place = reading.place(of: day.key) else { return }
        guard let own = attempt.value else {
            // A mistake in the attempt's is reported by itself.
            guard reading.place(of: attempt.key) == nil else { return }
            let name = attempt.key.dropFirst("agent.".count)
            reading.report(
                place,
                "'\(day.key)' needs '\(attempt.key)': an attempt that runs is counted with what it may cost",
                hint: "add it, such as agent: { \(name): \(such) }"
            )
            return
        }
        let most = attempt.most ?? own
        if value < most {
            reading.report(
                place,
                "'\(day.key)' is less than '\(attempt.key)', which is \(most): no such attempt could ever start",
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
            } + workflow.agent.profiles.dropFirst()
    }

    private static func checkAgent(_ agent: AgentSettings, _ reading: inout Reading) {
        let own = reading
        checkAgent(agent, &reading) { own.site(of: "agent.\($0)") }
        let overridden = agent.overrides.map { override in
            var settings = agent
            settings.apply(override)
            return settings
        }
        checkEntries(of: "agent.overrides", overridden, &reading)
        checkEntries(of: "agent.fallback", Array(agent.profiles.dropFirst()), &reading)
    }

    /// What each entry of a list makes of the agent's settings.
    private static func checkEntries(
        of list: String,
        _ agents: [AgentSettings],
        _ reading: inout Reading
    ) {
        guard let overrides = reading.site(of: list),
            case .sequence(let items) = overrides.node.content
        else { return }
        for (settings, item) in zip(agents, items) {
            guard case .mapping(let entries) = item.content else { continue }
            checkAgent(settings, &reading) { name in
                entries.first { $0.key == name }.map {
                    KeySite(
                        node: $0.value,
                        keyPlace: $0.keyPlace,
                        isInherited: overrides.isInherited
                    )
                }
            }
        }
    }

    /// The agent's settings, or what an override makes of them; `site` tells where their keys stand.
    private static func checkAgent(
        _ agent: AgentSettings,
        _ reading: inout Reading,
        site: (String) -> KeySite?
    ) {
        if agent.stall >= agent.timeout, let stall = site("stall") {
            reading.report(
                stall.value,
                "'agent.stall' is not shorter than 'agent.timeout', which is"
                    + " \(DurationText.text(of: agent.timeout)), and never comes to bear",
                hint: "write a shorter one",
                severity: .warning
            )
        }
        // The default means no harm where it's written out beside a shorter timeout.
        if let limit = agent.idleWork, limit >= agent.timeout, limit != AgentSettings().idleWork,
            let idle = site("idle_work")
        {
            reading.report(
                idle.value,
                "'agent.idle_work' is not shorter than 'agent.timeout', which is"
                    + " \(DurationText.text(of: agent.timeout)), and never comes to bear",
                hint: "write a shorter one, or off",
                severity: .warning
            )
        }
        if agent.kind == .command, let kind = site("kind"), site("command") == nil {
            reading.report(
                kind.value,
                "'agent.kind' is command, and 'agent.command' is missing",
                hint: "name the program, such as command: ./agent.sh"
            )
        }
        for name in ["prompt", "max_turns", "budget", "permission_mode", "allowed_tools"] {
            guard let key = site(name)?.key, let hint = meaningless(name, to: agent.kind),
                name != "prompt" || agent.prompt != .stdin
            else { continue }
            reading.report(
                key,
                "'agent.\(name)' means nothing to an agent of the kind \(agent.kind.rawValue)",
                hint: hint,
                severity: .warning
            )
        }
        if let place = danger(agent, site: site) {
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

    /// Where an agent is let do anything to this account; `nil` when it isn't.
    private static func danger(_ agent: AgentSettings, site: (String) -> KeySite?) -> FilePlace? {
        guard agent.sandbox == .none else { return nil }
        switch agent.kind {
        case .claudeCode:
            if agent.permissionMode == "bypassPermissions", let mode = site("permission_mode") {
                return mode.value
            }
            return agent.arguments.contains("--dangerously-skip-permissions")
                ? site("arguments")?.value : nil
        case .codex:
            let isOpen = agent.arguments.contains {
                $0 == "--dangerously-bypass-approvals-and-sandbox"
                    || $0.hasSuffix("danger-full-access")
            }
            return isOpen ? site("arguments")?.value : nil
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
