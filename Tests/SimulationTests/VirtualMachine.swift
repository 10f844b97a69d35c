import Domain
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One thread, one clock and one queue: whatever is asynchronous runs here, in an order that the seed draws.
///
/// `@unchecked Sendable`: all of it is touched by the thread that calls `run` alone; tasks that prefer this
/// executor run on that thread too, inside of `run`.
final class VirtualMachine: TaskExecutor, TimeSource, @unchecked Sendable {
    /// Since the beginning of the simulation, the time that the machine slept left out.
    private(set) var uptime = Duration.zero
    /// Since the machine was started.
    private var slept = Duration.zero
    /// By how much the clock on the wall was set wrong, or right again.
    private var setBy = Duration.zero
    /// Where `uptime` began to count for those that run now: a start of the machine begins it anew.
    private var booted = Duration.zero
    private var generator: SplitMix64
    private var jobs: [UnownedJob] = []
    private var timers = Timers()
    private var sleepers: [Int: CheckedContinuation<Void, any Error>] = [:]
    private var sleepersMade = 0

    /// 2026-03-28T00:00:00Z: the clocks of Europe change within the first 49 hours.
    private static let beginning = Date(timeIntervalSince1970: 1_774_656_000)

    init(seed: UInt64) { generator = SplitMix64(seed: seed ^ 0x00C0_FFEE) }

    var wall: Date { time.addingTimeInterval(setBy.inSeconds) }

    /// The time by everybody else's clock.
    var time: Date { Self.beginning.addingTimeInterval((uptime + sleptInAll).inSeconds) }
    private var sleptInAll = Duration.zero
    /// Whether the clock has ever been wrong.
    private(set) var wasSet = false

    // MARK: Tasks

    func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }

    /// Runs all that can run now, in an order that the seed draws.
    private func settle() {
        while !jobs.isEmpty {
            let index = Int.random(in: 0..<jobs.count, using: &generator)
            jobs.swapAt(index, jobs.count - 1)
            jobs.removeLast().runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    /// Runs everything until then.
    func run(until end: Duration) {
        settle()
        while let timer = timers.next, timer.at <= end {
            timers.removeNext()
            uptime = max(uptime, timer.at)
            timer.action()
            settle()
        }
        uptime = max(uptime, end)
    }

    // MARK: Time

    func now() -> Moment { Moment(wall: wall, uptime: uptime - booted, slept: slept) }

    func sleep(untilUptime deadline: Duration) async throws {
        try Task.checkCancellation()
        sleepersMade += 1
        let number = sleepersMade
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                sleepers[number] = continuation
                schedule(at: deadline + booted) { self.wake(number, cancelled: false) }
            }
        } onCancel: {
            self.wake(number, cancelled: true)
        }
    }

    private func wake(_ number: Int, cancelled: Bool) {
        guard let continuation = sleepers.removeValue(forKey: number) else { return }
        if cancelled {
            continuation.resume(throwing: CancellationError())
        } else {
            continuation.resume()
        }
    }

    func schedule(after delay: Duration, _ action: @escaping () -> Void) {
        schedule(at: uptime + delay, action)
    }

    private func schedule(at moment: Duration, _ action: @escaping () -> Void) {
        timers.insert(Timers.Timer(at: moment, number: timers.made, action: action))
    }

    /// Somebody sets the clock.
    func setClock(by change: Duration) {
        setBy += change
        wasSet = true
    }

    /// The lid is closed for so long.
    func suspend(for duration: Duration) {
        slept += duration
        sleptInAll += duration
    }

    /// The machine is started anew, with the right time.
    ///
    /// - Returns: Whether the clock on the wall was wrong before.
    func reboot() -> Bool {
        defer { setBy = .zero }
        booted = uptime
        slept = .zero
        return setBy != .zero
    }
}

/// A binary heap of what is to happen, the earliest first, and of the same moment in the order of insertion.
private struct Timers {
    struct Timer {
        var at: Duration
        var number: Int
        var action: () -> Void

        static func < (left: Timer, right: Timer) -> Bool {
            (left.at, left.number) < (right.at, right.number)
        }
    }
    private var heap: [Timer] = []
    private(set) var made = 0

    var next: Timer? { heap.first }

    mutating func insert(_ timer: Timer) {
        made += 1
        heap.append(timer)
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeNext() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { heap[$0] < heap[$1] }), heap[least] < heap[parent]
            else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
