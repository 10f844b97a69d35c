import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A run that isn't at rest, with what is going on for it in this process.
struct Entry: Sendable {
    /// What is under way; at most one at a time.
    enum Activity: Equatable, Sendable {
        /// Nothing. Then any other.
        case idle
        /// Linear is asked for the ticket. Then attempting, or idle.
        case claiming(slot: Int)
        /// The attempt's process runs or is being started. Then idle, once it has ended.
        case attempting(slot: Int, stop: StopCause?)
        /// The pull request is being opened. Then idle.
        case delivering
        /// The branch is being put on another base. Then idle, or delivering.
        case restacking
    }
    /// Why a live attempt was told to stop.
    enum StopCause: Equatable, Sendable {
        case ticket(String)
        /// The service goes down; the next start goes on.
        case service
    }
    /// What it works under.
    private struct Settings: Sendable {
        var workflow: Shared<Workflow>
        /// The agent's settings for every ticket.
        var common: AgentSettings
        /// Those for this ticket, with its fallbacks.
        var profiles: [AgentSettings]
        /// Which of them the next attempt gets.
        var chosen = 0
    }
    /// A write to Linear or the forge that has to be tried again.
    struct Repeat: Equatable, Sendable {
        var after: Duration
        var tries: Int
    }

    /// The run as it is now, for a command.
    private(set) var record: CopiedOnWrite<Run>
    private var settings: Shared<Settings>
    /// The whole ticket; `nil` after a restart, until it's claimed again.
    var ticket: Shared<Ticket>?
    /// The prompt that a person wrote for it.
    var written: WrittenPrompt?
    var activity = Activity.idle
    var isTelling = false
    var isCleaning = false
    var isBeingLookedAt = false
    var again: Repeat?
    /// Whether the time that its next attempt waited for has come, although it has no slot yet.
    var isRipe = false
    var lastFailure: String?
    /// Name of the state that the ticket was taken from, for `slots.by_state`.
    var takenFrom: String?
    /// For `slots.by_label`, as they were when the ticket was last seen.
    var ticketLabels: [String] = []

    init(run: Run, workflow: Shared<Workflow>) {
        record = CopiedOnWrite(run)
        settings = Shared(
            Settings(
                workflow: workflow,
                common: workflow.value.agent,
                profiles: workflow.value.agent.profiles
            )
        )
    }

    var run: Run {
        @inline(__always) _read { yield record.value }
        @inline(__always) _modify { yield &record.value }
    }

    /// The run's copy; its agent's settings are those that its attempt gets.
    var workflow: Workflow { @inline(__always) _read { yield settings.value.workflow.value } }

    /// The same for a command.
    var sharedWorkflow: Shared<Workflow> { settings.value.workflow }

    /// The agents that may work on this ticket, in the order in which they are tried.
    var profiles: [AgentSettings] { settings.value.profiles }

    /// Works out which of the agent's settings this ticket gets.
    mutating func chooseAgent(for ticket: Ticket) {
        let common = settings.value.common
        // Most workflows have one agent for all tickets.
        if common.overrides.isEmpty, common.models.isEmpty, common.fallback.isEmpty,
            run.profile == nil
        {
            return
        }
        let fallback = run.profile?.fallback
        let (own, profile) = common.resolved(for: ticket)
        run.profile = profile
        let profiles = own.profiles
        if profiles != settings.value.profiles || profiles[0] != workflow.agent {
            var changed = settings.value
            changed.profiles = profiles
            changed.workflow.value.agent = profiles[0]
            changed.chosen = 0
            settings.value = changed
        }
        // What works now is chosen with each attempt.
        guard let fallback else { return }
        run.profile = run.profile ?? AgentProfile()
        run.profile?.fallback = fallback
    }

    /// Lets the next attempt have one of them.
    ///
    /// - Parameters:
    ///   - place: Its place in `profiles`.
    ///   - words: Which one, and why; `nil` for the first.
    mutating func take(_ place: Int, because words: String?) {
        if settings.value.chosen != place {
            var changed = settings.value
            changed.chosen = place
            changed.workflow.value.agent = changed.profiles[place]
            settings.value = changed
        }
        guard words != run.profile?.fallback else { return }
        var noted = run.profile ?? AgentProfile()
        noted.fallback = words
        run.profile = noted == AgentProfile() ? nil : noted
    }

    /// Goes on with the one that works, or worked, on its newest attempt.
    mutating func take(_ agent: AgentSettings) {
        let place = profiles.firstIndex { $0.provider == agent.provider && $0.model == agent.model }
        if let place { take(place, because: run.profile?.fallback) }
    }

    /// Whether the files that its ticket names are being worked on.
    @inline(__always) var isWorkingOnFiles: Bool {
        switch run.state {
        case .queued, .waiting, .running, .backingOff, .parked, .delivering: true
        case .needsHuman, .inReview, .done, .failed, .cancelled: false
        }
    }

    /// Whether a person's decision on its pull request is waited for.
    var hasOpenPullRequest: Bool {
        switch run.state {
        case .inReview: true
        case .needsHuman: run.pullRequest?.state == .open
        case .queued, .waiting, .running, .backingOff, .parked, .delivering, .done, .failed,
            .cancelled:
            false
        }
    }

    /// Whether its branch is verified and pushed, and waits for a person.
    var isOffered: Bool { run.state == .inReview && run.attempts.last?.pushed != nil }

    /// Whether a dependant in this workflow can build on its branch: it's verified, pushed, and in the same
    /// repository.
    func isOffered(to other: Shared<Workflow>) -> Bool {
        isOffered && workflow.repository.path == other.value.repository.path
            && workflow.repository.remote == other.value.repository.remote
    }

    @inline(__always) var slot: Int? {
        switch activity {
        case .claiming(let slot), .attempting(let slot, _): slot
        case .idle, .delivering, .restacking: nil
        }
    }

    /// The number of the attempt that runs now.
    @inline(__always) var liveNumber: Int? {
        // Nothing that is asked of an attempt or a run as a whole is asked here: each would be copied for it.
        guard let last = run.attempts.indices.last, run.attempts[last].outcome == nil else {
            return nil
        }
        return run.attempts[last].number
    }

    /// Whether an attempt is to be started as soon as a slot is free.
    func isDue(at now: Moment) -> Bool {
        guard activity == .idle else { return false }
        switch run.state {
        case .queued, .running: return (again?.after ?? .zero) <= now.uptime
        case .waiting: return true
        case .backingOff, .parked: return run.retry.map { $0.at <= now.wall } ?? true
        case .needsHuman, .delivering, .inReview, .done, .failed, .cancelled: return false
        }
    }
}
