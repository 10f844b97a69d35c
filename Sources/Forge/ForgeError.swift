package import Disk
package import Domain
package import HTTP
package import SystemPackage

/// Why a pull request couldn't be opened, read or decided.
package enum ForgeError: Error, Equatable, Sendable {
    /// The remote isn't a repository of the GitHub that is configured.
    case foreignRemote(String, endpoint: String)
    /// The token isn't accepted.
    case unauthorized(host: String)
    /// The token is valid and may not do this; `needs` is what GitHub says is missing.
    case forbidden(repository: String, needs: String?, message: String)
    /// The organisation wants the token to be authorised at this address first.
    case needsSingleSignOn(repository: String, url: String?)
    /// There is no such repository, or the token can't see it.
    case noRepository(String)
    /// The repository has been renamed or moved.
    case moved(repository: String)
    case noPullRequest(Int, place: String)
    /// A limit on requests; the wait is what the host asks for.
    case rateLimited(host: String, wait: Duration)
    /// The host answered with a status of its own trouble.
    case trouble(host: String, status: Int)
    /// The repository's plan has no drafts.
    case draftsUnsupported(repository: String)
    /// The base holds all of the branch already.
    case nothingToMerge(head: String, base: String)
    case noBranch(String, repository: String)
    /// The branch has a pull request that can't be found yet.
    case notVisibleYet(head: String, repository: String)
    case rejected(repository: String, status: Int, message: String)
    /// An answer of another form than the documented one.
    case unreadable(host: String, why: String)
    case http(HTTPError)
    /// The task was cancelled; what was asked may have been done.
    case cancelled
    case disk(DiskError)
    /// A record that a person, or a broken disk, has damaged.
    case brokenRecord(FilePath, why: String)
    /// A record that a newer program has written.
    case newerRecord(FilePath, schema: Int)
    case alreadyDecided(Int, PullRequest.State)

    /// Whether the same call may well succeed a little later.
    package var isRetryable: Bool {
        switch self {
        case .rateLimited, .trouble, .notVisibleYet: true
        case .http(let error): error.isRetryable
        case .disk: true
        case .foreignRemote, .unauthorized, .forbidden, .needsSingleSignOn, .noRepository, .moved,
            .noPullRequest, .draftsUnsupported, .nothingToMerge, .noBranch, .rejected, .unreadable,
            .cancelled, .brokenRecord, .newerRecord, .alreadyDecided:
            false
        }
    }

    /// How long the host wants to be left alone, where it said so.
    package var retryAfter: Duration? {
        if case .rateLimited(_, let wait) = self { wait } else { nil }
    }
}

extension ForgeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .foreignRemote(let remote, let endpoint):
            "\(remote): not a repository that \(endpoint) serves; correct the workflow's"
                + " repository.remote or github.endpoint, or set forge: local"
        case .unauthorized(let host):
            "\(host): the token isn't accepted; make a new one and put it where github.token points"
        case .forbidden(let repository, let needs, let message):
            "\(repository): the token may not do this (\(message)); give it "
                + (needs ?? "read and write access to pull requests and issues")
        case .needsSingleSignOn(let repository, let url):
            "\(repository): the organisation wants single sign-on; authorise the token"
                + (url.map { " at \($0)" } ?? " in its settings on GitHub")
        case .noRepository(let repository):
            "\(repository): no such repository, or the token can't see it; check the remote, and that"
                + " the token covers this repository with access to pull requests"
        case .moved(let repository):
            "\(repository): the repository was renamed or moved; correct the remote with"
                + " git remote set-url"
        case .noPullRequest(let number, let place):
            "\(place): no pull request #\(number)"
        case .rateLimited(let host, let wait):
            "\(host): too many requests; it wants to be left alone for \(wait.inWords)"
        case .trouble(let host, let status):
            "\(host): answered \(status), which is its own trouble; try again later"
        case .draftsUnsupported(let repository):
            "\(repository): has no draft pull requests on its plan; set draft: false under"
                + " deliver.pull_request"
        case .nothingToMerge(let head, let base):
            "\(head): nothing to merge, \(base) holds all of it already"
        case .noBranch(let branch, let repository):
            "\(repository): no branch '\(branch)'; push it, or correct repository.base"
        case .notVisibleYet(let head, let repository):
            "\(repository): a pull request for '\(head)' is said to exist and isn't listed yet; try again"
        case .rejected(let repository, let status, let message):
            "\(repository): refused with \(status): \(message)"
        case .unreadable(let host, let why):
            "\(host): an answer that can't be read: \(why); check github.endpoint"
        case .http(let error): error.description
        case .cancelled: "cancelled"
        case .disk(let error): error.description
        case .brokenRecord(let path, let why):
            "\(path): can't be read: \(why); mend it, or move it out of the folder"
        case .newerRecord(let path, let schema):
            "\(path): written by a newer linecook (schema \(schema)); use that one"
        case .alreadyDecided(let number, let state):
            "pull request #\(number) is \(state.rawValue) already"
        }
    }
}
