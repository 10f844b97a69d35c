package import Domain

/// `hooks.json`: how far an attempt has come with the team's hooks, so that a crash leaves none out.
package struct HookRecord: Codable, Equatable, Sendable {
    package var schema = 1
    /// The clean-up hook that has to run however the attempt ends; `nil` before there is anything to clean up,
    /// and once it has run.
    package var due: Hook?
    /// Those that have ended, in their order.
    package var ended: [CheckResult]

    package init(due: Hook? = nil, ended: [CheckResult] = []) {
        self.due = due
        self.ended = ended
    }
}
