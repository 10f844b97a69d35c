package import Domain

/// What Linecook knows of one kind of agent: arguments in, events and usage out.
///
/// A new kind is one file with its adapter; a case in `AgentSettings.Kind`, whose switches the compiler then
/// asks for, and a folder of its recorded output under the tests' fixtures.
protocol AgentAdapter: Sendable {
    /// Where in the home folder the program keeps its login, its settings and its sessions.
    var homePaths: [String] { get }
    /// Whether the stream always ends with how it went, so that its absence is a failure.
    var saysHowItWent: Bool { get }
    /// Whether a session can be gone on with, by another process and with another prompt.
    var resumesSessions: Bool { get }
    func launch(
        settings: AgentSettings,
        context: AgentContext,
        parent: [String: String]
    ) -> AgentLaunch
    /// Reads the lines of one process's standard output, from its first.
    func makeReader() -> any AgentLineReader
    /// What a process that ended with an exit code and never said how it went means.
    func ending(ofSilent exit: SilentExit) -> AgentEnding
    /// The signal that the program took itself and tells by its exit code; `nil` when the code says no such thing.
    func signal(inExit code: Int) -> Int?
}

extension AgentAdapter {
    var homePaths: [String] { [] }
    var saysHowItWent: Bool { true }
    var resumesSessions: Bool { false }
    func signal(inExit code: Int) -> Int? { nil }
}

/// Turns one line of an agent's standard output into events; keeps what later lines need.
protocol AgentLineReader: Sendable {
    /// - Returns: The line's events; `nil` when it isn't one of the agent's stream.
    mutating func events(in line: [UInt8]) -> [AgentEvent]?
}

/// The end of a process that gave no ending of its own.
struct SilentExit {
    /// Not 0.
    var code: Int
    /// Whether anything at all came on its standard output.
    var hadOutput: Bool
    /// The last line of its standard error that begins with `error`, else the last at all, made harmless;
    /// empty when there was none.
    var lastError: String
}

extension AgentSettings.Kind {
    var adapter: any AgentAdapter {
        switch self {
        case .claudeCode: ClaudeCode()
        case .codex: Codex()
        case .command: CommandAgent()
        }
    }
}

extension AgentSettings.Kind {
    /// Where in the home folder the program keeps its login, its settings and its sessions.
    package var homePaths: [String] { adapter.homePaths }
    /// Whether a session can be gone on with.
    package var resumesSessions: Bool { adapter.resumesSessions }
}
