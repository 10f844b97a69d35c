import Disk
import Domain
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct RecordTests {
    private struct Sample: Codable, Equatable {
        struct Inner: Codable, Equatable {
            var zebra: Int
            var apple: [String]
        }
        var last: String
        var first: Double
        var missing: String?
        var inner: Inner
        var none: [Inner]
        var at: Date
    }

    private let sample = Sample(
        last: "a\"\\\n\u{1B}[31m\u{202E}é",
        first: 412.3,
        missing: nil,
        inner: .init(zebra: 1, apple: ["x", "y"]),
        none: [],
        at: Date(timeIntervalSince1970: 1_795_462_802.125)
    )

    @Test func `a record keeps the order of its declaration and shows what is missing`() throws {
        #expect(
            try RecordEncoder.prettyText(of: sample) == """
                {
                  "last": "a\\"\\\\\\n\\u001b[31m\\u202eé",
                  "first": 412.3,
                  "missing": null,
                  "inner": {
                    "zebra": 1,
                    "apple": [
                      "x",
                      "y"
                    ]
                  },
                  "none": [],
                  "at": "2026-11-23T19:40:02.125Z"
                }

                """
        )
    }

    @Test func `what was written is read back`() throws {
        let text = try RecordEncoder.prettyText(of: sample)
        #expect(try RecordDecoder.value(Sample.self, from: Array(text.utf8)) == sample)
    }

    @Test(arguments: [
        ("{\"inner\": {\"zebra\": true}}", "last is missing"),
        ("{\"last\": 5}", "last isn't a String"),
        ("{\"last\": ", "it isn't valid JSON"),
    ])
    func `a broken record says what is wrong with it`(text: String, explanation: String) {
        let error = #expect(throws: (any Error).self) {
            try RecordDecoder.value(Sample.self, from: Array(text.utf8))
        }
        if let error { #expect(RecordDecoder.explanation(of: error) == explanation) }
    }

    @Test func `a job with durations and paths comes back unchanged`() throws {
        let settings = AgentSettings(timeout: .seconds(45 * 60), stall: .milliseconds(1500))
        let text = try RecordEncoder.prettyText(of: settings)
        #expect(text.contains("\"timeout\": 2700.0"))
        #expect(try RecordDecoder.value(AgentSettings.self, from: Array(text.utf8)) == settings)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2026-11-23T19:40:02.125Z", 1_795_462_802.125),
        ("2026-11-23T20:40:02+01:00", 1_795_462_802),
        ("2024-02-29T12:00:00.5-05:30", 1_709_227_800.5),
        ("1969-12-31T23:59:59Z", -1), ("2000-03-01t00:00:00z", 951_868_800),
    ])
    func `an RFC 3339 time is read whatever its offset`(text: String, seconds: Double) throws {
        let date = try #require(Timestamp.date(of: text))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.0001)
        #expect(Timestamp.date(of: Timestamp.text(of: date)) == date)
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-13-01T00:00:00Z", "2026-11-23T19:40:02", "x026-11-23T19:40:02Z",
    ])
    func `anything else isn't a time`(text: String) { #expect(Timestamp.date(of: text) == nil) }
}
