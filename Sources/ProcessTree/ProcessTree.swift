import CProcess

/// A process that runs with all its descendants under a supervisor; see `withProcessTree`.
package struct ProcessTree: Sendable {
    /// The process that was asked for.
    package let leader: ProcessIdentity
    private let channel: TreeChannel

    init(leader: ProcessIdentity, channel: TreeChannel) {
        self.leader = leader
        self.channel = channel
    }

    /// What the tree puts out, to be read once and by one reader.
    ///
    /// It ends when the tree has ended. Who does not read makes the tree wait in its writes.
    package var output: Output { Output(channel: channel) }

    /// Asks for the end of the tree: the polite signal, the grace, then the kill.
    ///
    /// It does not wait. Once is enough; after the end it does nothing.
    package func stop() { channel.send(LINECOOK_STOP) }

    /// The chunks of both streams, in the order in which they were read.
    package struct Output: AsyncSequence, Sendable {
        package typealias Element = OutputChunk
        fileprivate let channel: TreeChannel

        package func makeAsyncIterator() -> Iterator { Iterator(channel: channel) }

        /// Reads as it is asked; a cancelled task stops the tree, and reads on to its end.
        package struct Iterator: AsyncIteratorProtocol {
            fileprivate let channel: TreeChannel

            package mutating func next() async -> OutputChunk? { await channel.next() }
        }
    }
}

/// Starts a tree of processes and returns when nothing of it is left.
///
/// While `body` runs it may read `ProcessTree.output` and stop the tree. When it returns, what is
/// still put out is dropped, and the tree goes on to its own end; when it throws, the tree is
/// stopped first. A cancelled task stops the tree too: the end then has the cause `stopped`, and
/// no error is thrown.
///
/// - Throws: `ProcessTreeError`, what `body` throws, or `CancellationError` when the task was
///   cancelled before anything was started.
package func withProcessTree<Result>(
    _ request: ProcessRequest,
    _ body: (ProcessTree) async throws -> Result
) async throws -> (result: Result, end: TreeEnd) {
    try Task.checkCancellation()
    let (leader, channel) = try await TreeLaunch(request: request).start()
    let tree = ProcessTree(leader: leader, channel: channel)
    return try await withTaskCancellationHandler {
        let result: Result
        do {
            result = try await body(tree)
        } catch {
            tree.stop()
            // How the tree ended matters less than why it had to.
            _ = try? await end(of: channel, leader: leader, request: request)
            throw error
        }
        let end = try await end(of: channel, leader: leader, request: request)
        return (result, end)
    } onCancel: {
        tree.stop()
    }
}

/// Runs a tree of processes to its end and hands out what it puts out.
///
/// - Parameters:
///   - request: What to run.
///   - output: Called for one chunk after the other; while it works, nothing more is read. When it
///     throws, the tree is ended and the error passed on.
/// - Returns: How it ended, once nothing of it is left.
/// - Throws: As `withProcessTree`.
package func runTree(
    _ request: ProcessRequest,
    output: (OutputChunk) async throws -> Void = { _ in }
) async throws -> TreeEnd {
    try await withProcessTree(request) { tree in
        for await chunk in tree.output { try await output(chunk) }
    }.end
}

private func end(
    of channel: TreeChannel,
    leader: ProcessIdentity,
    request: ProcessRequest
) async throws -> TreeEnd {
    guard let report = await channel.finish() else {
        // The leader died with its supervisor; what it had started is known by the marker.
        let rest =
            if let marker = request.marker {
                await sweep(marker: marker, grace: .zero)
            } else {
                Sweep(swept: 0, survivors: 0)
            }
        throw ProcessTreeError.supervisorLost(swept: rest.swept)
    }
    return TreeEnd(report, startedProcess: leader)
}

extension TreeEnd {
    init(_ report: linecook_report, startedProcess: ProcessIdentity) {
        let cause: Cause =
            switch linecook_cause(UInt32(truncatingIfNeeded: report.cause)) {
            case LINECOOK_TIMED_OUT: .timedOut
            case LINECOOK_STALLED: .stalled
            case LINECOOK_OVER_MEMORY: .overMemory(bytes: Int(report.memory_bytes))
            case LINECOOK_BY_ITSELF: .itself
            default: .stopped
            }
        self.init(
            termination: Termination(code: report.code, signal: report.signal),
            cause: cause,
            swept: Int(report.swept),
            survivors: Int(report.survivors),
            duration: .milliseconds(report.elapsed_ms),
            lostTime: .milliseconds(report.lost_ms),
            processorTime: .microseconds(report.processor_us),
            peakMemoryInBytes: Int(report.peak_bytes),
            startedProcess: startedProcess
        )
    }
}
