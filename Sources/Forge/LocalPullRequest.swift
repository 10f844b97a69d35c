package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One record of the local forge, `forge/pulls/N.json`, top to bottom.
package struct LocalPullRequest: Codable, Equatable, Sendable {
    /// How it came into its base.
    package struct Merge: Codable, Equatable, Sendable {
        package var at: Date
        /// The commit that the base got by it.
        package var commit: String
        /// Who merged it, `you` or `auto` or a name.
        package var by: String

        package init(at: Date, commit: String, by: String) {
            self.at = at
            self.commit = commit
            self.by = by
        }
    }

    package var schema: Int
    package var number: Int
    package var state: PullRequest.State
    package var draft: Bool
    package var title: String
    package var ticket: TicketKey?
    package var head: String
    package var base: String
    /// The commit that was offered last.
    package var headCommit: String
    package var url: String
    package var created: Date
    package var updated: Date
    package var merged: Merge?
    package var closed: Date?
    package var labels: [String]
    package var reviewers: [String]
    /// Markdown.
    package var body: String

    private enum CodingKeys: String, CodingKey {
        case schema
        case number
        case state
        case draft
        case title
        case ticket
        case head
        case base
        case headCommit = "head_commit"
        case url
        case created
        case updated
        case merged
        case closed
        case labels
        case reviewers
        case body
    }

    /// The present form of the record.
    static let schema = 1

    init(_ proposal: PullRequestProposal, number: Int, at now: Date) {
        schema = Self.schema
        self.number = number
        state = .open
        draft = proposal.draft
        title = proposal.title
        ticket = proposal.ticket
        head = proposal.head
        base = proposal.base
        headCommit = proposal.headCommit
        // What a tracker shows beside the ticket; `linecook pulls show N` is its page.
        url = "linecook://pulls/\(number)"
        created = now
        updated = now
        labels = proposal.labels
        reviewers = proposal.reviewers
        body = proposal.body
    }

    /// The record with what a later proposal for the same branch says.
    func updated(with proposal: PullRequestProposal, at now: Date) -> Self {
        var record = self
        record.title = proposal.title
        record.body = proposal.body
        record.base = proposal.base
        record.headCommit = proposal.headCommit
        record.labels = proposal.labels
        record.reviewers = proposal.reviewers
        if record != self { record.updated = now }
        return record
    }

    /// What the rest of the program knows of it.
    package var pullRequest: PullRequest {
        PullRequest(number: number, url: url, draft: draft, state: state)
    }
}
