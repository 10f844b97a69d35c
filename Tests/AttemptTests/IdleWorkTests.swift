import Agent
import Domain
import Synchronization
import Testing

@testable import Attempt

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Time that goes by only while somebody sleeps, or as a test says.
private final class HandTime: TimeSource {
    private let uptime = Mutex(Duration.seconds(100))

    func now() -> Moment {
        let uptime = uptime.withLock { $0 }
        let wall = Date(timeIntervalSince1970: 1_795_000_000).addingTimeInterval(uptime.inSeconds)
        return Moment(wall: wall, uptime: uptime)
    }

    func sleep(untilUptime deadline: Duration) async throws {
        try Task.checkCancellation()
        pass(until: deadline)
    }

    func pass(_ duration: Duration) { uptime.withLock { $0 += duration } }

    private func pass(until deadline: Duration) { uptime.withLock { $0 = max($0, deadline) } }
}

/// The clock of an agent that goes on and has nothing to show for it, in scripted time.
@Suite struct IdleWorkTests {
    private let time = HandTime()

    /// Waits until an agent is held to be idle, with a limit of 10 s.
    ///
    /// - Parameter look: What the files hold at the look of that number, of which the first is at the start.
    /// - Returns: How long that took.
    private func seconds(_ look: @escaping @Sendable (Int) throws -> Int) async -> Double {
        let looks = Mutex(0)
        let idle = IdleWork<Int>(limit: .seconds(10), time: time) { _ in
            let number = looks.withLock { count in
                count += 1
                return count
            }
            return try look(number)
        }
        let began = time.now().uptime
        let isOver = await idle.waitUntilOver()
        #expect(isOver && idle.isOver)
        return (time.now().uptime - began).inSeconds
    }

    @Test func `an agent that changes nothing is idle at the limit`() async {
        #expect(await seconds { _ in 0 } == 10)
    }

    @Test func `a change begins the time anew, and files that can't be read are one`() async {
        #expect(await seconds { look in min(look, 5) } == 14)
        struct Unreadable: Error {}
        #expect(await seconds { look in if look == 4 { throw Unreadable() } else { 0 } } == 13)
    }

    @Test(arguments: [1, 2, 7])
    func `a machine that stands still at a look takes no time from anybody`(at look: Int) async {
        let took = await seconds { [time] number in
            if number == look { time.pass(.seconds(3600)) }
            return 0
        }
        #expect(took == 3610)
    }

    @Test func `looks that take their time don't end an agent sooner`() async {
        let took = await seconds { [time] _ in
            time.pass(.milliseconds(900))
            return 0
        }
        #expect(took > 10 && took < 13)
    }

    @Test func `what is new in kind begins the time anew, what came before doesn't`() async {
        let idle = IdleWork<Int>(limit: .seconds(10), time: time) { _ in 0 }
        idle.saw(.message("at it"))
        time.pass(.seconds(4))
        idle.saw(.tool(name: "Read", argument: "a.txt"))
        time.pass(.seconds(4))
        idle.saw(.message("still at it"))
        let began = time.now().uptime
        #expect(await idle.waitUntilOver())
        #expect((time.now().uptime - began).inSeconds == 6)
    }

    @Test func `a cancelled wait ends without a verdict`() async {
        let idle = IdleWork<Int>(limit: .seconds(10), time: time) { _ in 0 }
        let wait = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await idle.waitUntilOver()
        }
        #expect(await wait.value == false)
        #expect(!idle.isOver)
    }
}
