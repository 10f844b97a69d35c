package import HTTP

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What keeps Linear from being read or written.
///
/// Every text from Linear in here has been cleaned of control characters and cut.
package enum LinearError: Error, Equatable, Sendable {
    /// No answer came; see the cause whether Linear may have acted.
    case unanswered(HTTPError)
    /// Linear doesn't accept the token.
    case unauthorized(message: String)
    /// Linear's budget for this token is used up.
    case rateLimited(until: Date)
    /// Linear has a fault of its own; `status` is HTTP's, 200 when only the body tells.
    case serverFault(status: Int, message: String)
    /// The answer isn't what the schema promises: cut off, empty, not JSON, holes in it.
    case malformedAnswer(what: String)
    /// Linear answered in part only; `message` is its first error.
    case partialAnswer(message: String)
    /// No team has this key, or the token doesn't reach it.
    case unknownTeam(String)
    /// The team has no state of this name.
    case unknownState(String, team: String, known: [String])
    /// No project has this name, or the token doesn't reach it.
    case unknownProject(String)
    /// Linear knows no such thing (any more): `Issue`, `Comment`, `WorkflowState`.
    case notFound(entity: String)
    /// A prompt is attached to the ticket, and it can't be had or isn't one.
    case unusablePrompt(name: String, why: String)
    /// There is a record with this id already.
    case conflict(message: String)
    /// Linear understood and refused.
    case refused(message: String)
    /// Linear doesn't understand: a mistake of Linecook's, or a change of Linear's schema.
    case misunderstood(message: String)
    /// The task was cancelled.
    case cancelled

    /// Whether the same request may well succeed a little later.
    package var isRetryable: Bool {
        switch self {
        case .unanswered(let cause): cause.isRetryable
        case .rateLimited, .serverFault, .malformedAnswer, .partialAnswer: true
        case .unauthorized, .unknownTeam, .unknownState, .unknownProject, .notFound,
            .unusablePrompt, .conflict, .refused, .misunderstood, .cancelled:
            false
        }
    }

    /// When it is worth asking again; `nil` when that isn't known.
    package var retryAt: Date? {
        if case .rateLimited(let until) = self { until } else { nil }
    }
}

extension LinearError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unanswered(let cause): "Linear: \(cause)"
        case .unauthorized(let message):
            "Linear: the token isn't accepted (\(message)); make a personal API key under Settings, "
                + "Security & access, and put it where linear.token points ($LINEAR_API_KEY by default)"
        case .rateLimited(let until):
            "Linear: the budget for this token is used up until \(until.formatted(.iso8601)); "
                + "Linecook waits, or poll less often"
        case .serverFault(let status, let message):
            "Linear: a fault of Linear's own (HTTP \(status)): \(message); it is tried again"
        case .malformedAnswer(let what):
            "Linear: the answer can't be read: \(what); check linear.endpoint and the proxy "
                + "if this goes on"
        case .partialAnswer(let message):
            "Linear: only a part was answered: \(message); nothing of it is used, it is asked again"
        case .unknownTeam(let key):
            "Linear: no team '\(key)' that this token can see; check tickets.team and the token's teams"
        case .unknownState(let name, let team, let known):
            "Linear: team \(team) has no state '\(name)'; it has \(known.joined(separator: ", "))"
        case .unknownProject(let name):
            "Linear: no project '\(name)' that this token can see; check its name in Linear"
        case .notFound(let entity):
            "Linear: no such \(entity.lowercased()) any more; it was deleted, or the token doesn't reach it"
        case .unusablePrompt(let name, let why):
            "Linear: the attached prompt '\(name)' can't be used: \(why); attach it as text of 1 MB "
                + "at most, or write it as a document"
        case .conflict(let message):
            "Linear: there is such a record already: \(message)"
        case .refused(let message): "Linear: refused: \(message)"
        case .misunderstood(let message):
            "Linear: the request isn't understood: \(message); this is a fault of Linecook's, "
                + "please report it"
        case .cancelled: "cancelled"
        }
    }
}

extension String {
    /// The text without control and format characters, cut: for messages and logs.
    var cleaned: String {
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars.prefix(300) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
                .unassigned:
                scalars.append(" ")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
