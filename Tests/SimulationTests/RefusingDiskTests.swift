import Domain
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
}
