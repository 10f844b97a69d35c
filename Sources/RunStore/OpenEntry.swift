package import Domain

/// `open/FRE-69.json`: which run of a ticket isn't at rest, and how it stands.
package struct OpenEntry: Codable, Equatable, Sendable {
    package var schema = 1
    package var ticket: TicketKey
    package var run: Int
    package var state: RunState
    package var summary: String

    package init(_ run: Run) {
        ticket = run.ticket.key
        self.run = run.run
        state = run.state
        summary = run.summary
    }
}
