import CProcess
import Dispatch
import Synchronization
package import SystemPackage

/// An exclusive lock on a file, held by at most one owner on the machine.
///
/// It is let go of by `release()`, by the end of this object, and by any death of the process; no
/// child inherits it. The lock is one of the open file (fcntl(2), `F_OFD_SETLK`), so that `isHeld`
/// can be asked without disturbing anybody. The file stays when the lock is free: deleting it would
/// let two hold what looks like one.
package final class FileLock: Sendable {
    /// The file.
    package let path: FilePath
    private let file: Mutex<File?>

    private init(path: FilePath, file: File) {
        self.path = path
        self.file = Mutex(file)
    }

    deinit { release() }

    /// Takes the lock if it is free.
    ///
    /// - Parameters:
    ///   - path: The file, created if it is missing; its folder must be there.
    ///   - holder: Written into the file for people and `holder(at:)`.
    /// - Returns: `nil` when somebody holds it, be it this process.
    /// - Throws: `ProcessTreeError.fileRefused`.
    package static func take(at path: FilePath, holder: String = "") throws -> FileLock? {
        while true {
            let file = try File.openForLocking(path)
            let error = linecook_lock(file.number, false)
            if let lock = try own(file, at: path, error: error, holder: holder) { return lock }
            if error != 0 { return nil }
        }
    }

    /// Takes the lock as soon as it is free.
    ///
    /// - Parameters:
    ///   - path: The file, created if it is missing; its folder must be there.
    ///   - holder: Written into the file for people and `holder(at:)`.
    /// - Returns: The lock, held.
    /// - Throws: `ProcessTreeError.fileRefused`, or `CancellationError` at once when the task is
    ///   cancelled.
    package static func wait(at path: FilePath, holder: String = "") async throws -> FileLock {
        while true {
            try Task.checkCancellation()
            if let lock = try take(at: path, holder: holder) { return lock }
            let file = try File.openForLocking(path)
            let wait = LockWait(file: file)
            let error = await withTaskCancellationHandler {
                await withCheckedContinuation { wait.begin($0) }
            } onCancel: {
                wait.cancel()
            }
            guard let error else { throw CancellationError() }
            if let lock = try own(file, at: path, error: error, holder: holder) { return lock }
        }
    }

    /// Whether somebody holds the lock now; a file that is missing is held by nobody.
    ///
    /// - Throws: `ProcessTreeError.fileRefused`.
    package static func isHeld(at path: FilePath) throws -> Bool {
        let file: File
        do {
            file = try File.open(path, .readOnly)
        } catch ProcessTreeError.fileRefused(_, .noSuchFileOrDirectory) {
            return false
        }
        defer { file.close() }
        var isLocked = false
        let error = unsafe linecook_is_locked(file.number, &isLocked)
        guard error == 0 else { throw ProcessTreeError.fileRefused(path, Errno(rawValue: error)) }
        return isLocked
    }

    /// What the present or last holder said of itself; `nil` when it said nothing.
    package static func holder(at path: FilePath) -> String? {
        // Who can't read it, can't name the holder: that is the answer.
        guard let file = try? File.open(path, .readOnly) else { return nil }
        defer { file.close() }
        guard let bytes = try? file.read(upTo: 4096) else { return nil }
        let text = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    /// Lets go of the lock; more than once does no harm.
    package func release() {
        let file = file.withLock { file in
            defer { file = nil }
            return file
        }
        guard let file else { return }
        // Before the close: a child on its way to its program still has a copy of the descriptor.
        _ = linecook_unlock(file.number)
        file.close()
    }

    /// Makes a lock of a file that was locked, unless the path means another file by now.
    private static func own(
        _ file: File,
        at path: FilePath,
        error: Int32,
        holder: String
    ) throws -> FileLock? {
        guard error == 0, unsafe path.withPlatformString({ unsafe linecook_is_at(file.number, $0) })
        else {
            file.close()
            let error = Errno(rawValue: error)
            guard error.rawValue == 0 || error == .resourceTemporarilyUnavailable else {
                throw ProcessTreeError.fileRefused(path, error)
            }
            return nil
        }
        // The name is for people: on a full disk the lock holds without it.
        try? file.replaceContent(by: holder.isEmpty ? "" : "\(holder)\n")
        return FileLock(path: path, file: file)
    }
}

/// A wait for a lock on a thread of its own, which who asked may turn away from.
///
/// The thread itself can't be called back: it takes the lock once it is free, and lets go at once.
private final class LockWait: Sendable {
    private enum State {
        case new  // then waiting, or over
        case waiting(CheckedContinuation<Int32?, Never>)
        case over
    }
    private let file: File
    private let state = Mutex<State>(.new)

    init(file: File) { self.file = file }

    func begin(_ continuation: CheckedContinuation<Int32?, Never>) {
        let isCancelled = state.withLock { state in
            guard case .new = state else { return true }
            state = .waiting(continuation)
            return false
        }
        guard !isCancelled else {
            file.close()
            continuation.resume(returning: nil)
            return
        }
        DispatchQueue(label: "linecook.lock").async { @Sendable [self] in
            let error = linecook_lock(file.number, true)
            guard let waiting = leave() else {
                _ = linecook_unlock(file.number)
                file.close()
                return
            }
            waiting.resume(returning: error)
        }
    }

    func cancel() { leave()?.resume(returning: nil) }

    private func leave() -> CheckedContinuation<Int32?, Never>? {
        state.withLock { state in
            defer { state = .over }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
    }
}
