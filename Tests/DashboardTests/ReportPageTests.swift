import Domain
import Testing

@testable import Dashboard

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct ReportPageTests {
    private let now = NineTickets.minutes(80)

    @Test func `nine tickets in four phases make this page, to the letter`() throws {
        let page = ReportPage(
            batches: [try NineTickets.batchBefore(), try NineTickets.batch()],
            runs: try NineTickets.runs(),
            at: now
        ).html
        try compare(page, with: "nine-tickets.html")
    }

    @Test func `a page says so when nothing was worked yet`() throws {
        try compare(ReportPage(batches: [], runs: [], at: now).html, with: "empty.html")
    }

    /// The page as it is goes to the folder that `swift test --attachments-path` names.
    private func compare(_ page: String, with name: String) throws {
        Attachment.record(page, named: name)
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let file = folder.appending(path: "Fixtures").appending(path: name)
        let expected = try String(contentsOf: file, encoding: .utf8)
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let expectedLines = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let different = zip(lines, expectedLines).enumerated().first {
            $0.element.0 != $0.element.1
        }
        if let different {
            Issue.record("\(name):\(different.offset + 1): \(different.element.0)")
        }
        #expect(lines.count == expectedLines.count)
    }
}
