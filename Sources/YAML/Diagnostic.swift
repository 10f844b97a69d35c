/// Something that is wrong, or looks wrong, in a file: where, what, and how to mend it.
package struct Diagnostic: Hashable, Sendable {
    /// Whether the file can be used.
    package enum Severity: String, Hashable, Sendable {
        /// The file isn't used.
        case error
        /// The file is used, but probably doesn't do what its author meant.
        case warning
    }

    /// A line of the file made harmless, and the marker to print below it.
    package struct Excerpt: Hashable, Sendable {
        /// At most 120 characters of the line, with `…` where it is cut.
        package let line: String
        /// Spaces, then `^~~~` under the place.
        package let marker: String
    }

    /// The file as the user named it.
    package var file: String
    /// `nil` when the whole file is meant.
    package var place: SourcePlace?
    /// Error or warning.
    package var severity: Severity
    /// What was found, and what is allowed instead; no capital at the start, no full stop.
    package var message: String
    /// How to mend it.
    package var hint: String?
    /// The line that the place is in.
    package var excerpt: Excerpt?

    package init(
        file: String,
        place: SourcePlace?,
        severity: Severity = .error,
        message: String,
        hint: String? = nil,
        excerpt: Excerpt? = nil
    ) {
        self.file = file
        self.place = place
        self.severity = severity
        self.message = message
        self.hint = hint
        self.excerpt = excerpt
    }
}

extension Diagnostic {
    /// In the order of reading: what concerns the whole file first.
    package static func isBefore(_ left: Self, _ right: Self) -> Bool {
        let start = SourcePlace(line: 0, column: 0)
        return (left.place ?? start) < (right.place ?? start)
    }

    /// The same with the line of its place out of `source`.
    package func showing(_ source: SourceText) -> Diagnostic {
        var result = self
        result.excerpt = place.flatMap(source.excerpt)
        return result
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: error: message; hint`.
    package var description: String { "\(location): \(severity.rawValue): \(sentence)" }

    /// `file:line:column`, or the file alone.
    var location: String {
        ShownText.harmless(file) + (place.map { ":\($0)" } ?? "")
    }

    /// Message and hint in one line.
    var sentence: String { message + (hint.map { "; " + $0 } ?? "") }
}
