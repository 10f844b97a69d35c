extension Diagnostic {
    /// One line of text, then the source line and a caret where there is one; no line end at the end.
    ///
    /// - Parameters:
    ///   - colour: Whether to use ANSI colours; for terminals only.
    ///   - width: The columns to break the message at; for terminals only, since programs read one line.
    /// - Returns: Up to three lines, more when it is broken.
    package func text(colour: Bool = false, width: Int? = nil) -> String {
        let paint = { (code: String, text: String) in
            colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
        }
        let severityColour = severity == .error ? "1;31" : "1;33"
        let start = "\(location): \(severity.rawValue): "
        var lines = Self.broken(sentence, at: width, after: start.count)
        lines[0] =
            paint("1", location + ":") + " " + paint(severityColour, severity.rawValue + ":") + " "
            + lines[0]
        if let excerpt, let place {
            let number = String(place.line)
            let gutter = String(repeating: " ", count: max(5 - number.count, 0)) + number
            lines.append(paint("2", "\(gutter) | ") + excerpt.line)
            let empty = String(repeating: " ", count: gutter.count)
            lines.append(paint("2", "\(empty) | ") + paint(severityColour, excerpt.marker))
        }
        return lines.joined(separator: "\n")
    }

    /// An annotation as GitHub Actions reads it from a job's output.
    ///
    /// The form and its escapes are those of "Workflow commands for GitHub Actions".
    package var githubAnnotation: String {
        var properties = ["file=\(Self.escapedProperty(ShownText.harmless(file)))"]
        if let place {
            properties.append("line=\(place.line)")
            properties.append("col=\(place.column)")
            if place.length > 1 {
                properties.append("endColumn=\(place.column + place.length - 1)")
            }
        }
        let fields = properties.joined(separator: ",")
        return "::\(severity.rawValue) \(fields)::\(Self.escapedData(sentence))"
    }

    /// The diagnostic as one JSON object with a fixed order of keys.
    package var json: JSONValue {
        .object([
            ("file", .string(file)),
            ("line", place.map { .integer($0.line) } ?? .null),
            ("column", place.map { .integer($0.column) } ?? .null),
            ("length", place.map { .integer($0.length) } ?? .null),
            ("severity", .string(severity.rawValue)),
            ("message", .string(message)),
            ("hint", hint.map { .string($0) } ?? .null),
            ("source", excerpt.map { .string($0.line) } ?? .null),
        ])
    }

    /// The words in lines of at most `width` columns, all but the first one indented.
    private static func broken(_ text: String, at width: Int?, after start: Int) -> [String] {
        guard let width else { return [text] }
        let indent = "    "
        var lines: [String] = []
        var line = ""
        var room = width - start
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, line.count + 1 + word.count > room {
                lines.append(line)
                line = indent + word
                room = width
            } else {
                line += line.isEmpty ? String(word) : " " + word
            }
        }
        return lines + [line]
    }

    private static func escapedData(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n", "\r\n": result += "%0A"
            default: result.append(character)
            }
        }
    }

    private static func escapedProperty(_ text: String) -> String {
        escapedData(text).reduce(into: "") { result, character in
            switch character {
            case ":": result += "%3A"
            case ",": result += "%2C"
            default: result.append(character)
            }
        }
    }
}
