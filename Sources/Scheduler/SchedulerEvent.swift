package import Cron
package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A workflow that new tickets are taken up by.
package struct WorkflowInForce: Equatable, Sendable {
    package var workflow: Workflow
    /// `nil` for an interval (`every:`), which needs no calendar.
    package var cron: Schedule?

    package init(workflow: Workflow, cron: Schedule?) {
        self.workflow = workflow
        self.cron = cron
    }
}

/// What a successful poll of one workflow saw.
package struct PollReport: Sendable {
    /// `nil` when only held tickets were asked for.
    package var candidates: [Ticket]?
    package var tracked: [TrackedTicket]
    /// The number of the newest run of each candidate that has had one.
    package var lastRuns: [TicketKey: Int]

    package init(
        candidates: [Ticket]?,
        tracked: [TrackedTicket],
        lastRuns: [TicketKey: Int] = [:]
    ) {
        self.candidates = candidates
        self.tracked = tracked
        self.lastRuns = lastRuns
    }
}

/// What the disk says of a run's live attempt when the daemon starts.
package enum AttemptFate: Equatable, Sendable {
    /// The run has no live attempt.
    case none
    /// Its process holds the attempt's lock; it's adopted.
    case alive(slot: Int)
    /// It ended while no daemon was there.
    case ended(AttemptResult)
    /// It's in the record but its process was never started.
    case notStarted
    /// Its process died without a result.
    case lost
}

/// A run that wasn't at rest when the daemon started.
package struct RecoveredRun: Sendable {
    package var run: Run
    /// The workflow that it was started under.
    package var workflow: Workflow
    package var fate: AttemptFate
    /// The ticket as the newest attempt was told of it.
    package var ticket: Ticket?
    /// The prompt that a person wrote, as the newest attempt was told of it.
    package var written: WrittenPrompt?
    /// What works, or worked, on the newest attempt; `nil` where nothing was started for it.
    package var agent: AgentSettings?

    package init(
        run: Run,
        workflow: Workflow,
        fate: AttemptFate,
        ticket: Ticket?,
        written: WrittenPrompt? = nil,
        agent: AgentSettings? = nil
    ) {
        self.run = run
        self.workflow = workflow
        self.fate = fate
        self.ticket = ticket
        self.written = written
        self.agent = agent
    }
}

/// The batches that hadn't come to their end when the daemon started.
package struct RecoveredBatches: Equatable, Sendable {
    /// Brought up to date with the records of their runs.
    package var open: [Batch]
    /// The number of each workflow's newest batch.
    package var newest: [String: Int]

    package init(open: [Batch] = [], newest: [String: Int] = [:]) {
        self.open = open
        self.newest = newest
    }
}

/// What happened outside, as far as the scheduler has to know.
package enum SchedulerEvent: Sendable {
    /// What wasn't at rest when the daemon started, the runs of others that hold their tickets, what the
    /// finished runs of the last 24 hours cost, how far the schedules had come, what the breakers remembered, and
    /// which providers had asked for a break; comes first.
    case recovered(
        [RecoveredRun],
        RecoveredBatches = RecoveredBatches(),
        held: [RunID] = [],
        spent: [Spending] = [],
        ticks: [TickMark] = [],
        breakers: [BreakerMark] = [],
        breaks: [ProviderBreak] = []
    )
    /// The workflows in force: at the start and after each change.
    case workflows([WorkflowInForce])
    /// How many attempts this machine may run at once from now on; those that run beyond it go on.
    case slots(Int)
    /// The disks that have too little room left; none when all have enough.
    case disks([DiskShortage])
    /// When too many failures stop everything, from now on.
    case breaker(BreakerSettings)
    case timePassed
    /// A person or a webhook wants to know now, not at the next tick.
    case pollRequested
    case polled(workflow: String, PollReport)
    /// `isRetryable` when the same poll may well succeed later without a person's doing.
    case pollFailed(workflow: String, reason: String, isRetryable: Bool)
    /// The ticket is ours and Linear shows it started; here it is as it stands now, with the prompt that a
    /// person wrote for it.
    case claimed(RunID, Ticket, WrittenPrompt? = nil)
    case claimFailed(RunID, reason: String)
    /// There is no such ticket any more.
    case claimedNothing(RunID)
    /// The attempt's process runs, from this commit of the base.
    case launched(RunID, attempt: Int, base: String)
    case attemptEnded(RunID, attempt: Int, AttemptResult)
    /// The branches of its blockers don't fit together; only a person can mend that.
    case unstackable(RunID, attempt: Int, reason: String)
    /// The branch builds on this base now, and stands at this commit.
    case restacked(RunID, base: Run.Base, commit: String)
    case restackFailed(RunID, reason: String, isRetryable: Bool)
    case delivered(RunID, PullRequest)
    case deliveryFailed(RunID, reason: String, isRetryable: Bool)
    /// Linear knows of the run's state; its comment is of that time, by Linear's clock.
    case told(RunID, RunState, at: Date? = nil)
    case tellFailed(RunID, RunState, reason: String)
    case pullRequestSeen(RunID, PullRequest)
    /// The forge was asked for these runs' pull requests; what was seen has been said.
    case looked([RunID])
    case cleaned(RunID, how: String)
    /// A hook that isn't an attempt's has run.
    case hookEnded(RunID, CheckResult)
    /// A person wants a run to go on, perhaps with a bigger budget.
    case retried(RetryRequest)
    /// Nothing new is to be taken up; what runs goes on.
    case drained
    /// What runs is to be stopped, in a way that the next start goes on from.
    case interrupted
}

/// What the service must do now, in this order.
package enum SchedulerCommand: Equatable, Sendable {
    /// Make the run's folder and first record; comes before anything is done for it.
    case begin(CopiedOnWrite<Run>, Shared<Workflow>)
    /// Write the run's record; what follows for the same run waits for it.
    case save(CopiedOnWrite<Run>)
    /// Write the batch's record, refreshed: its first or its last.
    case saveBatch(Batch)
    /// Write the record of the batch with this name as `openBatch(_:)` has it then, refreshed: one with thousands of
    /// tickets isn't copied with each of their steps.
    case refreshBatch(String)
    /// Write how far a schedule has come; a poll that follows for the same workflow waits for it.
    case saveTick(TickMark)
    /// Write what the breakers have to remember, and which providers have asked for a break.
    case saveBreaker([BreakerMark], [ProviderBreak])
    /// Ask Linear for the workflow's tickets (`candidates`) and for those that are held.
    case poll(workflow: Shared<Workflow>, candidates: Bool, tracked: TrackedQuestion)
    /// Move the ticket to its started state and fetch it whole.
    case claim(RunID, ticket: String, Shared<Workflow>)
    case launch(Launch)
    case stop(RunID, attempt: Int)
    /// Open the pull request, or find the one that is open already.
    case deliver(CopiedOnWrite<Run>, Shared<Workflow>)
    /// Put the branch on what is left of its blockers' branches, push it, and aim its pull request there.
    case restack(CopiedOnWrite<Run>, Shared<Workflow>, onto: [Run.StackedOn])
    /// Tell Linear of the run's state: column, comment, attachment.
    case tell(CopiedOnWrite<Run>, Shared<Workflow>)
    case lookAtPullRequests([CopiedOnWrite<Run>], Shared<Workflow>)
    /// Remove the worktree if nothing would be lost.
    case clean(CopiedOnWrite<Run>, Shared<Workflow>)

    /// The run that the command is about, where it's about one.
    package var run: RunID? {
        switch self {
        case .begin(let run, _), .save(let run), .deliver(let run, _), .tell(let run, _),
            .clean(let run, _), .restack(let run, _, _):
            run.value.id
        case .claim(let id, _, _), .stop(let id, _): id
        case .launch(let launch): launch.run.id
        case .poll, .lookAtPullRequests, .saveBatch, .refreshBatch, .saveTick, .saveBreaker: nil
        }
    }

    /// One attempt to be started.
    package struct Launch: Equatable, Sendable {
        var sharedRun: CopiedOnWrite<Run>
        var sharedWorkflow: Shared<Workflow>
        var sharedTicket: Shared<Ticket>
        package var attempt: Int
        package var slot: Int
        /// What the attempt before failed on, with the end of its output.
        package var lastFailure: String?
        /// The prompt that a person wrote for the ticket.
        package var written: WrittenPrompt?

        package var run: Run { sharedRun.value }
        package var workflow: Workflow { sharedWorkflow.value }
        package var ticket: Ticket { sharedTicket.value }
    }
}
