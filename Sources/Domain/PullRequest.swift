/// A branch offered for review, on GitHub or in the local forge.
package struct PullRequest: Codable, Equatable, Sendable {
    package enum State: String, Codable, Sendable, CaseIterable {
        /// May become merged or closed.
        case open
        /// The end: the branch is in the base.
        case merged
        /// Turned down; a person may open it again.
        case closed
    }
    package var number: Int
    package var url: String
    package var draft: Bool
    package var state: State

    package init(number: Int, url: String, draft: Bool, state: State) {
        self.number = number
        self.url = url
        self.draft = draft
        self.state = state
    }
}

/// What a pull request is opened with.
package struct PullRequestProposal: Equatable, Sendable {
    package var title: String
    /// Markdown, in which ticket text has been made harmless already.
    package var body: String
    /// The branch, and the commit that was pushed to it.
    package var head: String
    package var headCommit: String
    package var base: String
    /// The ticket that it is made for.
    package var ticket: TicketKey?
    package var draft: Bool
    package var labels: [String]
    /// Names of users; a team is `organisation/team`.
    package var reviewers: [String]

    package init(
        title: String,
        body: String,
        head: String,
        headCommit: String,
        base: String,
        ticket: TicketKey?,
        draft: Bool,
        labels: [String],
        reviewers: [String]
    ) {
        self.title = title
        self.body = body
        self.head = head
        self.headCommit = headCommit
        self.base = base
        self.ticket = ticket
        self.draft = draft
        self.labels = labels
        self.reviewers = reviewers
    }
}
