import Domain

/// Which slots are taken, and by whom.
struct SlotUse: Equatable, Sendable {
    /// One that is taken, with what limits count it under.
    struct Holding: Equatable, Sendable {
        var slot: Int
        var workflow: String
        /// US dollars that the attempt may spend.
        var budget: Double?
        var tokens: Int?
        var labels: [String]
        var state: String?
    }
    fileprivate struct Held: Equatable, Sendable {
        var attempts = 0
        var budget = 0.0
        var tokens = 0
        var byLabel: [String: Int] = [:]
        var byState: [String: Int] = [:]
    }
    /// Attempts that this machine may run at once.
    var machine: Int { didSet { full = Self.words(machine) } }
    /// What is said when no slot is free; made once, for it's asked for with each event.
    private var full: String
    /// Attempts that hold a slot.
    private(set) var attempts = 0
    /// How many attempts hold each; a record that a person changed may give one twice.
    private var taken: [Int: Int] = [:]
    private var byWorkflow: [String: Held] = [:]
    /// All slots before this one are taken.
    private var firstFree = 0

    init(machine: Int) {
        self.machine = machine
        full = Self.words(machine)
    }

    private static func words(_ machine: Int) -> String {
        "all \(machine) slots of this machine are taken"
    }

    var total: Int { taken.count }
    var isFull: Bool { taken.count >= machine }

    func count(of workflow: String) -> Int { byWorkflow[workflow]?.attempts ?? 0 }

    /// US dollars that the attempts of a workflow that hold a slot may spend.
    func held(by workflow: String) -> Double { byWorkflow[workflow]?.budget ?? 0 }

    /// The same in tokens.
    func heldTokens(by workflow: String) -> Int { byWorkflow[workflow]?.tokens ?? 0 }

    /// Why a ticket can't have a slot, or `nil` when it can.
    func obstacle(_ workflow: Shared<Workflow>, labels: [String], state: String?) -> String? {
        if isFull { return full }
        let slots = workflow.value.slots
        let held = byWorkflow[workflow.value.name]
        if held?.attempts ?? 0 >= slots.total {
            return "all \(slots.total) slots of the workflow are taken"
        }
        for (label, limit) in slots.byLabel.sorted(by: { $0.key < $1.key })
        where !labels.isEmpty && labels.contains(where: { $0.lowercased() == label.lowercased() }) {
            if held?.byLabel[label.lowercased()] ?? 0 >= limit {
                return "all \(limit) slots for the label \(label) are taken"
            }
        }
        if let state {
            for (name, limit) in slots.byState
            where name.lowercased() == state.lowercased() {
                if held?.byState[name.lowercased()] ?? 0 >= limit {
                    return "all \(limit) slots for the state \(name) are taken"
                }
            }
        }
        return nil
    }

    /// All of it but the sums of money, which are rounded; for tests.
    var words: [String: [String: Int]] {
        byWorkflow.mapValues { held in
            held.byLabel.merging(held.byState) { $0 + $1 }.merging(["": held.attempts]) { $0 + $1 }
        }
    }

    /// The lowest free slot.
    mutating func lowestFree() -> Int {
        while firstFree < machine, taken[firstFree] != nil { firstFree += 1 }
        return min(firstFree, machine)
    }

    mutating func add(_ holding: Holding) { change(holding, by: 1) }

    mutating func remove(_ holding: Holding) {
        change(holding, by: -1)
        firstFree = min(firstFree, max(0, holding.slot))
    }

    private mutating func change(_ holding: Holding, by step: Int) {
        attempts += step
        taken.add(step, for: holding.slot)
        byWorkflow[holding.workflow, default: Held()].change(holding, by: step)
        // What additions and subtractions have rounded goes with the last one.
        if byWorkflow[holding.workflow]?.attempts ?? 0 <= 0 { byWorkflow[holding.workflow] = nil }
    }
}

extension SlotUse.Held {
    fileprivate mutating func change(_ holding: SlotUse.Holding, by step: Int) {
        attempts += step
        budget += Double(step) * (holding.budget ?? 0)
        tokens += step * (holding.tokens ?? 0)
        if !holding.labels.isEmpty {
            for label in Set(holding.labels.map { $0.lowercased() }) {
                byLabel.add(step, for: label)
            }
        }
        if let state = holding.state?.lowercased() { byState.add(step, for: state) }
    }
}

extension [Int: Int] {
    fileprivate mutating func add(_ step: Int, for key: Int) {
        let count = (self[key] ?? 0) + step
        self[key] = count == 0 ? nil : count
    }
}

extension [String: Int] {
    fileprivate mutating func add(_ step: Int, for key: String) {
        let count = (self[key] ?? 0) + step
        self[key] = count == 0 ? nil : count
    }
}
