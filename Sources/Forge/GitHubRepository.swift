/// A repository on GitHub, as a remote's address names it.
package struct GitHubRepository: Equatable, Sendable, CustomStringConvertible {
    package var owner: String
    package var name: String

    package var description: String { "\(owner)/\(name)" }

    /// Reads a remote's address: `https://HOST/OWNER/NAME.git`, `ssh://git@HOST/OWNER/NAME.git` or
    /// `git@HOST:OWNER/NAME.git`.
    ///
    /// The host has to be the one that the endpoint serves, so that a token never works on a namesake
    /// somewhere else: `api.github.com` serves `github.com`, `api.TEAM.ghe.com` serves `TEAM.ghe.com`, any
    /// other endpoint its own host. For SSH a name of `~/.ssh/config` will do: one without a dot, or
    /// the host with a suffix, `github.com-work`.
    ///
    /// - Parameters:
    ///   - remote: what `git remote get-url` says.
    ///   - endpoint: the API's address.
    /// - Throws: `ForgeError.foreignRemote`, the remote in it without user and password.
    package init(remote: String, endpoint: String) throws(ForgeError) {
        guard let address = Address(remote), let served = Self.servedHost(of: endpoint),
            address.isServed(by: served)
        else {
            throw .foreignRemote(Address.shown(remote), endpoint: endpoint)
        }
        var parts = address.path.split(separator: "/").map(String.init)
        if let last = parts.last, last.hasSuffix(".git") {
            parts[parts.count - 1] = String(last.dropLast(4))
        }
        guard parts.count == 2, parts.allSatisfy(Self.isName) else {
            throw .foreignRemote(Address.shown(remote), endpoint: endpoint)
        }
        owner = parts[0]
        name = parts[1]
    }

    /// The host of an API's address, such as `api.github.com`.
    static func host(of endpoint: String) -> String? { Address(endpoint)?.host }

    private static func servedHost(of endpoint: String) -> String? {
        guard let host = host(of: endpoint) else { return nil }
        guard host == "api.github.com" || (host.hasPrefix("api.") && host.hasSuffix(".ghe.com"))
        else { return host }
        return String(host.dropFirst(4))
    }

    private static func isName(_ part: String) -> Bool {
        part != "." && part != ".." && !part.isEmpty
            && part.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

/// The parts of a remote's or an API's address.
private struct Address {
    /// In lower case, without the port.
    var host: String
    var path: String
    var isSSH: Bool

    init?(_ text: String) {
        let rest: Substring
        if let mark = text.firstRange(of: "://") {
            let scheme = text[..<mark.lowerBound].lowercased()
            guard ["https", "http", "ssh", "git+ssh"].contains(scheme) else { return nil }
            isSSH = scheme.hasSuffix("ssh")
            rest = text[mark.upperBound...]
            let authority = rest.prefix { $0 != "/" }
            path = String(rest.dropFirst(authority.count))
            host = Self.host(of: authority).split(separator: ":").first.map(String.init) ?? ""
        } else {
            // The form of scp: a colon before any slash.
            guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") else {
                return nil
            }
            isSSH = true
            path = String(text[text.index(after: colon)...])
            host = Self.host(of: text[..<colon])
        }
        host = host.lowercased()
        if host.isEmpty { return nil }
    }

    func isServed(by served: String) -> Bool {
        if host == served { return true }
        guard isSSH else { return host == "www.\(served)" }
        return host == "ssh.\(served)" || host.hasPrefix("\(served)-") || !host.contains(".")
    }

    /// A remote for a message: a user and password in it are left out.
    static func shown(_ remote: String) -> String {
        guard let mark = remote.firstRange(of: "://") else { return remote }
        let rest = remote[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        return remote[..<mark.upperBound] + host(of: authority) + rest.dropFirst(authority.count)
    }

    private static func host(of authority: Substring) -> String {
        authority.lastIndex(of: "@").map { String(authority[authority.index(after: $0)...]) }
            ?? String(authority)
    }
}
