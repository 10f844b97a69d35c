import HTTP
import Testing

/// One answer of GitHub's that isn't a pull request, and what becomes of it.
struct Refusal: Sendable, CustomTestStringConvertible {
    var name: String
    var request = "GET pulls"
    var response: HTTPResponse
    var message: String
    var isRetryable = false
    var wait: Duration?

    var testDescription: String { name }

    static let all = [
        Refusal(
            name: "bad token",
            response: .json(401, ["message": "Bad credentials"]),
            message: "api.github.com: the token isn't accepted; make a new one and put it where"
                + " github.token points"
        ),
        Refusal(
            name: "fine-grained token without a permission",
            request: "POST pulls",
            response: .json(
                403,
                ["message": "Resource not accessible by personal access token"],
                ["X-Accepted-GitHub-Permissions": "pull_requests=write"]
            ),
            message: "acme/shop: the token may not do this (Resource not accessible by personal"
                + " access token); give it the permission pull_requests=write"
        ),
        Refusal(
            name: "classic token without a scope",
            request: "POST pulls",
            response: .json(
                403,
                ["message": "Must have push access"],
                ["X-Accepted-OAuth-Scopes": "repo", "X-OAuth-Scopes": "read:org"]
            ),
            message: "acme/shop: the token may not do this (Must have push access); give it"
                + " one of the scopes repo (it has: read:org)"
        ),
        Refusal(
            name: "single sign-on",
            response: .json(
                403,
                ["message": "Resource protected by organization SAML enforcement."],
                ["X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?t=1"]
            ),
            message: "acme/shop: the organisation wants single sign-on; authorise the token at"
                + " https://github.com/orgs/acme/sso?t=1"
        ),
        Refusal(
            name: "unknown repository",
            response: .json(404, ["message": "Not Found"]),
            message:
                "acme/shop: no such repository, or the token can't see it; check the remote, and"
                + " that the token covers this repository with access to pull requests"
        ),
        Refusal(
            name: "renamed repository",
            response: .json(301, ["message": "Moved Permanently"]),
            message: "acme/shop: the repository was renamed or moved; correct the remote with"
                + " git remote set-url"
        ),
        Refusal(
            name: "secondary limit",
            request: "POST pulls",
            response: .json(
                403,
                ["message": "You have exceeded a secondary rate limit."],
                ["Retry-After": "90"]
            ),
            message: "api.github.com: too many requests; it wants to be left alone for 90 s",
            isRetryable: true,
            wait: .seconds(90)
        ),
        Refusal(
            name: "primary limit",
            response: .json(
                403,
                ["message": "API rate limit exceeded"],
                ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000600"]
            ),
            message: "api.github.com: too many requests; it wants to be left alone for 10 min",
            isRetryable: true,
            wait: .seconds(600)
        ),
        Refusal(
            name: "limit without a time",
            response: .json(429, ["message": "slow down"]),
            message: "api.github.com: too many requests; it wants to be left alone for 60 s",
            isRetryable: true,
            wait: .seconds(60)
        ),
        Refusal(
            name: "trouble",
            request: "POST pulls",
            response: HTTPResponse(status: 503, body: Array("<html>".utf8)),
            message: "api.github.com: answered 503, which is its own trouble; try again later",
            isRetryable: true
        ),
        Refusal(
            name: "no drafts",
            request: "POST pulls",
            response: .json(
                422,
                ["message": "Draft pull requests are not supported in this repository."]
            ),
            message: "acme/shop: has no draft pull requests on its plan; set draft: false under"
                + " deliver.pull_request"
        ),
        Refusal(
            name: "nothing to merge",
            request: "POST pulls",
            response: .refusal(
                #"{"code":"custom","message":"No commits between main and feature/FRE-1-x"}"#
            ),
            message: "feature/FRE-1-x: nothing to merge, main holds all of it already"
        ),
        Refusal(
            name: "unknown base",
            request: "POST pulls",
            response: .refusal(#"{"resource":"PullRequest","field":"base","code":"invalid"}"#),
            message: "acme/shop: no branch 'main'; push it, or correct repository.base"
        ),
        Refusal(
            name: "another refusal",
            request: "POST pulls",
            response: .refusal(#""Something\u001b[31m else""#),
            message: "acme/shop: refused with 422: Validation Failed: Something [31m else"
        ),
        Refusal(
            name: "no JSON",
            response: HTTPResponse(status: 200, body: Array("<html>Log in</html>".utf8)),
            message: "api.github.com: an answer that can't be read: it isn't valid JSON; check"
                + " github.endpoint"
        ),
    ]
}
