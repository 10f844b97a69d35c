package import ProcessTree

/// `process.json`: the processes of an attempt, by which a restarted daemon knows them again.
package struct ProcessRecord: Codable, Equatable, Sendable {
    package var schema = 1
    package var attempt: ProcessIdentity
    /// `nil` until the agent has started.
    package var agent: ProcessIdentity?

    package init(attempt: ProcessIdentity, agent: ProcessIdentity? = nil) {
        self.attempt = attempt
        self.agent = agent
    }
}
