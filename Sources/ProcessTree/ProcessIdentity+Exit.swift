import CProcess
import Dispatch
import Synchronization
import SystemPackage

extension ProcessIdentity {
    /// Collects this process if it is a child of ours that has ended, and no other child.
    ///
    /// - Returns: how it ended, or `nil` when it runs, is not ours, or was collected before.
    @discardableResult
    package func reap() -> Termination? {
        var startTime: UInt64 = 0
        var hasEnded = false
        guard bootID == Self.currentBootID,
            unsafe linecook_start_time(pid, &startTime, &hasEnded) == 0,
            startTime == self.startTime, hasEnded
        else { return nil }
        // Until we collect it, no other process can have its pid.
        var code: Int32 = 0
        var signal: Int32 = 0
        guard unsafe linecook_reap(pid, &code, &signal) == 0 else { return nil }
        return Termination(code: code, signal: signal)
    }

    /// Waits until this process is gone, be it a child of ours or not; a child is collected.
    ///
    /// - Returns: how it ended, when that was ours to learn.
    /// - Throws: `CancellationError`, at which the process is left alone; or
    ///   `ProcessTreeError.notWatched` where this process has no descriptor left.
    @discardableResult
    package func waitForExit() async throws -> Termination? {
        try Task.checkCancellation()
        let wait = ExitWait()
        let error = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait.begin(for: self, continuation)
            }
        } onCancel: {
            wait.end()
        }
        if let termination = reap() { return termination }
        guard isAlive else { return nil }
        guard error == 0 else { throw ProcessTreeError.notWatched(self, Errno(rawValue: error)) }
        throw CancellationError()
    }
}

/// One wait for the end of a process: a handle of the process, watched until it can be read.
private final class ExitWait: Sendable {
    private enum State {
        case new  // then watching, or over
        case watching(Watch, CheckedContinuation<Int32, Never>)
        case over
    }
    private let state = Mutex<State>(.new)

    func begin(for process: ProcessIdentity, _ continuation: CheckedContinuation<Int32, Never>) {
        var handle: Int32 = -1
        var error = Errno.noSuchProcess.rawValue
        if process.bootID == ProcessIdentity.currentBootID {
            error = unsafe linecook_open_process(process.pid, process.startTime, &handle)
        }
        guard error == 0 else {
            continuation.resume(returning: error)
            return
        }
        let watch = makeWatch(of: process, handle: handle)
        let isCancelled = state.withLock { state in
            guard case .new = state else { return true }
            state = .watching(watch, continuation)
            return false
        }
        watch.source.activate()
        if isCancelled {
            watch.source.cancel()
            continuation.resume(returning: 0)
        } else if !process.isAlive {
            // Where there is no handle, an end before the watch began has made no event.
            end()
        }
    }

    /// The process is gone, or nobody waits any more.
    func end() {
        let previous = state.withLock { state in
            let previous = state
            state = .over
            return previous
        }
        guard case .watching(let watch, let continuation) = previous else { return }
        watch.source.cancel()
        continuation.resume(returning: 0)
    }

    private func makeWatch(of process: ProcessIdentity, handle: Int32) -> Watch {
        #if os(Linux)
        let source = DispatchSource.makeReadSource(fileDescriptor: handle)
        // The handle must stay open until the source has let go of it.
        source.setCancelHandler { @Sendable in linecook_close(handle) }
        #else
        let source = DispatchSource.makeProcessSource(identifier: process.pid, eventMask: .exit)
        #endif
        source.setEventHandler { @Sendable [self] in end() }
        return Watch(source: source)
    }

    /// Unchecked: libdispatch's objects may be used from any thread (dispatch_object(3)).
    private struct Watch: @unchecked Sendable {
        let source: any DispatchSourceProtocol
    }
}
