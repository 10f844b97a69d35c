/// Texts one after the other, each ended by NUL: what C cuts its argument lists out of.
struct StringBlock {
    private(set) var bytes: [UInt8] = []

    /// - Throws: `ProcessTreeError.invalidText` when a text holds NUL itself.
    mutating func append(_ text: String, as name: @autoclosure () -> String) throws {
        guard !text.utf8.contains(0) else { throw ProcessTreeError.invalidText(name()) }
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
    }

    /// - Throws: `ProcessTreeError.invalidText` when a text holds NUL itself.
    mutating func append(arguments: [String], environment: [String]) throws {
        for (number, argument) in arguments.enumerated() {
            try append(argument, as: "argument \(number) of the command")
        }
        for entry in environment {
            let name = entry.prefix { $0 != "=" }
            try append(entry, as: "the environment variable '\(name)'")
        }
    }
}
