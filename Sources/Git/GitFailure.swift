package import SystemPackage

/// A call of git that ended with an error, in words that may be shown.
package struct GitFailure: Hashable, Sendable, CustomStringConvertible {
    /// The words after `git`, without the settings that each call is given.
    package var command: [String]
    /// Where it ran.
    package var folder: FilePath
    /// As the shell counts: 128 and the signal's number when a signal ended it.
    package var exit: Int
    /// The end of its standard error, cleaned.
    package var output: String

    package var description: String {
        let words = command.joined(separator: " ")
        return "\(folder): 'git \(words)' ended with exit \(exit)"
            + (output.isEmpty ? "" : ":\n\(output)")
    }
}
