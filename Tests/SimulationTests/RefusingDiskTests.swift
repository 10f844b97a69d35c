import Domain
import RunStore
import SystemPackage
import Testing

/// A disk that takes nothing for half an hour, under a service at work.
@Suite struct RefusingDiskTests {
    @Test(arguments: [Errno.noSpace, .ioError, .readOnlyFileSystem, .tooManyOpenFiles])
    func `while the disk refuses nothing is started and it's said, and afterwards all goes on`(
        code: Errno
    ) async throws {
        let hour = Duration.seconds(3600)
        let simulation = try Simulation(seed: 5, days: 1) { world in
            world.machine.schedule(after: hour) {
                world.note("the disk refuses")
                world.warnings = []
                world.mood = code == .noSpace ? .full : .refusing(code)
            }
            world.machine.schedule(after: hour + .seconds(300)) {
                for number in 50...53 { world.addTicket(number) }
            }
            world.machine.schedule(after: hour + .seconds(1800)) {
                world.mood = .well
                world.note("the disk is well")
            }
        }
        let (violations, trace) = await simulation.run()
        #expect(violations == [])
        let began = try #require(trace.firstIndex { $0.hasSuffix("the disk refuses") })
        let ended = try #require(trace.firstIndex { $0.hasSuffix("the disk is well") })
        let meanwhile = trace[began..<ended]
        #expect(!meanwhile.contains { $0.contains("starts attempt") || $0.contains("is claimed") })
        #expect(!meanwhile.contains { $0.contains("pull request") || $0.contains("daemon") })
        #expect(trace[ended...].contains { $0.contains("starts attempt") })
        // At once, and every ten minutes.
        let said = simulation.world.warnings.count { $0.contains("\(code)") }
        #expect((1...4).contains(said))
    }

    @Test(arguments: ["run.json", "job.json", "workflow.json"])
    func `a start to which the disk denies a file of a run ends, and the next one knows the run`(
        name: String
    ) async throws {
        let hour = Duration.seconds(3600)
        let simulation = try Simulation(seed: 5, days: 1) { world in
            world.machine.schedule(after: hour) {
                world.losePower()
                world.powerLost()
                world.mood = .withholding(name)
            }
            world.machine.schedule(after: hour + .seconds(1800)) { world.mood = .well }
        }
        let (violations, trace) = await simulation.run()
        #expect(violations == [])
        let ends = trace.filter { $0.contains("ends with an error") }
        #expect(!ends.isEmpty && ends.allSatisfy { $0.contains("/\(name): can't read it") })
    }

    @Test func `what a person asked for is done once, though the disk doesn't let it go`()
        async throws
    {
        let hour = Duration.seconds(3600)
        let seed = try #require(
            (1...100).first {
                Scenario(seed: $0, days: 1).workflow("fre").retry.on[.refused] == .askPerson
            }
        )
        let simulation = try Simulation(seed: seed, days: 1) { world in
            world.outcome = .refused
            world.machine.schedule(after: hour * 8) {
                world.note("people ask")
                world.mood = .keeping(world.layout.requests)
                for index in world.tickets.indices
                where world.records.values.contains(where: {
                    $0.state == .needsHuman && $0.ticket.id == world.tickets[index].id
                }) {
                    world.request(index, nil)
                }
            }
            world.machine.schedule(after: hour * 16) {
                world.note("the disk is well")
                world.mood = .well
                world.outcome = nil
            }
        }
        let (violations, trace) = await simulation.run()
        #expect(violations == [])
        let began = try #require(trace.firstIndex { $0.hasSuffix("people ask") })
        let ended = try #require(trace.firstIndex { $0.hasSuffix("the disk is well") })
        let asked = trace[began..<ended].filter {
            $0.contains("a person asked for another attempt")
        }
        #expect(!asked.isEmpty && asked.count == simulation.world.requests.values.joined().count)
    }
}
