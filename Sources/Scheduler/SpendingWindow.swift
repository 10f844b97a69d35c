import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What was spent in the last 24 hours, by workflow.
struct SpendingWindow: Sendable {
    /// US dollars, and the part of them that nobody reported.
    struct Sum: Equatable, Sendable {
        var usd = 0.0
        var estimated = 0.0
    }
    static let length = Duration.seconds(86_400)

    /// By their moment, oldest first; those before `first` are over.
    private var spendings: [Spending] = []
    private var first = 0
    private var sums: [String: Sum] = [:]

    mutating func add(_ spending: Spending) {
        // What ends comes in the order of time, but for what a start finds.
        var place = spendings.count
        while place > first, spendings[place - 1].at > spending.at { place -= 1 }
        spendings.insert(spending, at: place)
        change(spending, by: 1)
    }

    /// Forgets what is older than a day.
    mutating func expire(at now: Date) {
        let end = now.addingTimeInterval(-Self.length.inSeconds)
        while first < spendings.count, spendings[first].at <= end {
            change(spendings[first], by: -1)
            first += 1
        }
        if first == spendings.count {
            // What additions and subtractions have rounded goes with the last one.
            spendings = []
            first = 0
            sums = [:]
        } else if first > 1000, first * 2 > spendings.count {
            spendings.removeFirst(first)
            first = 0
        }
    }

    func sum(of workflow: String) -> Sum { sums[workflow] ?? Sum() }

    /// When so much of a workflow's spending is over that no more than `rest` US dollars are left, or `nil` when
    /// it's so already.
    func release(of workflow: String, to rest: Double) -> Date? {
        var usd = sum(of: workflow).usd
        for spending in spendings[first...] where spending.workflow == workflow {
            if usd <= rest + Self.tolerance { return nil }
            usd -= spending.usd
            if usd <= rest + Self.tolerance {
                return spending.at.addingTimeInterval(Self.length.inSeconds)
            }
        }
        return nil
    }

    /// Less than any price: sums of binary fractions aren't exact.
    static let tolerance = 1e-6

    private mutating func change(_ spending: Spending, by sign: Double) {
        sums[spending.workflow, default: Sum()].usd += sign * spending.usd
        if spending.isEstimate {
            sums[spending.workflow, default: Sum()].estimated += sign * spending.usd
        }
    }
}
