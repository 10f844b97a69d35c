package import Domain

extension LinearClient {
    /// The prompt that is attached to a ticket: a document or an uploaded file whose title is the ticket's
    /// key, alone or with `.md`, whatever its capitals.
    ///
    /// Documents win over files, titles with `.md` over those without, the newest over older ones; what is
    /// blank counts as absent. One request (9.4 points), and a second one for a file. Only files that
    /// Linear itself keeps are fetched: the token goes to no other host, and a redirect isn't followed.
    ///
    /// - Throws: `LinearError`; `unusablePrompt` for a file that isn't text, is too large or can't be had:
    ///   whoever attached it doesn't expect to be ignored. `notFound` when there is no such ticket.
    package func writtenPrompt(
        for ticket: String,
        key: TicketKey
    ) async throws(LinearError) -> WrittenPrompt? {
        let titles: GraphQLValue = [
            "or": .list(Self.titles(of: key).map { ["title": ["eqIgnoreCase": .string($0)]] })
        ]
        let answer = try await connection.fetch(
            GraphQLRequest(
                operationName: "WrittenPrompt",
                query: """
                    query WrittenPrompt($id: String!, $documents: DocumentFilter, \
                    $files: AttachmentFilter) { issue(id: $id) { \
                    documents(filter: $documents, first: 2) { nodes { title content } } \
                    attachments(filter: $files, first: 5) { nodes { title url } } } }
                    """,
                variables: ["id": .string(ticket), "documents": titles, "files": titles]
            ),
            as: PromptAnswer.self
        )
        for document in Self.ranked(answer.issue.documents.nodes, by: \.title, for: key) {
            guard let text = document.content, !text.isBlank else { continue }
            return WrittenPrompt(source: "document '\(document.title.cleaned)'", text: text)
        }
        for file in Self.ranked(answer.issue.attachments.nodes, by: \.title, for: key)
        where file.url.hasPrefix(Self.uploads) {
            let text = try await connection.text(at: file.url, named: file.title.cleaned)
            guard !text.isBlank else { continue }
            return WrittenPrompt(source: "attachment '\(file.title.cleaned)'", text: text)
        }
        return nil
    }

    /// Where Linear keeps files; with the slash, so that no other host can begin like it.
    /// https://linear.app/developers/file-storage-authentication
    private static let uploads = "https://uploads.linear.app/"

    private static func titles(of key: TicketKey) -> [String] { ["\(key).md", "\(key)"] }

    /// Those with one of the titles, compared here, too: another ticket's text would be worse than none.
    private static func ranked<Record>(
        _ records: [Record],
        by title: (Record) -> String,
        for key: TicketKey
    ) -> [Record] {
        titles(of: key).flatMap { wanted in
            records.filter { title($0).lowercased() == wanted.lowercased() }
        }
    }
}

extension String {
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}

private struct PromptAnswer: Decodable, Sendable {
    struct Document: Decodable, Sendable {
        var title: String
        var content: String?
    }
    struct File: Decodable, Sendable {
        var title: String
        var url: String
    }
    struct Ticket: Decodable, Sendable {
        var documents: Page<Document>
        var attachments: Page<File>
    }
    var issue: Ticket
}
