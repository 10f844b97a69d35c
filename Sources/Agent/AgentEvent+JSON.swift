import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension AgentEvent: Codable {
    /// The words that stand in `event`.
    private enum Name: String, Codable {
        case started
        case message
        case tool
        case toolEnded = "tool_ended"
        case edited
        case toolFailed = "tool_failed"
        case denied
        case retrying
        case limited
        case usage
        case outcome
        case notice
        case output
        case skipped
    }

    private enum CodingKeys: String, CodingKey {
        case event
        case session
        case model
        case text
        case tool
        case argument
        case path
        case diff
        case attempt
        case limit
        case seconds
        case status
        case reason
        case outcome
        case retryAt = "retry_at"
        case retryIn = "retry_in"
        case resets
        case bytes
        case sessionIsLost = "session_is_lost"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys = .text) throws -> String {
            try fields.decode(String.self, forKey: key).cut(toBytes: Self.textLimit)
        }
        switch try fields.decode(Name.self, forKey: .event) {
        case .started:
            self = .started(
                session: try fields.decodeIfPresent(String.self, forKey: .session),
                model: try fields.decodeIfPresent(String.self, forKey: .model)
            )
        case .message: self = .message(try text())
        case .tool:
            let argument = try fields.decodeIfPresent(String.self, forKey: .argument) ?? ""
            self = .tool(name: try text(.tool), argument: argument.cut(toBytes: Self.textLimit))
        case .toolEnded:
            let argument = try fields.decodeIfPresent(String.self, forKey: .argument) ?? ""
            self = .toolEnded(
                name: try text(.tool),
                argument: argument.cut(toBytes: Self.textLimit)
            )
        case .edited: self = .edited(path: try text(.path), diff: try text(.diff))
        case .toolFailed: self = .toolFailed(try text())
        case .denied:
            let argument = try fields.decodeIfPresent(String.self, forKey: .argument) ?? ""
            self = .denied(
                tool: try text(.tool),
                argument: argument.cut(toBytes: Self.textLimit),
                text: try text()
            )
        case .retrying:
            self = .retrying(
                AgentRetry(
                    attempt: try fields.decode(Int.self, forKey: .attempt),
                    limit: try fields.decode(Int.self, forKey: .limit),
                    seconds: try fields.decode(Double.self, forKey: .seconds),
                    status: try fields.decodeIfPresent(Int.self, forKey: .status),
                    reason: try text(.reason)
                )
            )
        case .limited: self = .limited(until: try fields.decodeTime(forKey: .retryAt))
        case .usage: self = .usage(try AgentUsage(from: decoder))
        case .outcome:
            let outcome = try fields.decode(Outcome.self, forKey: .outcome)
            guard AgentEnding.possible.contains(outcome) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .outcome,
                    in: fields,
                    debugDescription: "an agent can't say \(outcome.rawValue) of itself"
                )
            }
            var ending = AgentEnding(outcome)
            ending.reason = try fields.decodeIfPresent(String.self, forKey: .reason)?
                .cut(toBytes: Self.textLimit)
            ending.sessionIsLost =
                try fields.decodeIfPresent(Bool.self, forKey: .sessionIsLost) ?? false
            if let date = try fields.decodeTime(forKey: .retryAt) {
                ending.reset = .at(date)
            } else if let seconds = try fields.decodeIfPresent(Double.self, forKey: .retryIn) {
                ending.reset = .after(seconds: max(0, seconds))
            } else if let words = try fields.decodeIfPresent(String.self, forKey: .resets) {
                ending.reset = WallClockReset(in: "resets " + words).map { .wallClock($0) }
            }
            self = .outcome(ending)
        case .notice: self = .notice(try text())
        case .output: self = .output(try text())
        case .skipped: self = .skipped(bytes: try fields.decode(Int.self, forKey: .bytes))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        func name(_ name: Name) throws { try fields.encode(name, forKey: .event) }
        switch self {
        case .started(let session, let model):
            try name(.started)
            try fields.encodeIfPresent(session, forKey: .session)
            try fields.encodeIfPresent(model, forKey: .model)
        case .message(let text):
            try name(.message)
            try fields.encode(text, forKey: .text)
        case .tool(let tool, let argument):
            try name(.tool)
            try fields.encode(tool, forKey: .tool)
            try fields.encode(argument, forKey: .argument)
        case .toolEnded(let tool, let argument):
            try name(.toolEnded)
            try fields.encode(tool, forKey: .tool)
            try fields.encode(argument, forKey: .argument)
        case .edited(let path, let diff):
            try name(.edited)
            try fields.encode(path, forKey: .path)
            try fields.encode(diff, forKey: .diff)
        case .toolFailed(let text):
            try name(.toolFailed)
            try fields.encode(text, forKey: .text)
        case .denied(let tool, let argument, let text):
            try name(.denied)
            try fields.encode(tool, forKey: .tool)
            if !argument.isEmpty { try fields.encode(argument, forKey: .argument) }
            try fields.encode(text, forKey: .text)
        case .retrying(let retry):
            try name(.retrying)
            try fields.encode(retry.attempt, forKey: .attempt)
            try fields.encode(retry.limit, forKey: .limit)
            try fields.encode(retry.seconds, forKey: .seconds)
            try fields.encodeIfPresent(retry.status, forKey: .status)
            try fields.encode(retry.reason, forKey: .reason)
        case .limited(let date):
            try name(.limited)
            try fields.encodeIfPresent(date.map { $0.formatted(.iso8601) }, forKey: .retryAt)
        case .usage(let usage):
            try name(.usage)
            try usage.encode(to: encoder)
        case .outcome(let ending):
            try name(.outcome)
            try fields.encode(ending.outcome, forKey: .outcome)
            try fields.encodeIfPresent(ending.reason, forKey: .reason)
            switch ending.reset {
            case nil: break
            case .at(let date): try fields.encode(date.formatted(.iso8601), forKey: .retryAt)
            case .after(let seconds): try fields.encode(seconds, forKey: .retryIn)
            case .wallClock(let time): try fields.encode(time.description, forKey: .resets)
            }
            if ending.sessionIsLost { try fields.encode(true, forKey: .sessionIsLost) }
        case .notice(let text):
            try name(.notice)
            try fields.encode(text, forKey: .text)
        case .output(let text):
            try name(.output)
            try fields.encode(text, forKey: .text)
        case .skipped(let bytes):
            try name(.skipped)
            try fields.encode(bytes, forKey: .bytes)
        }
    }
}

extension KeyedDecodingContainer {
    /// An RFC 3339 time, or seconds since 1970; `nil` when the key is missing or null.
    fileprivate func decodeTime(forKey key: Key) throws -> Date? {
        if let seconds = try? decodeIfPresent(Double.self, forKey: key) {
            return Date(timeIntervalSince1970: seconds)
        }
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        if let date = try? Date(text, strategy: .iso8601) { return date }
        do {
            return try Date(
                text,
                strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            )
        } catch {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "not a time such as 2026-11-23T19:40:02Z"
            )
        }
    }
}
