import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Scheduler {
    /// How long a day's budget remembers what was spent.
    package static let budgetWindow = SpendingWindow.length

    /// Counts an attempt that has ended.
    mutating func count(_ attempt: Attempt, under workflow: Shared<Workflow>) {
        let (name, agent) = (workflow.value.name, workflow.value.agent)
        if let spending = Spending(of: attempt, under: name, agent) { spent.add(spending) }
    }

    /// Why the day's budget has no room for another attempt, or `nil` when it has.
    ///
    /// What runs is counted with all that it may spend, so that the sum stays within the budget whatever comes of it.
    func budgetObstacle(_ workflow: Shared<Workflow>) -> String? {
        let budget = budget(of: workflow)
        guard budget.day != nil || budget.dayTokens != nil else { return nil }
        let sum = spent.sum(of: workflow.value.name)
        if !hasMoney(budget, workflow, sum), let day = budget.day {
            return "the day's budget of \(dollars(day)) USD has no room for another attempt"
        }
        if !hasTokens(budget, workflow, sum), let day = budget.dayTokens {
            return "the day's budget of \(day) tokens has no room for another attempt"
        }
        return nil
    }

    /// How much of the day's budget is left, and what gives it room again.
    func budgetWords(_ workflow: Shared<Workflow>) -> String {
        let budget = budget(of: workflow)
        let own = [
            workflow.value.agent.budget.map { "\(dollars($0)) USD an attempt, kept by the agent" },
            workflow.value.agent.tokens.map { "\($0) tokens an attempt" },
        ].compactMap(\.self)
        let sum = spent.sum(of: workflow.value.name)
        var days: [String] = []
        if let day = budget.day {
            var words = "\(dollars(sum.usd)) of \(dollars(day)) USD spent in 24 hours"
            if sum.estimated > SpendingWindow.tolerance {
                words += " (\(dollars(sum.estimated)) of it estimated)"
            }
            let held = entries.slots.held(by: workflow.value.name)
            if held > 0 { words += ", \(dollars(held)) held for what runs" }
            days.append(words)
        }
        if let day = budget.dayTokens {
            var words = "\(sum.tokens) of \(day) tokens used in 24 hours"
            if sum.estimatedTokens > 0 { words += " (\(sum.estimatedTokens) of them estimated)" }
            let held = entries.slots.heldTokens(by: workflow.value.name)
            if held > 0 { words += ", \(held) held for what runs" }
            days.append(words)
        }
        guard !days.isEmpty else {
            return own.isEmpty ? "no limit is set" : own.joined(separator: ", ")
        }
        let words = days.joined(separator: "; ")
        guard budgetObstacle(workflow) != nil else { return words }
        let key = hasMoney(budget, workflow, sum) ? "budget.day_tokens" : "budget.day"
        var idle = self
        idle.entries = Entries(machineSlots: machineSlots)
        if idle.budgetObstacle(workflow) == nil {
            return words + "; goes on when one that runs has ended"
        }
        let release = spent.release(of: workflow.value.name) {
            hasMoney(budget, workflow, $0) && hasTokens(budget, workflow, $0)
        }
        if let release {
            return words + "; goes on at \(clock(release)), or when '\(key)' is raised"
        }
        return words + "; goes on when '\(key)' is raised"
    }

    private func hasMoney(
        _ budget: BudgetSettings,
        _ workflow: Shared<Workflow>,
        _ sum: SpendingWindow.Sum
    ) -> Bool {
        guard let day = budget.day else { return true }
        let needed =
            entries.slots.held(by: workflow.value.name) + (workflow.value.agent.budget ?? 0)
        return sum.usd + needed <= day + SpendingWindow.tolerance
    }

    private func hasTokens(
        _ budget: BudgetSettings,
        _ workflow: Shared<Workflow>,
        _ sum: SpendingWindow.Sum
    ) -> Bool {
        guard let day = budget.dayTokens else { return true }
        let needed =
            entries.slots.heldTokens(by: workflow.value.name) + (workflow.value.agent.tokens ?? 0)
        return sum.tokens + needed <= day
    }

    /// The budget in force: what a person has raised holds for runs that were begun before, too.
    func budget(of workflow: Shared<Workflow>) -> BudgetSettings {
        guard let place = workflows.place(of: workflow.value.name), workflows[place].isInForce
        else { return workflow.value.budget }
        return workflows[place].workflow.budget
    }

    /// When the next spending of a workflow with a budget is a day old; `nil` when none is counted.
    func nextRelease() -> Date? {
        workflows.indices.compactMap { place in
            let budget = workflows[place].workflow.budget
            guard budget.day != nil || budget.dayTokens != nil else { return nil }
            let sum = spent.sum(of: workflows.names[place])
            return spent.release(of: workflows.names[place]) {
                $0.usd <= max(0, sum.usd - 0.01) + SpendingWindow.tolerance
                    && $0.tokens <= sum.tokens
            }
        }.min()
    }
}
