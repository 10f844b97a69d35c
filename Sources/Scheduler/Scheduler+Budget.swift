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
    mutating func count(_ attempt: Attempt?, under workflow: Workflow) {
        if let spending = attempt.flatMap({ Spending(of: $0, under: workflow) }) {
            spent.add(spending)
        }
    }

    /// Why the day's budget has no room for another attempt, or `nil` when it has.
    ///
    /// What runs is counted with all that it may spend, so that the sum stays within the budget whatever comes of it.
    func budgetObstacle(_ workflow: Workflow) -> String? {
        guard let day = dayBudget(of: workflow) else { return nil }
        let needed = entries.slots.held(by: workflow) + (workflow.agent.budget ?? 0)
        guard spent.sum(of: workflow.name).usd + needed > day + SpendingWindow.tolerance else {
            return nil
        }
        return "the day's budget of \(dollars(day)) USD has no room for another attempt"
    }

    /// How much of the day's budget is left, and what gives it room again.
    func budgetWords(_ workflow: Workflow) -> String {
        guard let day = dayBudget(of: workflow) else {
            return workflow.agent.budget.map { "\(dollars($0)) USD an attempt, kept by the agent" }
                ?? "no limit is set"
        }
        let sum = spent.sum(of: workflow.name)
        let held = entries.slots.held(by: workflow)
        var words = "\(dollars(sum.usd)) of \(dollars(day)) USD spent in 24 hours"
        if sum.estimated > SpendingWindow.tolerance {
            words += " (\(dollars(sum.estimated)) of it estimated)"
        }
        if held > 0 { words += ", \(dollars(held)) held for what runs" }
        guard budgetObstacle(workflow) != nil else { return words }
        let own = workflow.agent.budget ?? 0
        if held > 0, sum.usd + own <= day + SpendingWindow.tolerance {
            return words + "; goes on when one that runs has ended"
        }
        if let release = spent.release(of: workflow.name, to: day - held - own) {
            return words + "; goes on at \(clock(release)), or when 'budget.day' is raised"
        }
        return words + "; goes on when 'budget.day' is raised"
    }

    /// The budget in force: what a person has raised holds for runs that were begun before, too.
    private func dayBudget(of workflow: Workflow) -> Double? {
        guard let polling = workflows[workflow.name], polling.isInForce else {
            return workflow.budget.day
        }
        return polling.workflow.budget.day
    }

    /// When the next spending of a workflow with a budget is a day old; `nil` when none is counted.
    func nextRelease() -> Date? {
        workflows.values.compactMap { polling in
            polling.workflow.budget.day.flatMap { day in
                spent.release(
                    of: polling.workflow.name,
                    to: max(0, spent.sum(of: polling.workflow.name).usd - 0.01)
                )
            }
        }.min()
    }

    private func dollars(_ usd: Double) -> String {
        let cents = Int((min(max(usd, 0), 1e12) * 100).rounded())
        return "\(cents / 100)." + (cents % 100 < 10 ? "0" : "") + "\(cents % 100)"
    }
}
