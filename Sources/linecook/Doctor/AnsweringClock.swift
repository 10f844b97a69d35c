import Domain
import HTTP
import Linear
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Compares this machine's clock with the `Date` of a server's answers, as they pass through.
final class AnsweringClock: LinearTransport {
    private let transport: any LinearTransport
    private let time: any TimeSource
    /// By how many seconds this machine is ahead, at least.
    private let lead = Mutex<Double?>(nil)

    init(transport: any LinearTransport, time: any TimeSource) {
        self.transport = transport
        self.time = time
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let before = time.now().wall
        let response = try await transport.send(request)
        let after = time.now().wall
        guard let date = response.headers["Date"].flatMap(Self.date) else { return response }
        // The server wrote it between the two, and cut it to a second.
        let ahead = before.timeIntervalSince(date) - 1
        let behind = date.timeIntervalSince(after)
        lead.withLock { $0 = ahead > 0 ? ahead : behind > 0 ? -behind : 0 }
        return response
    }

    /// What was seen; `nil` when no answer told the time.
    var finding: Finding? {
        guard let lead = lead.withLock({ $0 }) else { return nil }
        let limit = 60.0
        guard abs(lead) > limit else { return Finding("clock", ok: "goes with Linear's") }
        let words = Duration.seconds(abs(lead).rounded()).inWords
        return Finding(
            "clock",
            warning: "this machine is \(words) \(lead > 0 ? "ahead of" : "behind") Linear's clock",
            "set it, by NTP say: schedules, limits and certificates go by it"
        )
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110, 5.6.7.
    static func date(_ text: String) -> Date? {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int(words[3]),
            (1...31).contains(day), (1970...9999).contains(year), words[4].utf8.count == 8
        else { return nil }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return try? Date(
            "\(year)-\(two(month + 1))-\(two(day))T\(words[4])Z",
            strategy: .iso8601
        )
    }
}
