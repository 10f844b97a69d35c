import CProcess
import Dispatch
import Synchronization
import SystemPackage

/// This process's ends of a supervisor's pipes: the tree's output, and the socket for orders and
/// reports.
///
/// Nothing is read ahead: a tree that puts out more than is asked for waits in its own write. Where
/// nothing is there to read, a thread of this channel's queue waits, never one of the tasks' pool.
final class TreeChannel: Sendable {
    /// What a look at the pipes has found.
    private enum Look {
        case chunk(OutputChunk)
        case nothingYet([File])
        case finished
    }

    private struct State {
        var outputs: [(stream: OutputChunk.Stream, file: File)]
        var control: File?  // nil once the supervisor is gone, or closed
        var unread: [UInt8] = []
        var end: linecook_report?
        var command: linecook_command?
        /// How long it was waited for output since the last came.
        var silent: Int64 = 0
        /// When the supervisor itself is held to be stuck and is killed.
        var overdue: Int64?
    }

    /// A look in between, so that a machine that stood still is told from a tree that is silent.
    private static let slice: Int64 = 1000
    private static let late: Int64 = 1000
    /// The supervisor gives up after 30 s of killing; then it is stuck itself.
    private static let supervisorsMargin: Int64 = 60_000
    private static let chunkLimit = 65_536

    private let supervisor: ProcessIdentity
    private let grace: Int64
    private let silence: Int64?
    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "linecook.tree")

    init(
        supervisor: ProcessIdentity,
        control: File,
        standardOutput: File,
        standardError: File,
        request: ProcessRequest
    ) {
        let now = linecook_uptime_ms()
        let grace = request.grace.milliseconds
        self.supervisor = supervisor
        self.grace = grace
        silence = request.silence?.milliseconds
        state = Mutex(
            State(
                outputs: [(.standardOutput, standardOutput), (.standardError, standardError)],
                control: control,
                overdue: request.timeout.map {
                    now + $0.milliseconds + grace + Self.supervisorsMargin
                }
            )
        )
    }

    /// Asks the supervisor to end the tree; only the first call counts.
    func send(_ command: linecook_command) {
        state.withLock { state in
            guard let control = state.control, state.command == nil else { return }
            state.command = command
            let latest = linecook_uptime_ms() + grace + Self.supervisorsMargin
            state.overdue = min(state.overdue ?? latest, latest)
            var byte = UInt8(truncatingIfNeeded: command.rawValue)
            // A supervisor that is gone has ended the tree, or is reported as lost.
            _ = unsafe linecook_send(control.number, &byte, 1)
        }
    }

    /// The next bytes of the tree, or `nil` once it has ended and all is read.
    func next() async -> OutputChunk? {
        switch look() {
        case .chunk(let chunk): return chunk
        case .finished: return nil
        case .nothingYet:
            return await withCheckedContinuation { continuation in
                queue.async { @Sendable [self] in continuation.resume(returning: waitForNext()) }
            }
        }
    }

    /// Waits until the supervisor is collected.
    ///
    /// - Returns: its last report, or `nil` when it was killed.
    func finish() async -> linecook_report? {
        while await next() != nil { continue }
        return await withCheckedContinuation { continuation in
            queue.async { @Sendable [self] in
                linecook_collect(supervisor.pid)
                continuation.resume(returning: close())
            }
        }
    }

    private func close() -> linecook_report? {
        state.withLock { state in
            for output in state.outputs { output.file.close() }
            state.outputs = []
            state.control?.close()
            state.control = nil
            return state.end
        }
    }

    private func waitForNext() -> OutputChunk? {
        while true {
            switch look() {
            case .chunk(let chunk): return chunk
            case .finished: return nil
            case .nothingYet(let files): wait(for: files)
            }
        }
    }

    /// One wait, and what follows when it was too long.
    private func wait(for files: [File]) {
        let before = linecook_uptime_ms()
        let (silent, overdue) = state.withLock { ($0.silent, $0.overdue) }
        let untilStall = silence.map { $0 - silent } ?? .max
        let planned = max(0, min(Self.slice, untilStall, (overdue ?? .max) - before))
        let isQuiet = File.readable(files, within: planned).isEmpty
        let now = linecook_uptime_ms()
        let delay = now - before - planned
        let isLate = delay > Self.late
        let waited = isLate ? planned : now - before
        state.withLock { state in
            state.silent += waited
            if isLate { state.overdue = state.overdue.map { $0 + delay } }
        }
        guard isQuiet, !isLate else { return }
        if let overdue, now >= overdue {
            // Its death ends the leader, and this channel; the marker finds the rest.
            supervisor.signal(9)
            state.withLock { $0.overdue = nil }
        } else if waited >= untilStall {
            send(LINECOOK_STALL)
            state.withLock { $0.silent = 0 }
        }
    }

    /// Takes what is there, the tree's output first, without waiting.
    private func look() -> Look {
        state.withLock { state in
            while true {
                let files = state.outputs.map(\.file) + (state.control.map { [$0] } ?? [])
                let ready = File.readable(files, within: 0)
                if let chunk = Self.takeOutput(of: &state, ready: ready) { return .chunk(chunk) }
                if let control = state.control, ready.contains(control) {
                    Self.takeReport(of: &state, from: control)
                } else if state.control == nil || state.end != nil {
                    return .finished
                } else if ready.isEmpty {
                    return .nothingYet(files)
                }
            }
        }
    }

    private static func takeOutput(of state: inout State, ready: [File]) -> OutputChunk? {
        for output in state.outputs where ready.contains(output.file) {
            do {
                let bytes = try output.file.read(upTo: chunkLimit)
                state.outputs.removeAll { $0.file == output.file }
                if bytes.isEmpty {
                    output.file.close()
                    continue
                }
                // The other stream has the first turn next time.
                state.outputs.append(output)
                state.silent = 0
                return OutputChunk(stream: output.stream, bytes: bytes)
            } catch Errno.resourceTemporarilyUnavailable, Errno.interrupted {
                continue
            } catch {
                state.outputs.removeAll { $0.file == output.file }
                output.file.close()
            }
        }
        return nil
    }

    private static func takeReport(of state: inout State, from control: File) {
        let size = MemoryLayout<linecook_report>.size
        // An error here means the same as the end: the supervisor is gone.
        let bytes = (try? control.read(upTo: size - state.unread.count)) ?? []
        state.unread += bytes
        if state.unread.count == size {
            state.end = unsafe state.unread.withUnsafeBytes {
                unsafe $0.loadUnaligned(as: linecook_report.self)
            }
            state.unread = []
        } else if bytes.isEmpty {
            control.close()
            state.control = nil
        }
    }
}
