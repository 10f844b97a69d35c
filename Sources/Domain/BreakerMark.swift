#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What the breaker of one workflow, or that of all together, has to remember.
package struct BreakerMark: Codable, Equatable, Sendable {
    /// That no attempts are started, and since when.
    package struct Opening: Codable, Equatable, Sendable {
        package var since: Date
        /// Nothing is started before; then one attempt is, which shows whether it works again.
        package var until: Date
        /// How often in a row it has opened, from 1.
        package var count: Int
        /// What the last failure was when it opened first.
        package var cause: String
        /// The run whose attempt shows, or showed last, whether it works again.
        package var probe: RunID?

        package init(
            since: Date,
            until: Date,
            count: Int = 1,
            cause: String,
            probe: RunID? = nil
        ) {
            self.since = since
            self.until = until
            self.count = count
            self.cause = cause
            self.probe = probe
        }
    }
    /// The name of the workflow; `nil` for all together.
    package var workflow: String?
    /// When attempts failed while it was closed.
    package var failures: [Date]
    /// `nil` while it's closed.
    package var opening: Opening?

    package init(workflow: String?, failures: [Date] = [], opening: Opening? = nil) {
        self.workflow = workflow
        self.failures = failures
        self.opening = opening
    }
}
