import Disk
package import Domain
package import Forge
package import Git
import SystemPackage

/// Git and a forge as the service's delivery.
package struct GitDelivery: Delivery {
    /// Makes what is needed for one repository; called again for each use, so that a mended configuration is
    /// seen.
    private let repository: @Sendable (Workflow) throws -> Repository
    private let clone: @Sendable (Workflow) async throws -> Void
    private let forge: @Sendable (Workflow, Repository) async throws -> any Forge
    private let time: any TimeSource
    private let fetches = BaseFetches()

    package init(
        time: any TimeSource,
        repository: @escaping @Sendable (Workflow) throws -> Repository,
        clone: @escaping @Sendable (Workflow) async throws -> Void,
        forge: @escaping @Sendable (Workflow, Repository) async throws -> any Forge
    ) {
        self.time = time
        self.repository = repository
        self.clone = clone
        self.forge = forge
    }

    package func makeReady(for workflow: Workflow) async throws {
        do {
            try await clone(workflow)
        } catch let error as GitError {
            throw DeliveryFailure("\(error)", isRetryable: error.isTransient)
        }
    }

    package func baseCommit(of workflow: Workflow) async throws -> String {
        let repository = try repository(workflow)
        let key = "\(repository.path)\n\(repository.remote)\n\(repository.base)"
        return try await fetches.commit(of: key, time: time) {
            try await repository.fetchBase()
        }
    }

    package func baseMoved(of workflow: Workflow) async { await fetches.forget() }

    package func combine(_ run: Run, of workflow: Workflow) async throws -> Combination {
        let repository = try repository(workflow)
        return try await combine(run.base.stack ?? [], for: run, in: repository)
    }

    /// Puts the stack's commits together and pushes them as the run's own base.
    private func combine(
        _ stack: [Run.StackedOn],
        for run: Run,
        in repository: Repository
    ) async throws -> Combination {
        let names = stack.map(\.ticket.rawValue).joined(separator: ", ")
        switch try await repository.combine(
            stack.map(\.commit),
            message: "\(names) together, for \(run.ticket.key)"
        ) {
        case .conflict(let files, _):
            let shown = files.prefix(5).map { $0.inOneLine(limit: 200) }.joined(separator: ", ")
            let more = files.count > 5 ? " and \(files.count - 5) more" : ""
            return .conflict("the branches of \(names) conflict in \(shown)\(more)")
        case .combined(let commit):
            let own = Run.stackBranch(of: run.id)
            switch try await repository.publish(
                commit,
                as: try BranchName(own),
                replacing: run.base.branch == own ? run.base.commit : nil
            ) {
            case .pushed, .upToDate: return .commit(commit)
            case .rejected(let reason), .declined(let reason):
                throw DeliveryFailure("\(own): \(reason)", isRetryable: false)
            }
        }
    }

    package func restack(
        _ run: Run,
        of workflow: Workflow,
        onto stack: [Run.StackedOn]
    ) async throws -> (base: Run.Base, commit: String) {
        do {
            let repository = try repository(workflow)
            let base = try await self.base(of: run, workflow, on: stack, in: repository)
            guard let onto = base.commit, let old = run.base.commit else {
                throw DeliveryFailure("the run has no base to leave", isRetryable: false)
            }
            let outcome = try await repository.restack(
                branch: try BranchName(run.branch),
                from: old,
                onto: onto,
                worktree: repository.path.pushing(FilePath(run.worktree)).lexicallyNormalized(),
                lastPushed: run.attempts.last?.pushed
            )
            let commit = try Self.commit(of: outcome, base.branch)
            if let number = run.pullRequest?.number {
                _ = try await forge(workflow, repository).retarget(number, to: base.branch)
            }
            let own = Run.stackBranch(of: run.id)
            if run.base.branch == own, base.branch != own {
                _ = try await repository.deleteRemote(try BranchName(own), at: old)
            }
            return (base, commit)
        } catch let error as ForgeError {
            throw DeliveryFailure("\(error)", isRetryable: error.isRetryable)
        } catch let error as GitError {
            throw DeliveryFailure("\(error)", isRetryable: error.isTransient)
        }
    }

    /// What a run builds upon next: the base itself, a blocker's branch, or several put together.
    private func base(
        of run: Run,
        _ workflow: Workflow,
        on stack: [Run.StackedOn],
        in repository: Repository
    ) async throws -> Run.Base {
        var base = run.base
        base.stack = stack
        switch stack.count {
        case 0:
            base.branch = workflow.repository.base
            base.commit = try await repository.fetchBase()
        case 1:
            base.branch = stack[0].branch
            base.commit = stack[0].commit
        default:
            switch try await combine(stack, for: run, in: repository) {
            case .conflict(let reason): throw DeliveryFailure(reason, isRetryable: false)
            case .commit(let commit):
                base.branch = Run.stackBranch(of: run.id)
                base.commit = commit
            }
        }
        return base
    }

    private static func commit(of outcome: RestackOutcome, _ base: String) throws -> String {
        func shown(_ files: [String]) -> String {
            files.prefix(5).map { $0.inOneLine(limit: 200) }.joined(separator: ", ")
                + (files.count > 5 ? " and \(files.count - 5) more" : "")
        }
        switch outcome {
        case .restacked(let commit), .alreadyThere(let commit): return commit
        case .conflict(let files):
            throw DeliveryFailure(
                "it conflicts with \(base) in \(shown(files))",
                isRetryable: false
            )
        case .uncommitted(let files):
            throw DeliveryFailure(
                "its worktree has uncommitted changes in \(shown(files))",
                isRetryable: false
            )
        case .rejected(let reason): throw DeliveryFailure(reason, isRetryable: false)
        }
    }

    package func open(_ run: Run, of workflow: Workflow) async throws -> PullRequest {
        do {
            let repository = try repository(workflow)
            let commit = run.attempts.last?.pushed ?? run.attempts.last?.changes?.commits.last ?? ""
            let proposal = PullRequestProposal(
                run: run,
                delivery: workflow.deliver,
                headCommit: commit
            )
            return try await forge(workflow, repository).open(proposal).pullRequest
        } catch let error as ForgeError {
            throw DeliveryFailure("\(error)", isRetryable: error.isRetryable)
        } catch let error as GitError {
            throw DeliveryFailure("\(error)", isRetryable: error.isTransient)
        }
    }

    package func pullRequests(
        of runs: [Run],
        of workflow: Workflow
    ) async throws -> [RunID: PullRequest] {
        let forge = try await forge(workflow, repository(workflow))
        let states = try await forge.states(of: runs.compactMap(\.pullRequest?.number))
        var found: [RunID: PullRequest] = [:]
        for run in runs { found[run.id] = run.pullRequest.flatMap { states[$0.number] } }
        return found
    }

    package func clean(_ run: Run, of workflow: Workflow) async throws -> String {
        if workflow.deliver.cleanup == .never { return "kept: deliver.cleanup is never" }
        let repository = try repository(workflow)
        let path = repository.path.pushing(FilePath(run.worktree)).lexicallyNormalized()
        switch try await repository.removeWorktree(
            at: path,
            branch: try BranchName(run.branch),
            savingAs: run.ticket.key.rawValue
        ) {
        case .removed: return "removed"
        case .saved(let branches):
            return "removed; what was nowhere else is saved here as "
                + branches.joined(separator: ", ")
        case .kept(let reason): return "kept: \(reason)"
        }
    }
}

/// One fetch at a time for each base; who asks while it's under way gets the same answer, and so does who
/// asks within a few seconds of it.
private actor BaseFetches {
    private struct Fetched {
        var commit: String
        var at: Duration
    }
    private var fetched: [String: Fetched] = [:]
    private var waiting: [String: [CheckedContinuation<String, any Error>]] = [:]
    /// How often the base was said to have moved; what was asked before is no answer any more.
    private var moves = 0
    /// How old an answer may be: what one tick starts shares it.
    private static let freshness = Duration.seconds(10)

    func forget() {
        moves += 1
        fetched = [:]
    }

    func commit(
        of base: String,
        time: any TimeSource,
        _ fetch: @Sendable () async throws -> String
    ) async throws -> String {
        let key = "\(moves)\n\(base)"
        if let known = fetched[key], time.now().uptime - known.at < Self.freshness {
            return known.commit
        }
        if waiting[key] != nil {
            return try await withCheckedThrowingContinuation { waiting[key]?.append($0) }
        }
        waiting[key] = []
        let began = time.now().uptime
        let result: Result<String, any Error>
        do { result = .success(try await fetch()) } catch { result = .failure(error) }
        if case .success(let commit) = result { fetched[key] = Fetched(commit: commit, at: began) }
        for continuation in waiting.removeValue(forKey: key) ?? [] {
            continuation.resume(with: result)
        }
        return try result.get()
    }
}
