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

    @Test func `what the checks objected to stands with its attempt, harmless`() throws {
        var runs = try NineTickets.runs()
        let index = try #require(runs.firstIndex { !$0.attempts.isEmpty })
        runs[index].attempts[0].verification = [
            CheckResult(
                check: "debug_statements",
                passed: false,
                reason: "1 debug statement",
                seconds: 0,
                log: nil,
                findings: [CheckFinding(file: "a<b>.js", line: 7, what: "console.log")]
            ),
            CheckResult(
                check: "test",
                passed: true,
                reason: nil,
                seconds: 1,
                log: nil,
                flaky: true
            ),
        ]
        let page = ReportPage(batches: [try NineTickets.batch()], runs: runs, at: now).html
        #expect(
            page.contains(
                "<ul><li>debug_statements: a&lt;b&gt;.js:7: console.log</li><li>test: flaky</li></ul>"
            )
        )
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
