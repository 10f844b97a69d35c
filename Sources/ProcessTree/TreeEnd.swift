/// How a tree of processes ended; when this is handed out, nothing of the tree is left.
package struct TreeEnd: Hashable, Sendable {
    /// Why the tree ended.
    package enum Cause: Hashable, Sendable {
        /// The leader ended without our doing.
        case itself
        /// `ProcessTree.stop()`, or the task was cancelled.
        case stopped
        /// Nothing was put out for as long as `ProcessRequest.silence`.
        case stalled
        /// The time of `ProcessRequest.timeout` was up.
        case timedOut
        /// The tree held more memory than `ProcessRequest.memoryInBytes`: so much.
        case overMemory(bytes: Int)
    }

    /// How the leader ended.
    package var termination: Termination
    /// Why the tree ended.
    package var cause: Cause
    /// How many processes besides the leader had to be ended.
    package var swept: Int
    /// How many processes even SIGKILL did not end, such as ones that hang in the kernel; else 0.
    package var survivors: Int
    /// From the start to the end of the last process; neither suspended time counts nor `lostTime`.
    package var duration: Duration
    /// Time in which the tree's clocks stood still since nothing ran, such as that of a stopped virtual machine.
    package var lostTime: Duration
    /// What all processes of the tree together used.
    package var processorTime: Duration
    /// The resident memory of the largest process of the tree, at its peak.
    package var peakMemoryInBytes: Int
    /// The leader.
    package var startedProcess: ProcessIdentity

    /// An end, such as a fake hands out; nothing was used unless it is said.
    package init(
        termination: Termination,
        cause: Cause,
        swept: Int = 0,
        survivors: Int = 0,
        duration: Duration = .zero,
        lostTime: Duration = .zero,
        processorTime: Duration = .zero,
        peakMemoryInBytes: Int = 0,
        startedProcess: ProcessIdentity
    ) {
        self.termination = termination
        self.cause = cause
        self.swept = swept
        self.survivors = survivors
        self.duration = duration
        self.lostTime = lostTime
        self.processorTime = processorTime
        self.peakMemoryInBytes = peakMemoryInBytes
        self.startedProcess = startedProcess
    }
}
