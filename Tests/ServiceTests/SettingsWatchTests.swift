import Domain
import Service
import Synchronization
import SystemPackage
import Testing

@testable import Service

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Time that goes by only while somebody sleeps, and in which something happens.
private final class ScriptedTime: TimeSource {
    private struct State {
        var uptime = Duration.seconds(1)
        var events: [(at: Duration, act: @Sendable () -> Void)]
    }
    private let state: Mutex<State>
    private let end: Duration

    init(until end: Duration, _ events: [(at: Duration, act: @Sendable () -> Void)]) {
        self.end = end
        state = Mutex(State(events: events))
    }

    func now() -> Moment {
        let uptime = state.withLock(\.uptime)
        let wall = Date(timeIntervalSince1970: 1_795_000_000).addingTimeInterval(uptime.inSeconds)
        return Moment(wall: wall, uptime: uptime)
    }

    /// - Throws: `CancellationError` at the end of the script.
    func sleep(untilUptime deadline: Duration) async throws {
        guard deadline <= end else { throw CancellationError() }
        let due = state.withLock { state in
            state.uptime = max(state.uptime, deadline)
            let due = state.events.filter { $0.at <= deadline }
            state.events.removeAll { $0.at <= deadline }
            return due
        }
        for event in due { event.act() }
    }
}

/// The loop that looks at the files, in scripted time.
@Suite struct SettingsWatchTests {
    private func watch(_ files: FakeFiles) -> SettingsWatch {
        let settings = Settings(
            files.configuration().value ?? FakeFiles.standard(),
            from: [FakeFiles.configuration],
            workflows: [files.workflow("/w/a.yml").value].compactMap(\.self),
            in: "/w",
            at: Date(timeIntervalSince1970: 1_795_000_000)
        )
        return SettingsWatch(settings: settings, source: files)
    }

    private func makeFiles() -> FakeFiles {
        let files = FakeFiles()
        files.write(FakeFiles.configuration, "slots 3")
        files.write("/w/a.yml", "a one")
        return files
    }

    @Test(arguments: Array(stride(from: 1000, through: 3000, by: 50)))
    func `a save is in force within two seconds, whenever it's made`(milliseconds: Int) async {
        let files = makeFiles()
        let save = Duration.milliseconds(milliseconds)
        let time = ScriptedTime(
            until: .seconds(8),
            [
                (
                    save,
                    { @Sendable in
                        // As slow as it gets: the configuration names a folder whose workflow names a template.
                        files.makeFolder("/v")
                        files.write("/v/t.md", "template")
                        files.write("/v/b.yml", "b one /v/t.md")
                        files.write(FakeFiles.configuration, "workflows /w /v")
                    }
                )
            ]
        )
        var last: (names: [String], at: Duration)?
        await watch(files).run(time) { last = ($0.workflows.map(\.name), time.now().uptime) }
        #expect(last?.names == ["a", "b"])
        #expect(last.map { $0.at - save < .seconds(2) } == true, "\(String(describing: last))")
    }

    @Test
    func `a changed configuration is applied before it's told of, and nothing is without one`()
        async
    {
        let files = makeFiles()
        let time = ScriptedTime(
            until: .seconds(60),
            [(.seconds(5), { @Sendable in files.write(FakeFiles.configuration, "slots 4") })]
        )
        var slots: [[Int]] = []
        await watch(files).run(time) { _ in slots.append(files.applied.map(\.slots)) }
        #expect(slots == [[4]])
    }

    @Test func `files that rest are looked at every three quarters of a second and never read`()
        async
    {
        let files = makeFiles()
        let time = ScriptedTime(until: .seconds(3600), [])
        await watch(files).run(time) { _ in Issue.record("nothing was changed") }
        // The start's reading, and one more.
        #expect(files.takeReadings().count == 4)
    }
}
