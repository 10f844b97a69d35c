package import Domain
package import HTTP

/// Sends a request to GitHub; tests answer in its place.
package protocol GitHubTransport: Sendable {
    /// The server's answer, whatever its status.
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}

extension HTTPClient: GitHubTransport {}

/// Pull requests of one repository on github.com or on a GitHub of one's own.
///
/// GitHub allows one open pull request for a pair of branches. So a request that was lost on its way can
/// be looked for and, should it not be listed yet, be sent again without making a second one.
package struct GitHubForge: Forge {
    let api: GitHubAPI

    /// - Parameters:
    ///   - remote: the address of the remote that branches are pushed to.
    ///   - endpoint: `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server.
    ///   - token: needs read and write access to pull requests, and to issues for labels.
    ///   - transport: the way to the host.
    ///   - time: to tell how long a rate limit lasts.
    /// - Throws: `ForgeError.foreignRemote`, when the endpoint doesn't serve the remote.
    package init(
        remote: String,
        endpoint: String,
        token: Secret,
        transport: any GitHubTransport,
        time: any TimeSource
    ) throws(ForgeError) {
        var endpoint = endpoint
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        api = GitHubAPI(
            repository: try GitHubRepository(remote: remote, endpoint: endpoint),
            endpoint: endpoint,
            host: GitHubRepository.host(of: endpoint) ?? endpoint,
            token: token,
            transport: transport,
            time: time
        )
    }

    /// The repository that the remote names.
    package var repository: GitHubRepository { api.repository }

    package func open(
        _ proposal: PullRequestProposal
    ) async throws(ForgeError) -> OpenedPullRequest {
        if let found = try await find(proposal) {
            return await adopt(found, proposal)
        }
        let created: GitHubPullRequest
        do {
            let body = try await api.call(
                .post,
                "pulls",
                sending: GitHubPullRequestDraft(
                    title: proposal.title,
                    body: PullRequestSeal.seal(proposal),
                    head: proposal.head,
                    base: proposal.base,
                    draft: proposal.draft
                )
            )
            created = try api.decode(GitHubPullRequest.self, from: body)
        } catch {
            guard Self.mayHaveBeenDone(error) else { throw explained(error, proposal) }
            guard let found = try await find(proposal) else { throw explained(error, proposal) }
            return await adopt(found, proposal)
        }
        let notes = await complete(created, proposal)
        return OpenedPullRequest(pullRequest: created.domain, wasFound: false, notes: notes)
    }

    /// GitHub does the same by itself when the base is deleted after its merge; then nothing changes.
    package func retarget(
        _ number: Int,
        to base: String
    ) async throws(ForgeError) -> PullRequest {
        do {
            let body = try await api.call(
                .patch,
                "pulls/\(number)",
                sending: GitHubPullRequestBase(base: base)
            )
            return try api.decode(GitHubPullRequest.self, from: body).domain
        } catch {
            switch error {
            case .noRepository(let repository): throw .noPullRequest(number, place: repository)
            case .rejected(let repository, 422, let message):
                // The base of one that was decided upon can't be changed.
                let found = try await pull(number)
                if found.domain.state != .open || found.base.ref == base { return found.domain }
                let text = message.lowercased()
                if text.contains("no new commits between") {
                    throw .nothingToMerge(head: found.head.ref, base: base)
                }
                if text.contains("base is invalid") {
                    throw .noBranch(base, repository: repository)
                }
                throw error
            default: throw error
            }
        }
    }

    package func state(of number: Int) async throws(ForgeError) -> PullRequest {
        try await pull(number).domain
    }

    private func pull(_ number: Int) async throws(ForgeError) -> GitHubPullRequest {
        do {
            let body = try await api.call(.get, "pulls/\(number)")
            return try api.decode(GitHubPullRequest.self, from: body)
        } catch {
            // GitHub says the same of a repository that the token can't see; a call that opens tells.
            guard case .noRepository(let repository) = error else { throw error }
            throw .noPullRequest(number, place: repository)
        }
    }

    /// Most are open still and stand in one list; only those that don't are asked for one by one.
    package func states(of numbers: [Int]) async throws(ForgeError) -> [Int: PullRequest] {
        var wanted = Set(numbers)
        var states: [Int: PullRequest] = [:]
        if wanted.count > 2 {
            for page in 1...5 where !wanted.isEmpty {
                let open = try await list([("state", "open"), ("page", "\(page)")])
                for pull in open where wanted.remove(pull.number) != nil {
                    states[pull.number] = pull.domain
                }
                if open.count < Self.pageSize { break }
            }
        }
        for number in wanted.sorted() {
            do {
                states[number] = try await state(of: number)
            } catch {
                guard case .noPullRequest = error else { throw error }
            }
        }
        return states
    }

    /// The most that GitHub gives at once.
    private static let pageSize = 100

    private func list(
        _ query: [(name: String, value: String)]
    ) async throws(ForgeError) -> [GitHubPullRequest] {
        let body = try await api.call(
            .get,
            "pulls",
            query: query + [("per_page", "\(Self.pageSize)")]
        )
        return try api.decode([GitHubPullRequest].self, from: body)
    }

    private func find(
        _ proposal: PullRequestProposal
    ) async throws(ForgeError) -> GitHubPullRequest? {
        let pulls = try await list([
            ("head", "\(api.repository.owner):\(proposal.head)"), ("state", "all"),
            ("sort", "created"), ("direction", "desc"),
        ])
        // A filter that GitHub doesn't understand is passed over, and all there are come back.
        let ours = pulls.filter {
            $0.head.ref == proposal.head
                && $0.head.user?.login.lowercased() == api.repository.owner.lowercased()
        }
        return GitHubPullRequest.match(proposal, in: ours)
    }

    /// Takes what was found, and completes what an earlier call didn't come to.
    private func adopt(
        _ found: GitHubPullRequest,
        _ proposal: PullRequestProposal
    ) async -> OpenedPullRequest {
        var opened = OpenedPullRequest(pullRequest: found.domain, wasFound: true)
        guard opened.pullRequest.state == .open else { return opened }
        let text = GitHubPullRequestText(
            title: proposal.title,
            body: PullRequestSeal.seal(proposal)
        )
        switch PullRequestSeal.state(title: found.title, body: found.body ?? "") {
        case .foreign: return opened
        case .edited: break
        case .intact(let seal):
            guard seal != PullRequestSeal.digest(title: text.title, body: proposal.body) else {
                break
            }
            do {
                _ = try await api.call(.patch, "pulls/\(found.number)", sending: text)
            } catch {
                opened.notes.append("the pull request's text is an older one: \(error)")
            }
        }
        opened.notes += await complete(found, proposal)
        return opened
    }

    /// Labels and reviewers; a pull request without them is still one.
    private func complete(
        _ pull: GitHubPullRequest,
        _ proposal: PullRequestProposal
    ) async -> [String] {
        var notes: [String] = []
        let present = Set((pull.labels ?? []).map { $0.name.lowercased() })
        let labels = proposal.labels.filter { !present.contains($0.lowercased()) }
        if !labels.isEmpty {
            do {
                let path = "issues/\(pull.number)/labels"
                _ = try await api.call(.post, path, sending: GitHubLabels(labels: labels))
            } catch {
                notes.append("no label \(labels.joined(separator: ", ")): \(error)")
            }
        }
        let asked =
            (pull.requestedReviewers ?? []).map { $0.login.lowercased() }
            + (pull.requestedTeams ?? []).map { "\(api.repository.owner)/\($0.slug)".lowercased() }
        let reviewers = proposal.reviewers.filter { !asked.contains($0.lowercased()) }
        if !reviewers.isEmpty {
            do {
                let path = "pulls/\(pull.number)/requested_reviewers"
                _ = try await api.call(.post, path, sending: GitHubReviewers(reviewers))
            } catch {
                notes.append("no review asked of \(reviewers.joined(separator: ", ")): \(error)")
            }
        }
        return notes
    }

    /// Whether there may be a pull request now, although the call to open it gave none.
    private static func mayHaveBeenDone(_ error: ForgeError) -> Bool {
        switch error {
        case .http(let error): error.mayHaveArrived
        case .trouble, .unreadable: true
        case .rejected(_, _, let message): message.lowercased().contains("already exists")
        case .foreignRemote, .unauthorized, .forbidden, .needsSingleSignOn, .noRepository, .moved,
            .noPullRequest, .rateLimited, .draftsUnsupported, .nothingToMerge, .noBranch,
            .notVisibleYet, .cancelled, .disk, .brokenRecord, .newerRecord, .alreadyDecided:
            false
        }
    }

    /// What a refusal to open means, by the sentences that GitHub uses.
    private func explained(_ error: ForgeError, _ proposal: PullRequestProposal) -> ForgeError {
        guard case .rejected(let repository, 422, let message) = error else { return error }
        let text = message.lowercased()
        if text.contains("already exists") {
            return .notVisibleYet(head: proposal.head, repository: repository)
        }
        if text.contains("draft pull requests are not supported") {
            return .draftsUnsupported(repository: repository)
        }
        if text.contains("no commits between") {
            return .nothingToMerge(head: proposal.head, base: proposal.base)
        }
        if text.contains("base is invalid") {
            return .noBranch(proposal.base, repository: repository)
        }
        if text.contains("head is invalid") {
            return .noBranch(proposal.head, repository: repository)
        }
        return error
    }
}
