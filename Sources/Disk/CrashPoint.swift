#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A place before or after an act on the outside, at which a test has this process killed as by `kill -9`.
///
/// Debug builds alone have them. `LINECOOK_CRASH_POINTS` names a folder: a file in it that is named like a point
/// kills the process that gets there, once. What it holds is how often the point is passed before that: one byte
/// for each time.
package enum CrashPoint: String, CaseIterable, Sendable {
    // The daemon's.
    case beforeRecord = "before-record"
    case afterRecord = "after-record"
    case beforeClaim = "before-claim"
    case afterClaim = "after-claim"
    case beforeLaunch = "before-launch"
    case afterLaunch = "after-launch"
    case beforePullRequest = "before-pull-request"
    case afterPullRequest = "after-pull-request"
    case beforeStateChange = "before-state-change"
    case afterStateChange = "after-state-change"
    case beforeLink = "before-link"
    case afterLink = "after-link"
    case beforeComment = "before-comment"
    case afterComment = "after-comment"
    case beforeCleanUp = "before-clean-up"
    case afterCleanUp = "after-clean-up"
    // An attempt's.
    case beforeWorktree = "before-worktree"
    case afterWorktree = "after-worktree"
    case beforeAgent = "before-agent"
    case afterAgent = "after-agent"
    case beforeCommit = "before-commit"
    case afterCommit = "after-commit"
    case beforePush = "before-push"
    case afterPush = "after-push"
    case beforeResult = "before-result"
    case afterResult = "after-result"

    /// Whether it's an attempt's process that gets there, and not the daemon.
    package var isInAttempt: Bool {
        switch self {
        case .beforeRecord, .afterRecord, .beforeClaim, .afterClaim, .beforeLaunch, .afterLaunch,
            .beforePullRequest, .afterPullRequest, .beforeStateChange, .afterStateChange,
            .beforeLink, .afterLink, .beforeComment, .afterComment, .beforeCleanUp, .afterCleanUp:
            false
        case .beforeWorktree, .afterWorktree, .beforeAgent, .afterAgent, .beforeCommit,
            .afterCommit, .beforePush, .afterPush, .beforeResult, .afterResult:
            true
        }
    }

    /// Kills the process when a test wants it to die here.
    package func reach() {
        #if DEBUG
        guard let folder = Self.folder else { return }
        let path = "\(folder)/\(rawValue)"
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        if status.st_size > 0 {
            truncate(path, status.st_size - 1)
        } else if unlink(path) == 0 {
            kill(getpid(), SIGKILL)
            // It may take a moment until it has an effect.
            while true { pause() }
        }
        #endif
    }

    #if DEBUG
    private static let folder = getenv("LINECOOK_CRASH_POINTS").map { String(cString: $0) }
    #endif
}
