#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The fields of a line of Claude Code's stream that Linecook looks at.
///
/// The program adds fields and line types with each version, so nothing but a JSON object is required: a
/// field that is missing, null, or of another type than expected is `nil`.
struct ClaudeCodeLine: Decodable {
    var type: String?
    var subtype: String?
    var session: String?
    var parentTool: String?

    // system
    var model: String?
    var attempt: Int?
    var maxRetries: Int?
    var retryDelay: Double?
    var errorStatus: Int?
    var content: String?
    var toolName: String?
    var toolCall: String?
    var text: String?
    var summary: String?
    var status: String?

    // assistant and user
    var message: Message?
    var toolResult: ClaudeCodeEdit?
    /// Also of `system/api_retry`.
    var error: String?
    var apiErrorStatus: Int?

    // result
    var isError: Bool?
    var terminalReason: String?
    var stopReason: String?
    var turns: Int?
    var cost: Double?
    var usage: Usage?
    var modelUsage: [String: ModelUsage]?
    var denials: [Denial]?
    var result: String?
    var errors: [String]?

    // rate_limit_event
    var limit: Limit?

    struct Message: Decodable {
        var id: String?
        var model: String?
        var usage: Usage?
        var blocks: [Block]

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            id = fields.value("id")
            model = fields.value("model")
            usage = fields.value("usage")
            if let text: String = fields.value("content") {
                blocks = [Block(text: text)]
            } else {
                blocks = fields.value("content") ?? []
            }
        }
    }

    struct Block: Decodable {
        var type: String?
        /// Of a tool's call.
        var id: String?
        var text: String?
        var name: String?
        var input: Input?
        var isError: Bool?
        /// Of a tool's result: the call's id.
        var call: String?
        /// Of a tool's result.
        var content: String?

        init(text: String) {
            type = "text"
            self.text = text
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            type = fields.value("type")
            id = fields.value("id")
            text = fields.value("text")
            name = fields.value("name")
            input = fields.value("input")
            isError = fields.value("is_error")
            call = fields.value("tool_use_id")
            content = fields.value("content")
            if content == nil, let parts: [Block] = fields.value("content") {
                content = parts.compactMap(\.text).joined(separator: "\n")
            }
        }
    }

    /// A tool's input, of which the field that tells most is kept.
    struct Input: Decodable {
        var argument: String?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            for name in [
                "command", "file_path", "notebook_path", "path", "pattern", "url", "query", "skill",
                "description", "prompt",
            ] {
                argument = fields.value(name)
                if argument != nil { return }
            }
        }
    }

    struct Usage: Decodable {
        var input: Int?
        var output: Int?
        var cacheRead: Int?
        var cacheWrite: Int?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            input = fields.value("input_tokens")
            output = fields.value("output_tokens")
            cacheRead = fields.value("cache_read_input_tokens")
            cacheWrite = fields.value("cache_creation_input_tokens")
        }
    }

    struct ModelUsage: Decodable {
        var input: Int?
        var output: Int?
        var cacheRead: Int?
        var cacheWrite: Int?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            input = fields.value("inputTokens")
            output = fields.value("outputTokens")
            cacheRead = fields.value("cacheReadInputTokens")
            cacheWrite = fields.value("cacheCreationInputTokens")
        }
    }

    struct Denial: Decodable {
        var tool: String?
        var call: String?
        var input: Input?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            tool = fields.value("tool_name")
            call = fields.value("tool_use_id")
            input = fields.value("tool_input")
        }
    }

    struct Limit: Decodable {
        var status: String?
        /// Seconds since 1970.
        var resetsAt: Double?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            status = fields.value("status")
            resetsAt = fields.value("resetsAt")
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        type = fields.value("type")
        subtype = fields.value("subtype")
        session = fields.value("session_id")
        parentTool = fields.value("parent_tool_use_id")
        switch type {
        case "system":
            model = fields.value("model")
            attempt = fields.value("attempt")
            maxRetries = fields.value("max_retries")
            retryDelay = fields.value("retry_delay_ms")
            errorStatus = fields.value("error_status")
            error = fields.value("error")
            content = fields.value("content")
            toolName = fields.value("tool_name")
            toolCall = fields.value("tool_use_id")
            text = fields.value("message")
            summary = fields.value("summary")
            status = fields.value("status")
        case "assistant", "user":
            message = fields.value("message")
            toolResult = fields.value("tool_use_result")
            error = fields.value("error")
            apiErrorStatus = fields.value("api_error_status")
        case "result":
            isError = fields.value("is_error")
            terminalReason = fields.value("terminal_reason")
            stopReason = fields.value("stop_reason")
            apiErrorStatus = fields.value("api_error_status")
            turns = fields.value("num_turns")
            cost = fields.value("total_cost_usd")
            usage = fields.value("usage")
            modelUsage = fields.value("modelUsage")
            denials = fields.value("permission_denials")
            result = fields.value("result")
            errors = fields.value("errors")
        case "rate_limit_event":
            limit = fields.value("rate_limit_info")
        default: break
        }
    }

    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension KeyedDecodingContainer<ClaudeCodeLine.Key> {
    /// The value, or `nil` when it is missing, null, or something else: none of them is worth losing the
    /// rest of the line for.
    fileprivate func value<Value: Decodable>(_ name: String) -> Value? {
        try? decodeIfPresent(Value.self, forKey: ClaudeCodeLine.Key(stringValue: name))
    }
}
