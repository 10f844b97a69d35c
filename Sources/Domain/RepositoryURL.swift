package import SystemPackage

/// The address of a repository that is cloned from: `https://`, `ssh://`, `git@host:path` or `file:///`.
///
/// It holds no password, can't be taken for an option, and names no program: git would run one for
/// `ext::…` and for a host that starts with a hyphen.
package struct RepositoryURL: Hashable, Sendable {
    /// What is wrong with an address.
    package enum Flaw: Error, Hashable, Sendable, CustomStringConvertible {
        case holdsCredentials
        case unsafeScheme(String)
        case looksLikeOption
        case holdsUnusableCharacter
        case incomplete

        package var description: String {
            switch self {
            case .holdsCredentials:
                "it holds a user or a password; name a credential helper in git's own settings, or use an ssh key"
            case .unsafeScheme(let scheme):
                "'\(scheme)' isn't fetched from; write https://, ssh://, git@HOST:PATH or file:///PATH"
            case .looksLikeOption: "a part of it starts with '-' and would be read as an option"
            case .holdsUnusableCharacter:
                "it holds a character that no such address has; spaces and the like are written as %20"
            case .incomplete:
                "it isn't whole; write https://HOST/PATH, ssh://HOST/PATH, git@HOST:PATH or file:///PATH"
            }
        }
    }

    package let rawValue: String

    package init(_ text: String) throws(Flaw) {
        if let flaw = Self.flaw(in: text) { throw flaw }
        rawValue = text
    }

    /// The last part of the path, without `.git`; `a-z`, `0-9`, `.`, `_` and `-` alone.
    package var name: String {
        var last = rawValue.split(whereSeparator: { $0 == "/" || $0 == ":" }).last ?? ""
        if last.hasSuffix(".git"), last.utf8.count > 4 { last = last.dropLast(4) }
        let safe = last.prefix(60).map { character in
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            return isPlain || "._-".contains(character) ? character : "-"
        }
        let name = String(safe.drop { $0 == "." || $0 == "-" })
        return name.isEmpty ? "repository" : name
    }

    /// Where the clone lies in the state folder, relative to it; no two addresses share it.
    ///
    /// The folder around it has room for the worktrees that are named as the repository is.
    package var place: FilePath {
        FilePath("repositories/\(name)-\(rawValue.fingerprint)/\(name).git")
    }

    private static func flaw(in text: String) -> Flaw? {
        if text.isEmpty { return .incomplete }
        if text.hasPrefix("-") { return .looksLikeOption }
        let isPlain = text.unicodeScalars.allSatisfy {
            ("!"..."~").contains($0) && !"\\'\"`<>{}|^?#*".unicodeScalars.contains($0)
        }
        guard let scheme = text.firstRange(of: "://") else {
            guard isPlain else { return .holdsUnusableCharacter }
            return flaw(inShort: text)
        }
        let name = text[..<scheme.lowerBound].lowercased()
        guard ["https", "ssh", "file"].contains(name), text.hasPrefix(name) else {
            return .unsafeScheme(String(text[..<scheme.upperBound].prefix(20)))
        }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        if name == "file" {
            if !isPlain { return .holdsUnusableCharacter }
            return authority.isEmpty && path.count > 1 ? nil : .incomplete
        }
        var host = authority
        if let at = authority.lastIndex(of: "@") {
            let user = authority[..<at]
            if name == "https" || user.contains(":") { return .holdsCredentials }
            if user.hasPrefix("-") { return .looksLikeOption }
            if !isUser(user) { return .incomplete }
            host = authority[authority.index(after: at)...]
        }
        if !isPlain { return .holdsUnusableCharacter }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        if let port = parts.dropFirst().first {
            guard parts.count == 2, (1...5).contains(port.count), port.allSatisfy(\.isNumber)
            else { return .incomplete }
        }
        if let flaw = flaw(inHost: parts.first ?? "") { return flaw }
        return path.count > 1 ? nil : .incomplete
    }

    /// `user@host:path`, as ssh has it.
    private static func flaw(inShort text: String) -> Flaw? {
        // 'ext::sh -c …', 'fd::3': git's way to name a helper program.
        if text.contains("::") {
            return .unsafeScheme(String(text.prefix { $0 != ":" }.prefix(20)) + "::")
        }
        guard let colon = text.firstIndex(of: ":"), let at = text.firstIndex(of: "@") else {
            return .incomplete
        }
        // 'user:password@host' is neither.
        guard at < colon else { return .holdsCredentials }
        let host = text[text.index(after: at)..<colon]
        let path = text[text.index(after: colon)...]
        if host.hasPrefix("-") || path.hasPrefix("-") { return .looksLikeOption }
        guard isUser(text[..<at]), !path.isEmpty, !path.contains("@") else { return .incomplete }
        return flaw(inHost: host)
    }

    private static func isUser(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { isPlain($0) || "._-".contains($0) }
    }

    private static func flaw(inHost host: Substring) -> Flaw? {
        if host.hasPrefix("-") { return .looksLikeOption }
        guard !host.isEmpty, host.allSatisfy({ isPlain($0) || ".-_".contains($0) }) else {
            return .incomplete
        }
        return nil
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }
}

extension RepositoryURL: CustomStringConvertible {
    package var description: String { rawValue }
}

extension RepositoryURL: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(Flaw) {
            self = try RepositoryURL(text)
        } catch {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "the address of the repository can't be used: \(error)"
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
