import Domain
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a person who reads the log should know of a breaker; each is told once.
struct BreakerNews: Equatable, Sendable {
    enum Change: Equatable, Sendable {
        case opened(cause: String, until: Date)
        /// The attempt that was tried has failed as well.
        case staysOpen(until: Date)
        case closed
    }
    /// `nil` for all together.
    var workflow: String?
    var change: Change

    /// What has changed from one state of the breakers to the next.
    static func between(_ before: [BreakerMark], _ after: [BreakerMark]) -> [BreakerNews] {
        func openings(_ marks: [BreakerMark]) -> [String?: BreakerMark.Opening] {
            var openings: [String?: BreakerMark.Opening] = [:]
            for mark in marks { openings[mark.workflow] = mark.opening }
            return openings
        }
        let (old, new) = (openings(before), openings(after))
        return Set(old.keys).union(new.keys).sorted { ($0 ?? "") < ($1 ?? "") }.compactMap { name in
            switch (old[name], new[name]) {
            case (nil, let opening?):
                let change = Change.opened(cause: opening.cause, until: opening.until)
                return BreakerNews(workflow: name, change: change)
            case (let earlier?, let opening?):
                guard opening.count > earlier.count else { return nil }
                return BreakerNews(workflow: name, change: .staysOpen(until: opening.until))
            case (_?, nil): return BreakerNews(workflow: name, change: .closed)
            case (nil, nil): return nil
            }
        }
    }

    /// Writes the line of the log.
    func tell(_ log: Logger) {
        var metadata: Logger.Metadata = ["workflow": "\(workflow ?? "all")"]
        switch change {
        case .opened(let cause, let until):
            metadata["why"] = "\(cause)"
            metadata["until"] = "\(until.ISO8601Format())"
            log.warning("too many attempts failed, no more are started", metadata: metadata)
        case .staysOpen(let until):
            metadata["until"] = "\(until.ISO8601Format())"
            log.warning("an attempt was tried and failed too", metadata: metadata)
        case .closed: log.info("attempts are started again", metadata: metadata)
        }
    }
}
