import Domain
import TestSupport
import Testing

@testable import Dashboard

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct TimelineTests {
    @Test func `no two attempts of a lane overlap, and no lane is one too many`() {
        for seed in 0..<300 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let spans = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                let start = Double(Int.random(in: 0...400, using: &generator))
                let length = Double(max(0, Int.random(in: -5...60, using: &generator)))
                return LaneLayout.Span(
                    start: NineTickets.start.addingTimeInterval(start),
                    end: NineTickets.start.addingTimeInterval(start + length),
                    owner: "\(Int.random(in: 0...9, using: &generator))"
                )
            }
            let layout = LaneLayout(spans)
            for (left, right) in spans.indices.flatMap({ left in (0..<left).map { (left, $0) } })
            where layout.lanes[left] == layout.lanes[right] {
                let areApart =
                    spans[left].release <= spans[right].start
                    || spans[right].release <= spans[left].start
                #expect(areApart, "seed \(seed): \(left) and \(right)")
            }
            let most = spans.map { span in
                spans.count { $0.start <= span.start && span.start < $0.release }
            }.max()
            #expect(layout.count == most, "seed \(seed)")
        }
    }

    @Test func `what comes later doesn't move what came before`() throws {
        let spans = try NineTickets.runs().flatMap(\.attempts).map {
            LaneLayout.Span(
                start: $0.started,
                end: $0.ended ?? NineTickets.minutes(80),
                owner: $0.folder
            )
        }.sorted { $0.start < $1.start }
        let whole = LaneLayout(spans).lanes
        for count in spans.indices {
            #expect(LaneLayout(Array(spans[..<count])).lanes == Array(whole[..<count]))
        }
    }

    @Test(arguments: [
        (0.0, ["08:00:00", "08:00:01"]), (50.0, ["08:00:00", "08:00:10", "08:00:50"]),
        (3600.0, ["08:00", "08:10", "09:00"]), (36_000.0, ["08:00", "10:00", "18:00"]),
        (432_000.0, ["25 Nov", "26 Nov", "29 Nov"]), (4e9, ["29 Aug 2069", "29 Jun 2119"]),
    ])
    func `an axis has a few round ticks, from seconds to years`(seconds: Double, labels: [String]) {
        let start = NineTickets.start
        let axis = TimeAxis(from: start, to: start.addingTimeInterval(seconds))
        let all = axis.ticks.map(\.label)
        #expect((2...9).contains(all.count))
        #expect(labels.allSatisfy(all.contains), "\(all)")
    }

    @Test func `a day is named where it begins`() {
        let axis = TimeAxis(
            from: NineTickets.start.addingTimeInterval(14 * 3600),
            to: NineTickets.start.addingTimeInterval(20 * 3600)
        )
        #expect(axis.ticks.map(\.day) == ["24 Nov", nil, "25 Nov", nil, nil, nil, nil])
        #expect(axis.ticks.map(\.label).first == "22:00")
    }

    @Test(arguments: [
        (-62_135_596_800.0, "1 Jan 1 00:00"), (951_782_399.0, "28 Feb 2000 23:59"),
        (951_782_400.0, "29 Feb 2000 00:00"), (4_107_542_400.0, "1 Mar 2100 00:00"),
        (-1.0, "31 Dec 1969 23:59"), (1e300, "31 Dec 9999 23:59"),
    ])
    func `times are told by the calendar, whatever a record holds`(seconds: Double, text: String) {
        #expect(CalendarTime(Date(timeIntervalSince1970: seconds)).inFull == text)
    }

    @Test func `an attempt of no length is drawn, wherever it lies`() throws {
        let run = try NineTickets.run(1, "x", .failed, [(0, 0, .lost, nil)])
        let alone = ReportPage(batches: [], runs: [run].map(Self.loose), at: NineTickets.start).html
        #expect(alone.contains("<rect class=\"bar dropped\" x=\"30\" y=\"6\" width=\"3\""))
        let last = try NineTickets.run(
            2,
            "x",
            .failed,
            [(0, 30, .lost, nil), (60, 60, .agentFailed, nil)]
        )
        let page = ReportPage(batches: [], runs: [Self.loose(last)], at: NineTickets.start).html
        #expect(page.contains("<rect class=\"bar bad\" x=\"997\" y=\"6\" width=\"3\""))
    }

    @Test func `an attempt that runs reaches until now, also when the clock was set back`() throws {
        let run = try NineTickets.run(1, "x", .running, [(10, nil, nil, nil)])
        let spans = [20.0, 5].map {
            AttemptSpan(run.attempts[0], of: run, now: NineTickets.minutes($0)).seconds
        }
        #expect(spans == [600, 0])
    }

    @Test func `numbers that no record should hold don't stop a page`() throws {
        var run = try NineTickets.run(1, "x", .failed, [(0, 1, .lost, nil)])
        run.totals.costUSD = 1e300
        run.attempts[0].seconds = -1e300
        let page = ReportPage(batches: [], runs: [Self.loose(run)], at: NineTickets.start).html
        #expect(page.contains("<td data-label=\"Duration\">0 s</td>"))
    }

    private static func loose(_ run: Run) -> Run {
        var run = run
        run.batch = nil
        return run
    }
}
