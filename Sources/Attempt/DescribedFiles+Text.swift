package import Domain
import Planner
package import Verification

extension DescribedFiles {
    /// What a ticket's text tells of files.
    package init(text: String) {
        self.init(required: TicketText.work(in: text), named: TicketText.paths(in: text))
    }
}

extension AttemptJob {
    /// What the work is to be: a person's prompt, or else the ticket's title and description.
    package var workText: String {
        written?.text ?? [ticket.title, ticket.description ?? ""].joined(separator: "\n\n")
    }
}
