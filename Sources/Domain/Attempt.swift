package import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One execution of the agent in a run, as `run.json` tells of it.
package struct Attempt: Codable, Equatable, Sendable {
    /// From 1; also the number in the folder's name.
    package var number: Int
    /// `nil` while it runs.
    package var outcome: Outcome?
    /// One sentence; `nil` while it runs or when there is nothing to add.
    package var reason: String?
    package var started: Date
    package var ended: Date?
    package var seconds: Double?
    /// What it may cost; `nil` when nothing bounds it, and in records older than this key.
    package var limit: SpendingLimit?
    package var agent: AgentReport?
    package var changes: ChangeSummary?
    /// The commit that was pushed; `nil` when nothing was.
    package var pushed: String?
    package var verification: [CheckResult]
    /// `nil` when no hook ran.
    package var hooks: [CheckResult]?
    /// Relative to the run's folder.
    package var folder: String

    package init(number: Int, started: Date) {
        self.number = number
        self.started = started
        verification = []
        folder = "attempt-\(number)"
    }

    /// Takes over what the attempt's process found.
    package mutating func finish(with result: AttemptResult) {
        outcome = result.outcome
        reason = result.reason
        ended = result.ended
        seconds = max(0, (result.ended.timeIntervalSince(started) * 10).rounded() / 10)
        agent = result.agent
        changes = result.changes
        pushed = result.pushed
        verification = result.verification
        hooks = result.hooks
    }
}

/// What is known of the agent's program after it ended.
package struct AgentReport: Codable, Equatable, Sendable {
    package var kind: AgentSettings.Kind
    /// As the agent says it; `nil` when it doesn't.
    package var model: String?
    package var exit: Int?
    package var signal: Int?
    package var turns: Int?
    package var costUSD: Double?
    /// What its model read, but for what went to the provider's cache or came from it.
    package var inputTokens: Int?
    package var outputTokens: Int?
    /// What its model read and the provider put into its cache.
    package var cacheWriteTokens: Int?
    package var session: String?
    /// What it wasn't allowed to do, each once, the first twenty; `nil` when nothing was denied.
    package var denials: [Denial]?
    /// What the agent said last, cut to a few lines.
    package var lastMessage: String?

    package init(kind: AgentSettings.Kind) { self.kind = kind }

    private enum CodingKeys: String, CodingKey {
        case kind
        case model
        case exit
        case signal
        case turns
        case costUSD = "cost_usd"
        case inputTokens = "input_tokens"
        case outputTokens = "output_tokens"
        case cacheWriteTokens = "cache_write_tokens"
        case session
        case denials
        case lastMessage = "last_message"
    }
}

/// A tool that the agent wanted to use and wasn't allowed to.
package struct Denial: Codable, Equatable, Sendable, CustomStringConvertible {
    package var tool: String
    /// The part of its input that tells most, a command or a path, on one line; empty when it isn't known.
    package var input: String

    /// Takes what an agent said, and makes it short and harmless.
    package init(tool: String, input: String) {
        self.tool = tool.inOneLine(limit: 40)
        self.input = input.inOneLine(limit: 200)
    }

    package var description: String { input.isEmpty ? tool : "\(tool): \(input)" }
}

/// What a branch holds over its base.
package struct ChangeSummary: Codable, Equatable, Sendable {
    package var files: Int
    package var insertions: Int
    package var deletions: Int
    /// Full hashes, oldest first.
    package var commits: [String]
    /// The files, the first few hundred of them; `nil` in records older than this key.
    package var paths: [String]?

    package init(
        files: Int,
        insertions: Int,
        deletions: Int,
        commits: [String],
        paths: [String]? = nil
    ) {
        self.files = files
        self.insertions = insertions
        self.deletions = deletions
        self.commits = commits
        self.paths = paths
    }
}

/// `job.json`: everything that an attempt's process needs to know.
package struct AttemptJob: Codable, Equatable, Sendable {
    package var schema = 1
    /// Unlike any other attempt's on this machine; what `LINECOOK_ATTEMPT` says in every process of it.
    package var id: String
    package var ticket: Ticket
    package var run: Int
    package var attempt: Int
    package var workflow: Workflow
    /// The commit that the branch starts from.
    package var baseCommit: String
    package var branch: String
    /// Absolute.
    package var worktree: FilePath
    /// What the attempt before this one failed on, for the prompt.
    package var lastFailure: String?
    /// Which slot of the service this attempt holds, from 0.
    package var slot: Int
    /// What a person wrote for this ticket in a prompt file; it takes the description's place.
    package var written: WrittenPrompt?
    /// What the tickets did that this one waited for.
    package var blockers: [BlockerWork]?
    /// What people answered since the agent stopped.
    package var replies: [Run.HeardReply]?
    /// A folder for what may be computed anew at any time.
    package var cache: String?

    package init(
        id: String,
        ticket: Ticket,
        run: Int,
        attempt: Int,
        workflow: Workflow,
        baseCommit: String,
        branch: String,
        worktree: FilePath,
        lastFailure: String?,
        slot: Int,
        written: WrittenPrompt? = nil,
        blockers: [BlockerWork]? = nil,
        replies: [Run.HeardReply]? = nil,
        cache: String? = nil
    ) {
        self.id = id
        self.ticket = ticket
        self.run = run
        self.attempt = attempt
        self.workflow = workflow
        self.baseCommit = baseCommit
        self.branch = branch
        self.worktree = worktree
        self.lastFailure = lastFailure
        self.slot = slot
        self.written = written
        self.blockers = blockers
        self.replies = replies
        self.cache = cache
    }

    private enum CodingKeys: String, CodingKey {
        case schema
        case id
        case ticket
        case run
        case attempt
        case workflow
        case baseCommit = "base_commit"
        case branch
        case worktree
        case lastFailure = "last_failure"
        case slot
        case written
        case blockers
        case replies
        case cache
    }
}

/// The section of a prompt file that is one ticket's.
package struct WrittenPrompt: Codable, Equatable, Sendable {
    /// Where it stands, for people: a path, or what Linear calls it.
    package var source: String
    /// Markdown.
    package var text: String

    package init(source: String, text: String) {
        self.source = source
        self.text = text
    }
}

/// What a blocker's run left behind, for those who build on it.
package struct BlockerWork: Codable, Equatable, Sendable {
    package var ticket: TicketKey
    package var title: String
    /// The address of its pull request.
    package var pullRequest: String?
    /// What its agent said last.
    package var summary: String?
    package var paths: [String]

    package init(
        ticket: TicketKey,
        title: String,
        pullRequest: String?,
        summary: String?,
        paths: [String]
    ) {
        self.ticket = ticket
        self.title = title
        self.pullRequest = pullRequest
        self.summary = summary
        self.paths = paths
    }

    private enum CodingKeys: String, CodingKey {
        case ticket
        case title
        case pullRequest = "pull_request"
        case summary
        case paths
    }
}

/// `result.json`: what an attempt's process found; the last file that it writes.
package struct AttemptResult: Codable, Equatable, Sendable {
    package var schema = 1
    package var outcome: Outcome
    package var reason: String?
    package var ended: Date
    /// When a provider's limit ends, with `rate_limited` and `overloaded`.
    package var retryAt: Date?
    package var agent: AgentReport?
    package var changes: ChangeSummary?
    package var verification: [CheckResult]
    /// `nil` when no hook ran.
    package var hooks: [CheckResult]?
    /// For the next prompt: the end of the output that shows the failure.
    package var failureOutput: String?
    /// The commit that was pushed; `nil` when nothing was.
    package var pushed: String?

    package init(outcome: Outcome, reason: String?, ended: Date) {
        self.outcome = outcome
        self.reason = reason
        self.ended = ended
        verification = []
    }

    private enum CodingKeys: String, CodingKey {
        case schema
        case outcome
        case reason
        case ended
        case retryAt = "retry_at"
        case agent
        case changes
        case verification
        case hooks
        case failureOutput = "failure_output"
        case pushed
    }
}
