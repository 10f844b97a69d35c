import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads Claude Code's `stream-json`.
struct ClaudeCodeReader: AgentLineReader {
    private let decoder = JSONDecoder()
    private var isStarted = false
    /// The answers of the model, until a result counts them.
    private var answers: Set<String> = []
    /// How many answers earlier results of this process have counted.
    private var turns = 0
    private var usage = AgentUsage()
    /// The answers since the last result whose tokens are in `runningTokens`, those of sub-agents too.
    private var started: Set<String> = []
    private var runningTokens = 0
    /// The ids are the agent's: a bound keeps a hostile one from filling the memory.
    private static let mostAnswers = 100_000
    /// What the calls of the last answers were about, by their ids: a denial names only the id.
    private var arguments: [(call: String, tool: String, argument: String)] = []
    /// The calls that were said to be denied already.
    private var denied: Set<String> = []
    /// The word for the last failure of the provider that the program gave up on.
    private var failure: String?
    /// Until when the limit lasts that the provider named last.
    private var limitEnd: Date?
    /// Whether all retries were used up before what the model said last, and it was accepted all the same.
    private var isCut = false
    private var lastRetry: AgentRetry?

    mutating func events(in line: [UInt8]) -> [AgentEvent]? {
        if let parsed = try? decoder.decode(ClaudeCodeLine.self, from: Data(line)) {
            return parsed.type.map { events(in: parsed, type: $0) }
        }
        // Some versions write a limit into the middle of another line. That one is lost; the limit isn't.
        let text = String(decoding: line, as: UTF8.self)
        guard let start = text.lastRange(of: "{\"type\":\"rate_limit_event\""),
            let parsed = try? decoder.decode(ClaudeCodeLine.self, from: Data(text[start...].utf8))
        else { return nil }
        return events(in: parsed, type: "rate_limit_event")
    }

    private mutating func events(in line: ClaudeCodeLine, type: String) -> [AgentEvent] {
        switch type {
        case "system": systemEvents(in: line)
        case "assistant": assistantEvents(in: line)
        case "user": userEvents(in: line)
        case "rate_limit_event": limitEvents(in: line)
        case "result": resultEvents(in: line)
        default: []
        }
    }

    private mutating func systemEvents(in line: ClaudeCodeLine) -> [AgentEvent] {
        switch line.subtype {
        case "init":
            isStarted = true
            return [.started(session: line.session, model: line.model)]
        case "api_retry":
            let retry = AgentRetry(
                attempt: line.attempt ?? 1,
                limit: line.maxRetries ?? 1,
                seconds: max(0, min((line.retryDelay ?? 0) / 1000, 86_400)),
                status: line.errorStatus,
                reason: line.error ?? "unknown"
            )
            lastRetry = retry
            return [.retrying(retry)]
        case "permission_denied":
            let call = line.toolCall ?? ""
            // The ids are the agent's: a bound keeps a hostile one from filling the memory.
            if denied.count < 512 { denied.insert(call) }
            return [
                .denied(
                    tool: line.toolName ?? "a tool",
                    argument: arguments.last { $0.call == call }?.argument ?? "",
                    text: line.text ?? ""
                )
            ]
        case "model_fallback", "informational":
            return line.content.map { [.notice($0)] } ?? []
        case "task_notification" where line.status != "completed":
            return [.notice("background task \(line.status ?? "ended"): \(line.summary ?? "")")]
        default: return []
        }
    }

    private mutating func assistantEvents(in line: ClaudeCodeLine) -> [AgentEvent] {
        guard let message = line.message else { return [] }
        if message.model == "<synthetic>" {
            failure = line.error
            return message.blocks.compactMap(\.text).map { .notice($0) }
        }
        // A sub-agent's turns aren't the agent's; several lines share one answer.
        if line.parentTool == nil, let id = message.id, answers.count < Self.mostAnswers {
            answers.insert(id)
        }
        isCut = lastRetry.map { $0.attempt >= $0.limit && $0.status == nil } ?? false
        lastRetry = nil
        var events = message.blocks.compactMap { block -> AgentEvent? in
            switch block.type {
            case "text": block.text.map { .message($0.cut(toBytes: AgentEvent.textLimit)) }
            case "tool_use":
                .tool(
                    name: block.name ?? "a tool",
                    argument: (block.input?.argument ?? "").cut(toBytes: AgentEvent.textLimit)
                )
            default: nil
            }
        }
        for block in message.blocks where block.type == "tool_use" {
            let argument = (block.input?.argument ?? "").cut(toBytes: 1024)
            arguments.append((block.id ?? "", block.name ?? "a tool", argument))
        }
        arguments = arguments.suffix(32)
        // Each line of an answer says what its beginning used, the last one no more than the first.
        if let usage = message.usage, let id = message.id, started.count < Self.mostAnswers,
            started.insert(id).inserted
        {
            for tokens in [usage.input, usage.cacheWrite, usage.output] {
                runningTokens = runningTokens.clamped(adding: tokens)
            }
        }
        let turns = line.parentTool == nil ? turns.clamped(adding: answers.count) : nil
        events.append(.usage(AgentUsage(turns: turns, runningTokens: runningTokens)))
        return events
    }

    private func userEvents(in line: ClaudeCodeLine) -> [AgentEvent] {
        (line.message?.blocks ?? []).flatMap { block -> [AgentEvent] in
            if block.type == "text", let text = block.text, text.hasPrefix("[Request interrupted") {
                return [.notice(text)]
            }
            guard block.type == "tool_result" else { return [] }
            var events = line.toolResult?.events ?? []
            if block.isError == true {
                events.append(
                    .toolFailed((block.content ?? "").cut(toBytes: AgentEvent.textLimit))
                )
            }
            if let call = arguments.last(where: { $0.call == block.call }) {
                events.append(.toolEnded(name: call.tool, argument: call.argument))
            }
            return events
        }
    }

    private mutating func limitEvents(in line: ClaudeCodeLine) -> [AgentEvent] {
        // It comes after every answer on a subscription; only a rejection is a limit that was reached.
        guard let limit = line.limit, limit.status == "rejected" else { return [] }
        limitEnd = limit.resetsAt.flatMap { seconds in
            // Seconds, but for versions that may count in milliseconds.
            let seconds = seconds > 100_000_000_000 ? seconds / 1000 : seconds
            return seconds > 0 ? Date(timeIntervalSince1970: seconds) : nil
        }
        return [.limited(until: limitEnd)]
    }

    private mutating func resultEvents(in line: ClaudeCodeLine) -> [AgentEvent] {
        // The count says one more than there were when the limit on turns is hit.
        let counted = line.turns.map { line.terminalReason == "max_turns" ? max(1, $0) - 1 : $0 }
        turns = turns.clamped(adding: counted ?? answers.count)
        answers = []
        started = []
        runningTokens = 0
        addUsage(of: line)
        var events: [AgentEvent] = []
        // A run that fails before it began has no `init`, but a session.
        if !isStarted { events.append(.started(session: line.session, model: nil)) }
        events.append(.usage(usage))
        // A hook's refusal has no event of its own; it is only in this list.
        for denial in line.denials ?? [] where !denied.contains(denial.call ?? "") {
            if let call = denial.call, denied.count < 512 { denied.insert(call) }
            events.append(
                .denied(
                    tool: denial.tool ?? "a tool",
                    argument: (denial.input?.argument ?? "").cut(toBytes: AgentEvent.textLimit),
                    text: "blocked by a hook or rule"
                )
            )
        }
        if isCut {
            events.append(
                .notice("the connection dropped in mid-answer; the last answer may be cut")
            )
        }
        events.append(.outcome(ending(of: line)))
        return events
    }

    private mutating func addUsage(of line: ClaudeCodeLine) {
        usage.turns = turns
        usage.runningTokens = 0
        usage.cost = line.cost ?? usage.cost
        // `usage` is this result's and knows no sub-agents; `modelUsage` is the whole process's.
        if let models = line.modelUsage?.values, !models.isEmpty {
            func total(_ field: (ClaudeCodeLine.ModelUsage) -> Int?) -> Int {
                models.reduce(0) { $0.clamped(adding: field($1)) }
            }
            usage.inputTokens = total(\.input)
            usage.outputTokens = total(\.output)
            usage.cacheReadTokens = total(\.cacheRead)
            usage.cacheWriteTokens = total(\.cacheWrite)
        } else if let own = line.usage {
            usage.inputTokens = (usage.inputTokens ?? 0).clamped(adding: own.input)
            usage.outputTokens = (usage.outputTokens ?? 0).clamped(adding: own.output)
            usage.cacheReadTokens = (usage.cacheReadTokens ?? 0).clamped(adding: own.cacheRead)
            usage.cacheWriteTokens = (usage.cacheWriteTokens ?? 0).clamped(adding: own.cacheWrite)
        }
    }

    /// Success is subtype `success` and no error: the subtype alone is given to API errors too.
    private func ending(of line: ClaudeCodeLine) -> AgentEnding {
        if line.subtype == "success", line.isError == false { return AgentEnding(.succeeded) }
        let said = line.result ?? line.errors?.first ?? line.subtype ?? "an error without a name"
        let reason = said.inOneLine(limit: 300)
        switch line.subtype {
        case "error_max_turns": return AgentEnding(.maxTurns, reason: reason)
        case "error_max_budget_usd": return AgentEnding(.budgetExceeded, reason: reason)
        case "error_during_execution":
            if let reason = line.terminalReason, reason.hasPrefix("aborted") {
                return AgentEnding(.agentFailed, reason: "interrupted (\(reason))")
            }
            let isLost = said.contains("No conversation found")
            return AgentEnding(.agentFailed, reason: reason, sessionIsLost: isLost)
        default: return failureOfProvider(line, said: said, reason: reason)
        }
    }

    /// What an API error means, by its kind and status first and by its words only where they must tell.
    private func failureOfProvider(
        _ line: ClaudeCodeLine,
        said: String,
        reason: String
    ) -> AgentEnding {
        let words = said.prefix(4096).lowercased()
        if line.stopReason == "refusal" { return AgentEnding(.refused, reason: reason) }
        // Two shapes of one thing: an event with the time, or a sentence (of any status) with it.
        let isLimit =
            line.apiErrorStatus == 429 || failure == "rate_limit" || limitEnd != nil
            || words.contains("usage limit reached") || words.contains("hit your limit")
            || (words.contains("limit") && LimitReset(in: said) != nil)
        if isLimit { return AgentEnding(.rateLimited, reason: reason, reset: reset(in: said)) }
        if words.contains("credit balance") { return AgentEnding(.authFailed, reason: reason) }
        switch (failure, line.apiErrorStatus) {
        case ("authentication_failed", _), ("billing_error", _), (_, 401), (_, 402), (_, 403):
            return AgentEnding(.authFailed, reason: reason)
        case ("max_output_tokens", _): return AgentEnding(.agentFailed, reason: reason)
        // Also an address that refuses, or a request that nobody answered: the provider can't be reached.
        case ("server_error", _), ("overloaded", _), (_, .some(500...599)):
            return AgentEnding(.overloaded, reason: reason)
        case ("invalid_request", _), (_, .some(400...499)):
            return AgentEnding(.misconfigured, reason: reason)
        default: return AgentEnding(.agentFailed, reason: reason)
        }
    }

    private func reset(in text: String) -> LimitReset? {
        if let limitEnd { return .at(limitEnd) }
        // `Claude AI usage limit reached|1760000400`
        if let bar = text.firstIndex(of: "|"),
            let seconds = Double(text[bar...].dropFirst().prefix { $0.isASCII && $0.isNumber }),
            seconds > 1_000_000_000, seconds < 100_000_000_000
        {
            return .at(Date(timeIntervalSince1970: seconds))
        }
        return LimitReset(in: text)
    }
}

extension Int {
    /// The sum, or the greatest number where it would be more: a stream may say anything.
    fileprivate func clamped(adding other: Int?) -> Int {
        let (sum, overflow) = addingReportingOverflow(Swift.max(0, other ?? 0))
        return overflow ? .max : sum
    }
}

extension String {
    /// Where the last occurrence of `word` starts.
    fileprivate func lastRange(of word: String) -> Index? {
        var found: Index?
        var rest = self[...]
        while let first = rest.utf8.firstIndex(of: UInt8(ascii: "{")) {
            if rest[first...].utf8.starts(with: word.utf8) { found = first }
            rest = rest[rest.utf8.index(after: first)...]
        }
        return found
    }
}
