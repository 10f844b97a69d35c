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
/// Sendable, because after `init` nobody touches the sources until the last reference goes.
final class SignalWatch: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32], _ handle: @escaping @Sendable (Int32) -> Void) {
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { @Sendable in handle(number) }
            source.activate()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }
}

/// What SIGTERM and Ctrl-C ask of the service: SIGTERM to leave, the first Ctrl-C to drain, the next one to
/// stop the agents.
final class StopSignals: Sendable {
    private let watch: SignalWatch
    private let state: State

    init() {
        let state = State()
        self.state = state
        watch = SignalWatch([SIGINT, SIGTERM]) { state.take($0) }
    }

    /// What comes from now on, for one run of the service; an earlier stream gets nothing more.
    func makeStream() -> AsyncStream<ServiceSignal> {
        let (stream, feed) = AsyncStream<ServiceSignal>.makeStream()
        state.listen(feed)
        return stream
    }

    /// Whether Ctrl-C was pressed.
    var wasInterrupted: Bool { state.interrupts > 0 }
}

/// How often Ctrl-C was pressed, and who is told.
private final class State: Sendable {
    private struct Values {
        var interrupts = 0
        var feed: AsyncStream<ServiceSignal>.Continuation?
    }
    private let values = Mutex(Values())

    var interrupts: Int { values.withLock { $0.interrupts } }

    func listen(_ feed: AsyncStream<ServiceSignal>.Continuation) {
        values.withLock { $0.feed = feed }
    }

    func take(_ number: Int32) {
        let (count, feed) = values.withLock { values in
            if number == SIGINT { values.interrupts += 1 }
            return (values.interrupts, values.feed)
        }
        guard number == SIGINT else {
            feed?.yield(.leave)
            return
        }
        if count == 1 {
            Console.error("waiting for the agents that work; Ctrl-C again stops them")
            feed?.yield(.drain)
        } else {
            Console.error("stopping the agents; their work is kept")
            feed?.yield(.interrupt)
        }
    }
}
