package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A run at its end, as far as retention asks.
package struct FinishedRun: Equatable, Sendable {
    package var id: RunID
    package var state: RunState
    package var ended: Date

    package init(id: RunID, state: RunState, ended: Date) {
        self.id = id
        self.state = state
        self.ended = ended
    }
}

/// Decides what becomes of finished runs; looks at nothing itself.
package struct RetentionPlan: Equatable, Sendable {
    /// Runs that go whole.
    package private(set) var removed: [FinishedRun] = []
    /// Runs of which the logs go.
    package private(set) var stripped: [FinishedRun] = []
    /// Runs of which the logs are compressed.
    package private(set) var compressed: [FinishedRun] = []

    /// A run that ended in this time stays, since budgets of a day are counted from the records.
    static let untouched = Duration.seconds(86_400)

    /// - Parameters:
    ///   - runs: All finished runs, in any order.
    ///   - newest: The highest number of each ticket's runs, finished or not.
    ///   - open: Tickets with a run that isn't at rest: nothing of them is touched.
    ///   - settings: What is kept.
    ///   - now: The time; a run that ended after it, as the clock says after it was set back, is young.
    package init(
        _ runs: [FinishedRun],
        newest: [TicketKey: Int],
        open: Set<TicketKey>,
        by settings: RetentionSettings,
        at now: Date
    ) {
        let order = runs.sorted { ($0.ended, $0.id) > ($1.ended, $1.id) }
        for (index, run) in order.enumerated() where !open.contains(run.id.ticket) {
            let age = now.timeIntervalSince(run.ended)
            func isOlder(than limit: Duration?) -> Bool {
                limit.map { age > $0.inSeconds } ?? false
            }
            func isPast(_ bound: RetentionSettings.Bound) -> Bool {
                isOlder(than: bound.age) || bound.count.map { index >= $0 } ?? false
            }
            let isNewest = newest[run.id.ticket, default: run.id.number] <= run.id.number
            if isPast(settings.runs), !isNewest, isOlder(than: Self.untouched) {
                removed.append(run)
            } else if isPast(settings.logs) {
                stripped.append(run)
            } else if isOlder(than: settings.compress) {
                compressed.append(run)
            }
        }
    }
}
