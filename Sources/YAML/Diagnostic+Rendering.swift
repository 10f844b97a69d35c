extension Diagnostic {
    /// One line of text, then the source line and a caret where there is one; no line end at the end.
    ///
    /// - Parameter colour: Whether to use ANSI colours; for terminals only.
    /// - Returns: Up to three lines.
    package func text(colour: Bool = false) -> String {
        let paint = { (code: String, text: String) in
            colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
        }
        let severityColour = severity == .error ? "1;31" : "1;33"
        var lines = [
            paint("1", location + ":") + " " + paint(severityColour, severity.rawValue + ":") + " "
                + sentence
        ]
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
