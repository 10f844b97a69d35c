import Disk
import Domain
import RunStore
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What earlier versions of the program left on disk; a fixture of each lies beside this file.
@Suite struct OlderRecordTests {
    private static let versions = ["first", "second"]
    private let run = RunID(
        ticket: TicketKey("FRE-66") ?? { preconditionFailure("a bad key") }(),
        number: 1
    )

    private func store(_ version: String) -> RunStore {
        RunStore(
            root: FilePath(#filePath).removingLastComponent().appending("Fixtures")
                .appending(version),
            disk: LocalFileSystem()
        )
    }

    @Test(arguments: versions)
    func `a run that was begun before an upgrade is found with all that it needs`(
        version: String
    ) throws {
        let store = store(version)
        let found = try store.recover(at: Date(), setsAside: false)
        #expect(found.problems == [])
        #expect(found.runs.map(\.id) == [run])
        #expect(found.runs.first?.liveAttempt?.number == 1)
        let workflow = try #require(try store.workflow(of: run))
        #expect(workflow.name == "demo" && workflow.retry.attempts == 2)
        let path = store.layout.attempt(run, 1).appending(AttemptFile.job)
        let job = try #require(try store.value(AttemptJob.self, at: path))
        #expect(job.workflow == workflow)
    }

    @Test(arguments: versions)
    func `what there wasn't then is as it is for those who don't set it`(version: String) throws {
        let workflow = try #require(try store(version).workflow(of: run))
        #expect(workflow.plan.base == .merged && workflow.schedule.missed == .once)
        #expect(workflow.limits == LimitSettings() && workflow.hooks == HookSettings())
        #expect(workflow.agent.sandbox == .none && workflow.agent.overrides == [])
        #expect(workflow.verify.steps.map(\.name) == ["build", "lint"])
        #expect(workflow.verify.steps.map(\.retry) == [0, 0])
        #expect(workflow.repository.pool == 0)
        #expect(workflow.retry.on == FailureTable() && workflow.agent.fallback == [])
    }

    @Test func `what never may be missing is still missed, by its name`() throws {
        let store = RunStore(
            root: FilePath("/tmp/linecook-older-\(UUID().uuidString)"),
            disk: LocalFileSystem()
        )
        try store.prepare()
        defer { try? FileManager.default.removeItem(atPath: store.layout.root.string) }
        try store.makeFolder(store.layout.run(run))
        let path = store.layout.settings(run)
        try store.write(["name": "demo"], to: path)
        #expect(throws: RunStoreError.unreadable(path, "tickets.team is missing")) {
            try store.workflow(of: run)
        }
    }
}
