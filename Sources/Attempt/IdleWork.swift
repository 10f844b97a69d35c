import Agent
import Domain
import Synchronization

/// A hostile agent could name a new tool each time.
private let mostKinds = 256
/// The time between two looks, of which ten are in the limit where that's longer.
private let shortestTick = Duration.milliseconds(100)
private let longestTick = Duration.seconds(180)
/// What comes so much later than planned was a machine that stood still.
private let late = Duration.seconds(1)

/// The third clock of an agent: it runs while no file changes and nothing of a new kind happens.
///
/// Silence is told by the process room; this is for an agent that goes on talking, and paying, in a circle.
final class IdleWork<Work: Equatable & Sendable>: Sendable {
    private struct State {
        var kinds: Set<String> = []
        /// The uptime of the last progress, later by the time in which the machine stood still.
        var since: Duration
        var isOver = false
    }
    private let limit: Duration
    private let time: any TimeSource
    private let look: @Sendable (Work?) async throws -> Work
    private let state: Mutex<State>

    /// Starts the clock.
    ///
    /// - Parameters:
    ///   - limit: How long an agent may have nothing to show for its work.
    ///   - time: The time that it's measured in.
    ///   - look: Tells what has come of the work by now; it's given what it told before.
    init(
        limit: Duration,
        time: any TimeSource,
        look: @escaping @Sendable (Work?) async throws -> Work
    ) {
        self.limit = limit
        self.time = time
        self.look = look
        state = Mutex(State(since: time.now().uptime))
    }

    /// Whether the limit was reached.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Takes note of what the agent does.
    func saw(_ event: AgentEvent) {
        let now = time.now().uptime
        state.withLock { state in
            guard state.kinds.count < mostKinds, state.kinds.insert(event.kind).inserted
            else { return }
            state.since = now
        }
    }

    /// Looks at the work from time to time, until the limit is reached or the task is cancelled.
    ///
    /// - Returns: Whether the limit was reached.
    func waitUntilOver() async -> Bool {
        let tick = min(max(limit / 10, shortestTick), longestTick)
        var before = time.now().uptime
        // What can't be looked at counts as progress: the other clocks hold all the same.
        var work = try? await look(nil)
        while true {
            guard (try? await time.sleep(for: tick)) != nil else { return false }
            let found = try? await look(work)
            guard !Task.isCancelled else { return false }
            let hasChanged = found == nil || found != work
            work = found ?? work
            let now = time.now().uptime
            // The machine may as well stand still in a look as between two.
            let delay = now - before - tick
            before = now
            let isOver: Bool = state.withLock { state in
                if hasChanged {
                    state.since = now
                } else if delay > late {
                    state.since = min(now, state.since + delay)
                }
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
