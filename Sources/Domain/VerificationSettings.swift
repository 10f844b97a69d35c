/// `verify:` — what must hold before a person is asked to look.
package struct VerificationSettings: Codable, Equatable, Sendable {
    package struct Step: Codable, Equatable, Sendable {
        /// Also the name of its log, `verify-NAME.log`: letters, digits, `-` and `_`.
        package var name: String
        /// A shell command, run in the worktree.
        package var run: String
        package var timeout: Duration
        /// How often it's run once more after it failed; 0 or more.
        package var retry: Int

        package init(
            name: String,
            run: String,
            timeout: Duration = .seconds(600),
            retry: Int = 0
        ) {
            self.name = name
            self.run = run
            self.timeout = timeout
            self.retry = retry
        }
    }
    package var steps: [Step]
    /// Whether the steps run in a checkout of the commit that has nothing else in it.
    package var clean: Bool
    package var debugStatements: DebugStatementSettings
    package var touch: TouchSettings
    /// Globs of paths that must stay as they are.
    package var forbidPaths: [String]
    package var secrets: SecretSearchSettings
    package var noChanges: NoChangesSettings

    package init(
        steps: [Step] = [],
        clean: Bool = false,
        debugStatements: DebugStatementSettings = DebugStatementSettings(),
        touch: TouchSettings = .described,
        forbidPaths: [String] = [".github/workflows/**"],
        secrets: SecretSearchSettings = SecretSearchSettings(),
        noChanges: NoChangesSettings = NoChangesSettings()
    ) {
        self.steps = steps
        self.clean = clean
        self.debugStatements = debugStatements
        self.touch = touch
        self.forbidPaths = forbidPaths
        self.secrets = secrets
        self.noChanges = noChanges
    }
}

/// `verify.debug_statements:` — what counts as left behind from debugging in lines that are new.
package struct DebugStatementSettings: Codable, Equatable, Sendable {
    /// Stands for the statements that are known of each language.
    package static let byLanguage = "default"

    /// `byLanguage`, or statements as they stand in code; nothing is looked for when it's empty.
    package var statements: [String]
    /// Globs of files that may hold any.
    package var allow: [String]

    package init(statements: [String] = [byLanguage], allow: [String] = []) {
        self.statements = statements
        self.allow = allow
    }
}

/// `verify.touch:` — which files a ticket's work has to change.
package enum TouchSettings: Codable, Equatable, Sendable {
    /// Those that the ticket's text lists as files to create or to change.
    case described
    case any
    /// Of each glob at least one.
    case globs([String])
}

/// `verify.secrets:` — the search for secrets in lines that are new.
package struct SecretSearchSettings: Codable, Equatable, Sendable {
    package var isOn: Bool
    /// Globs of files that may hold what looks like one.
    package var allow: [String]

    package init(isOn: Bool = true, allow: [String] = []) {
        self.isOn = isOn
        self.allow = allow
    }
}

/// `verify.no_changes:` — when an agent's work comes to nothing.
package struct NoChangesSettings: Codable, Equatable, Sendable {
    /// Differences that aren't work by themselves.
    package enum Trifle: String, Codable, Sendable, CaseIterable {
        /// Whether a file may be executed.
        case mode
        /// Spaces, tabs and line ends where they mean nothing.
        case whitespace
    }
    /// Those that count as a change all the same.
    package var count: [Trifle]

    package init(count: [Trifle] = []) { self.count = count }
}

/// `limits:` — bounds on what an attempt makes.
package struct LimitSettings: Codable, Equatable, Sendable {
    /// The most that each log holds, in bytes; of a longer one the beginning and the end are kept.
    package var output: Int
    package var diff: DiffLimits

    package static let standardOutput = 10_000_000

    package init(output: Int = standardOutput, diff: DiffLimits = DiffLimits()) {
        self.output = output
        self.diff = diff
    }
}

/// `limits.diff:` — how much a ticket's work may change; `nil` is no bound.
package struct DiffLimits: Codable, Equatable, Sendable {
    /// Lines added and lines removed together, without those of lock files.
    package var lines: Int?
    package var files: Int?

    package init(lines: Int? = nil, files: Int? = nil) {
        self.lines = lines
        self.files = files
    }
}
