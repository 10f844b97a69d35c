import Scheduler
import Testing

/// What the scheduler keeps in order, so that an event costs what it changes, against what there is.
@Suite struct IndexTests {
    @Test(arguments: 1...24)
    func `whatever happens, the indices say what the runs and tickets say`(seed: Int) {
        var outside = RandomOutside(seed: UInt64(seed))
        for _ in 0..<300 {
            let step = outside.step()
            let drift = outside.bench.scheduler.drift
            guard drift.isEmpty else {
                Issue.record("seed \(seed), \(step): \(drift)")
                return
            }
        }
    }
}
