import HTTP

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What Linear said, in its latest answer, of the token's budgets.
package struct LinearBudget: Equatable, Sendable {
    /// One budget of an hour.
    package struct Meter: Equatable, Sendable {
        package var limit: Int
        package var remaining: Int
        /// When it is full again.
        package var reset: Date
    }
    package var requests: Meter?
    package var complexity: Meter?
    /// Set while Linear has refused to answer; nothing is sent before.
    package var exhaustedUntil: Date?

    /// Takes over what the answer says; what it doesn't say stays.
    mutating func note(_ headers: HTTPHeaders) {
        requests = Self.meter("Requests", in: headers) ?? requests
        complexity = Self.meter("Complexity", in: headers) ?? complexity
    }

    /// When a refused request is worth another try.
    ///
    /// `Retry-After` says it best. Next is the error's own reset, which knows what the request needed.
    /// The header of a budget that is used up says when all of it is back, which is later than needed.
    /// Never further than an hour, Linear's longest window.
    static func reset(
        after headers: HTTPHeaders,
        failure: GraphQLFailure?,
        now: Date
    ) -> Date {
        let hour: TimeInterval = 3600
        if let seconds = headers["Retry-After"].flatMap({ Double($0) }), seconds >= 0 {
            return now.addingTimeInterval(min(seconds, hour))
        }
        let told = failure?.extensions?.meta?.rateLimitResult?.reset.map(Self.date(milliseconds:))
        if let told, told > now { return min(told, now.addingTimeInterval(hour)) }
        let used = ["Requests", "Complexity"].compactMap { meter($0, in: headers) }
            .filter { $0.remaining <= 0 && $0.reset > now }
        let reset = used.map(\.reset).max() ?? now.addingTimeInterval(60)
        return min(reset, now.addingTimeInterval(hour))
    }

    private static func meter(_ name: String, in headers: HTTPHeaders) -> Meter? {
        func number(_ what: String) -> Double? {
            headers["X-RateLimit-\(name)-\(what)"].flatMap { Double($0) }
        }
        guard let limit = number("Limit").flatMap(Int.init(exactly:)),
            let remaining = number("Remaining").flatMap(Int.init(exactly:)),
            let reset = number("Reset"), reset.isFinite
        else { return nil }
        return Meter(limit: limit, remaining: remaining, reset: date(milliseconds: reset))
    }

    private static func date(milliseconds: Double) -> Date {
        Date(timeIntervalSince1970: milliseconds / 1000)
    }
}
