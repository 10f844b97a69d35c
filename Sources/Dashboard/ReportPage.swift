package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What happened, on one page that stands by itself: no script, and nothing is fetched.
///
/// Of each workflow the newest batch is drawn, and each batch that goes on; the older ones are listed.
package struct ReportPage: Equatable, Sendable {
    private let title: String
    private let now: Date
    private let stories: [BatchStory]
    /// Newest first.
    private let earlier: [Batch]

    /// - Parameters:
    ///   - batches: In any order.
    ///   - runs: Those of the batches that are drawn, and any that belong to no batch.
    ///   - now: What an attempt that runs reaches to.
    ///   - title: The page's heading.
    package init(
        batches: [Batch],
        runs: [Run],
        at now: Date,
        title: String = "Linecook report"
    ) {
        self.title = title
        self.now = now
        let known = Dictionary(runs.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        let drawn = Self.drawn(of: batches)
        let order = batches.sorted {
            ($0.started, $0.workflow, $0.number) > ($1.started, $1.workflow, $1.number)
        }
        var stories = order.filter { drawn.contains($0.name) }.map {
            BatchStory($0, runs: known, now: now)
        }
        let rest = runs.filter { $0.batch == nil }
        if !rest.isEmpty { stories.append(BatchStory(withoutBatch: rest, now: now)) }
        self.stories = stories
        earlier = order.filter { !drawn.contains($0.name) }
    }

    /// Names of the batches that a page draws; their runs are needed.
    ///
    /// - Parameter batches: In any order.
    /// - Returns: The newest one of each workflow, and all that go on.
    package static func drawn(of batches: [Batch]) -> Set<String> {
        var newest: [String: Batch] = [:]
        for batch in batches where batch.number >= newest[batch.workflow]?.number ?? 0 {
            newest[batch.workflow] = batch
        }
        return Set(newest.values.map(\.name) + batches.filter { $0.ended == nil }.map(\.name))
    }

    /// The page in UTF-8, with its style in it.
    package var html: String {
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src \
            'unsafe-inline'; img-src data:">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <meta name="color-scheme" content="light dark">
            <title>\(title.inOneLine(limit: 200))</title>
            <style>
            \(reportStyle)</style>
            </head>
            <body>
            \(patterns)<header>
            <h1>\(title.inOneLine(limit: 200))</h1>
            <p class="quiet">As of \(CalendarTime(now).inFull) UTC. All times are UTC.</p>
            \(head)</header>
            <main>
            \(sections)\(before)</main>
            </body>
            </html>

            """
        return page.source
    }

    private var head: Markup {
        guard !stories.isEmpty else {
            return """
                <p class="empty">No batch has been worked yet. One shows up here as soon as \
                tickets are taken up; <code>linecook plan</code> tells which ones are ready.</p>

                """
        }
        return Totals(stories).markup
    }

    private var sections: [Markup] {
        stories.map { story in
            ReportSection(story, isAlone: stories.count == 1).markup
        }
    }

    private var before: Markup {
        guard !earlier.isEmpty else { return "" }
        let rows = earlier.map { batch -> Markup in
            let time = batch.makespan.map { Figures.duration($0) } ?? "–"
            return """
                <tr><td data-label="Batch"><b>\(batch.name.inOneLine(limit: 80))</b></td>\
                <td data-label="Started">\(CalendarTime(batch.started).inFull)</td>\
                <td data-label="Makespan">\(time)</td>\
                <td data-label="Result">\(batch.summary.inOneLine(limit: 300))</td></tr>

                """
        }
        return """
            <section>
            <h2>Batches before</h2>
            <table>
            <thead><tr><th>Batch</th><th>Started</th><th>Makespan</th><th>Result</th></tr></thead>
            <tbody>
            \(rows)</tbody>
            </table>
            </section>

            """
    }

    /// Fillings that differ by more than their colour; drawings refer to them.
    private var patterns: Markup {
        """
        <svg class="patterns" width="0" height="0" aria-hidden="true"><defs>\
        <pattern id="fill-bad" patternUnits="userSpaceOnUse" width="7" height="7" \
        patternTransform="rotate(45)"><rect class="base bad" width="7" height="7"/>\
        <rect class="stripe bad" width="2.5" height="7"/></pattern>\
        <pattern id="fill-bound" patternUnits="userSpaceOnUse" width="6" height="6">\
        <rect class="base bound" width="6" height="6"/>\
        <rect class="stripe bound" width="2" height="6"/></pattern>\
        <pattern id="fill-parked" patternUnits="userSpaceOnUse" width="7" height="7">\
        <rect class="base parked" width="7" height="7"/>\
        <circle class="stripe parked" cx="3.5" cy="3.5" r="1.6"/></pattern></defs></svg>

        """
    }
}

/// The numbers at the head of a page or of a batch.
struct Totals: Equatable, Sendable {
    private var tiles: [(value: String, name: String, kind: String)] = []

    /// - Parameter stories: The makespan is shown where there is one of them only: batches may overlap in time.
    init(_ stories: [BatchStory]) {
        for standing in Standing.allCases {
            let count = stories.map { $0.count(of: standing) }.reduce(0, +)
            let isAlwaysShown: Bool
            switch standing {
            case .done, .inReview, .waiting, .failed: isAlwaysShown = true
            case .running, .needsPerson, .leftOut: isAlwaysShown = false
            }
            guard count > 0 || isAlwaysShown else { continue }
            tiles.append(("\(standing.sign) \(count)", standing.words, standing.rawValue))
        }
        let serial = stories.map(\.serial).reduce(0, +)
        if stories.count == 1, let makespan = stories.first?.makespan {
            let isLive = stories.first?.batch.map { $0.ended == nil } ?? false
            tiles.append((Figures.duration(makespan), isLive ? "so far" : "makespan", ""))
            tiles.append((Figures.duration(serial), "one after the other", ""))
            if makespan > 0 {
                tiles.append(("\(Figures.fixed(serial / makespan, places: 1))×", "as fast", ""))
            }
        } else if serial > 0 {
            tiles.append((Figures.duration(serial), "agents' time", ""))
        }
        tiles.append((Figures.dollars(stories.map(\.cost).reduce(0, +)), "cost", ""))
        tiles.append(("\(stories.map(\.attempts.count).reduce(0, +))", "attempts", ""))
        tiles.append(("\(stories.map(\.retries).reduce(0, +))", "retries", ""))
    }

    static func == (left: Self, right: Self) -> Bool { left.markup == right.markup }

    var markup: Markup {
        let items = tiles.map { tile -> Markup in
            "<div class=\"tile \(tile.kind)\"><dd>\(tile.value)</dd><dt>\(tile.name)</dt></div>\n"
        }
        return "<dl class=\"tiles\">\n\(items)</dl>\n"
    }
}
