/// One entry of `agent.overrides`: what differs for the tickets that meet a condition.
package struct AgentOverride: Codable, Equatable, Sendable {
    package var when: TicketCondition
    /// The keys that it sets; the other values of `settings` mean nothing.
    package var keys: [AgentSettings.Key]
    package var settings: AgentSettings

    package init(
        when: TicketCondition = TicketCondition(),
        keys: [AgentSettings.Key] = [],
        settings: AgentSettings = AgentSettings()
    ) {
        self.when = when
        self.keys = keys
        self.settings = settings
    }
}

/// What a ticket has to be like; all that is named must hold, names in any case of letters.
package struct TicketCondition: Codable, Equatable, Sendable {
    /// One label that it has.
    package var label: String?
    /// Labels that it has, all of them.
    package var allLabels: [String]
    /// Labels that it has none of.
    package var noLabels: [String]
    /// A ticket without an estimate meets none.
    package var estimate: EstimateBound?
    /// The name of its project.
    package var project: String?

    package init(
        label: String? = nil,
        allLabels: [String] = [],
        noLabels: [String] = [],
        estimate: EstimateBound? = nil,
        project: String? = nil
    ) {
        self.label = label
        self.allLabels = allLabels
        self.noLabels = noLabels
        self.estimate = estimate
        self.project = project
    }

    /// Whether it names nothing, and so every ticket would meet it.
    package var isEmpty: Bool { self == TicketCondition() }

    package func holds(for ticket: Ticket) -> Bool {
        let labels = Set(ticket.labels.map { $0.lowercased() })
        let wanted = allLabels + [label].compactMap(\.self)
        guard wanted.allSatisfy({ labels.contains($0.lowercased()) }),
            !noLabels.contains(where: { labels.contains($0.lowercased()) })
        else { return false }
        if let estimate, !(ticket.estimate.map(estimate.holds) ?? false) { return false }
        if let project, ticket.project?.lowercased() != project.lowercased() { return false }
        return true
    }

    /// In words for people: `label complex and estimate >= 5`.
    package var words: String {
        var parts = ([label].compactMap(\.self) + allLabels).map { "label \($0)" }
        parts += noLabels.map { "no label \($0)" }
        if let estimate { parts.append("estimate \(estimate)") }
        if let project { parts.append("project \(project)") }
        return parts.joined(separator: " and ")
    }
}

/// A number that a ticket's estimate is compared with: `5`, `>= 5`.
package struct EstimateBound: Codable, Equatable, Sendable, CustomStringConvertible {
    package enum Comparison: String, Codable, Sendable, CaseIterable {
        case equal = "="
        case atLeast = ">="
        case more = ">"
        case atMost = "<="
        case less = "<"
    }
    package var comparison: Comparison
    /// In the points of the ticket's team.
    package var points: Double

    package init(_ comparison: Comparison, _ points: Double) {
        self.comparison = comparison
        self.points = points
    }

    /// Reads a comparison sign and a number that isn't negative, with spaces or none between them.
    package init?(_ text: String) {
        // The longer signs first: `>` begins `>=` too.
        let signs = Comparison.allCases.sorted { $0.rawValue.count > $1.rawValue.count }
        guard let sign = signs.first(where: { text.hasPrefix($0.rawValue) }) else { return nil }
        let number = text.dropFirst(sign.rawValue.count).drop { $0 == " " }
        guard number.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
            number.first != ".", number.last != ".", let points = Double(number)
        else { return nil }
        self.init(sign, points)
    }

    package func holds(for estimate: Double) -> Bool {
        switch comparison {
        case .equal: estimate == points
        case .atLeast: estimate >= points
        case .more: estimate > points
        case .atMost: estimate <= points
        case .less: estimate < points
        }
    }

    package var description: String {
        let whole = Int(exactly: points).map(String.init)
        return "\(comparison.rawValue) \(whole ?? "\(points)")"
    }
}
