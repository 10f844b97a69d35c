import Disk
import HTTP

/// What a token may do in a repository, as far as GitHub tells before it is tried.
package struct GitHubAccess: Equatable, Sendable {
    /// Whether its owner may push; `nil` when GitHub doesn't say.
    package var mayPush: Bool?
    /// The scopes of a classic token; `nil` for a token of another kind, whose rights GitHub doesn't tell.
    package var scopes: [String]?
    package var isArchived: Bool

    /// Whether a classic token lacks what pull requests need.
    package func lacksScope(isPrivate: Bool) -> Bool {
        guard let scopes else { return false }
        return !scopes.contains("repo") && (isPrivate || !scopes.contains("public_repo"))
    }
    package var isPrivate: Bool
}

extension GitHubForge {
    /// What the token may do, looked up without changing anything: two requests.
    ///
    /// - Throws: `ForgeError`, `forbidden` too when it can't even read pull requests.
    package func access() async throws(ForgeError) -> GitHubAccess {
        let (body, headers) = try await api.answer(.get, "")
        let facts = try api.decode(RepositoryFacts.self, from: body)
        _ = try await api.call(.get, "pulls", query: [("per_page", "1")])
        return GitHubAccess(
            mayPush: facts.permissions?.push,
            scopes: headers["X-OAuth-Scopes"].map { text in
                text.split(separator: ",").map { String($0.drop { $0 == " " }) }
            },
            isArchived: facts.archived ?? false,
            isPrivate: facts.private ?? true
        )
    }
}

/// A repository as GitHub's REST API shows it, the members that matter.
///
/// https://docs.github.com/en/rest/repos/repos#get-a-repository
private struct RepositoryFacts: Decodable {
    struct Permissions: Decodable {
        var push: Bool?
    }
    var permissions: Permissions?
    var archived: Bool?
    var `private`: Bool?
}
