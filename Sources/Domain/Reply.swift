#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What a person wrote on a ticket whose run waited for that; text of strangers.
package struct Reply: Equatable, Sendable {
    /// The comment's id.
    package var comment: String
    package var at: Date
    /// The name that the tracker shows.
    package var author: String
    /// Markdown.
    package var text: String

    package init(comment: String, at: Date, author: String, text: String) {
        self.comment = comment
        self.at = at
        self.author = author
        self.text = text
    }
}

/// A ticket of which a poll asks what people have written.
package struct ReplyWatch: Equatable, Sendable {
    /// The ticket's id.
    package var ticket: String
    /// What is older is known, or was written before there was a question.
    package var since: Date
    /// The run's own comment, which is no reply.
    package var own: String

    package init(ticket: String, since: Date, own: String) {
        self.ticket = ticket
        self.since = since
        self.own = own
    }
}

/// What a poll asks about the tickets that are held.
package struct TrackedQuestion: Equatable, Sendable, ExpressibleByArrayLiteral {
    /// Ids of all of them.
    package var tickets: [String]
    /// Those that wait for a person's words.
    package var watches: [ReplyWatch]

    package init(tickets: [String] = [], watches: [ReplyWatch] = []) {
        self.tickets = tickets
        self.watches = watches
    }

    package init(arrayLiteral elements: String...) { self.init(tickets: elements) }

    package var isEmpty: Bool { tickets.isEmpty }
}
