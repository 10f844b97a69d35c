import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension AgentEvent {
    /// The most that a text in an event holds; the stream itself, which is kept beside it, has the rest.
    static let textLimit = 16_384

    /// The event on one line for a person, safe on any terminal; `nil` for what only counts.
    package var line: String? {
        switch self {
        case .started(_, let model): "session started" + (model.map { " with \($0)" } ?? "")
        case .message(let text): text.withHiddenCharactersShown
        case .tool(let name, let argument):
            "→ " + name.inOneLine(limit: 40)
                + (argument.isEmpty ? "" : " " + argument.inOneLine(limit: 160))
        case .toolFailed(let text): "  ✗ " + text.inOneLine(limit: 160)
        case .denied(let tool, _, let text):
            "  ✗ \(tool.inOneLine(limit: 40)) was denied: " + text.inOneLine(limit: 160)
        case .retrying(let retry):
            "provider: \(retry.reason.inOneLine(limit: 60))"
                + (retry.status.map { " (HTTP \($0))" } ?? "")
                + ", try \(retry.attempt) of \(retry.limit) in "
                + Duration.seconds(retry.seconds).inWords
        case .limited(let date):
            "the provider's limit is reached"
                + (date.map { " until \($0.formatted(.iso8601))" } ?? "")
        case .usage: nil
        case .outcome(let ending):
            ending.outcome.rawValue + (ending.reason.map { ": " + $0.inOneLine(limit: 300) } ?? "")
        case .notice(let text): text.inOneLine(limit: 300)
        case .output(let text): text.withHiddenCharactersShown
        case .skipped(let bytes): "a line of \(bytes) bytes was left out"
        }
    }
}

extension String {
    /// At most `limit` bytes of UTF-8 from the start, with a note of what was cut.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil {
            end = utf8.index(before: end)
        }
        return self[..<end]
            + "… [\(utf8.count - utf8.distance(from: utf8.startIndex, to: end)) bytes cut]"
    }
}
