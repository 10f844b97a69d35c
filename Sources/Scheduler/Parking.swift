import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Who has asked for a break, until when.
///
/// A usage limit is a whole provider's; an overload is one model's.
struct Parking: Sendable {
    private enum Scope: Hashable {
        case provider(Provider)
        case model(Provider, String?)
    }
    private var ends: [Scope: Date] = [:]

    /// Takes note of an attempt that came to the provider's limit.
    mutating func park(_ agent: AgentSettings, for outcome: Outcome, until end: Date) {
        let scope: Scope =
            outcome == .overloaded
            ? .model(agent.provider, agent.model) : .provider(agent.provider)
        ends[scope] = max(ends[scope] ?? end, end)
    }

    mutating func expire(at now: Date) {
        if !ends.isEmpty { ends = ends.filter { $0.value > now } }
    }

    /// When a break ends that holds this agent; `nil` when none does.
    func end(for agent: AgentSettings) -> Date? {
        guard !ends.isEmpty else { return nil }
        return [ends[.provider(agent.provider)], ends[.model(agent.provider, agent.model)]]
            .compactMap(\.self).max()
    }

    /// When the first break ends.
    var nextEnd: Date? { ends.values.min() }

    /// The first of these agents that may work now.
    func first(of profiles: [AgentSettings]) -> AgentSettings? {
        first(among: profiles).map { profiles[$0] }
    }

    /// Its place among them.
    func first(among profiles: [AgentSettings]) -> Int? {
        ends.isEmpty ? profiles.indices.first : profiles.firstIndex { end(for: $0) == nil }
    }

    /// Why none of these may work; `nil` when one may.
    func obstacle(to profiles: [AgentSettings]) -> String? {
        guard !ends.isEmpty, first(among: profiles) == nil else { return nil }
        return profiles.compactMap(words).joined(separator: ", ")
    }

    /// `claude-code's provider asked for a break until 20:00:00 UTC`.
    func words(for agent: AgentSettings) -> String? {
        end(for: agent).map {
            "\(agent.kind.rawValue)'s provider asked for a break until \(clock($0))"
        }
    }
}
