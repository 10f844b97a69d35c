import CCurl
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The thread that drives libcurl, and its inbox.
///
/// Handles of libcurl live on that thread alone; everyone else posts to the inbox and wakes it up.
final class TransferLoop: Sendable {
    typealias Answer = CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>

    enum Message: Sendable {
        case start(UInt64, HTTPRequest, Answer)
        /// Means nothing when the transfer isn't there: it has ended.
        case cancel(UInt64)
    }

    /// Where the thread is in its life.
    private enum Phase {
        case unstarted  // then running, or stopped
        case running(Multi)  // then stopping
        case stopping(Multi)  // then stopped, once the thread has failed every transfer
        case stopped
    }

    /// The multi handle; made before the thread starts and freed by it at its end.
    @safe struct Multi: @unchecked Sendable {
        // Proof: only the thread uses the handle, but for `curl_multi_wakeup`, which libcurl allows from
        // any thread and which is called under the lock that also guards the freeing.
        let handle: UnsafeMutableRawPointer
    }

    private struct State {
        var phase = Phase.unstarted
        var inbox: [Message] = []
    }

    private let settings: HTTPClient.Settings
    private let state = Mutex(State())
    /// libcurl wants this once in a process, before any handle.
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(settings: HTTPClient.Settings) { self.settings = settings }

    func post(_ message: Message) {
        let refused: Message? = state.withLock { state in
            if case .unstarted = state.phase { state.phase = start() }
            switch state.phase {
            case .running(let multi):
                state.inbox.append(message)
                unsafe curl_multi_wakeup(multi.handle)  // returns at once and calls nothing of ours
                return nil
            case .unstarted, .stopping, .stopped: return message
            }
        }
        guard case .start(_, _, let answer) = refused else { return }
        answer.resume(returning: .failure(.unavailable(why: "the client was shut down")))
    }

    func stop() {
        state.withLock { state in
            switch state.phase {
            case .unstarted: state.phase = .stopped
            case .running(let multi):
                state.phase = .stopping(multi)
                unsafe curl_multi_wakeup(multi.handle)
            case .stopping, .stopped: break
            }
        }
    }

    // MARK: - On the thread

    /// Runs until the client stops.
    private func run(_ multi: Multi) {
        ignoreSignals()
        var transfers = TransferTable(multi: multi, settings: settings)
        while true {
            let (messages, isStopping) = takeInbox()
            for message in messages {
                switch message {
                case .start(let id, let request, let answer):
                    transfers.start(id, request, answer)
                case .cancel(let id): transfers.cancel(id)
                }
            }
            if isStopping { break }
            transfers.advance()
        }
        transfers.failAll(.unavailable(why: "the client was shut down"))
        state.withLock { state in
            state.phase = .stopped
            unsafe curl_multi_cleanup(multi.handle)
        }
    }

    private func takeInbox() -> ([Message], isStopping: Bool) {
        state.withLock { state in
            let messages = state.inbox
            state.inbox = []
            if case .stopping = state.phase { return (messages, true) }
            return (messages, false)
        }
    }

    /// A write to a closed TLS connection raises SIGPIPE on this thread; signals are others' business.
    private func ignoreSignals() {
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
    }

    // MARK: - Starting

    private func start() -> Phase {
        guard Self.isLibraryReady, let handle = unsafe curl_multi_init() else { return .stopped }
        let multi = unsafe Multi(handle: handle)
        unsafe linecook_curl_multi_set_long(
            multi.handle,
            CURLMOPT_PIPELINING,
            Int(CURLPIPE_MULTIPLEX)
        )
        guard startThread(ThreadStart(loop: self, multi: multi)) else {
            unsafe curl_multi_cleanup(multi.handle)
            return .stopped
        }
        return .running(multi)
    }

    private final class ThreadStart {
        let loop: TransferLoop
        let multi: Multi

        init(loop: TransferLoop, multi: Multi) {
            self.loop = loop
            self.multi = multi
        }

        func run() { loop.run(multi) }
    }

    /// A detached thread with a stack of 512 KiB, which is plenty for libcurl and TLS.
    private func startThread(_ start: ThreadStart) -> Bool {
        var attributes = pthread_attr_t()
        guard unsafe pthread_attr_init(&attributes) == 0 else { return false }
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, 512 * 1024)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let context = unsafe Unmanaged.passRetained(start)  // released by the thread, or below
        #if canImport(Darwin)
        var thread: pthread_t?
        let status = unsafe pthread_create(
            &thread,
            &attributes,
            { context in
                unsafe Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        #else
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread,
            &attributes,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            },
            context.toOpaque()
        )
        #endif
        guard status == 0 else {
            unsafe context.release()
            return false
        }
        return true
    }
}
