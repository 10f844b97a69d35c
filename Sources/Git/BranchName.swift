/// The name of a branch that git accepts and that can't be taken for an option,
/// `feature/FRE-69-login`.
package struct BranchName: Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with a name; each is a rule of git-check-ref-format(1) or one of ours.
    package enum Problem: Hashable, Sendable, CustomStringConvertible {
        case empty
        case startsWithHyphen
        case holds(String)
        case partStartsWithDot
        case partEndsWithLock
        case emptyPart
        case endsWithDot
        case isReserved
        /// git stores a branch as a file: no part of it may be longer than a file's name.
        case tooLong(bytes: Int)

        package var description: String {
            switch self {
            case .empty: "it is empty"
            case .startsWithHyphen: "it starts with '-' and would be read as an option"
            case .holds(let text): "it holds \(text)"
            case .partStartsWithDot: "a part of it starts with '.'"
            case .partEndsWithLock: "a part of it ends with '.lock'"
            case .emptyPart: "it starts or ends with '/', or holds '//'"
            case .endsWithDot: "it ends with '.'"
            case .isReserved: "git keeps this name for itself"
            case .tooLong(let bytes): "it has \(bytes) bytes and a branch may have 200"
            }
        }
    }

    /// The name without `refs/heads/`.
    package let rawValue: String

    /// - Throws: `GitError.unusableBranchName`.
    package init(_ text: String) throws(GitError) {
        if let problem = Self.problem(of: text) {
            throw .unusableBranchName(harmless(text), problem)
        }
        rawValue = text
    }

    package var description: String { rawValue }

    /// The full name of the branch in a repository.
    var reference: String { "refs/heads/\(rawValue)" }

    private static func problem(of text: String) -> Problem? {
        if text.isEmpty { return .empty }
        // A file's name has at most 255 bytes (and git adds '.lock'), a path far more.
        if text.utf8.count > 200 { return .tooLong(bytes: text.utf8.count) }
        if text.hasPrefix("-") { return .startsWithHyphen }
        if text == "HEAD" || text == "@" { return .isReserved }
        if let held = heldInVain(by: text) { return .holds(held) }
        for part in text.split(separator: "/", omittingEmptySubsequences: false) {
            if part.isEmpty { return .emptyPart }
            if part.hasPrefix(".") { return .partStartsWithDot }
            if part.hasSuffix(".lock") { return .partEndsWithLock }
        }
        return text.hasSuffix(".") ? .endsWithDot : nil
    }

    private static func heldInVain(by text: String) -> String? {
        for scalar in text.unicodeScalars {
            switch scalar {
            case " ": return "a space"
            case "~", "^", ":", "?", "*", "[", "\\": return "'\(scalar)'"
            case _ where isInvisible(scalar): return "a character that can't be seen"
            default: continue
            }
        }
        for pair in ["..", "@{"] where text.contains(pair) { return "'\(pair)'" }
        return nil
    }
}
