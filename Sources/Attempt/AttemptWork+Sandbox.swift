import Agent
import Domain
import Git
import ProcessTree
import RunStore
import SystemPackage

extension AttemptWork {
    /// What of the machine this attempt's agent and commands get to see; `nil` for all of it.
    ///
    /// - Throws: `EarlyEnd` when the folders that a commit needs can't be made.
    func confinement(for worktree: Worktree) throws -> Confinement? {
        let agent = job.workflow.agent
        guard agent.sandbox == .bubblewrap else { return nil }
        let commits: (readable: [FilePath], writable: [FilePath])
        do {
            commits = try worktree.needsOfCommits()
        } catch {
            throw end(.worktreeFailed, "\(error)")
        }
        // The state folder holds what other tickets' agents said and were told.
        let state = (0..<4).reduce(folder) { path, _ in path.removingLastComponent() }
        var confinement = Confinement(
            hidden: [state],
            readable: commits.readable + agent.sandboxReads
                + [folder.appending(AttemptFile.prompt)],
            writable: [job.worktree] + commits.writable + agent.sandboxWrites
        )
        if let home = environment["HOME"].map({ FilePath($0) }), home.isAbsolute {
            confinement.hidden.append(home)
            confinement.readable += Self.identity.map { home.pushing($0) }
            confinement.writable += agent.kind.homePaths.map { home.appending($0) }
        }
        return confinement
    }

    /// Who commits; what else git keeps in the home folder may be credentials.
    private static let identity: [FilePath] = [
        ".gitconfig", ".config/git/config", ".config/git/ignore", ".config/git/attributes",
    ]
}
