import Domain
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Records that somebody edited may say any number.
@Suite struct HugeNumbersTests {
    @Test(arguments: ["1e300", "-1e300", "1e19", "9223372036854775807"])
    func `a duration that nothing holds is a very long one`(seconds: String) throws {
        let text = """
            { "attempts": 3, "delay": \(seconds), "factor": \(seconds), "limit": \(seconds), "jitter": 0.5,
              "on": {} }
            """
        let policy = try JSONDecoder().decode(RetryPolicy.self, from: Data(text.utf8))
        let limit = Duration.seconds(300_000_000_000)
        #expect(policy.limit == (seconds.hasPrefix("-") ? .zero - limit : limit))
        let wait = try #require(policy.wait(afterAttempt: 2))
        #expect(wait <= limit)
        #expect(!policy.limit.inWords.isEmpty)
    }

    @Test func `an amount and a time that nothing holds are told all the same`() {
        let days = Duration(inSeconds: .greatestFiniteMagnitude).inWords
        #expect(days == "3472222 d 5 h")
        #expect(Duration(inSeconds: .nan) == .zero)
        var agent = AgentReport(kind: .claudeCode)
        (agent.inputTokens, agent.cacheWriteTokens, agent.outputTokens) = (.max, .max, .min)
        #expect(agent.tokens == 2_000_000_000_000)
        #expect(dollars(1e300) == "1000000000000.00" && dollars(.nan) == "0.00")
    }
}
