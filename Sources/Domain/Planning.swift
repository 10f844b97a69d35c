/// Why one ticket waits for another.
package enum DependencyCause: String, Codable, Sendable, CaseIterable {
    /// Linear says that the other one blocks it.
    case relation
    /// The other one is a sub-issue of it.
    case subIssue = "sub_issue"
    /// Its own text says so: "depends on FRE-12".
    case mention
    /// The other one is in a phase that a prompt file puts before its own.
    case phase
}

/// `plan:` — in which order tickets are worked, and on top of what.
package struct PlanSettings: Codable, Equatable, Sendable {
    /// Where dependencies are looked for.
    package enum Source: String, Codable, Sendable, CaseIterable {
        /// What Linear shows as "blocked by".
        case relations
        /// A ticket waits for its sub-issues.
        case parents
        /// What a ticket's text says: "depends on FRE-12", "after FRE-12", a task list of tickets.
        case mentions
        /// Tickets that name the same file, or globs that overlap, don't run at once.
        case files
    }
    /// What a dependant starts on.
    package enum Base: String, Codable, Sendable, CaseIterable {
        /// On the base, once its blockers are merged.
        case merged
        /// On its blockers' branches, once those are pushed and verified.
        case stacked
    }
    package enum Barrier: String, Codable, Sendable, CaseIterable {
        /// A ticket starts as soon as its own blockers are finished.
        case ticket
        /// A phase starts when all tickets of the phases before are finished.
        case phase
    }
    package enum FailedBlocker: String, Codable, Sendable, CaseIterable {
        /// Dependants wait until a person has seen to the blocker.
        case hold
        /// Dependants are left out of their batch, so that it can come to its end.
        case skip
    }
    /// The most tickets in one phase; no bound when `nil`.
    package var phaseSize: Int?
    package var dependencies: [Source]
    package var base: Base
    package var barrier: Barrier
    package var onFailedBlocker: FailedBlocker

    package init(
        phaseSize: Int? = nil,
        dependencies: [Source] = Source.allCases,
        base: Base = .merged,
        barrier: Barrier = .ticket,
        onFailedBlocker: FailedBlocker = .hold
    ) {
        self.phaseSize = phaseSize
        self.dependencies = dependencies
        self.base = base
        self.barrier = barrier
        self.onFailedBlocker = onFailedBlocker
    }
}

/// `tickets.batch:` — how many tickets are taken up together.
package struct BatchSettings: Codable, Equatable, Sendable {
    /// Fewer ready tickets than this are held back.
    package var minimum: Int
    /// No ticket is held back for longer than this.
    package var wait: Duration

    package init(minimum: Int = 1, wait: Duration = .seconds(15 * 60)) {
        self.minimum = minimum
        self.wait = wait
    }
}

/// `prompt.context:` — which of the repository's code and documents a prompt holds.
package struct ContextSettings: Codable, Equatable, Sendable {
    /// `path`, `path:21-82`, `path#symbol`, or a glob: code to be followed.
    package var patterns: [String]
    /// Paths and globs of documents that hold for every ticket.
    package var documents: [String]
    /// How many files the search may add; 0 turns it off.
    package var searchFiles: Int
    /// The most that all of it may take, in bytes.
    package var bytes: Int

    package init(
        patterns: [String] = [],
        documents: [String] = [],
        searchFiles: Int = 5,
        bytes: Int = 40_000
    ) {
        self.patterns = patterns
        self.documents = documents
        self.searchFiles = searchFiles
        self.bytes = bytes
    }
}
