import Domain

/// Runs that wait for a slot and that the same things keep from one, at any moment.
struct Line: Sendable {
    /// All that an obstacle to an attempt depends on.
    struct Kind: Equatable, Sendable {
        /// With the agent's settings as they are for these tickets.
        var workflow: Shared<Workflow>
        var profiles: [AgentSettings]
        /// Those of the ticket's labels that slots are limited by.
        var labels: [String]
        /// The state that the ticket was taken from, when slots are limited by it.
        var state: String?

        init(
            _ workflow: Shared<Workflow>,
            _ profiles: [AgentSettings],
            labels: [String],
            state: String?
        ) {
            self.workflow = workflow
            self.profiles = profiles
            let limits = workflow.value.slots
            self.labels =
                limits.byLabel.isEmpty
                ? []
                : labels.map { $0.lowercased() }.filter { label in
                    limits.byLabel.keys.contains { $0.lowercased() == label }
                }.sorted()
            self.state = limits.byState.isEmpty ? nil : state?.lowercased()
        }

        init(_ entry: Entry) {
            self.init(
                entry.sharedWorkflow,
                entry.profiles,
                labels: entry.ticketLabels,
                state: entry.takenFrom
            )
        }
    }
    /// What the record of one that waits says.
    enum Word: Hashable, Sendable {
        /// Nothing: it's begun, or an attempt of it is to be started anew.
        case none
        case reason(String?)
    }
    let kind: Shared<Kind>
    private var runs: [Word: SortedSet<RunID>] = [:]

    init(_ kind: Kind) { self.kind = Shared(kind) }

    var isEmpty: Bool { runs.isEmpty }

    mutating func insert(_ id: RunID, _ word: Word) { runs[word, default: SortedSet()].insert(id) }

    mutating func remove(_ id: RunID, _ word: Word) {
        guard let index = runs.index(forKey: word) else { return }
        runs.values[index].remove(id)
        if runs.values[index].isEmpty { runs.remove(at: index) }
    }

    /// The first one after another.
    func first(after last: RunID?) -> RunID? {
        runs.values.compactMap { $0.first { Self.follows($0, last) } }.min()
    }

    /// Those between two others whose records don't say what holds them.
    func untold(_ obstacle: String, after last: RunID?, before next: RunID?) -> [RunID] {
        var found: [RunID] = []
        for (word, ids) in runs {
            guard case .reason(let reason) = word, reason != obstacle else { continue }
            found += ids.elements(
                from: { Self.follows($0, last) },
                upTo: { id in next.map { id >= $0 } ?? false }
            )
        }
        return found
    }

    /// Every run, with what its record says.
    var members: [RunID: Word] {
        var members: [RunID: Word] = [:]
        for (word, ids) in runs { for id in ids.elements { members[id] = word } }
        return members
    }

    private static func follows(_ id: RunID, _ last: RunID?) -> Bool {
        last.map { $0 < id } ?? true
    }
}
