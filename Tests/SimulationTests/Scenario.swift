import Cron
import Domain
import Scheduler
import Service
import SystemPackage
import TestSupport

/// What a seed stands for: the workflows, how many tickets, and how much goes wrong.
struct Scenario {
    let seed: UInt64
    let days: Int
    let slots: Int
    let tickets: Int
    /// USD.
    let attemptBudget = 2.0
    let dayBudget: Double?
    /// What all attempts of a ticket may cost together, in USD.
    let ticketBudget: Double?
    let breaker: BreakerSettings
    private let workflows: [Workflow]

    init(seed: UInt64, days: Int) {
        self.seed = seed
        self.days = days
        var generator = SplitMix64(seed: seed)
        slots = Int.random(in: 1...4, using: &generator)
        tickets = Int.random(in: 2...7, using: &generator)
        dayBudget = Int.random(in: 0..<4, using: &generator) == 0 ? 9 : nil
        let isStacked = Int.random(in: 0..<4, using: &generator) == 0
        let isCron = Int.random(in: 0..<4, using: &generator) == 0
        let isBatched = Int.random(in: 0..<4, using: &generator) == 0
        let hasTwo = Int.random(in: 0..<4, using: &generator) == 0
        let minutes = Int.random(in: 8...30, using: &generator)
        // Drawn apart, so that the other choices of a seed stay what they were.
        var choices = SplitMix64(seed: seed ^ 0x0FA1)
        let table =
            Bool.random(using: &choices)
            ? FailureTable()
            : FailureTable(
                Dictionary(
                    Outcome.allCases.filter(\.isFailure).map {
                        ($0, $0.choices.randomElement(using: &choices) ?? $0.consequence)
                    },
                    uniquingKeysWith: { $1 }
                )
            )
        let isTicketBound = Int.random(in: 0..<4, using: &choices) == 0
        ticketBudget = isTicketBound ? 5 : nil
        breaker =
            Bool.random(using: &choices)
            ? BreakerSettings()
            : BreakerSettings(
                failures: Int.random(in: 3...6, using: &choices),
                within: .seconds(Int.random(in: 300...3600, using: &choices))
            )
        let small = AgentFallback(keys: [.model], settings: AgentSettings(model: "small"))
        let other = AgentFallback(keys: [.command], settings: AgentSettings(command: "other"))
        let fallback = [[], [], [small], [other], [small, other]].randomElement(using: &choices)
        let retry = RetryPolicy(
            attempts: Int.random(in: 1...4, using: &choices),
            delay: .seconds(Int.random(in: 1...600, using: &choices)),
            jitter: Double.random(in: 0...0.5, using: &choices),
            on: table
        )
        var workflows: [Workflow] = []
        for team in hasTwo ? ["FRE", "OPS"] : ["FRE"] {
            workflows.append(
                Workflow(
                    name: team.lowercased(),
                    schedule: ScheduleSettings(
                        trigger: isCron
                            ? .cron("*/\(minutes) * * * *", seconds: false)
                            : .every(.seconds(minutes * 60)),
                        timezone: "UTC"
                    ),
                    tickets: TicketSelection(
                        team: team,
                        allLabels: ["agent"],
                        batch: BatchSettings(minimum: isBatched ? 3 : 1, wait: .seconds(1800))
                    ),
                    repository: RepositorySettings(path: "/repository"),
                    plan: PlanSettings(base: isStacked ? .stacked : .merged),
                    slots: SlotLimits(total: max(1, slots - (hasTwo ? 1 : 0))),
                    agent: AgentSettings(
                        kind: .command,
                        command: "agent",
                        budget: dayBudget == nil ? nil : attemptBudget,
                        fallback: fallback ?? []
                    ),
                    prompt: PromptSettings(file: "/prompts/ticket.md", text: "x"),
                    retry: retry,
                    budget: BudgetSettings(ticket: ticketBudget, day: dayBudget)
                )
            )
        }
        self.workflows = workflows
    }

    var teams: [String] { workflows.map(\.tickets.team) }

    func workflow(_ name: String) -> Workflow {
        workflows.first { $0.name == name } ?? workflows[0]
    }

    /// As the service is given them.
    func loaded() throws -> [LoadedWorkflow] {
        try workflows.map { workflow in
            let cron: Schedule? =
                switch workflow.schedule.trigger {
                case .cron(let text, _):
                    .cron(try CronExpression(text), .utc)
                case .every: nil
                }
            return LoadedWorkflow(
                inForce: WorkflowInForce(workflow: workflow, cron: cron),
                file: "\(workflow.name).yml",
                source: Array("name: \(workflow.name)\n".utf8)
            )
        }
    }

    /// How an attempt ends; `nil` when its process dies.
    func outcome(_ chance: Chance, isCalm: Bool) -> Outcome? {
        if isCalm || chance.isTrue(3, of: 5) { return .succeeded }
        if chance.isTrue(1, of: 8) { return nil }
        return chance.pick([
            .agentFailed, .agentFailed, .verificationFailed, .verificationFailed, .timedOut,
            .stalled,
            .rateLimited, .overloaded, .noChanges, .refused, .maxTurns, .budgetExceeded,
            .setupFailed, .pushFailed, .conflict, .misconfigured,
        ])
    }
}
