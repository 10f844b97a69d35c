import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Stops a storm: when many attempts fail in a short time, none is started until a single one has shown that it
/// works again.
///
/// Each workflow has a breaker, and there is one for all together. A workflow's failures count for all only while
/// its own breaker is closed, so that one that is broken doesn't stop the others.
struct Breaker: Sendable {
    typealias Opening = BreakerMark.Opening

    private(set) var settings: BreakerSettings
    /// By the name of the workflow; `nil` for all together.
    private var openings: [String?: Opening] = [:]
    /// When attempts failed, by workflow, of those that are closed.
    private var failures: [String: [Date]] = [:]

    init(_ settings: BreakerSettings) { self.settings = settings }

    /// What has to be remembered.
    var marks: [BreakerMark] {
        guard !openings.isEmpty || !failures.isEmpty else { return [] }
        let names = Set(openings.keys).union(failures.keys.map(Optional.some))
        return names.sorted { ($0 ?? "") < ($1 ?? "") }.map { name in
            BreakerMark(
                workflow: name,
                failures: name.flatMap { failures[$0] } ?? [],
                opening: openings[name]
            )
        }
    }

    mutating func restore(_ marks: [BreakerMark]) {
        for mark in marks {
            openings[mark.workflow] = mark.opening
            if let name = mark.workflow, !mark.failures.isEmpty { failures[name] = mark.failures }
        }
    }

    /// Takes other settings; without a number of failures, everything is closed.
    mutating func put(_ settings: BreakerSettings) {
        self.settings = settings
        guard settings.failures == nil else { return }
        openings = [:]
        failures = [:]
    }

    /// The one that keeps a workflow's attempts from being started at their will: that of all, or its own.
    func opening(for workflow: String) -> Opening? {
        openings.isEmpty ? nil : openings[nil] ?? openings[workflow]
    }

    /// Those that are open, that of all first.
    var open: [(workflow: String?, opening: Opening)] {
        openings.sorted { ($0.key ?? "") < ($1.key ?? "") }.map { ($0.key, $0.value) }
    }

    /// When the next one lets an attempt start; of those that do already, none.
    func nextProbe(after now: Date) -> Date? {
        openings.values.map(\.until).filter { $0 > now }.min()
    }

    /// Whether an attempt of a workflow must not be started now.
    ///
    /// - Parameters:
    ///   - id: The attempt's run; `nil` for one that isn't begun.
    ///   - workflow: Its workflow.
    ///   - now: The time.
    ///   - isWorking: Whether an attempt of a run is being started or runs.
    /// - Returns: Whether it must not.
    func holds(
        _ id: RunID?,
        of workflow: String,
        at now: Date,
        isWorking: (RunID) -> Bool
    ) -> Bool {
        [openings[nil], openings[workflow]].compactMap(\.self).contains { opening in
            if opening.until > now { return true }
            guard let probe = opening.probe, probe != id else { return false }
            return isWorking(probe)
        }
    }

    /// An attempt is about to be started: where one is open, it shows whether it works again.
    mutating func started(_ id: RunID, of workflow: String) {
        guard !openings.isEmpty else { return }
        openings[nil]?.probe = id
        openings[workflow]?.probe = id
    }

    /// An attempt has ended.
    ///
    /// - Parameters:
    ///   - verdict: What that says.
    ///   - id: Its run.
    ///   - workflow: Its workflow.
    ///   - cause: What the failure was, in words.
    ///   - ended: When it ended.
    ///   - now: The time.
    mutating func ended(
        _ verdict: BreakerVerdict,
        _ id: RunID,
        of workflow: String,
        cause: () -> String,
        ended: Date,
        at now: Date
    ) {
        guard let limit = settings.failures else { return }
        var isCounted = verdict == .fails
        for name in [nil, workflow] {
            guard var opening = openings[name] else { continue }
            // What was started before it opened says nothing new.
            isCounted = false
            guard opening.probe == id else { continue }
            switch verdict {
            case .works: openings[name] = nil
            case .saysNothing: openings[name]?.probe = nil
            case .fails:
                opening.count += 1
                opening.probe = nil
                let pause = settings.pause(ofOpening: opening.count)
                opening.until = now.addingTimeInterval(pause.inSeconds)
                openings[name] = opening
            }
        }
        guard isCounted else { return }
        failures[workflow, default: []].append(min(ended, now))
        expire(at: now)
        if failures[workflow, default: []].count >= limit {
            trip(workflow, cause(), at: now)
            failures[workflow] = nil
        } else if failures.values.map(\.count).reduce(0, +) >= limit {
            trip(nil, cause(), at: now)
            failures = [:]
        }
    }

    private mutating func trip(_ workflow: String?, _ cause: String, at now: Date) {
        openings[workflow] = Opening(
            since: now,
            until: now.addingTimeInterval(settings.pause(ofOpening: 1).inSeconds),
            cause: cause
        )
    }

    /// Forgets what is too long ago to matter.
    mutating func expire(at now: Date) {
        guard !failures.isEmpty || !openings.isEmpty else { return }
        let start = now.addingTimeInterval(-settings.within.inSeconds)
        failures = failures.compactMapValues { dates in
            // Somebody may have set the clock back.
            let kept = dates.map { min($0, now) }.filter { $0 > start }
            return kept.isEmpty ? nil : kept
        }
        for (name, opening) in openings {
            let longest = now.addingTimeInterval(settings.pause(ofOpening: opening.count).inSeconds)
            if opening.until > longest { openings[name]?.until = longest }
            // One of a workflow that has had nothing to start for so long, or is gone.
            if opening.until < now.addingTimeInterval(-86_400) { openings[name] = nil }
        }
    }
}
