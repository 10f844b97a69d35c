import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the lines of `codex exec --json`.
struct CodexReader: AgentLineReader {
    private let decoder = JSONDecoder()

    mutating func events(in line: [UInt8]) -> [AgentEvent]? {
        guard let parsed = try? decoder.decode(CodexLine.self, from: Data(line)) else { return nil }
        switch parsed.type {
        case nil: return nil
        case "thread.started": return [.started(session: parsed.thread, model: nil)]
        case "item.started": return parsed.item.map(Self.begun) ?? []
        case "item.completed": return parsed.item.map(Self.done) ?? []
        case "error": return [Self.trouble(parsed.message ?? "an error without words")]
        case "turn.completed":
            return (parsed.usage.map { [.usage($0.counted)] } ?? []) + [.outcome(.init(.succeeded))]
        case "turn.failed":
            return [.outcome(Self.ending(parsed.error?.message ?? "it failed without a word"))]
        default: return []
        }
    }

    private static func begun(_ item: CodexLine.Item) -> [AgentEvent] {
        switch item.type {
        case "command_execution": [.tool(name: "command", argument: item.command ?? "")]
        case "mcp_tool_call":
            [
                .tool(
                    name: "mcp",
                    argument: [item.server, item.tool].compactMap(\.self).joined(separator: " ")
                )
            ]
        default: []
        }
    }

    private static func done(_ item: CodexLine.Item) -> [AgentEvent] {
        switch item.type {
        case "agent_message":
            return [.message((item.text ?? "").cut(toBytes: AgentEvent.textLimit))]
        case "command_execution":
            if item.status == "declined" {
                return [
                    .denied(tool: "command", argument: item.command ?? "", text: "it was declined")
                ]
            }
            let end = AgentEvent.toolEnded(name: "command", argument: item.command ?? "")
            guard item.status == "failed" || (item.exit ?? 0) != 0 else { return [end] }
            let code = item.exit.map { "exit \($0)" } ?? "failed"
            let said = item.output.map { ": " + $0.cut(toBytes: AgentEvent.textLimit) } ?? ""
            return [.toolFailed(code + said), end]
        case "file_change":
            let paths = (item.changes ?? []).compactMap(\.path).joined(separator: " ")
            let call = AgentEvent.tool(
                name: "edit",
                argument: paths.cut(toBytes: AgentEvent.textLimit)
            )
            return item.status == "failed" ? [call, .toolFailed("the edit failed")] : [call]
        case "mcp_tool_call" where item.status == "failed": return [.toolFailed("the call failed")]
        case "web_search": return [.tool(name: "search", argument: item.query ?? "")]
        case "error": return [.notice((item.message ?? "").cut(toBytes: AgentEvent.textLimit))]
        default: return []
        }
    }

    /// An `error` line is a retry, `Reconnecting... 1/5 (why)`, or what `turn.failed` repeats.
    private static func trouble(_ message: String) -> AgentEvent {
        let message = message.cut(toBytes: AgentEvent.textLimit)
        let words = message.split(separator: " ", maxSplits: 2)
        let counts = words.count > 1 ? words[1].split(separator: "/").compactMap { Int($0) } : []
        guard words.first?.hasPrefix("Reconnecting") == true, counts.count == 2 else {
            return .notice(message)
        }
        let reason = words.count > 2 ? words[2].drop { $0 == "(" } : ""
        return .retrying(
            AgentRetry(
                attempt: counts[0],
                limit: counts[1],
                seconds: 0,
                status: status(in: message),
                reason: String(reason.hasSuffix(")") ? reason.dropLast() : reason)
            )
        )
    }

    /// What a failure means, by its HTTP status first and by its words where it has none.
    private static func ending(_ message: String) -> AgentEnding {
        let said = (try? JSONDecoder().decode(CodexLine.Refusal.self, from: Data(message.utf8)))?
            .error
        let reason = (said?.message ?? message).inOneLine(limit: 300)
        let words = message.prefix(4096).lowercased()
        switch status(in: message) {
        case 401, 402, 403: return AgentEnding(.authFailed, reason: reason)
        case 429: return limited(reason, in: message)
        case .some(400...499): return AgentEnding(.misconfigured, reason: reason)
        case .some(500...599): return AgentEnding(.overloaded, reason: reason)
        default: break
        }
        if words.contains("usage limit") || said?.type == "rate_limit_error" {
            return limited(reason, in: message)
        }
        if words.contains("missing environment variable") || words.contains("insufficient_quota")
            || words.contains("to use codex with your chatgpt plan")
        {
            return AgentEnding(.authFailed, reason: reason)
        }
        if said?.type == "invalid_request_error" {
            return AgentEnding(.misconfigured, reason: reason)
        }
        // The connection was lost, or there is nobody at the other end.
        if words.contains("stream disconnected") || words.contains("error sending request")
            || words.contains("connection failed")
        {
            return AgentEnding(.overloaded, reason: reason)
        }
        return AgentEnding(.agentFailed, reason: reason)
    }

    private static func limited(_ reason: String, in message: String) -> AgentEnding {
        AgentEnding(.rateLimited, reason: reason, reset: LimitReset(in: message))
    }

    /// The number in `unexpected status 503 Service Unavailable` and `last status: 429 Too Many Requests`.
    private static func status(in message: String) -> Int? {
        let words = message.prefix(4096).split { $0 == " " || $0 == ":" }
        for (word, next) in zip(words, words.dropFirst()) where word == "status" {
            if let number = Int(next), (100...599).contains(number) { return number }
        }
        return nil
    }
}

/// The fields of a line of Codex's stream that Linecook looks at; any may be missing.
private struct CodexLine: Decodable {
    struct Item: Decodable {
        struct Change: Decodable {
            var path: String?
        }
        var type: String?
        var text: String?
        var command: String?
        var output: String?
        var exit: Int?
        var status: String?
        var changes: [Change]?
        var server: String?
        var tool: String?
        var query: String?
        var message: String?

        private enum CodingKeys: String, CodingKey {
            case type
            case text
            case command
            case output = "aggregated_output"
            case exit = "exit_code"
            case status
            case changes
            case server
            case tool
            case query
            case message
        }
    }
    struct Usage: Decodable {
        var input: Int?
        var cached: Int?
        var cacheWritten: Int?
        var output: Int?

        private enum CodingKeys: String, CodingKey {
            case input = "input_tokens"
            case cached = "cached_input_tokens"
            case cacheWritten = "cache_write_input_tokens"
            case output = "output_tokens"
        }

        /// Its input tokens count those that went to the cache or came from it, too.
        var counted: AgentUsage {
            var rest = input.map { max(0, $0) }
            for part in [cached, cacheWritten] {
                rest = rest.map { $0 - min($0, max(0, part ?? 0)) }
            }
            return AgentUsage(
                inputTokens: rest,
                outputTokens: output,
                cacheReadTokens: cached,
                cacheWriteTokens: cacheWritten
            )
        }
    }
    struct Failure: Decodable {
        var message: String?
    }
    /// An API's answer, which some messages hold as it came.
    struct Refusal: Decodable {
        struct Cause: Decodable {
            var type: String?
            var message: String?
        }
        var error: Cause?
    }
    var type: String?
    var thread: String?
    var item: Item?
    var message: String?
    var error: Failure?
    var usage: Usage?

    private enum CodingKeys: String, CodingKey {
        case type
        case thread = "thread_id"
        case item
        case message
        case error
        case usage
    }
}
