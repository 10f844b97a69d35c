import Domain
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How many events a second the scheduler takes.
///
///     LINECOOK_SCHEDULER_TICKETS=1000,10000,100000 \
///         swift test -c release --filter SchedulerSpeedTests
@Suite struct SchedulerSpeedTests {
    static let sizes = ProcessInfo.processInfo.environment["LINECOOK_SCHEDULER_TICKETS"]?
        .split(separator: ",").compactMap { Int($0) }

    @Test(.enabled(if: sizes != nil, "needs LINECOOK_SCHEDULER_TICKETS"))
    func `an event costs the same among a thousand tickets and a hundred thousand`() {
        for size in Self.sizes ?? [] {
            var load = SpeedLoad(tickets: size)
            let taken = ContinuousClock().measure { load.run() }
            let (events, own) = (load.figures.events, load.figures.time)
            let each = (own / events).inSeconds * 1_000_000
            print(
                "\(size) tickets: \(events) events in \(own), \((each * 10).rounded() / 10) µs each;"
                    + " \(taken) with the load's own part"
            )
            #expect(load.figures.done == size)
        }
    }

    @Test func `a thousand tickets come to their end, each once`() {
        var load = SpeedLoad(tickets: 1000)
        load.run()
        #expect(load.figures.done == 1000 && load.figures.working == 64)
    }
}
