/// Whether a character is a control, or changes how the text around it is shown.
func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
}

/// A text as one line that no terminal obeys.
func harmless(_ text: String, limit: Int = 300) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        result.unicodeScalars.append(isInvisible(scalar) ? " " : scalar)
    }
    return result
}

/// The end of what git said: without advice and progress, without controls, without the user and
/// password of a URL.
func cleaned(_ output: [UInt8], lines limit: Int = 8) -> String {
    let text = String(decoding: output.suffix(16_384), as: UTF8.self)
    var lines: [String] = []
    for line in text.split(whereSeparator: \.isNewline) {
        // Servers fill their lines with spaces up to the width of a terminal.
        let line = withoutCredentials(harmless(String(line))).trimmed
        if line.isEmpty || line.hasPrefix("hint:") || line == "remote:" { continue }
        lines.append(line)
    }
    return lines.suffix(limit).joined(separator: "\n")
}

/// A text in which `scheme://user:password@host` reads `scheme://host`.
func withoutCredentials(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let scheme = rest.firstRange(of: "://") {
        result += rest[..<scheme.upperBound]
        rest = rest[scheme.upperBound...]
        let authority = rest.prefix { !"/ '\"?#".contains($0) }
        guard let at = authority.lastIndex(of: "@") else { continue }
        rest = rest[rest.index(after: at)...]
    }
    return result + rest
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
