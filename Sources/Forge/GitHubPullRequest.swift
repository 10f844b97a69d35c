import Domain

/// A pull request as GitHub's REST API shows it, the members that matter.
/// https://docs.github.com/en/rest/pulls/pulls
struct GitHubPullRequest: Decodable {
    struct Branch: Decodable {
        struct User: Decodable {
            var login: String
        }
        var ref: String
        var sha: String
        /// `null` once the account is gone.
        var user: User?
    }
    struct Label: Decodable {
        var name: String
    }
    struct Reviewer: Decodable {
        var login: String
    }
    struct Team: Decodable {
        var slug: String
    }
    var number: Int
    var htmlURL: String
    var state: String
    var draft: Bool?
    var mergedAt: String?
    var title: String
    var body: String?
    var head: Branch
    var base: Branch
    var labels: [Label]?
    var requestedReviewers: [Reviewer]?
    var requestedTeams: [Team]?

    enum CodingKeys: String, CodingKey {
        case number
        case htmlURL = "html_url"
        case state
        case draft
        case mergedAt = "merged_at"
        case title
        case body
        case head
        case base
        case labels
        case requestedReviewers = "requested_reviewers"
        case requestedTeams = "requested_teams"
    }

    var domain: PullRequest {
        PullRequest(
            number: number,
            url: htmlURL,
            draft: draft ?? false,
            state: mergedAt != nil ? .merged : state == "open" ? .open : .closed
        )
    }

    /// Of all that a branch ever had, newest first: the one that stands for the proposal.
    static func match(_ proposal: PullRequestProposal, in pulls: [Self]) -> Self? {
        let open = pulls.filter { $0.domain.state == .open }
        return open.first { $0.base.ref == proposal.base } ?? open.first
            ?? pulls.first { $0.head.sha == proposal.headCommit }
    }
}

/// What is sent to open one.
struct GitHubPullRequestDraft: Encodable {
    var title: String
    var body: String
    var head: String
    var base: String
    var draft: Bool
}

/// What is sent to bring one's text up to date.
struct GitHubPullRequestText: Encodable {
    var title: String
    var body: String
}

/// What is sent to aim one at another branch.
struct GitHubPullRequestBase: Encodable {
    var base: String
}

struct GitHubLabels: Encodable {
    var labels: [String]
}

struct GitHubReviewers: Encodable {
    var reviewers: [String]
    var teams: [String]

    enum CodingKeys: String, CodingKey {
        case reviewers
        case teams = "team_reviewers"
    }

    /// Sorts names into users and teams (`organisation/team`).
    init(_ names: [String]) {
        reviewers = names.filter { !$0.contains("/") }
        teams = names.compactMap { name in
            name.contains("/") ? name.split(separator: "/").last.map(String.init) : nil
        }
    }
}

/// The body of a refusal.
struct GitHubRefusal: Decodable {
    struct Detail: Decodable {
        var field: String?
        var message: String?
        var code: String?

        init(from decoder: any Decoder) throws {
            // Some endpoints send plain sentences.
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                message = text
                return
            }
            let container = try decoder.container(keyedBy: CodingKeys.self)
            field = try container.decodeIfPresent(String.self, forKey: .field)
            message = try container.decodeIfPresent(String.self, forKey: .message)
            code = try container.decodeIfPresent(String.self, forKey: .code)
        }

        enum CodingKeys: String, CodingKey {
            case field
            case message
            case code
        }
    }
    var message: String
    var errors: [Detail]?

    /// The refusal in one line.
    var summary: String {
        let details = (errors ?? []).compactMap { detail in
            detail.message
                ?? detail.code.map { "\(detail.field.map { "\($0) " } ?? "")is \($0)" }
        }
        return details.isEmpty ? message : "\(message): \(details.joined(separator: "; "))"
    }

    func mentions(_ phrase: String) -> Bool { summary.lowercased().contains(phrase) }
}
