import Domain
import Scheduler
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct DiskShortageTests {
    private let tickets = (1...3).map { Bench.ticket($0) }
    private let words =
        "less than 2 GB is free on the disk of /state, see 'limits.disk'"
    private let state = DiskShortage(repository: nil, folder: "/state", floor: 2_000_000_000)

    @Test func `with a full disk no ticket is taken up, and it goes on by itself`() {
        var bench = Bench()
        _ = bench.handle(.disks([state]))
        #expect(bench.start(Bench.workflow(), with: tickets).claimed == [])
        #expect(bench.held(1) == words)
        let gate = bench.scheduler.gates(of: Bench.key(1), at: bench.now).first {
            $0.name == "disk"
        }
        #expect(gate == Gate("disk", words, holds: true))
        #expect(bench.handle(.disks([])).claimed.count == 3)
    }

    @Test func `what runs goes on, and no further attempt is started`() {
        var bench = Bench()
        let (id, ticket) = (Bench.id(1), tickets[0])
        _ = bench.claimAll(bench.start(Bench.workflow(), with: [ticket]), [ticket])
        #expect(bench.handle(.disks([state])).stopped == [])
        _ = bench.handle(.attemptEnded(id, attempt: 1, bench.result(.stalled)))
        #expect(bench.pass(.seconds(31)).launched == [])
        #expect(bench.saved[id]?.state == .waiting)
        #expect(bench.saved[id]?.reason == words)
        #expect(bench.handle(.disks([])).launched == [id])
    }

    @Test func `a ticket that was being claimed waits too`() {
        var bench = Bench()
        _ = bench.start(Bench.workflow(), with: [tickets[0]])
        _ = bench.handle(.disks([state]))
        #expect(bench.handle(.claimed(Bench.id(1), tickets[0])).launched == [])
        #expect(bench.saved[Bench.id(1)]?.reason == words)
        #expect(bench.handle(.disks([])).launched == [Bench.id(1)])
    }

    @Test func `another repository's disk holds nobody`() {
        var bench = Bench()
        let other = DiskShortage(repository: "/other", folder: "/other", floor: 1)
        let own = DiskShortage(
            repository: "/repositories/portfolio",
            folder: "/repositories/portfolio",
            floor: 1
        )
        _ = bench.handle(.disks([other, own]))
        #expect(bench.start(Bench.workflow(), with: tickets).claimed == [])
        #expect(bench.handle(.disks([other])).claimed.count == 3)
    }

    @Test func `what waits for a disk waits for a person`() {
        var bench = Bench()
        _ = bench.handle(.disks([state]))
        _ = bench.start(Bench.workflow(), with: tickets)
        #expect(bench.scheduler.idleness == .idle)
    }
}
