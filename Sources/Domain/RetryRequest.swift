#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// `requests/KEY.json`: a person wants a ticket's run to go on.
package struct RetryRequest: Codable, Equatable, Sendable {
    package var schema = 1
    package var ticket: TicketKey
    /// US dollars that all attempts of the run may cost together from now on; as before when `nil`.
    package var budget: Double?
    /// The same in tokens.
    package var tokens: Int?
    package var asked: Date

    package init(ticket: TicketKey, budget: Double? = nil, tokens: Int? = nil, asked: Date) {
        self.ticket = ticket
        self.budget = budget
        self.tokens = tokens
        self.asked = asked
    }
}
