import Domain
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct FailureTableTests {
    @Test func `an outcome never gets a consequence that makes no sense for it`() {
        var table = FailureTable()
        table[.succeeded] = .retry
        table[.cancelled] = .fail
        table[.lost] = .deliver
        table[.verificationFailed] = .park
        #expect(table == FailureTable())
        #expect(table[.succeeded] == .deliver && table[.lost] == .retry)
    }

    @Test func `writing a default out changes nothing`() {
        #expect(FailureTable([.lost: .retry, .refused: .fail]) == FailureTable())
    }

    @Test func `the table is kept with the run's workflow`() throws {
        let policy = RetryPolicy(on: FailureTable([.rateLimited: .retry, .lost: .askPerson]))
        let bytes = try JSONEncoder().encode(policy)
        #expect(try JSONDecoder().decode(RetryPolicy.self, from: bytes) == policy)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("\"lost\":\"needs_human\""), "\(text)")
    }
}
