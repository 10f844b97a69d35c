import Domain
import RunStore
import TestSupport
import Testing

/// A person removes what a run was begun under, while its agent works.
@Suite struct LostSettingsTests {
    @Test
    func `a ticket isn't taken up anew while a later attempt of a run without settings is at work`()
        async throws
    {
        // One thread, see `VirtualMachine`.
        nonisolated(unsafe) var simulation: Simulation?
        nonisolated(unsafe) var lost: RunID?
        let made = try Simulation(seed: try #require(Self.seed), days: 2) { world in
            world.outcome = .agentFailed
            func look() {
                let attempt = world.live.first { $0.number == 2 }
                guard let attempt,
                    let index = world.tickets.firstIndex(where: { $0.key == attempt.run.ticket })
                else {
                    world.machine.schedule(after: .seconds(20), look)
                    return
                }
                lost = attempt.run
                try? world.files.remove(world.layout.settings(attempt.run))
                simulation?.kill()
                world.move(index, to: .todo, byPerson: true)
            }
            look()
        }
        simulation = made
        let (violations, _) = await made.run()
        let run = try #require(lost)
        #expect(violations.filter { $0.contains("lives") || $0.contains("numbers") } == [])
        let words = "\(run): an agent of it is at work"
        #expect(made.world.warnings.contains { $0.hasPrefix(words) })
    }

    /// One of a workflow that tries again after its agent has failed.
    private static let seed = (1...100 as ClosedRange<UInt64>).first { seed in
        let scenario = Scenario(seed: seed, days: 2)
        let retry = scenario.workflow("fre").retry
        return scenario.teams.count == 1 && retry.attempts > 2 && retry.on[.agentFailed] == .retry
    }
}
