/// One entry of `agent.fallback`: what differs from `agent` while the providers of that and of the entries before
/// have asked for a break.
package struct AgentFallback: Codable, Equatable, Sendable {
    /// The keys that it sets; the other values of `settings` mean nothing.
    package var keys: [AgentSettings.Key]
    package var settings: AgentSettings

    package init(keys: [AgentSettings.Key] = [], settings: AgentSettings = AgentSettings()) {
        self.keys = keys
        self.settings = settings
    }
}

/// Whom an agent's program asks: what it asks one of its callers to wait for, all have to.
///
/// What isn't told apart here shares a limit: a program that is called with the same arguments and gets the
/// same variables, whatever its model.
package struct Provider: Codable, Equatable, Sendable {
    package var kind: AgentSettings.Kind
    package var command: String
    package var arguments: [String]
    /// Sorted.
    package var environment: [String]
}

extension AgentSettings {
    package var provider: Provider {
        Provider(
            kind: kind,
            command: command,
            arguments: arguments,
            environment: environment.sorted()
        )
    }

    /// These settings, then those of each fallback, in the order in which they are tried; none has a fallback.
    package var profiles: [AgentSettings] {
        var own = self
        own.fallback = []
        return [own]
            + fallback.map { entry in
                var settings = own
                settings.apply(entry.keys, of: entry.settings)
                return settings
            }
    }

    /// The agent in two or three words: `codex with gpt-5`.
    package var name: String { kind.rawValue + (model.map { " with \($0)" } ?? "") }
}
