import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One batch on a page: what goes on, the timeline, the plan, and a table of its tickets.
struct ReportSection {
    private let story: BatchStory
    private let isAlone: Bool
    private let name: String

    /// - Parameters:
    ///   - story: What is told.
    ///   - isAlone: Whether the totals at the page's head are those of this batch already.
    init(_ story: BatchStory, isAlone: Bool) {
        self.story = story
        self.isAlone = isAlone
        name = story.batch?.name.inOneLine(limit: 80) ?? "Runs without a batch"
    }

    var markup: Markup {
        """
        <section>
        <h2>\(name)</h2>
        \(times)\(isAlone ? "" : Totals([story]).markup)\(present)\(timeline)\(plan)\(table)</section>

        """
    }

    private var times: Markup {
        guard let batch = story.batch else { return "" }
        let end = batch.ended.map { "ended \(CalendarTime($0).inFull)" } ?? "goes on"
        return """
            <p class="quiet">\(Figures.count(story.tickets.count, "ticket")) in \
            \(Figures.count(batch.phases.count, "phase")), started \
            \(CalendarTime(batch.started).inFull), \(end).</p>

            """
    }

    /// What runs and what waits, while something does.
    private var present: Markup {
        let running = story.tickets.filter { $0.standing == .running }.map { ticket -> Markup in
            let attempt = ticket.attempts.last { $0.attempt.outcome == nil }
            let words =
                attempt.map { "attempt \($0.attempt.number) for \(Figures.duration($0.seconds))" }
                ?? ticket.words
            return "<li><b>\(ticket.key.rawValue)</b> \(words)</li>\n"
        }
        let waiting = story.tickets.filter {
            $0.standing == .waiting || $0.standing == .needsPerson
        }.map { ticket -> Markup in
            let reason = ticket.reason.map { ": \($0.inOneLine(limit: 200))" } ?? ""
            return "<li><b>\(ticket.key.rawValue)</b> \(ticket.words)\(reason)</li>\n"
        }
        guard !running.isEmpty || !waiting.isEmpty else { return "" }
        func list(_ heading: Markup, _ items: [Markup]) -> Markup {
            items.isEmpty ? "" : "<div><h3>\(heading)</h3><ul>\n\(items)</ul></div>\n"
        }
        return """
            <div class="present">
            \(list("Running now", running))\(list("Waiting", waiting))</div>

            """
    }

    private var timeline: Markup {
        guard let drawing = TimelineDrawing(story, name: name) else { return "" }
        let seen = Set(story.attempts.map(\.ending))
        let legend = Ending.allCases.filter(seen.contains).map { ending -> Markup in
            """
            <li><svg width="18" height="14" aria-hidden="true"><rect class="bar \(ending.rawValue)" \
            x="1" y="1" width="16" height="12" rx="2"/></svg>\(ending.sign) \(ending.words)</li>

            """
        }
        let link: Markup =
            story.retries == 0
            ? ""
            : """
            <li><svg width="18" height="14" aria-hidden="true"><path class="retry" d="M0 7 L18 7"/></svg>\
            next attempt of the same ticket</li>

            """
        return """
            <h3>Timeline</h3>
            <p class="quiet">As many rows as attempts ran at once.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Timeline of \(name)">
            \(drawing.markup)</div>
            <ul class="legend">
            \(legend)\(link)</ul>

            """
    }

    private var plan: Markup {
        guard let drawing = PlanDrawing(story, name: name) else { return "" }
        let path = story.criticalPath
        var notes: [Markup] = []
        if story.tickets.count > 1, !path.isEmpty {
            let keys = path.map { "<b>\($0.rawValue)</b>" as Markup }.joined(by: " → ")
            let seconds = Dictionary(
                story.tickets.map { ($0.key, $0.seconds) },
                uniquingKeysWith: { first, _ in first }
            )
            let length = path.compactMap { seconds[$0] }.reduce(0, +)
            notes.append(
                "<li>Critical path, drawn bold: \(keys), \(Figures.duration(length)) of work.</li>\n"
            )
        }
        for overlap in story.batch?.overlaps ?? [] {
            let keys = overlap.tickets.map(\.rawValue).joined(separator: " and ")
            let paths = overlap.paths.map { "<code>\($0.inOneLine(limit: 120))</code>" as Markup }
            notes.append(
                "<li>\(keys) name the same files and don't run at once: \(paths.joined(by: ", "))</li>\n"
            )
        }
        return """
            <h3>Plan</h3>
            <div class="scroll" tabindex="0" role="region" aria-label="Plan of \(name)">
            \(drawing.markup)</div>
            \(notes.isEmpty ? "" : "<ul class=\"notes\">\n\(notes)</ul>\n" as Markup)
            """
    }

    private var table: Markup {
        """
        <h3>Tickets</h3>
        <table>
        <thead><tr><th>Ticket</th><th>Title</th><th>Phase</th><th>Outcome</th><th>Attempts</th>\
        <th>Duration</th><th>Cost</th><th>Pull request</th><th>Reason</th></tr></thead>
        <tbody>
        \(story.tickets.map(row))</tbody>
        </table>

        """
    }

    private func row(_ ticket: TicketStory) -> Markup {
        let key = Markup.link(to: ticket.address ?? "", ticket.key.rawValue, schemes: ["https"])
        let pullRequest = ticket.pullRequest.map { request in
            let words =
                "#\(request.number)\(request.draft ? " draft" : "") \(request.state.rawValue)"
            return Markup.link(to: request.url, words, schemes: ["https", "http"])
        }
        let standing: Markup = """
            <span class="state \(ticket.standing.rawValue)">\(ticket.standing.sign) \(ticket.words)</span>
            """
        let hasWorked = ticket.seconds > 0 || !ticket.attempts.isEmpty
        let cells = [
            cell("Ticket", key),
            cell("Title", "<bdi>\(ticket.title.inOneLine(limit: 200))</bdi>"),
            cell("Phase", ticket.phase.map { "\($0.inOneLine(limit: 40))" }),
            cell("Outcome", standing),
            cell("Attempts", attempts(of: ticket)),
            cell("Duration", hasWorked ? "\(Figures.duration(ticket.seconds))" : nil),
            cell("Cost", ticket.cost > 0 ? "\(Figures.dollars(ticket.cost))" : nil),
            cell("Pull request", pullRequest),
            cell("Reason", ticket.reason.map { "<bdi>\($0.inOneLine(limit: 400))</bdi>" }),
        ]
        return "<tr>\(cells)</tr>\n"
    }

    /// A cell that carries its column's name for narrow screens, and is left out there when it's empty.
    private func cell(_ column: Markup, _ content: Markup?) -> Markup {
        guard let content else { return "<td class=\"none\" data-label=\"\(column)\">–</td>" }
        return "<td data-label=\"\(column)\">\(content)</td>"
    }

    private func attempts(of ticket: TicketStory) -> Markup? {
        guard !ticket.attempts.isEmpty else { return nil }
        let items = ticket.attempts.map { span -> Markup in
            let time = CalendarTime(span.attempt.started).clock
            let denials = (span.attempt.agent?.denials ?? []).map { "\($0)" }
            let denied = denials.isEmpty ? "" : "; denied: \(denials.joined(separator: ", "))"
            let words = "\(time), \(Figures.duration(span.seconds)), \(span.verdict)\(denied)"
            let found = findings(of: span.attempt)
            return """
                <li value="\(span.attempt.number)">\(words.inOneLine(limit: 400))\(found)</li>
                """
        }
        return "<details><summary>\(ticket.attempts.count)</summary><ol>\(items)</ol></details>"
    }

    /// The places that the checks of an attempt objected to, and what failed only at first.
    private func findings(of attempt: Attempt) -> Markup {
        let limit = 20
        let words = attempt.verification.flatMap { check in
            (check.passed ? [] : (check.findings ?? []).map { "\(check.check): \($0)" })
                + (check.flaky == true ? ["\(check.check): flaky"] : [])
        }
        guard !words.isEmpty else { return "" }
        var items = words.prefix(limit).map { "<li>\($0.inOneLine(limit: 200))</li>" as Markup }
        if words.count > limit { items.append("<li>and \(words.count - limit) more</li>") }
        return "<ul>\(items)</ul>"
    }
}
