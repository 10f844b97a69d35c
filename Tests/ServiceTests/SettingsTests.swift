import Domain
import Scheduler
import Service
import SystemPackage
import Testing

@testable import Service

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is in force after files were changed, without time and without a disk.
@Suite struct SettingsTests {
    /// A service that was started with these files, and a clock that stands still.
    private struct Bench {
        let files = FakeFiles()
        var settings: Settings
        var now = Moment(wall: Date(timeIntervalSince1970: 1_795_000_000), uptime: .seconds(1))

        init(_ workflows: KeyValuePairs<FilePath, String>, configuration: String = "") {
            files.write("/w/t.md", "template")
            files.write(FakeFiles.configuration, configuration)
            for (file, text) in workflows { files.write(file, text) }
            let files = files
            let loaded = workflows.compactMap { file, _ in files.workflow(file).value }
            settings = Settings(
                files.configuration().value ?? FakeFiles.standard(),
                from: [FakeFiles.configuration],
                workflows: loaded,
                in: "/w",
                at: now.wall
            )
            _ = files.takeReadings()
        }

        /// Lets the looks of a second and a half take place; what they brought, in this order.
        mutating func settle() async -> [SettingsUpdate] {
            let end = now.uptime + .milliseconds(1500)
            var updates: [SettingsUpdate] = []
            while let update = await look(until: end) { updates += update }
            return updates
        }

        private mutating func look(until end: Duration) async -> [SettingsUpdate]? {
            let next = settings.nextLook(after: now.uptime)
            guard next <= end else { return nil }
            now.wall += (next - now.uptime).inSeconds
            now.uptime = next
            let watch = SettingsWatch(settings: settings, source: files)
            return [await watch.look(for: &settings, at: now)].compactMap(\.self)
        }
    }

    private func labels(_ update: SettingsUpdate?) -> [String: String] {
        Dictionary(
            (update?.workflows ?? []).map {
                ($0.name, $0.inForce.workflow.tickets.allLabels.joined())
            },
            uniquingKeysWith: { _, new in new }
        )
    }

    @Test func `the files of the start are read once more and then left alone`() async {
        var bench = Bench(["/w/a.yml": "a one /w/t.md"])
        #expect(await bench.settle() == [])
        #expect(bench.files.takeReadings() == [FakeFiles.configuration, "/w/a.yml", "/w/t.md"])
        for _ in 1...10 { #expect(await bench.settle() == []) }
        #expect(bench.files.takeReadings() == [])
    }

    @Test func `a change between the start's reading and the first look isn't missed`() async {
        var bench = Bench(["/w/a.yml": "a one"])
        bench.files.write("/w/a.yml", "a two")
        #expect(labels(await bench.settle().last) == ["a": "two"])
    }

    @Test func `a changed workflow is in force, and only its file is read`() async {
        var bench = Bench(["/w/a.yml": "a one", "/w/b.yml": "b one"])
        _ = await bench.settle()
        _ = bench.files.takeReadings()
        bench.files.write("/w/a.yml", "a two")
        let updates = await bench.settle()
        #expect(updates.count == 1)
        #expect(labels(updates.last) == ["a": "two", "b": "one"])
        #expect(updates.last?.news == [.workflowChanged("a", file: "/w/a.yml")])
        #expect(updates.last?.workflows.first?.source == Array("a two".utf8))
        #expect(bench.files.takeReadings() == ["/w/a.yml"])
    }

    @Test func `a changed template puts each workflow in force that includes it`() async {
        var bench = Bench(["/w/a.yml": "a one /w/t.md", "/w/b.yml": "b one"])
        _ = await bench.settle()
        bench.files.write("/w/t.md", "better")
        let update = await bench.settle().last
        #expect(update?.workflows.map(\.inForce.workflow.prompt.text) == ["better", "x"])
        #expect(update?.news == [.workflowChanged("a", file: "/w/a.yml")])
    }

    @Test func `a template that is named for the first time has to be at rest, too`() async {
        var bench = Bench(["/w/a.yml": "a one"])
        _ = await bench.settle()
        bench.files.write("/p/new.md", "")
        bench.files.interrupt(readingOf: "/p/new.md", with: "half", then: "whole")
        bench.files.write("/w/a.yml", "a one /p/new.md")
        let updates = await bench.settle()
        #expect(updates.map { $0.workflows.map(\.inForce.workflow.prompt.text) } == [["whole"]])
    }

    @Test func `what was written to while it was read is read again`() async {
        var bench = Bench(["/w/a.yml": "a one"])
        _ = await bench.settle()
        bench.files.write("/w/a.yml", "a two")
        bench.files.interrupt(readingOf: "/w/a.yml", with: "a thr", then: "a three")
        #expect(await bench.settle().map(labels) == [["a": "three"]])
    }

    @Test func `touching a file changes nothing`() async {
        var bench = Bench(["/w/a.yml": "a one"])
        _ = await bench.settle()
        bench.files.write("/w/a.yml", "a one")
        #expect(await bench.settle() == [])
    }

    @Test func `a broken file leaves the last good version in force and is told of once`()
        async throws
    {
        var bench = Bench(["/w/a.yml": "a one"])
        _ = await bench.settle()
        let start = bench.now.wall
        bench.files.write("/w/a.yml", "broken one")
        let updates = await bench.settle()
        #expect(updates.count == 1)
        #expect(labels(updates.last) == ["a": "one"])
        let problem = try #require(updates.last?.problems.first)
        #expect(problem.kind == .broken && problem.file == "a.yml")
        #expect(problem.errors == ["/w/a.yml:1:1: broken one"])
        #expect(problem.inForce == Date(timeIntervalSince1970: 1_795_000_000))
        #expect(problem.since > start && problem.since <= bench.now.wall)
        #expect(updates.last?.news == [.problem(problem)])
        #expect(
            problem.sentence
                == "/w/a.yml:1:1: broken one; since 2026-11-18T11:06:41Z, and the version read at"
                + " 2026-11-18T11:06:40Z stays in force"
        )
        for _ in 1...5 { #expect(await bench.settle() == []) }

        // Saved again with the same error: nothing to say.
        bench.files.write("/w/a.yml", "broken one")
        #expect(await bench.settle() == [])

        // Another error is told of; it's broken since the first one.
        bench.files.write("/w/a.yml", "broken two")
        let second = try #require(await bench.settle().last)
        #expect(second.problems.map(\.errors) == [["/w/a.yml:1:1: broken two"]])
        #expect(second.problems.map(\.since) == [problem.since])
        #expect(second.news == second.problems.map { .problem($0) })

        bench.files.write("/w/a.yml", "a two")
        let mended = try #require(await bench.settle().last)
        #expect(mended.problems == [])
        #expect(mended.news == [.mended(file: "a.yml"), .workflowChanged("a", file: "/w/a.yml")])
        #expect(labels(mended) == ["a": "two"])
    }

    @Test func `a file that is put back as it was is mended without a change`() async {
        var bench = Bench(["/w/a.yml": "a one"])
        _ = await bench.settle()
        bench.files.write("/w/a.yml", "broken")
        _ = await bench.settle()
        bench.files.write("/w/a.yml", "a one")
        #expect(await bench.settle().last?.news == [.mended(file: "a.yml")])
    }

    @Test func `a new file that is broken is a problem, and starts once it's mended`() async {
        var bench = Bench(["/w/a.yml": "a one"])
        _ = await bench.settle()
        bench.files.write("/w/b.yml", "broken")
        let update = await bench.settle().last
        #expect(labels(update) == ["a": "one"])
        #expect(update?.problems.map(\.inForce) == [nil])
        #expect(
            update?.problems.first?.sentence.hasSuffix("and nothing of this file is in force")
                == true
        )
        bench.files.write("/w/b.yml", "b one")
        let mended = await bench.settle().last
        #expect(labels(mended) == ["a": "one", "b": "one"])
        #expect(mended?.news == [.mended(file: "b.yml"), .workflowAdded("b", file: "/w/b.yml")])
    }

    @Test func `a new file in the folder is added, a file that is gone is removed`() async {
        var bench = Bench(["/w/a.yml": "a one"])
        _ = await bench.settle()
        bench.files.write("/w/b.yml", "b one /w/t.md")
        let added = await bench.settle()
        #expect(added.last?.news == [.workflowAdded("b", file: "/w/b.yml")])
        bench.files.remove("/w/a.yml")
        let removed = await bench.settle()
        #expect(removed.last?.news == [.workflowRemoved("a", file: "/w/a.yml")])
        #expect(labels(removed.last) == ["b": "one"])
    }

    @Test func `the last file that goes leaves nothing in force and a problem`() async {
        var bench = Bench(["/w/a.yml": "a one"])
        _ = await bench.settle()
        bench.files.remove("/w/a.yml")
        let update = await bench.settle().last
        #expect(update?.workflows == [])
        #expect(update?.problems.map(\.kind) == [.empty])
        bench.files.write("/w/a.yml", "a one")
        let back = await bench.settle().last
        #expect(back?.problems == [] && labels(back) == ["a": "one"])
    }

    @Test func `a broken file that is removed is no problem any more`() async {
        var bench = Bench(["/w/a.yml": "a one", "/w/b.yml": "b one"])
        _ = await bench.settle()
        bench.files.write("/w/b.yml", "broken")
        _ = await bench.settle()
        bench.files.remove("/w/b.yml")
        let update = await bench.settle().last
        #expect(update?.problems == [])
        #expect(update?.news == [.workflowRemoved("b", file: "/w/b.yml")])
    }

    @Test func `a workflow whose file is renamed stays in force`() async {
        var bench = Bench(["/w/a.yml": "a one /w/t.md", "/w/z.yml": "z one"])
        _ = await bench.settle()
        bench.files.remove("/w/a.yml")
        bench.files.write("/w/b.yml", "a one /w/t.md")
        let updates = await bench.settle()
        #expect(updates.map(labels) == [["a": "one", "z": "one"]])
        #expect(updates.last?.news == [.workflowChanged("a", file: "/w/b.yml")])
    }

    @Test func `of two workflows with one name the one in force stays`() async {
        var bench = Bench(["/w/b.yml": "site one"])
        _ = await bench.settle()
        bench.files.write("/w/a.yml", "site two")
        let update = await bench.settle().last
        #expect(labels(update) == ["site": "one"])
        #expect(update?.problems.map(\.kind) == [.nameTaken])
        #expect(
            update?.problems.first?.errors == [
                "a.yml: error: the name 'site' is taken by b.yml; give each workflow a name of its own"
            ]
        )
        // It has the name as soon as the other one lets go of it.
        bench.files.write("/w/b.yml", "other one")
        let settled = await bench.settle().last
        #expect(labels(settled) == ["site": "two", "other": "one"])
        #expect(settled?.problems == [])
    }

    @Test func `a file that takes another's name keeps its own version in force`() async {
        var bench = Bench(["/w/a.yml": "a one", "/w/b.yml": "b one"])
        _ = await bench.settle()
        bench.files.write("/w/a.yml", "b two")
        let update = await bench.settle().last
        #expect(labels(update) == ["a": "one", "b": "one"])
        #expect(update?.problems.map(\.file) == ["a.yml"])
        #expect(update?.problems.first?.inForce != nil)
    }

    @Test func `two files may change names with each other`() async {
        var bench = Bench(["/w/a.yml": "a one", "/w/b.yml": "b two"])
        _ = await bench.settle()
        bench.files.write("/w/a.yml", "b one")
        bench.files.write("/w/b.yml", "a two")
        let update = await bench.settle().last
        #expect(labels(update) == ["b": "one", "a": "two"])
        #expect(update?.problems == [])
    }

    @Test func `a chain of names ends where one is in force`() async {
        var bench = Bench(["/w/a.yml": "a one", "/w/b.yml": "b one", "/w/c.yml": "c one"])
        _ = await bench.settle()
        bench.files.write("/w/a.yml", "b two")
        bench.files.write("/w/b.yml", "c two")
        let update = await bench.settle().last
        #expect(labels(update) == ["a": "one", "b": "one", "c": "one"])
        #expect(update?.problems.map(\.file) == ["a.yml", "b.yml"])
    }

    @Test func `slots change while the service runs, the state folder doesn't`() async {
        var bench = Bench(["/w/a.yml": "a one"], configuration: "slots 3")
        _ = await bench.settle()
        bench.files.write(FakeFiles.configuration, "slots 5\nstate /elsewhere")
        let update = await bench.settle().last
        #expect(update?.configuration.slots == 5)
        #expect(update?.configuration.state == "/s")
        #expect(update?.problems.map(\.kind) == [.waitsForStart])
        #expect(
            update?.problems.first?.errors == [
                "/c/linecook.yml: 'state' was changed; that takes effect at the next start of the daemon"
            ]
        )
        bench.files.write(FakeFiles.configuration, "slots 5")
        #expect(await bench.settle().last?.problems == [])
    }

    @Test func `a broken configuration leaves the last good one in force`() async {
        var bench = Bench(["/w/a.yml": "a one"], configuration: "slots 3")
        _ = await bench.settle()
        bench.files.write(FakeFiles.configuration, "slots 5")
        #expect(await bench.settle().last?.news == [.configurationChanged(file: "/c/linecook.yml")])
        for text in ["nonsense", nil] {
            if let text {
                bench.files.write(FakeFiles.configuration, text)
            } else {
                bench.files.remove(FakeFiles.configuration)
            }
            let update = await bench.settle().last
            #expect(update?.configuration.slots == 5)
            #expect(update?.problems.map(\.kind) == [.broken])
            #expect(labels(update) == ["a": "one"])
        }
        bench.files.write(FakeFiles.configuration, "slots 6")
        #expect(await bench.settle().last?.configuration.slots == 6)
    }

    @Test func `other folders and files of workflows take effect at once`() async {
        var bench = Bench(["/w/a.yml": "a one"])
        _ = await bench.settle()
        bench.files.makeFolder("/v")
        bench.files.write("/v/b.yml", "b one /w/t.md")
        bench.files.write("/x.yml", "x one")
        bench.files.write(FakeFiles.configuration, "workflows /v /x.yml")
        let updates = await bench.settle()
        #expect(labels(updates.last) == ["b": "one", "x": "one"])
        #expect(updates.last?.problems == [])
    }

    @Test func `a folder or a file that the configuration names and that is gone stays in force`()
        async
    {
        var bench = Bench(
            ["/w/a.yml": "a one", "/x.yml": "x one"],
            configuration: "workflows /w /x.yml"
        )
        _ = await bench.settle()
        bench.files.remove("/w")
        bench.files.remove("/w/a.yml")
        bench.files.remove("/x.yml")
        let update = await bench.settle().last
        #expect(labels(update) == ["a": "one", "x": "one"])
        #expect(update?.problems.map(\.kind) == [.empty, .broken, .broken])
        bench.files.makeFolder("/w")
        bench.files.write("/w/a.yml", "a one")
        bench.files.write("/x.yml", "x two")
        let back = await bench.settle().last
        #expect(back?.problems == [] && labels(back) == ["a": "one", "x": "two"])
    }

    @Test func `each key of the configuration either takes effect or is said to wait`() {
        let live: Set = [
            "workflows", "slots", "breaker", "disk", "retention", "logLevel", "logFormat",
        ]
        let start = FakeFiles.standard()
        let changed = ServiceConfiguration(
            state: "/other",
            workflows: ["/v"],
            slots: 1,
            breaker: BreakerSettings(failures: nil),
            disk: nil,
            retention: RetentionSettings(compress: .seconds(86_400)),
            linear: .init(endpoint: "http://a", token: nil),
            github: .init(endpoint: "http://b", token: nil),
            forge: .local,
            logLevel: .debug,
            logFormat: .json
        )
        let (configuration, waiting) = changed.live(since: start)
        #expect(
            waiting == [
                "state", "linear.endpoint", "linear.token", "github.endpoint", "github.token",
                "forge",
            ]
        )
        let fields = zip(
            zip(Mirror(reflecting: start).children, Mirror(reflecting: changed).children),
            Mirror(reflecting: configuration).children
        )
        for ((old, new), kept) in fields {
            let name = new.label ?? ""
            #expect("\(old.value)" != "\(new.value)", "the test doesn't change \(name)")
            #expect("\(kept.value)" == "\((live.contains(name) ? new : old).value)", "\(name)")
        }
    }
}
