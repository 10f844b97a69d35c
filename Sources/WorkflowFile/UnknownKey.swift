internal import YAML

/// A key that no table has.
struct UnknownKey {
    let entry: YAMLEntry
    /// The mappings around it.
    let path: [String]
    /// The keys that may stand there.
    let keys: [String]

    /// How to mend it: what it is called here, where it belongs, what was probably meant, or what may stand there.
    ///
    /// - Parameters:
    ///   - names: All keys of the file's kind, `agent.timeout`.
    ///   - isSecret: Whether a value must not be shown.
    /// - Returns: Words for after the semicolon.
    func hint(names: [String], isSecret: (SourcePlace) -> Bool) -> String {
        if path.first == "defaults" {
            if path.count == 1, entry.key == "name" {
                return "each workflow has a name of its own: write it there"
            }
            let inner = UnknownKey(entry: entry, path: Array(path.dropFirst()), keys: keys)
            return inner.hint(
                names: names.compactMap {
                    $0.hasPrefix("defaults.") ? String($0.dropFirst("defaults.".count)) : nil
                },
                isSecret: isSecret
            )
        }
        let full = (path + [entry.key]).joined(separator: ".")
        if let words = Self.notYet[full] { return words }
        if let known = Self.known(full, entry.key), names.contains(known.name) {
            let value = isSecret(entry.value.place) ? nil : known.value(of: entry.value)
            let mend = value.map { "write \(written(known.name, $0))" }
            return
                (["it is called '\(known.name)' here"]
                + [mend ?? known.remark].compactMap { $0 }).joined(separator: "; ")
        }
        if entry.key.contains("."), names.contains(full) {
            let value = isSecret(entry.value.place) ? "…" : Foreign.plain(entry.value) ?? "…"
            return "keys are nested, not dotted; write \(written(full, value))"
        }
        if let nearest = NearestName.nearest(to: entry.key, in: keys) {
            return "did you mean '\(nearest)'?"
        }
        let named = names.map { $0.split(separator: ".") }.filter { $0.last ?? "" == entry.key }
        // A setting lies higher than a choice that is named after it.
        let depth = named.map(\.count).min()
        let elsewhere = named.filter { $0.count == depth }.map { $0.joined(separator: ".") }
        if elsewhere.count == 1, let name = elsewhere.first { return "it belongs in '\(name)'" }
        return "allowed are \(keys.joined(separator: ", ")), and x-… for notes of your own"
    }

    /// The keys inside it that are called otherwise here too, when it is another program's section.
    var inner: [UnknownKey] {
        let path = path + [entry.key]
        guard Self.known(path.joined(separator: "."), entry.key) != nil,
            case .mapping(let entries) = entry.value.content
        else { return [] }
        return entries.filter {
            Self.known((path + [$0.key]).joined(separator: "."), $0.key) != nil
        }.map { UnknownKey(entry: $0, path: path, keys: keys) }
    }

    private static func known(_ full: String, _ key: String) -> Foreign? {
        foreign[full] ?? foreign[key]
            ?? key.split(separator: ".").last.flatMap { foreign[String($0)] }
    }

    /// A key with its value as it would stand here, the sections around it in braces.
    private func written(_ name: String, _ value: String) -> String {
        var names = name.split(separator: ".").map(String.init)
        var here = path[...]
        while names.count > 1, here.first == names.first {
            names.removeFirst()
            here.removeFirst()
        }
        guard let last = names.popLast() else { return value }
        return names.reversed().reduce("\(last): \(value)") { "\($1): { \($0) }" }
    }

    private struct Foreign {
        /// What the number of another program counts.
        enum Unit {
            /// The same as here.
            case same
            case milliseconds
            case seconds
            case minutes
        }

        let name: String
        var remark: String?
        var unit: Unit?
        /// What to write where the value can't be taken over.
        var example: String?

        /// The value as it would be written here; `nil` when that isn't known.
        func value(of node: YAMLNode) -> String? {
            if name == "schedule", let cron = Self.cron(in: node) {
                return "{ cron: \(JSONValue.string(cron).inline) }"
            }
            guard let unit else { return example }
            let number: Int? = if case .integer(let value)? = node.scalar { value } else { nil }
            guard let number, (0..<10_000_000_000).contains(number) else {
                return unit == .same ? Self.plain(node) : nil
            }
            return switch unit {
            case .same: String(number)
            case .milliseconds: DurationText.text(of: .milliseconds(number))
            case .seconds: DurationText.text(of: .seconds(number))
            case .minutes: DurationText.text(of: .seconds(number * 60))
            }
        }

        /// A plain value as it stands in the file.
        static func plain(_ node: YAMLNode) -> String? {
            switch node.scalar {
            case .string(let text) where text.utf8.count <= 60 && !ShownText.holdsToken(text):
                JSONValue.string(ShownText.harmless(text)).inline
            case .integer(let value): String(value)
            case .boolean(let value): String(value)
            case .string, .null, .hugeInteger, .float, nil: nil
            }
        }

        /// The expression in `on: { schedule: [{ cron: … }] }`.
        private static func cron(in node: YAMLNode) -> String? {
            guard case .sequence(let items)? = node["schedule"]?.content,
                case .string(let text)? = items.first?["cron"]?.scalar,
                text.utf8.count <= 100
            else { return nil }
            return ShownText.harmless(text)
        }
    }

    /// Keys that other versions may have, and what to do instead.
    private static let notYet: [String: String] = [
        "http":
            "Linecook doesn't serve a page yet; use 'linecook status' and 'linecook report', and remove it",
        "webhook":
            "Linecook doesn't take webhooks yet, it polls; set 'schedule' in the workflows, and remove it",
    ]

    private static let inDurations = "durations are text such as 30s or 45m"

    /// What users of Symphony, GitHub Actions and n8n write, and where that stands here.
    private static let foreign: [String: Foreign] = [
        // Symphony
        "polling": Foreign(name: "schedule", example: "{ every: 30s }"),
        "interval_ms": Foreign(name: "schedule.every", remark: inDurations, unit: .milliseconds),
        "poll_interval": Foreign(name: "schedule.every", remark: inDurations, unit: .same),
        "max_concurrent_agents": Foreign(name: "slots.total", unit: .same),
        "max_retries": Foreign(name: "retry.attempts", remark: "the first attempt is counted too"),
        "max_concurrent_agents_by_state": Foreign(name: "slots.by_state"),
        "turn_timeout_ms": Foreign(name: "agent.timeout", remark: inDurations, unit: .milliseconds),
        "stall_timeout_ms": Foreign(name: "agent.stall", remark: inDurations, unit: .milliseconds),
        "read_timeout_ms": Foreign(name: "agent.stall", remark: inDurations, unit: .milliseconds),
        "max_retry_backoff_ms": Foreign(
            name: "retry.limit",
            remark: inDurations,
            unit: .milliseconds
        ),
        "active_states": Foreign(name: "tickets.states"),
        "project_slug": Foreign(name: "tickets.project", remark: "it takes the project's name"),
        "tracker": Foreign(name: "tickets"),
        "workspace": Foreign(name: "repository.worktree"),
        "codex": Foreign(name: "agent"),
        "hooks.timeout_ms": Foreign(name: "hooks.timeout", remark: inDurations),
        // GitHub Actions
        "on": Foreign(name: "schedule", example: "{ cron: \"*/5 * * * *\" }"),
        "timeout-minutes": Foreign(name: "agent.timeout", remark: inDurations, unit: .minutes),
        "max-parallel": Foreign(name: "slots.total", unit: .same),
        "concurrency": Foreign(name: "slots.total"),
        "env": Foreign(name: "agent.environment", remark: "it takes names of variables only"),
        "jobs": Foreign(name: "verify.steps"),
        "steps": Foreign(name: "verify.steps"),
        "with": Foreign(name: "agent"),
        "uses": Foreign(name: "agent.kind"),
        "branches": Foreign(name: "repository.base"),
        // n8n
        "nodes": Foreign(name: "verify.steps"),
        "triggers": Foreign(name: "schedule"),
        "maxTries": Foreign(name: "retry.attempts", unit: .same),
        "waitBetweenTries": Foreign(name: "retry.delay", remark: inDurations, unit: .milliseconds),
        "retryOnFail": Foreign(name: "retry.attempts"),
        "executionTimeout": Foreign(name: "agent.timeout", remark: inDurations, unit: .seconds),
        // Others
        "max_attempts": Foreign(name: "retry.attempts", unit: .same),
        "retries": Foreign(name: "retry.attempts", remark: "the first attempt is counted too"),
        "backoff": Foreign(name: "retry.delay"),
        "max_parallel": Foreign(name: "slots.total", unit: .same),
        "parallel": Foreign(name: "slots.total", unit: .same),
        "interval": Foreign(name: "schedule.every", unit: .same),
        "target_branch": Foreign(name: "repository.base", unit: .same),
        "main_branch": Foreign(name: "repository.base", unit: .same),
        "api_key": Foreign(name: "linear.token", remark: "write $NAME or file:PATH"),
        "state_dir": Foreign(name: "state"),
        "concurrent": Foreign(name: "slots", unit: .same),
        "max_slots": Foreign(name: "slots", unit: .same),
    ]
}
