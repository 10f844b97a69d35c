package import Domain
package import SystemPackage

/// What can go wrong between Linecook and a repository.
package enum GitError: Error, Equatable, Sendable, CustomStringConvertible {
    case gitNotFound(path: String)
    case noLargeFileProgram(FilePath)
    case notARepository(FilePath)
    case notCloned(RepositoryURL, FilePath)
    case cloneTookTooLong(RepositoryURL, after: Duration)
    case cloneInTheWay(FilePath, RepositoryURL)
    case unusableRemoteName(String)
    case unusableBranchName(String, BranchName.Problem)
    case branchIsBase(BranchName)
    case noSuchRemote(String, FilePath, known: [String])
    case noSuchBranch(BranchName, remote: String, FilePath)
    case notAuthorized(remote: String, GitFailure)
    case unreachable(remote: String, GitFailure)
    case baseKeepsMoving(BranchName, tries: Int)
    case timedOut(command: [String], FilePath, after: Duration)
    case tooMuchOutput(command: [String], FilePath, limitInBytes: Int)
    case busy(FilePath, holder: String?, after: Duration)
    case fileLocked(FilePath)
    case folderInTheWay(FilePath)
    case worktreeElsewhere(FilePath, branch: BranchName, found: String)
    case branchInUse(BranchName, at: FilePath)
    case unfinishedMerge(FilePath, files: [String])
    case pathOutside(String, of: FilePath)
    case tooOld(needed: String, operation: String)
    case failed(GitFailure)

    package var description: String {
        switch self {
        case .gitNotFound(let path):
            "PATH=\(harmless(path)): no program 'git' there; install git or add its folder to PATH"
        case .noLargeFileProgram(let objects):
            "\(objects): holds what git-lfs keeps, and there is no 'git-lfs' to push it with; install git-lfs,"
                + " or delete this folder when nothing in it is needed"
        case .notARepository(let path):
            "\(path): not a git repository; set repository.path to a clone"
        case .notCloned(let url, let path):
            "\(path): \(url) isn't cloned yet; 'linecook run' does that when it polls"
        case .cloneTookTooLong(let url, let limit):
            "\(url): the clone took longer than \(limit) and was ended; it is tried again later. If it"
                + " always takes that long, clone it by hand and set repository.path instead of url"
        case .cloneInTheWay(let path, let url):
            "\(path): there already, and no whole clone of \(url);"
                + " move it away, and it is cloned anew"
        case .unusableRemoteName(let name):
            "'\(name)' can't be the name of a remote; set repository.remote to one of 'git remote'"
        case .unusableBranchName(let name, let problem):
            "'\(name)' can't be the name of a branch: \(problem); change repository.branch"
        case .branchIsBase(let branch):
            "'\(branch)' is the base; a ticket needs a branch of its own: change repository.branch"
        case .noSuchRemote(let name, let path, let known):
            "\(path): no remote '\(name)'"
                + (known.isEmpty
                    ? "; add it with 'git remote add \(name) URL'"
                    : "; set repository.remote to one of: \(known.joined(separator: ", "))")
        case .noSuchBranch(let branch, let remote, let path):
            "\(path): the remote '\(remote)' has no branch '\(branch)';"
                + " set repository.base to one that it has, or push it there first"
        case .notAuthorized(let remote, let failure):
            "\(failure)\nThe remote '\(remote)' doesn't let this user in;"
                + " try 'git ls-remote \(remote)' by hand as the user that runs Linecook"
        case .unreachable(let remote, let failure):
            "\(failure)\nThe remote '\(remote)' can't be reached; it is tried again later"
        case .baseKeepsMoving(let branch, let tries):
            "'\(branch)' moved during each of \(tries) merges; merge again when it is quieter"
        case .timedOut(let command, let folder, let limit):
            "\(folder): 'git \(command.joined(separator: " "))' took longer than"
                + " \(limit) and was ended; look whether the disk or the remote answers"
        case .tooMuchOutput(let command, let folder, let limit):
            "\(folder): 'git \(command.joined(separator: " "))' said more than \(limit) bytes"
        case .busy(let lock, let holder, let limit):
            "\(lock): still held after \(limit)" + (holder.map { " by \($0)" } ?? "")
                + "; end that process if it hangs"
        case .fileLocked(let lock):
            "\(lock): another git works here, or one that died has left its lock;"
                + " delete this file when no git runs in the repository"
        case .folderInTheWay(let path):
            "\(path): there already, and not a worktree of this repository;"
                + " move it away or change repository.worktree"
        case .worktreeElsewhere(let path, let branch, let found):
            "\(path): a worktree of \(found), not of '\(branch)';"
                + " put it back with 'git switch \(branch)' or remove the worktree"
        case .branchInUse(let branch, let path):
            "'\(branch)' is checked out in \(path); remove that worktree or switch it elsewhere"
        case .unfinishedMerge(let path, let files):
            "\(path): a merge is left unfinished, with conflicts in "
                + files.prefix(5).map { harmless($0) }.joined(separator: ", ")
                + (files.count > 5 ? " and \(files.count - 5) more" : "")
                + "; finish it or give it up with 'git merge --abort'"
        case .pathOutside(let path, let folder):
            "repository.copy: '\(harmless(path))' leads out of \(folder);"
                + " name a file inside, relative to the repository"
        case .tooOld(let needed, let operation):
            "\(operation) needs git \(needed) or newer; update git"
        case .failed(let failure): failure.description
        }
    }

    /// Whether the same call may succeed later with nothing changed by a person.
    package var isTransient: Bool {
        switch self {
        case .notCloned, .cloneTookTooLong, .unreachable, .timedOut, .busy, .fileLocked,
            .baseKeepsMoving, .failed:
            true
        case .gitNotFound, .noLargeFileProgram, .notARepository, .cloneInTheWay,
            .unusableRemoteName,
            .unusableBranchName, .branchIsBase,
            .noSuchRemote, .noSuchBranch, .notAuthorized, .tooMuchOutput, .folderInTheWay,
            .worktreeElsewhere, .branchInUse, .unfinishedMerge, .pathOutside, .tooOld:
            false
        }
    }
}
