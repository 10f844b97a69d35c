extension AgentEvent {
    /// The most that a text in an event holds; the stream itself, which is kept beside it, has the rest.
    static let textLimit = 16_384
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
