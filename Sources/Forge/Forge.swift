package import Domain

/// Where pull requests live: GitHub, or a folder of records.
package protocol Forge: Sendable {
    /// Offers a branch for review, once: whatever was opened for the branch before is found first, so a call
    /// may be repeated after any failure, kill or lost answer.
    ///
    /// An open pull request of the branch is taken, and its text brought up to date unless a person has
    /// edited it. One that is merged or closed is taken when the branch still stands at the commit that was
    /// decided upon; otherwise there is something new to decide, and a new one is opened.
    func open(_ proposal: PullRequestProposal) async throws(ForgeError) -> OpenedPullRequest

    /// Aims a pull request at another base; its text stays as it is.
    ///
    /// May be repeated. One that is merged or closed is left alone.
    ///
    /// - Returns: How it stands now.
    func retarget(_ number: Int, to base: String) async throws(ForgeError) -> PullRequest

    /// How a pull request stands now.
    func state(of number: Int) async throws(ForgeError) -> PullRequest

    /// How several stand now, by number, in few requests; one that doesn't exist isn't in the answer.
    func states(of numbers: [Int]) async throws(ForgeError) -> [Int: PullRequest]
}

/// What came of a proposal.
package struct OpenedPullRequest: Equatable, Sendable {
    package var pullRequest: PullRequest
    /// Whether it was there already.
    package var wasFound: Bool
    /// What didn't work beside it (labels, reviewers), a sentence each.
    package var notes: [String]

    package init(pullRequest: PullRequest, wasFound: Bool, notes: [String] = []) {
        self.pullRequest = pullRequest
        self.wasFound = wasFound
        self.notes = notes
    }
}
