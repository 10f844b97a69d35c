import Domain
import RunStore
import Service
import Testing

/// When a service that goes on for days prunes its state folder.
@Suite struct PruningTimeTests {
    private struct Refused: Error {}

    @Test func `it prunes once a day, a restart or not, and within the hour after that went wrong`()
        async throws
    {
        let hour = Duration.seconds(3600)
        // One thread, see `VirtualMachine`.
        nonisolated(unsafe) var moments: [Duration] = []
        nonisolated(unsafe) var world: World?
        nonisolated(unsafe) var problems: [String]?
        let simulation = try Simulation(
            seed: 5,
            days: 4,
            script: { world in
                world.machine.schedule(after: hour * 5) {
                    world.losePower()
                    world.powerLost()
                }
            },
            prune: { store in
                guard let machine = world?.machine else { throw Refused() }
                if moments.count == 2 {
                    problems = try store.value(ServiceRecord.self, at: store.layout.service)?
                        .problems
                }
                moments.append(machine.uptime)
                if moments.count == 2 { throw Refused() }
                try store.save(PruneNote(at: machine.wall, summary: "nothing"))
                return "nothing"
            }
        )
        world = simulation.world
        let (violations, _) = await simulation.run()
        #expect(violations == [])
        let days = moments.prefix { $0 < hour * 96 }
        #expect(days.count == 5)
        let waits = zip(days, days.dropFirst()).map { $1 - $0 }
        #expect(waits.first.map { (hour * 24..<hour * 25).contains($0) } == true)
        #expect(waits.dropFirst().first == hour)
        #expect(waits.dropFirst(2).allSatisfy { (hour * 24..<hour * 25).contains($0) })
        #expect(simulation.world.warnings.contains { $0.contains("old runs aren't pruned") })
        // Until it went well, `status` said so.
        #expect(problems?.contains { $0.contains("old runs aren't pruned") } == true)
    }
}
