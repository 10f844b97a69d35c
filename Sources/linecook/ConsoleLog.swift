import Disk
import Domain
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Log lines on standard error: time, level where it isn't usual, fields, message; or JSON, one object a line.
struct ConsoleLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    /// What is shared by all loggers of the program.
    let threshold: LogThreshold
    private var ownLevel: Logger.Level?

    init(threshold: LogThreshold) { self.threshold = threshold }

    var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        Console.error(
            threshold.format == .json
                ? json(event.level, event.message, fields)
                : text(event.level, event.message, fields)
        )
    }

    private func text(
        _ level: Logger.Level,
        _ message: Logger.Message,
        _ fields: Logger.Metadata
    ) -> String {
        let time = Timestamp.text(of: Date()).dropFirst(11).prefix(8)
        var words = [String(time)]
        if level >= .warning { words.append(level == .warning ? "warning:" : "error:") }
        if let ticket = fields["ticket"] { words.append("\(ticket)".inOneLine(limit: 40)) }
        words.append("\(message)".inOneLine(limit: 500))
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where name != "ticket" {
            let shown = "\(value)".inOneLine(limit: 500)
            words.append(name == "why" ? "(\(shown))" : "\(name)=\(shown)")
        }
        return words.joined(separator: " ")
    }

    private func json(
        _ level: Logger.Level,
        _ message: Logger.Message,
        _ fields: Logger.Metadata
    ) -> String {
        var members: [(name: String, value: JSONNode)] = [
            ("at", .string(Timestamp.text(of: Date()))), ("level", .string(level.rawValue)),
            ("message", .string("\(message)")),
        ]
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            members.append((name, .string("\(value)")))
        }
        return JSONNode.object(members).lineText
    }
}
