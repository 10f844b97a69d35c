import CProcess
import Dispatch

/// What a sweep has found.
package struct Sweep: Hashable, Sendable {
    /// How many processes were ended.
    package var swept: Int
    /// How many of them even SIGKILL did not end, or are somebody else's; 0 is the proof that a
    /// last look found none.
    package var survivors: Int

    /// What a sweep has found.
    package init(swept: Int, survivors: Int) {
        self.swept = swept
        self.survivors = survivors
    }
}

/// Ends every process whose environment holds `LINECOOK_ATTEMPT` with exactly this marker, and all
/// that descends from one; this process and its ancestors are left out.
///
/// It is for an attempt that was killed: while one runs, its own processes would be ended too. It
/// goes on to its end when the task is cancelled.
///
/// - Parameters:
///   - marker: `ProcessRequest.marker` of the trees to end.
///   - grace: How long they may go on after the polite signal.
/// - Returns: What was found.
package func sweep(marker: String, grace: Duration = .seconds(1)) async -> Sweep {
    // An empty marker, or one with NUL, was never given to a process.
    guard !marker.isEmpty, !marker.utf8.contains(0) else { return Sweep(swept: 0, survivors: 0) }
    return await withCheckedContinuation { continuation in
        DispatchQueue.global().async { @Sendable in
            var swept: Int32 = 0
            var survivors: Int32 = 0
            let entry = "\(attemptVariable)=\(marker)"
            unsafe linecook_sweep(entry, grace.milliseconds, &swept, &survivors)
            continuation.resume(returning: Sweep(swept: Int(swept), survivors: Int(survivors)))
        }
    }
}
