import Domain
import TestSupport
import Testing

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(
        attempts: 5,
        delay: .seconds(30),
        factor: 2,
        limit: .seconds(200),
        jitter: 0.2
    )

    @Test(arguments: [
        (1, Duration.seconds(30)), (2, .seconds(60)), (3, .seconds(120)), (4, .seconds(200)),
        (5, nil), (50, nil),
    ])
    func `the wait grows by the factor up to its limit and then ends`(
        attempt: Int,
        wait: Duration?
    ) {
        #expect(policy.wait(afterAttempt: attempt) == wait)
    }

    @Test(arguments: 1...50)
    func `a scattered wait stays within its jitter and its limit`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let short = policy.scattered(.seconds(30), using: &generator)
        #expect(short >= .seconds(24) && short <= .seconds(36), "seed \(seed)")
        #expect(policy.scattered(.seconds(200), using: &generator) <= .seconds(200))
    }

    @Test(arguments: Outcome.allCases)
    func `only a success is delivered`(outcome: Outcome) {
        #expect((outcome.consequence == .deliver) == (outcome == .succeeded))
    }
}
