import Domain

/// Phases as columns, their tickets as boxes, and an arrow from each ticket to those that wait for it.
struct PlanDrawing {
    private struct Box {
        var story: TicketStory
        var column: Int
        var x: Double
        var y: Double
    }
    private struct Pair: Hashable {
        var ticket: TicketKey
        var on: TicketKey
    }
    private static let boxWidth = 176.0
    private static let boxHeight = 48.0
    private static let columnWidth = 244.0
    private static let rowHeight = 62.0
    private static let top = 30.0

    private let columns: [(name: String, tickets: Int)]
    private let boxes: [Box]
    private let places: [TicketKey: Box]
    private let arrows: [(pair: Pair, causes: [DependencyCause])]
    private let criticalTickets: Set<TicketKey>
    /// The steps of the longest chain.
    private let criticalPairs: Set<Pair>
    private let name: String

    /// - Returns: `nil` when there is nothing to draw.
    init?(_ story: BatchStory, name: String) {
        guard let batch = story.batch, !story.tickets.isEmpty else { return nil }
        self.name = name
        let path = story.criticalPath
        criticalTickets = Set(path)
        criticalPairs = Set(zip(path.dropFirst(), path).map { Pair(ticket: $0, on: $1) })
        var columns = batch.phases.map(\.name)
        for ticket in story.tickets {
            let phase = ticket.phase ?? ""
            if !columns.contains(phase) { columns.append(phase) }
        }
        var rows = Array(repeating: 0, count: columns.count)
        let numbers = Dictionary(
            columns.enumerated().map { ($1, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        boxes = story.tickets.map { ticket in
            let column = numbers[ticket.phase ?? ""] ?? 0
            let y = Self.top + Double(rows[column]) * Self.rowHeight
            rows[column] += 1
            let x = 2 + Double(column) * Self.columnWidth
            return Box(story: ticket, column: column, x: x, y: y)
        }
        self.columns = zip(columns, rows).map { ($0, $1) }
        places = Dictionary(
            boxes.map { ($0.story.key, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var causes: [Pair: [DependencyCause]] = [:]
        var order: [Pair] = []
        for edge in batch.dependencies where places[edge.ticket] != nil && places[edge.on] != nil {
            let pair = Pair(ticket: edge.ticket, on: edge.on)
            if causes[pair] == nil { order.append(pair) }
            causes[pair, default: []].append(edge.cause)
        }
        arrows = order.map { ($0, causes[$0] ?? []) }
    }

    var markup: Markup {
        let rows = Double(columns.map(\.tickets).max() ?? 0)
        let height = Self.top + rows * Self.rowHeight
        let width =
            Double(columns.count) * Self.columnWidth - (Self.columnWidth - Self.boxWidth) + 4
        return """
            <svg class="plan" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
            role="img" aria-label="Plan of \(name), \(Figures.count(columns.count, "phase"))">
            \(heads)\(arrows.indices.map(arrow))\(boxes.map(mark))</svg>

            """
    }

    private var heads: [Markup] {
        columns.enumerated().map { number, column in
            let x = 2 + Double(number) * Self.columnWidth
            let label = column.name.isEmpty ? "No phase" : "Phase \(column.name)"
            return """
                <svg x="\(x)" y="0" width="\(Self.boxWidth)" height="24"><title>\(label)</title>\
                <text class="head" x="0" y="15">\(label.inOneLine(limit: 26))</text></svg>

                """
        }
    }

    private func arrow(_ number: Int) -> Markup {
        let (pair, causes) = arrows[number]
        guard let from = places[pair.on], let to = places[pair.ticket] else { return "" }
        let isCritical = criticalPairs.contains(pair)
        let title = Self.explanation(pair, causes) + (isCritical ? " (critical path)" : "")
        let end = (x: to.x - 7, y: to.y + Self.boxHeight / 2)
        return """
            <g class="arrow\(isCritical ? " critical" : "" as Markup)"><title>\(title)</title>\
            <path d="\(line(number, from, to))"/>\
            <path class="point" d="M\(end.x + 6) \(end.y) l-8 -4 v8 z"/></g>

            """
    }

    private func line(_ number: Int, _ from: Box, _ to: Box) -> Markup {
        let start = (x: from.x + Self.boxWidth, y: from.y + Self.boxHeight / 2)
        let end = (x: to.x - 7, y: to.y + Self.boxHeight / 2)
        let gap = Self.columnWidth - Self.boxWidth
        guard to.column > from.column + 1 else {
            // An arrow within a column or back (a cycle) swings out as far as one to the next column.
            let bend = max((end.x - start.x) / 2, gap / 2)
            return """
                M\(start.x) \(start.y) C\(start.x + bend) \(start.y) \(end.x - bend) \(end.y) \
                \(end.x) \(end.y)
                """
        }
        // Past the columns between in the room below a row of boxes, so that none of them hides it.
        let isUpwards = to.y < from.y
        let row = isUpwards ? from.y - Self.rowHeight : from.y
        let y = row + Self.boxHeight + 4 + Double(number % 3) * 3
        return """
            M\(start.x) \(start.y) C\(start.x + gap / 2) \(start.y) \(start.x + gap / 2) \(y) \
            \(start.x + gap) \(y) H\(to.x - gap) C\(to.x - gap / 2) \(y) \(to.x - gap / 2) \(end.y) \
            \(end.x) \(end.y)
            """
    }

    private static func explanation(_ pair: Pair, _ causes: [DependencyCause]) -> String {
        let words = causes.map { cause in
            switch cause {
            case .relation: "Linear says that it's blocked by it"
            case .subIssue: "it's the parent"
            case .mention: "its text says so"
            case .phase: "the prompt file puts it in a later phase"
            }
        }
        return "\(pair.ticket) waits for \(pair.on): \(words.joined(separator: ", and "))"
    }

    private func mark(_ box: Box) -> Markup {
        let story = box.story
        let isCritical = criticalTickets.contains(story.key)
        let title =
            "\(story.key) \(story.title): \(story.words)"
            + (story.reason.map { ", \($0)" } ?? "") + (isCritical ? " (critical path)" : "")
        return """
            <g class="box \(story.standing.rawValue)\(isCritical ? " critical" : "" as Markup)">\
            <title>\(title.inOneLine(limit: 500))</title>\
            <rect class="card" x="\(box.x)" y="\(box.y)" width="\(Self.boxWidth)" \
            height="\(Self.boxHeight)" rx="5"/>\
            <rect class="edge" x="\(box.x)" y="\(box.y)" width="6" height="\(Self.boxHeight)" rx="2"/>\
            <svg x="\(box.x + 12)" y="\(box.y)" width="\(Self.boxWidth - 18)" \
            height="\(Self.boxHeight)"><text class="key" x="0" y="19">\(story.standing.sign) \
            \(story.key.rawValue)</text><text class="state" x="\(Self.boxWidth - 20)" y="19" \
            text-anchor="end">\(story.words)</text><text x="0" y="38">\
            \(story.title.inOneLine(limit: 23))</text></svg></g>

            """
    }
}
