import Disk

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Why the newest version of a file isn't in force; in `service.json`.
package struct FileProblem: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// It has errors, or can't be read.
        case broken
        /// It has the name of a workflow that is in force from another file.
        case nameTaken = "name_taken"
        /// A part of it takes effect at the next start of the daemon only.
        case waitsForStart = "waits_for_start"
        /// A folder of workflows is gone, or has no workflows.
        case empty
    }
    package var kind: Kind
    /// As the user would write it.
    package var file: String
    package var since: Date
    /// One line each; at least one.
    package var errors: [String]
    /// When the version that is in force was read; `nil` when nothing of the file is.
    package var inForce: Date?

    private enum CodingKeys: String, CodingKey {
        case kind
        case file
        case since
        case errors
        case inForce = "in_force"
    }

    /// The first error, and how many more there are.
    package var summary: String {
        (errors.first ?? file) + (errors.count > 1 ? " (and \(errors.count - 1) more)" : "")
    }

    /// The summary, since when, and what is in force instead.
    package var sentence: String {
        var words = "\(summary); since \(Self.text(of: since))"
        switch (kind, inForce) {
        case (.broken, let date?), (.nameTaken, let date?):
            words += ", and the version read at \(Self.text(of: date)) stays in force"
        case (.broken, nil), (.nameTaken, nil): words += ", and nothing of this file is in force"
        case (.waitsForStart, _), (.empty, _): break
        }
        return words
    }

    /// To the second: `2026-11-25T13:05:01Z`.
    private static func text(of date: Date) -> String {
        String(Timestamp.text(of: date).prefix(19)) + "Z"
    }
}
