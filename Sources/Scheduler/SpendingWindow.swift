import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What was spent in the last 24 hours, by workflow.
struct SpendingWindow: Sendable {
    /// US dollars and tokens, and the part of them that nobody reported.
    struct Sum: Equatable, Sendable {
        var usd = 0.0
        var estimated = 0.0
        var tokens = 0
        var estimatedTokens = 0

        mutating func add(_ spending: Spending) { change(by: spending, 1) }

        mutating func remove(_ spending: Spending) { change(by: spending, -1) }

        private mutating func change(by spending: Spending, _ sign: Int) {
            usd += Double(sign) * spending.usd
            tokens += sign * spending.tokens
            if spending.isEstimate { estimated += Double(sign) * spending.usd }
            if spending.tokensAreEstimate { estimatedTokens += sign * spending.tokens }
        }
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
        sums[spending.workflow, default: Sum()].add(spending)
    }

    /// Forgets what is older than a day.
    mutating func expire(at now: Date) {
        guard !spendings.isEmpty else { return }
        let end = now.addingTimeInterval(-Self.length.inSeconds)
        while first < spendings.count, spendings[first].at <= end {
            sums[spendings[first].workflow]?.remove(spendings[first])
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

    /// When so much of a workflow's spending is over that there is room for an attempt.
    ///
    /// - Parameters:
    ///   - workflow: Its name.
    ///   - hasRoom: Whether there is beside this sum.
    /// - Returns: The moment; `nil` when there is room now, or never will be.
    func release(of workflow: String, _ hasRoom: (Sum) -> Bool) -> Date? {
        var sum = sum(of: workflow)
        if hasRoom(sum) { return nil }
        for spending in spendings[first...] where spending.workflow == workflow {
            sum.remove(spending)
            if hasRoom(sum) { return spending.at.addingTimeInterval(Self.length.inSeconds) }
        }
        return nil
    }

    /// Less than any price: sums of binary fractions aren't exact.
    static let tolerance = 1e-6
}
