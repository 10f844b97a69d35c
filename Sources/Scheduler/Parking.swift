import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Who has asked for a break, until when.
struct Parking: Sendable {
    /// What has to be remembered; one for each scope.
    private(set) var breaks: [ProviderBreak] = []

    mutating func restore(_ breaks: [ProviderBreak]) { for each in breaks { add(each) } }

    /// Takes note of an attempt that came to the provider's limit.
    mutating func park(_ agent: AgentSettings, for outcome: Outcome, until end: Date) {
        let scope: ProviderBreak.Scope =
            outcome == .overloaded
            ? .model(agent.provider, agent.model) : .provider(agent.provider)
        add(ProviderBreak(scope: scope, until: end))
    }

    private mutating func add(_ new: ProviderBreak) {
        guard let known = breaks.firstIndex(where: { $0.scope == new.scope }) else {
            breaks.append(new)
            return
        }
        breaks[known].until = max(breaks[known].until, new.until)
    }

    /// Lets these agents be asked at once.
    mutating func lift(_ profiles: [AgentSettings]) {
        breaks.removeAll { each in profiles.contains { each.holds($0) } }
    }

    mutating func expire(at now: Date) {
        if !breaks.isEmpty { breaks.removeAll { $0.until <= now } }
    }

    /// When a break ends that holds this agent; `nil` when none does.
    func end(for agent: AgentSettings) -> Date? {
        breaks.filter { $0.holds(agent) }.map(\.until).max()
    }

    /// When the first break ends.
    var nextEnd: Date? { breaks.map(\.until).min() }

    /// The first of these agents that may work now.
    func first(of profiles: [AgentSettings]) -> AgentSettings? {
        first(among: profiles).map { profiles[$0] }
    }

    /// Its place among them.
    func first(among profiles: [AgentSettings]) -> Int? {
        breaks.isEmpty ? profiles.indices.first : profiles.firstIndex { end(for: $0) == nil }
    }

    /// Why none of these may work; `nil` when one may.
    func obstacle(to profiles: [AgentSettings]) -> String? {
        guard !breaks.isEmpty, first(among: profiles) == nil else { return nil }
        return profiles.compactMap(words).joined(separator: ", ")
    }

    /// `claude-code's provider asked for a break until 20:00:00 UTC`.
    func words(for agent: AgentSettings) -> String? {
        end(for: agent).map {
            "\(agent.kind.rawValue)'s provider asked for a break until \(clock($0))"
        }
    }
}
