import Dashboard
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

@Suite struct ReportDataTests {
    private let now = NineTickets.minutes(80)

    private func withStore(_ body: (RunStore) throws -> Void) throws {
        let root = FilePath("/tmp/linecook-report-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: root.string) }
        let store = RunStore(root: root, disk: LocalFileSystem())
        try store.prepare()
        try body(store)
    }

    @Test func `a report reads what goes on with its runs, and what was before without`() throws {
        try withStore { store in
            try store.save(try NineTickets.batchBefore())
            try store.save(try NineTickets.batch())
            for run in try NineTickets.runs() {
                try store.begin(run, workflow: NineTickets.workflow(), source: [])
                try store.save(run)
            }
            let data = try ReportData(workflow: nil, in: store, at: now)
            #expect(data.parts.map(\.batch.name) == ["portfolio-2"])
            #expect(data.parts.first?.runs.count == 7)
            #expect(data.earlier.map(\.name) == ["portfolio-1"])
            #expect(data.problems == [])
            #expect(try ReportData(workflow: "other", in: store, at: now).parts == [])
            let one = try #require(try ReportData(batch: "portfolio-1", in: store))
            #expect(one.parts.map(\.batch.name) == ["portfolio-1"])
        }
    }

    @Test(arguments: ["portfolio-7", "../open/FRE-1", "", "portfolio-", "/etc/passwd"])
    func `a batch that isn't listed isn't looked for`(name: String) throws {
        try withStore { store in
            try store.save(try NineTickets.batch())
            #expect(try ReportData(batch: name, in: store) == nil)
        }
    }

    @Test func `a broken record is named once, left where it is, and the rest is shown`() throws {
        try withStore { store in
            try store.save(try NineTickets.batchBefore())
            try store.save(try NineTickets.batch())
            let path = store.layout.batch("portfolio-2")
            try LocalFileSystem().write(Array("{".utf8), to: path)
            let data = try ReportData(workflow: nil, in: store, at: now)
            #expect(data.problems.count == 1)
            #expect(data.parts.map(\.batch.name) == ["portfolio-1"])
            #expect(try LocalFileSystem().read(path) == Array("{".utf8))
        }
    }

    @Test func `a state folder that isn't there is an empty report`() throws {
        let store = RunStore(root: "/nonexistent/linecook", disk: LocalFileSystem())
        let data = try ReportData(workflow: nil, in: store, at: now)
        #expect(data.page(at: now).html.contains("No batch has been worked yet."))
    }
}
