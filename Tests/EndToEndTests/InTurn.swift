import Synchronization
import Testing

/// Lets only so many tests of the whole program run at once, each of which starts many programs.
///
/// All suites begin at the same moment; without this their first tests would share the processors, and their
/// limits of time run out while they wait for one. A test's limit counts from its turn on.
struct InTurn: SuiteTrait, TestTrait, TestScoping {
    private static let turns = Turns(count: 6)

    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> InTurn? {
        test.isSuite || testCase != nil ? nil : self
    }

    @concurrent func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        await Self.turns.wait()
        defer { Self.turns.end() }
        try await function()
    }
}

extension Trait where Self == InTurn {
    static var inTurn: Self { InTurn() }
}

/// What those who wait get in the order in which they came.
private final class Turns: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(free: count)) }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func end() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
