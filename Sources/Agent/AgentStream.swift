package import Domain

/// Reads an agent's standard output as it comes, in pieces of any size, and keeps what it amounts to.
///
/// Memory stays within `lineLimit`, whatever comes: a longer line is skipped to its end and counted, and of
/// the events only totals are kept. Bytes that aren't UTF-8 are replaced, NUL bytes dropped.
package struct AgentStream: Sendable {
    /// What the stream amounts to so far.
    package private(set) var summary: AgentSummary
    private var reader: any AgentLineReader
    private let lineLimit: Int
    private var line: [UInt8] = []
    /// How many bytes of the present line were skipped; 0 while it fits.
    private var skipped = 0

    /// - Parameters:
    ///   - kind: The agent whose output this is.
    ///   - before: What the session had used before this process, when it goes on with one: `AgentReport`
    ///     shall hold what this attempt used.
    ///   - lineLimit: The longest line that is looked at, in bytes. A result repeats the last answer, of up
    ///     to 128,000 tokens: about 1 MB with its escapes.
    package init(
        kind: AgentSettings.Kind,
        before: AgentUsage = AgentUsage(),
        lineLimit: Int = 4 << 20
    ) {
        summary = AgentSummary(kind: kind, before: before)
        reader = kind.adapter.makeReader()
        self.lineLimit = lineLimit
    }

    /// Takes the next bytes.
    ///
    /// - Parameter bytes: They may begin and end anywhere in a line, or in a character.
    /// - Returns: The events of the lines that ended in them.
    package mutating func read(_ bytes: some Collection<UInt8>) -> [AgentEvent] {
        var events: [AgentEvent] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[..<end])
            events += endLine()
            rest = rest[rest.index(after: end)...]
        }
        append(rest)
        return events
    }

    /// Takes the end of the stream: a last line may lack its line end.
    ///
    /// - Returns: The events of that line.
    package mutating func finish() -> [AgentEvent] { endLine() }

    private mutating func append(_ bytes: some Collection<UInt8>) {
        let count = bytes.count
        if count > 0 { summary.hadOutput = true }
        if skipped > 0 {
            skipped += count
        } else if line.count + count > lineLimit {
            skipped = line.count + count
            line = []
        } else {
            line.append(contentsOf: bytes)
        }
    }

    private mutating func endLine() -> [AgentEvent] {
        defer {
            // A long line's memory is given back, a short one's used again.
            line.removeAll(keepingCapacity: line.capacity <= 65_536)
            skipped = 0
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let events: [AgentEvent]
        if skipped > 0 {
            events = [.skipped(bytes: skipped)]
        } else if line.isEmpty {
            return []
        } else if let known = reader.events(in: line) {
            events = known.map(\.bounded)
        } else {
            events = eventsOfMendedLine().map(\.bounded)
        }
        for event in events { summary.add(event) }
        return events
    }

    private mutating func eventsOfMendedLine() -> [AgentEvent] {
        let text = String(decoding: line.filter { $0 != 0 }, as: UTF8.self)
        let mended = Array(text.utf8)
        if mended != line, let known = reader.events(in: mended) { return known }
        return [.output(text.cut(toBytes: AgentEvent.textLimit))]
    }
}
