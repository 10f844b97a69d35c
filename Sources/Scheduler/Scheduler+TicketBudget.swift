package import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a ticket's attempts may cost together, by the records of its run: a restart can't forget any of it.
extension Scheduler {
    /// The ticket's budget in force: the workflow's, or what a person has raised it to.
    private func ticketBudget(of entry: Entry) -> SpendingLimit {
        let settings = budget(of: entry.sharedWorkflow)
        let raised = entry.run.budget
        return SpendingLimit(
            usd: settings.ticket.map { max($0, raised?.usd ?? 0) },
            tokens: settings.ticketTokens.map { max($0, raised?.tokens ?? 0) }
        )
    }

    /// Whether there is any; most workflows have none.
    private func hasTicketBudget(_ place: Entries.Place) -> Bool {
        let budget = budget(of: entries[place].sharedWorkflow)
        return budget.ticket != nil || budget.ticketTokens != nil
    }

    private func expense(of entry: Entry) -> SpendingWindow.Sum {
        var sum = SpendingWindow.Sum()
        for attempt in entry.run.attempts {
            let spending = Spending(of: attempt, under: entry.workflow.name, entry.workflow.agent)
            if let spending { sum.add(spending) }
        }
        return sum
    }

    /// What the run's next attempt may cost: its own budget, or what is left of the ticket's where that is less.
    func limit(of place: Entries.Place) -> SpendingLimit? {
        let agent = entries[place].workflow.agent
        guard hasTicketBudget(place) else {
            return SpendingLimit(usd: agent.budget, tokens: agent.tokens).orNone
        }
        let entry = entries[place]
        let budget = ticketBudget(of: entry)
        let sum = expense(of: entry)
        let usd = budget.usd.map { (max(0, $0 - sum.usd) * 100).rounded(.down) / 100 }
        let tokens = budget.tokens.map { max(0, $0 - sum.tokens) }
        return SpendingLimit(
            usd: [agent.budget, usd].compactMap(\.self).min(),
            tokens: [agent.tokens, tokens].compactMap(\.self).min()
        ).orNone
    }

    /// Why the ticket's budget has nothing left for another attempt, and what goes on with it; `nil` when it has.
    func exhaustion(of entry: Entry) -> (reason: String, next: String)? {
        let budget = ticketBudget(of: entry)
        guard budget.orNone != nil else { return nil }
        let sum = expense(of: entry)
        let reason: String
        var options = ""
        if let usd = budget.usd, usd - sum.usd < Self.leastMoney {
            var words = "\(dollars(sum.usd)) spent"
            if sum.estimated > SpendingWindow.tolerance {
                words += ", \(dollars(sum.estimated)) of it estimated"
            }
            reason = "the ticket's budget of \(dollars(usd)) USD is used up: \(words)"
        } else if let tokens = budget.tokens, sum.tokens >= tokens {
            var words = "\(sum.tokens) used"
            if sum.estimatedTokens > 0 { words += ", \(sum.estimatedTokens) of them estimated" }
            reason = "the ticket's budget of \(tokens) tokens is used up: \(words)"
        } else {
            return nil
        }
        // As much again as an attempt may cost, else as the ticket might.
        if let usd = budget.usd, usd - sum.usd < Self.leastMoney {
            let more = max(usd, sum.usd) + (entry.workflow.agent.budget ?? usd)
            options += " --budget \(Int(more.rounded(.up)))"
        }
        if let tokens = budget.tokens, sum.tokens >= tokens {
            options +=
                " --tokens \(max(tokens, sum.tokens) + (entry.workflow.agent.tokens ?? tokens))"
        }
        return (
            "\(reason); 'linecook retry \(entry.run.ticket.key)\(options)' raises it and goes on",
            "Goes on with that command; the work is kept on the branch \(entry.run.branch)."
        )
    }

    /// Less isn't worth the start of an agent, in US dollars.
    private static let leastMoney = 0.01

    /// Lets a run wait for a person when its ticket's budget has nothing left.
    ///
    /// - Returns: Whether it does.
    mutating func stopSpending(
        _ place: Entries.Place,
        _ what: String,
        at now: Moment,
        _ commands: inout [Command]
    ) -> Bool {
        guard hasTicketBudget(place), let (reason, next) = exhaustion(of: entries[place]) else {
            return false
        }
        enter(place, .needsHuman, what, reason, next, now)
        save(place, &commands)
        tell(place, &commands)
        return true
    }

    /// Whether a person's request for this ticket can be heeded now; else it's to be asked again in a while.
    package func takes(_ request: RetryRequest) -> Bool {
        guard let id = openRuns[request.ticket] else { return true }
        // Another service's run is that one's.
        guard let entry = entries[id] else { return false }
        return !entry.isTelling && (entry.run.state != .needsHuman || entry.activity == .idle)
    }

    /// Raises a ticket's budget, and goes on with its run where that waits for a person or for a provider.
    mutating func retry(_ request: RetryRequest, at now: Moment, _ commands: inout [Command]) {
        guard let place = openRuns[request.ticket].flatMap(entries.place),
            !entries[place].run.state.isFinal
        else { return }
        let entry = entries[place]
        let known = entry.run.budget
        let raised = SpendingLimit(
            usd: [request.budget, known?.usd].compactMap(\.self).max(),
            tokens: [request.tokens, known?.tokens].compactMap(\.self).max()
        ).orNone
        entries[place].run.budget = raised
        if entry.run.state == .parked {
            lift(entry.profiles, at: now, &commands)
            return
        }
        guard entry.run.state == .needsHuman, entry.activity == .idle, !entry.isTelling,
            entry.run.pullRequest == nil, let last = entry.run.attempts.last
        else {
            if raised != known { save(place, &commands) }
            return
        }
        if last.outcome.map({ entry.workflow.retry.on[$0] }) == .deliver {
            // The work is verified and pushed: another attempt would do it twice.
            entries[place].run.tracker.told = .running
            entries[place].again = nil
            let next = "The pull request is opened."
            enter(place, .delivering, "a person asked for the pull request", nil, next, now)
            save(place, &commands)
            deliver(place, at: now, &commands)
            return
        }
        if stopSpending(place, "raised, but not enough", at: now, &commands) { return }
        let number = last.number + 1
        entries.change(place) { entry in
            entry.run.tracker.told = .running
            entry.ticket = nil
            entry.again = nil
        }
        enter(
            place,
            .waiting,
            "a person asked for another attempt",
            nil,
            "Attempt \(number) goes on in the agent's session as soon as a slot is free.",
            now
        )
        save(place, &commands)
    }

    /// Asks providers again before their breaks end, since a person says so; all runs that wait for them go on.
    private mutating func lift(
        _ profiles: [AgentSettings],
        at now: Moment,
        _ commands: inout [Command]
    ) {
        parking.lift(profiles)
        saveBreaker(&commands)
        for place in entries.inOrder
        where entries[place].run.state == .parked
            && parking.first(among: entries[place].profiles) != nil
        {
            let why = "a person lets the provider be asked again"
            entries[place].run.retry = nil
            enter(place, .waiting, why, nil, "Goes on as soon as a slot is free.", now)
            save(place, &commands)
        }
    }
}
