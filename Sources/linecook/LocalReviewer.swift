import Domain
import Forge
import Git
import RunStore

/// Merges the local forge's pull requests: the merge on the remote first, then its record.
struct LocalReviewer: Sendable {
    enum Decision {
        case merged(LocalPullRequest, commit: String)
        case conflict(LocalPullRequest, files: [String])
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
        let repository = try Repository(
            try settings(of: pull),
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

    /// The repository of the run that opened it, as its workflow was then.
    private func settings(of pull: LocalPullRequest) throws -> RepositorySettings {
        guard let key = pull.ticket else {
            throw UsageError("#\(pull.number) names no ticket; merge \(pull.head) by hand")
        }
        for number in try store.runNumbers(of: key).reversed() {
            let id = RunID(ticket: key, number: number)
            if let run = try store.run(id), run.branch == pull.head,
                let workflow = try store.workflow(of: id)
            {
                return workflow.repository
            }
        }
        throw UsageError("no run of \(key) has the branch \(pull.head); merge it by hand")
    }
}
