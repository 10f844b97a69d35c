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
    /// - Parameter names: All keys of the file's kind, `agent.timeout`.
    /// - Returns: Words for after the semicolon.
    func hint(names: [String]) -> String {
        let full = (path + [entry.key]).joined(separator: ".")
        let foreign = Self.foreign[full] ?? Self.foreign[entry.key]
        if let name = foreign.flatMap({ names.contains($0.name) ? $0 : nil }) {
            return "it is called '\(name.name)' here\(name.remark.map { "; " + $0 } ?? "")"
        }
        if let nearest = NearestName.nearest(to: entry.key, in: keys) {
            return "did you mean '\(nearest)'?"
        }
        let elsewhere = names.filter { $0.split(separator: ".").last.map(String.init) == entry.key }
        if elsewhere.count == 1, let name = elsewhere.first { return "it belongs in '\(name)'" }
        return "allowed are \(keys.joined(separator: ", ")), and x-… for notes of your own"
    }

    private struct Foreign {
        let name: String
        var remark: String?
    }

    private static let inDurations = "durations are text such as 30s or 45m"

    /// What users of Symphony, GitHub Actions and n8n write, and where that stands here.
    private static let foreign: [String: Foreign] = [
        // Symphony
        "polling": Foreign(name: "schedule", remark: "write schedule: { every: 30s }"),
        "interval_ms": Foreign(name: "schedule.every", remark: inDurations),
        "poll_interval": Foreign(name: "schedule.every", remark: inDurations),
        "max_concurrent_agents": Foreign(name: "slots.total"),
        "max_concurrent_agents_by_state": Foreign(name: "slots.by_state"),
        "turn_timeout_ms": Foreign(name: "agent.timeout", remark: inDurations),
        "stall_timeout_ms": Foreign(name: "agent.stall", remark: inDurations),
        "read_timeout_ms": Foreign(name: "agent.stall", remark: inDurations),
        "max_retry_backoff_ms": Foreign(name: "retry.limit", remark: inDurations),
        "active_states": Foreign(name: "tickets.states"),
        "project_slug": Foreign(name: "tickets.project", remark: "it takes the project's name"),
        "tracker": Foreign(name: "tickets"),
        "workspace": Foreign(name: "repository.worktree"),
        "codex": Foreign(name: "agent"),
        "hooks.timeout_ms": Foreign(name: "hooks.timeout", remark: inDurations),
        // GitHub Actions
        "on": Foreign(name: "schedule", remark: "write schedule: { cron: \"*/5 * * * *\" }"),
        "timeout-minutes": Foreign(name: "agent.timeout", remark: inDurations),
        "max-parallel": Foreign(name: "slots.total"),
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
        "maxTries": Foreign(name: "retry.attempts"),
        "waitBetweenTries": Foreign(name: "retry.delay", remark: inDurations),
        "retryOnFail": Foreign(name: "retry.attempts"),
        "executionTimeout": Foreign(name: "agent.timeout", remark: inDurations),
        // Others
        "max_attempts": Foreign(name: "retry.attempts"),
        "retries": Foreign(name: "retry.attempts", remark: "the first attempt is counted too"),
        "backoff": Foreign(name: "retry.delay"),
        "max_parallel": Foreign(name: "slots.total"),
        "parallel": Foreign(name: "slots.total"),
        "interval": Foreign(name: "schedule.every"),
        "target_branch": Foreign(name: "repository.base"),
        "main_branch": Foreign(name: "repository.base"),
        "api_key": Foreign(name: "linear.token", remark: "write $NAME or file:PATH"),
        "state_dir": Foreign(name: "state"),
        "concurrent": Foreign(name: "slots"),
        "max_slots": Foreign(name: "slots"),
    ]
}
