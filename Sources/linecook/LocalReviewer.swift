import Domain
import Forge
import Git
import RunStore

/// Merges the local forge's pull requests: the merge on the remote first, then its record.
struct LocalReviewer: Sendable {
    enum Decision {
        case merged(LocalPullRequest, commit: String)
        case conflict(LocalPullRequest, files: [String])
        /// Its base isn't the repository's: these come first, or the service aims it anew soon when there are
        /// none.
        case stacked(LocalPullRequest, on: [LocalPullRequest])
    }
    let store: RunStore
    let forge: LocalForge
    let environment: [String: String]
    let time: any TimeSource

    /// - Throws: `UsageError` when it can't be told which repository the pull request belongs to, else what
    ///   git and the forge throw.
    func merge(_ number: Int, by person: String) async throws -> Decision {
        let pull = try forge.record(number)
        guard pull.state == .open else {
            throw UsageError("#\(number) is \(pull.state.rawValue) already")
        }
        let (run, settings) = try origin(of: pull)
        guard pull.base == settings.base else {
            let below = [pull.base] + (run.base.stack ?? []).map(\.branch)
            let first = try forge.list().pulls
                .filter { $0.state == .open && below.contains($0.head) }
            return .stacked(pull, on: first)
        }
        let repository = try Repository(
            settings,
            environment: environment,
            time: time
        )
        let outcome = try await repository.merge(
            try BranchName(pull.head),
            message: "Merge #\(pull.number): \(pull.title.inOneLine(limit: 200))"
        )
        switch outcome {
        case .merged(let commit), .alreadyMerged(let commit):
            let record = try forge.markMerged(
                number,
                commit: commit,
                at: time.now().wall,
                by: person
            )
            return .merged(record, commit: commit)
        case .conflict(let files): return .conflict(pull, files: files)
        case .declined(let reason):
            throw UsageError("the remote doesn't let \(pull.base) be pushed to: \(reason)")
        }
    }

    /// The run that opened it, and its repository, as its workflow was then.
    private func origin(
        of pull: LocalPullRequest
    ) throws -> (run: Run, settings: RepositorySettings) {
        guard let key = pull.ticket else {
            throw UsageError("#\(pull.number) names no ticket; merge \(pull.head) by hand")
        }
        for number in try store.runNumbers(of: key).reversed() {
            let id = RunID(ticket: key, number: number)
            if let run = try store.run(id), run.branch == pull.head,
                let workflow = try store.workflow(of: id)
            {
                return (run, workflow.repository)
            }
        }
        throw UsageError("no run of \(key) has the branch \(pull.head); merge it by hand")
    }
}
