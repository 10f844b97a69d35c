import Agent
import Attempt
import Domain
import Git
import Linear
import RunStore
import SystemPackage
import Verification
import WorkflowFile

/// What `verify` does: finds out what is meant, and checks it.
struct VerifyWork {
    struct Report {
        var folder: FilePath?
        var commit: String?
        var base: String?
        var found: Verification.Report
        /// What a person should know of what wasn't checked.
        var notes: [String]
    }
    let installation: Installation
    let settings: Workflow

    var logs: FilePath { installation.store.layout.root.appending("verify") }

    /// Checks a folder or a branch.
    ///
    /// - Throws: `UsageError`, `GitError`, and what Linear answers.
    func report(place: String?, base: String?, ticket: TicketKey?) async throws -> Report {
        let folder = installation.context.currentFolder.pushing(FilePath(place ?? "."))
            .lexicallyNormalized()
        let isFolder = Installation.names(folder) != nil
        let (described, note) = try await described(
            by: ticket,
            branch: isFolder ? branch(checkedOutIn: folder) : place
        )
        var report = try await report(place, folder, base: base, described)
        report.notes = [note].compactMap(\.self) + report.notes
        return report
    }

    /// What the ticket's text says: of the one that was named, else of the one whose key the branch's name holds.
    ///
    /// - Returns: A note, too, where the ticket was guessed; without a text a guess costs nothing but the check.
    private func described(
        by ticket: TicketKey?,
        branch: String?
    ) async throws -> (files: DescribedFiles?, note: String?) {
        if let ticket { return (try await files(ticket), nil) }
        guard settings.verify.touch != .any,
            let guess = branch.flatMap({ TicketKey(inBranch: $0) }),
            guess.team == settings.tickets.team.uppercased()
        else { return (nil, nil) }
        do {
            return (try await files(guess), "the ticket is \(guess), by the name of the branch")
        } catch {
            return (nil, "the ticket may be \(guess), whose text isn't to be had: \(error)")
        }
    }

    /// `nil` where it is no worktree of the repository, or on no branch.
    private func branch(checkedOutIn folder: FilePath) -> String? {
        // What is wrong with the repository is told by what comes next.
        (try? makeRepository())?.branch(checkedOutIn: folder)
    }

    private func report(
        _ place: String?,
        _ folder: FilePath,
        base: String?,
        _ described: DescribedFiles?
    ) async throws -> Report {
        try installation.store.makeFolder(logs)
        try await Repository.cloneIfMissing(
            settings.repository,
            environment: installation.context.environment,
            time: SystemTime()
        ) { Console.error("cloning \($0)") }
        guard Installation.names(folder) != nil else {
            return try await branch(place ?? "", base: base, described)
        }
        // A folder may be anywhere; then there is nothing to compare it with.
        let known = try? makeRepository()
        guard let repository = known, let snapshot = try await repository.snapshot(of: folder)
        else {
            guard !settings.verify.steps.isEmpty else {
                throw UsageError(
                    "\(folder): not a worktree of \(settings.repository.path), and workflow"
                        + " \(settings.name) has no verify.steps; there is nothing to run"
                )
            }
            return Report(
                folder: folder,
                found: try await steps(in: folder),
                notes: [
                    "\(folder) isn't a worktree of \(settings.repository.path): only the steps are run"
                ]
            )
        }
        let start = try await forkPoint(of: snapshot.commit, base, repository)
        let changes = try await ChangeChecks(
            repository,
            settings: settings.verify,
            limits: settings.limits
        ).run(
            from: start,
            to: snapshot.tree,
            history: snapshot.commit,
            described: described,
            folder: snapshot.folder
        )
        var report = Report(
            folder: folder,
            commit: snapshot.commit,
            base: start,
            found: changes,
            notes: []
        )
        if settings.verify.clean {
            if snapshot.isDirty {
                report.notes.append(
                    "what isn't committed is not in the clean checkout of the steps"
                )
            }
            report.found = changes.followed(by: try await checkout(snapshot.commit, repository))
        } else {
            report.found = changes.followed(by: try await steps(in: folder))
        }
        return report
    }

    private func branch(
        _ name: String,
        base: String?,
        _ described: DescribedFiles?
    ) async throws -> Report {
        let repository = try makeRepository()
        guard let commit = try await repository.commit(named: name) else {
            throw UsageError(
                "'\(name.inOneLine(limit: 200))' is no folder, and no branch of \(repository.path)"
            )
        }
        let start = try await forkPoint(of: commit, base, repository)
        let changes = try await ChangeChecks(
            repository,
            settings: settings.verify,
            limits: settings.limits
        ).run(from: start, to: commit, history: commit, described: described, folder: nil)
        return Report(
            commit: commit,
            base: start,
            found: changes.followed(by: try await checkout(commit, repository)),
            notes: []
        )
    }

    private func makeRepository() throws -> Repository {
        try Repository(
            settings.repository,
            environment: installation.context.environment,
            time: SystemTime()
        )
    }

    private func forkPoint(
        of commit: String,
        _ base: String?,
        _ repository: Repository
    ) async throws -> String {
        if let start = try await repository.forkPoint(of: commit, from: base) { return start }
        throw UsageError(
            "\(repository.path): no base '\((base ?? settings.repository.base).inOneLine(limit: 200))'"
                + " that \(commit.prefix(12)) builds on; name one with --base"
        )
    }

    /// Runs the steps in a checkout beside the repository.
    private func checkout(
        _ commit: String,
        _ repository: Repository
    ) async throws -> Verification.Report {
        guard !settings.verify.steps.isEmpty else {
            return Verification.Report(results: [], failureOutput: nil)
        }
        let name = "\(repository.path.string)-\(commit.prefix(12))\(Repository.checkoutEnding)"
        return try await repository.withCheckout(of: commit, at: FilePath(name)) { folder in
            _ = try repository.copy(settings.repository.copy, to: folder)
            return try await steps(in: folder, setup: settings.repository.setup)
        }
    }

    private func steps(in folder: FilePath, setup: String? = nil) async throws
        -> Verification.Report
    {
        var environment = AgentEnvironment.allowed(
            of: installation.attemptEnvironment,
            naming: settings.agent.environment
        )
        environment["CI"] = "true"
        return try await Verification(
            environment: environment,
            marker: nil,
            memory: settings.agent.memory,
            output: settings.limits.output,
            time: SystemTime()
        )
        .run(
            settings.verify.steps.after(setup: setup),
            in: folder,
            logsIn: logs,
            named: "verify"
        )
    }

    /// The files that a ticket's text tells of, from its newest run or from Linear.
    private func files(_ key: TicketKey) async throws -> DescribedFiles {
        let store = installation.store
        if let number = try store.runNumbers(of: key).last,
            let run = try store.run(RunID(ticket: key, number: number)),
            let attempt = run.attempts.last,
            let job = try store.value(
                AttemptJob.self,
                at: store.layout.attempt(run.id, attempt.number).appending("job.json")
            )
        {
            return DescribedFiles(text: job.workText)
        }
        let composition = try installation.composition(needsForge: false)
        guard
            let ticket = try await composition.makeLinearClient().tickets([key]).first
        else { throw UsageError("Linear has no ticket \(key) that this token may see") }
        return DescribedFiles(
            text: [ticket.title, ticket.description ?? ""].joined(separator: "\n\n")
        )
    }
}
