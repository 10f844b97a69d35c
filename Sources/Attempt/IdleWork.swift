import Agent
import Domain
import Git
import Synchronization

/// The third clock of an agent: it runs while no file changes and nothing of a new kind happens.
///
/// Silence is told by the process room; this is for an agent that goes on talking, and paying, in a circle.
final class IdleWork: Sendable {
    private struct State {
        var kinds: Set<String> = []
        /// The uptime of the last progress.
        var since: Duration
        var isOver = false
    }
    private let limit: Duration
    private let worktree: Worktree
    private let time: any TimeSource
    private let state: Mutex<State>

    /// A hostile agent could name a new tool each time.
    private static let mostKinds = 256
    /// The time between two looks, of which ten are in the limit where that's longer.
    private static let shortestTick = Duration.milliseconds(100)
    private static let longestTick = Duration.seconds(180)
    /// What comes so much later than planned was a machine that stood still.
    private static let late = Duration.seconds(1)

    init(limit: Duration, worktree: Worktree, time: any TimeSource) {
        self.limit = limit
        self.worktree = worktree
        self.time = time
        state = Mutex(State(since: time.now().uptime))
    }

    /// Whether the limit was reached.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Takes note of what the agent does.
    func saw(_ event: AgentEvent) {
        let now = time.now().uptime
        state.withLock { state in
            guard state.kinds.count < Self.mostKinds, state.kinds.insert(event.kind).inserted
            else { return }
            state.since = now
        }
    }

    /// Looks at the files from time to time, until the limit is reached or the task is cancelled.
    ///
    /// - Returns: Whether the limit was reached.
    func waitUntilOver() async -> Bool {
        let tick = min(max(limit / 10, Self.shortestTick), Self.longestTick)
        // What can't be looked at counts as progress: the other clocks hold all the same.
        var work = try? await worktree.workState()
        while true {
            let before = time.now().uptime
            guard (try? await time.sleep(for: tick)) != nil else { return false }
            let delay = time.now().uptime - before - tick
            let found = try? await worktree.workState(after: work)
            guard !Task.isCancelled else { return false }
            let hasChanged = found == nil || found != work
            work = found ?? work
            let now = time.now().uptime
            let isOver: Bool = state.withLock { state in
                if delay > Self.late { state.since += delay }
                if hasChanged { state.since = now }
                state.isOver = now - state.since >= limit
                return state.isOver
            }
            if isOver { return true }
        }
    }
}

extension AgentEvent {
    /// What sort of thing it tells of, whatever it says.
    fileprivate var kind: String {
        switch self {
        case .started: "started"
        case .message: "message"
        // The end of a call is no other sort of thing than its begin.
        case .tool(let name, _), .toolEnded(let name, _): "tool \(name)"
        case .edited: "edited"
        case .toolFailed: "tool failed"
        case .denied(let tool, _, _): "denied \(tool)"
        case .retrying: "retrying"
        case .limited: "limited"
        case .usage: "usage"
        case .outcome: "outcome"
        case .notice: "notice"
        case .output: "output"
        case .skipped: "skipped"
        }
    }
}
