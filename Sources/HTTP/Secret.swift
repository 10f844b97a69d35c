/// A token or key that can't print itself.
///
/// Interpolation, `print`, `dump` and reflection all give `‹secret›`, so that a secret which strays into a
/// log line, an error or a record stays a secret. It is not `Codable` for the same reason.
package struct Secret: Hashable, Sendable {
    /// The secret itself, for the one place that sends it.
    package let revealed: String

    /// Takes the text as it is; surrounding white space is the reader's to remove.
    package init(_ text: String) { revealed = text }

    /// True when there is nothing to keep secret.
    package var isEmpty: Bool { revealed.isEmpty }

    /// The same secret behind a word, as `Bearer …` wants it.
    package func prefixed(with prefix: String) -> Secret { Secret(prefix + revealed) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "‹secret›" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
