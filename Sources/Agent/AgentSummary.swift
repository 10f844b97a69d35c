package import Domain

/// What the events of one agent process amount to.
package struct AgentSummary: Equatable, Sendable {
    package let kind: AgentSettings.Kind
    /// What the session had used before this process.
    package let before: AgentUsage
    package private(set) var session: String?
    package private(set) var model: String?
    package private(set) var usage = AgentUsage()
    /// The agent's own last word on how it went; `nil` while there is none.
    package private(set) var ending: AgentEnding?
    /// What was denied, each once.
    package private(set) var denials: [Denial] = []
    /// What the agent said last.
    package private(set) var lastMessage: String?
    /// The end of what isn't part of the stream.
    package private(set) var lastOutput: String?
    package private(set) var limitEnd: LimitReset?
    package internal(set) var hadOutput = false

    package init(kind: AgentSettings.Kind, before: AgentUsage = AgentUsage()) {
        self.kind = kind
        self.before = before
    }

    /// Takes the next event.
    package mutating func add(_ event: AgentEvent) {
        switch event {
        case .started(let session, let model):
            self.session = session ?? self.session
            self.model = model ?? self.model
        case .message(let text): lastMessage = text
        case .denied(let tool, let argument, _):
            // What they hold is the agent's: a bound keeps a hostile one from filling the memory.
            let denial = Denial(tool: tool, input: argument)
            if denials.count < 20, !denials.contains(denial) { denials.append(denial) }
        case .limited(let date): limitEnd = date.map { .at($0) } ?? limitEnd
        case .usage(let usage): self.usage.update(with: usage)
        case .outcome(let ending): self.ending = ending
        case .output(let text): lastOutput = text
        case .tool, .toolEnded, .edited, .toolFailed, .retrying, .notice, .skipped: break
        }
    }

    /// What this process cost, in USD.
    ///
    /// A session that goes on counts its earlier processes too, but not after one
    /// was killed: then the total is below what was known, and already this process's own.
    package var cost: Double? { Self.own(usage.cost, before: before.cost) }

    /// The same of whatever a session that goes on counts from its beginning.
    private static func own<Amount: Comparable & AdditiveArithmetic>(
        _ total: Amount?,
        before: Amount?
    ) -> Amount? {
        guard let total, let before, total >= before else { return total }
        return total - before
    }

    /// Notes what this process read and wrote.
    ///
    /// What came since the last total is known only in part, and was mostly read. Without a total that part alone
    /// would say too little, so that it's `evenWithoutTotal` that has to be asked for.
    private func noteTokens(in report: inout AgentReport, evenWithoutTotal: Bool) {
        func own(_ amount: KeyPath<AgentUsage, Int?>) -> Int? {
            Self.own(usage[keyPath: amount], before: before[keyPath: amount])
                .map { min(max(0, $0), Self.mostTokens) }
        }
        report.inputTokens = own(\.inputTokens)
        report.outputTokens = own(\.outputTokens)
        report.cacheWriteTokens = own(\.cacheWriteTokens)
        guard let running = usage.runningTokens, running > 0,
            report.tokens != nil || evenWithoutTotal
        else { return }
        report.inputTokens = min(
            (report.inputTokens ?? 0) + min(running, Self.mostTokens),
            Self.mostTokens
        )
    }

    /// An agent may say anything; sums of what it says have to fit.
    private static let mostTokens = 1_000_000_000_000

    /// Which of its bounds this process has passed by what it says itself, in words; `nil` while it keeps them.
    package func excess(over settings: AgentSettings) -> String? {
        var report = AgentReport(kind: kind)
        noteTokens(in: &report, evenWithoutTotal: true)
        if let limit = settings.tokens, let tokens = report.tokens, tokens > limit {
            return "ended after \(tokens) tokens; it may use \(limit)"
        }
        if let limit = settings.budget, let cost, cost > limit {
            let cents = { (usd: Double) in (min(usd, 1e9) * 100).rounded() / 100 }
            return "ended after \(cents(cost)) USD; it may cost \(cents(limit))"
        }
        return nil
    }

    /// In US dollars; a program that says more of itself is beyond all belief, and sums have to stay numbers.
    private static let mostCost = 1e9

    /// The record of the agent's program.
    package func report(after end: AgentTermination) -> AgentReport {
        var report = AgentReport(kind: kind)
        switch end.status {
        case .exited(let code): report.exit = code
        case .signaled(let number): report.signal = number
        case .notStarted: break
        }
        report.model = model?.inOneLine(limit: 80)
        report.turns = usage.turns
        // Sums of decimal prices carry noise after the sixteenth digit; a millionth of a dollar is plenty.
        report.costUSD = cost.map { cost in
            (min(max(cost, 0), Self.mostCost) * 1_000_000).rounded() / 1_000_000
        }
        // One that was ended for its bound has passed it by so much.
        let passedBound = if case .spending = end.cause { true } else { false }
        noteTokens(in: &report, evenWithoutTotal: passedBound)
        report.session = session
        report.denials = denials.isEmpty ? nil : denials
        report.lastMessage = (lastMessage ?? lastOutput).flatMap(Self.brief)
        return report
    }

    /// At most five lines and 600 characters, harmless.
    private static func brief(_ text: String) -> String? {
        let lines = text.prefix(2400).split(separator: "\n").map { $0.inOneLine(limit: 600) }
            .filter { !$0.isEmpty }
        guard !lines.isEmpty else { return nil }
        let head = lines.prefix(5).joined(separator: "\n")
        guard lines.count > 5 || head.count > 600 || text.utf8.count > 9600 else { return head }
        return head.prefix(600) + " …"
    }
}
