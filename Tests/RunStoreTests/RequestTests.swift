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

@Suite struct RequestTests {
    private let now = Date(timeIntervalSince1970: 1_795_462_802)

    private func withStore(_ body: (RunStore) throws -> Void) throws {
        let root = FilePath("/tmp/linecook-requests-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: root.string) }
        let store = RunStore(root: root, disk: LocalFileSystem())
        try store.prepare()
        try body(store)
    }

    @Test func `what a person asks for is there until it was heeded`() throws {
        try withStore { store in
            let key = try #require(TicketKey("FRE-69"))
            let request = RetryRequest(ticket: key, budget: 30, tokens: 3_000_000, asked: now)
            #expect(try !store.hasRequests())
            try store.save(request)
            #expect(try store.hasRequests())
            #expect(try store.requests(at: now).found == [request])
            try store.removeRequest(of: key)
            #expect(try store.requests(at: now).found == [] && !store.hasRequests())
        }
    }

    @Test func `a request that can't be read is set aside, and the others are heeded`() throws {
        try withStore { store in
            let key = try #require(TicketKey("FRE-69"))
            let path = store.layout.requests.appending("FRE-1.json")
            try LocalFileSystem().write(Array("{".utf8), to: path)
            try store.save(RetryRequest(ticket: key, asked: now))
            let (found, problems) = try store.requests(at: now)
            #expect(found.map(\.ticket) == [key])
            #expect(problems.count == 1 && problems[0].contains("set aside as FRE-1.json.broken-"))
            #expect(try store.requests(at: now).problems == [])
        }
    }
}
