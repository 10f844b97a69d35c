import Dispatch
import Service
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Takes signals over from their usual effect, for as long as it lives.
///
/// Until `init` returns a signal has its usual effect, from then on it's handled: none is lost between.
/// Sendable, because after `init` nobody touches the sources until the last reference goes.
final class SignalWatch: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32], _ handle: @escaping @Sendable (Int32) -> Void) {
        sources = numbers.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            let registered = DispatchSemaphore(value: 0)
            source.setEventHandler { @Sendable in handle(number) }
            source.setRegistrationHandler { @Sendable in registered.signal() }
            source.activate()
            registered.wait()
            // On Linux a registered source is the signal's handler.
            #if canImport(Darwin)
            signal(number, SIG_IGN)
            #endif
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }
}

/// What SIGTERM and Ctrl-C ask of the service: SIGTERM to leave, the first Ctrl-C to drain, the next one to
/// stop the agents.
final class StopSignals: Sendable {
    private let watch: SignalWatch
    private let requests: StopRequests

    init() {
        let requests = StopRequests()
        self.requests = requests
        watch = SignalWatch([SIGINT, SIGTERM]) { number in
            guard number == SIGINT else {
                requests.leave()
                return
            }
            Console.error(
                requests.interrupt() == .drain
                    ? "waiting for the agents that work; Ctrl-C again stops them"
                    : "stopping the agents; their work is kept"
            )
        }
    }

    /// What was asked last and what comes from now on, for one run of the service; an earlier stream gets
    /// nothing more.
    func makeStream() -> AsyncStream<ServiceSignal> { requests.makeStream() }

    /// Whether Ctrl-C was pressed.
    var wasInterrupted: Bool { requests.wasInterrupted }
}

/// What has been asked of the service, kept for who comes to listen: a service that is still on its way to
/// its work when the signal comes hears of it there.
final class StopRequests: Sendable {
    private struct Values {
        var wasInterrupted = false
        var last: ServiceSignal?
        var feed: AsyncStream<ServiceSignal>.Continuation?

        mutating func ask(_ signal: ServiceSignal) {
            last = signal
            feed?.yield(signal)
        }
    }
    private let values = Mutex(Values())

    /// Whether Ctrl-C was pressed.
    var wasInterrupted: Bool { values.withLock { $0.wasInterrupted } }

    /// As with `StopSignals`.
    func makeStream() -> AsyncStream<ServiceSignal> {
        let (stream, feed) = AsyncStream<ServiceSignal>.makeStream()
        values.withLock { values in
            values.feed = feed
            if let last = values.last { feed.yield(last) }
        }
        return stream
    }

    /// As SIGTERM asks.
    func leave() { values.withLock { $0.ask(.leave) } }

    /// As Ctrl-C asks.
    ///
    /// - Returns: What it means this time.
    func interrupt() -> ServiceSignal {
        values.withLock { values in
            let signal: ServiceSignal = values.wasInterrupted ? .interrupt : .drain
            values.wasInterrupted = true
            values.ask(signal)
            return signal
        }
    }
}
