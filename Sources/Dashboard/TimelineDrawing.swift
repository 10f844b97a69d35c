import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Attempts as bars over time, as many lanes as ran at once, phases above them.
struct TimelineDrawing {
    private struct Bar {
        var span: AttemptSpan
        var lane: Int
        var left: Double
        var width: Double
        /// Where the next bar of the lane begins, or the drawing ends.
        var limit: Double
        var top: Double
    }
    private static let width = 1000.0
    private static let gutter = 30.0
    /// The least that can be seen; the drawing keeps as much free at its right edge.
    private static let leastWidth = 3.0
    private static let laneHeight = 32.0
    private static let barHeight = 24.0
    private static let bandHeight = 20.0
    private static let axisHeight = 40.0
    /// Roughly what a character of the labels takes.
    private static let characterWidth = 7.0

    private let axis: TimeAxis
    private let bands: [(name: String, left: Double, width: Double, row: Int)]
    private let bandRows: Int
    private let bars: [Bar]
    private let lanes: Int
    private let name: String

    /// - Returns: `nil` when nothing was attempted yet.
    init?(_ story: BatchStory, name: String) {
        let spans = story.attempts
        guard let first = spans.map(\.attempt.started).min(), let last = spans.map(\.end).max()
        else { return nil }
        let axis = TimeAxis(from: first, to: last)
        self.axis = axis
        self.name = name
        func place(_ moment: Date) -> Double { Self.place(of: moment, on: axis) }

        var phases: [(name: String, start: Date, end: Date)] = []
        for ticket in story.tickets {
            guard let phase = ticket.phase,
                let start = ticket.attempts.map(\.attempt.started).min(),
                let end = ticket.attempts.map(\.end).max()
            else { continue }
            if let index = phases.firstIndex(where: { $0.name == phase }) {
                phases[index].start = min(phases[index].start, start)
                phases[index].end = max(phases[index].end, end)
            } else {
                phases.append((phase, start, end))
            }
        }
        let rows = LaneLayout(
            phases.map { LaneLayout.Span(start: $0.start, end: $0.end, owner: "") }
        )
        bandRows = rows.count
        bands = zip(phases, rows.lanes).map { phase, row in
            let left = place(phase.start)
            return (phase.name, left, max(place(phase.end) - left, 2), row)
        }

        let layout = LaneLayout(
            spans.map {
                LaneLayout.Span(
                    start: $0.attempt.started,
                    end: $0.end,
                    owner: "\($0.ticket)/\($0.run)"
                )
            }
        )
        lanes = layout.count
        let top = Double(rows.count) * Self.bandHeight + 6
        var bars: [Bar] = []
        var limits: [Int: Double] = [:]
        let order = spans.indices.sorted {
            (spans[$0].attempt.started, $0) > (spans[$1].attempt.started, $1)
        }
        for index in order {
            let lane = layout.lanes[index]
            let left = place(spans[index].attempt.started)
            let limit = limits[lane] ?? Self.width
            // Wide enough to be seen, where the next bar leaves the room.
            let width = max(place(spans[index].end) - left, min(Self.leastWidth, limit - left))
            bars.append(
                Bar(
                    span: spans[index],
                    lane: lane,
                    left: left,
                    width: width,
                    limit: limit,
                    top: top + Double(lane) * Self.laneHeight
                )
            )
            limits[lane] = left
        }
        self.bars = bars.reversed()
    }

    private static func place(of moment: Date, on axis: TimeAxis) -> Double {
        gutter + (width - gutter - leastWidth) * axis.place(of: moment)
    }

    var markup: Markup {
        let bottom = Double(bandRows) * Self.bandHeight + 6 + Double(lanes) * Self.laneHeight
        let height = bottom + Self.axisHeight
        return """
            <svg class="timeline" viewBox="0 0 \(Self.width) \(height)" role="img" \
            aria-label="Timeline of \(name), \(Figures.count(bars.count, "attempt"))">
            \(ticks(bottom))\(bandMarks)\(laneMarks)\(links)\(bars.map(Self.mark))</svg>

            """
    }

    private func ticks(_ bottom: Double) -> [Markup] {
        axis.ticks.map { tick in
            let x = Self.place(of: tick.at, on: axis)
            // Labels at the edges stay inside.
            let anchor: Markup =
                x < Self.gutter + 24 ? "start" : x > Self.width - 24 ? "end" : "middle"
            let day: Markup =
                tick.day.map {
                    "<text x=\"\(x)\" y=\"\(bottom + 32)\" text-anchor=\"\(anchor)\">\($0)</text>"
                } ?? ""
            return """
                <line class="grid" x1="\(x)" y1="0" x2="\(x)" y2="\(bottom + 4)"/>\
                <text x="\(x)" y="\(bottom + 18)" text-anchor="\(anchor)">\(tick.label)</text>\(day)

                """
        }
    }

    private var bandMarks: [Markup] {
        bands.map { band in
            let y = Double(band.row) * Self.bandHeight
            let name = band.name.inOneLine(limit: 60)
            let fitting = ["Phase \(name)", name].first {
                Double($0.count) * Self.characterWidth + 8 <= band.width
            }
            return """
                <g><title>Phase \(name)</title><rect class="band" x="\(band.left)" y="\(y)" \
                width="\(band.width)" height="\(Self.bandHeight - 4)" rx="3"/>\
                <svg x="\(band.left)" y="\(y)" width="\(band.width)" \
                height="\(Self.bandHeight - 4)"><text x="5" y="12">\(fitting ?? "")</text></svg></g>

                """
        }
    }

    private var laneMarks: [Markup] {
        let top = Double(bandRows) * Self.bandHeight + 6
        return (0..<lanes).map { lane in
            let y = top + Double(lane) * Self.laneHeight
            return """
                <line class="grid" x1="\(Self.gutter)" y1="\(y + Self.laneHeight - 4)" \
                x2="\(Self.width)" y2="\(y + Self.laneHeight - 4)"/>\
                <text x="4" y="\(y + 17)">\(lane + 1)</text>

                """
        }
    }

    /// From the end of an attempt to the start of the next one of the same run.
    private var links: [Markup] {
        var last: [RunID: Bar] = [:]
        var links: [Markup] = []
        for bar in bars {
            let run = RunID(ticket: bar.span.ticket, number: bar.span.run)
            if let before = last[run] {
                let middle = Self.barHeight / 2
                links.append(
                    """
                    <path class="retry" d="M\(before.left + before.width) \(before.top + middle) \
                    L\(bar.left) \(bar.top + middle)"/>

                    """
                )
            }
            last[run] = bar
        }
        return links
    }

    private static func mark(_ bar: Bar) -> Markup {
        let ending = bar.span.ending
        let number = bar.span.attempt.number
        let label = "\(ending.sign) \(bar.span.ticket)" + (number > 1 ? " ·\(number)" : "")
        let room = Double(label.count) * characterWidth + 8
        let text: Markup
        if bar.width >= room {
            text = caption(bar, at: bar.left + 6, ending.rawValue, label)
        } else if bar.limit - bar.left - bar.width >= room, ending != .running {
            text = caption(bar, at: bar.left + bar.width + 4, "beside", label)
        } else if bar.width >= 16 {
            text = caption(bar, at: bar.left + 4, ending.rawValue, ending.sign)
        } else {
            text = ""
        }
        let start = CalendarTime(bar.span.attempt.started)
        let title =
            "\(bar.span.ticket), attempt \(number): \(bar.span.verdict);"
            + " \(start.inFull) UTC, \(Figures.duration(bar.span.seconds))"
        return """
            <g><title>\(title.inOneLine(limit: 400))</title><rect class="bar \(ending.rawValue)" \
            x="\(bar.left)" y="\(bar.top)" width="\(bar.width)" height="\(barHeight)" rx="3"/>\
            \(text)</g>

            """
    }

    private static func caption(_ bar: Bar, at x: Double, _ kind: String, _ text: String) -> Markup
    {
        "<text class=\"on \(kind)\" x=\"\(x)\" y=\"\(bar.top + 16)\">\(text)</text>"
    }
}
