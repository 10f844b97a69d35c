import Domain
import Planner

/// The tickets of a workflow that nothing blocks and that are taken up, as they wait for slots.
///
/// They stand in groups of which each is kept from a slot by the same things. One that something of its own holds
/// is set aside until that has changed; so what holds thousands is looked at once.
struct ReadyQueue: Sendable {
    /// What holds a single ticket.
    enum Hold: Hashable, Sendable {
        /// Phases of its batch before this one.
        case phase(Int, ofBatch: String)
        /// A run that works on the same files.
        case files(RunID)
        /// A run of it that is open.
        case run
    }
    struct Group: Sendable {
        let kind: Shared<Line.Kind>
        /// Places in the plan's queue.
        fileprivate(set) var places = SortedSet<Int>()
    }
    private struct Phased: Comparable, Sendable {
        var phase: Int
        var place: Int
        var group: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.phase, left.place) < (right.phase, right.place)
        }
    }
    private(set) var groups: [Group] = []
    private var groupOf: [Int: Int] = [:]
    private var byBatch: [String: SortedSet<Phased>] = [:]
    private var byRun: [RunID: [(place: Int, group: Int)]] = [:]

    /// Puts a ticket into the queue.
    ///
    /// - Parameters:
    ///   - place: Its place in the plan's queue.
    ///   - ticket: The ticket.
    ///   - workflow: The workflow in force.
    mutating func insert(_ place: Int, _ ticket: Ticket, _ workflow: Shared<Workflow>) {
        insert(place, in: group(of: ticket, workflow))
    }

    /// Puts a ticket into the queue of a workflow whose tickets all stand in one group.
    ///
    /// - Returns: Whether that is so, and known; else the ticket itself is asked for.
    mutating func insert(_ place: Int, _ workflow: Shared<Workflow>) -> Bool {
        guard !groups.isEmpty, Self.isUniform(workflow) else { return false }
        insert(place, in: 0)
        return true
    }

    private mutating func insert(_ place: Int, in group: Int) {
        groupOf[place] = group
        groups[group].places.insert(place)
    }

    mutating func remove(_ place: Int) {
        guard let group = groupOf.removeValue(forKey: place) else { return }
        groups[group].places.remove(place)
    }

    /// Takes a ticket out until what holds it may have changed.
    mutating func setAside(_ place: Int, for hold: Hold) {
        guard let group = groupOf[place] else { return }
        groups[group].places.remove(place)
        switch hold {
        case .phase(let phase, let batch):
            byBatch[batch, default: SortedSet()].insert(
                Phased(phase: phase, place: place, group: group)
            )
        case .files(let run): byRun[run, default: []].append((place, group))
        case .run: groupOf[place] = nil
        }
    }

    func holds(_ place: Int) -> Bool { groupOf[place] != nil }

    func isAside(_ place: Int) -> Bool {
        groupOf[place].map { group in groups[group].places.first { $0 >= place } != place } ?? false
    }

    /// Puts back who waited for phases of a batch before `phase`.
    mutating func release(upToPhase phase: Int, ofBatch batch: String) {
        while let first = byBatch[batch]?.first, first.phase <= phase {
            byBatch[batch]?.remove(first)
            if groupOf[first.place] != nil { groups[first.group].places.insert(first.place) }
        }
        if byBatch[batch]?.isEmpty ?? false { byBatch[batch] = nil }
    }

    /// Puts back who waited for files that a run worked on.
    mutating func release(filesOf run: RunID) {
        for (place, group) in byRun.removeValue(forKey: run) ?? [] where groupOf[place] != nil {
            groups[group].places.insert(place)
        }
    }

    private static func isUniform(_ workflow: Shared<Workflow>) -> Bool {
        workflow.value.agent.overrides.isEmpty && workflow.value.agent.models.isEmpty
            && workflow.value.slots.byLabel.isEmpty && workflow.value.slots.byState.isEmpty
    }

    private mutating func group(of ticket: Ticket, _ workflow: Shared<Workflow>) -> Int {
        let resolved = workflow.value.resolved(for: ticket)
        let kind = Line.Kind(
            Shared(resolved),
            resolved.agent.profiles,
            labels: ticket.labels,
            state: ticket.state.name
        )
        if let known = groups.firstIndex(where: { $0.kind.value == kind }) { return known }
        groups.append(Group(kind: Shared(kind)))
        return groups.count - 1
    }
}
