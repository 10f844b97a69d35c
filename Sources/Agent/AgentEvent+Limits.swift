extension AgentEvent {
    /// The most that a text in an event holds; the stream itself, which is kept beside it, has the rest.
    static let textLimit = 16_384

    /// The same within bounds, whichever field of an agent's line a text came from.
    ///
    /// A session or model with so long a name is none: cut, it would be another's.
    var bounded: AgentEvent {
        switch self {
        case .started(let session, let model):
            .started(session: Self.name(session), model: Self.name(model))
        case .message(let text): .message(Self.bound(text))
        case .tool(let name, let argument):
            .tool(name: Self.bound(name), argument: Self.bound(argument))
        case .toolEnded(let name, let argument):
            .toolEnded(name: Self.bound(name), argument: Self.bound(argument))
        case .edited(let path, let diff): .edited(path: Self.bound(path), diff: Self.bound(diff))
        case .toolFailed(let text): .toolFailed(Self.bound(text))
        case .denied(let tool, let argument, let text):
            .denied(
                tool: Self.bound(tool),
                argument: Self.bound(argument),
                text: Self.bound(text)
            )
        case .retrying(var retry):
            {
                retry.reason = Self.bound(retry.reason)
                return .retrying(retry)
            }()
        case .outcome(var ending):
            {
                ending.reason = ending.reason.map(Self.bound)
                return .outcome(ending)
            }()
        case .notice(let text): .notice(Self.bound(text))
        case .output(let text): .output(Self.bound(text))
        case .limited, .usage, .skipped: self
        }
    }

    private static func name(_ text: String?) -> String? {
        text.flatMap { $0.utf8.count > textLimit ? nil : $0 }
    }

    /// What was cut already, and says so, stays.
    private static func bound(_ text: String) -> String {
        text.utf8.count > textLimit + 64 ? text.cut(toBytes: textLimit) : text
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
