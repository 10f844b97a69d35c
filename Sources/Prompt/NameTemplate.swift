package import Domain

/// A pattern for a branch or a folder, such as `feature/{{ ticket.key }}-{{ ticket.slug }}`.
///
/// It knows only names that are safe in a path, a branch and a shell word, whatever a ticket says: the
/// title itself isn't among them, its slug is.
package struct NameTemplate: Equatable, Sendable {
    /// All names that such a pattern may use.
    package static let names = TemplateNames.record([
        "ticket": .record(["key": .text, "slug": .text, "number": .number]),
        "repository": .record(["name": .text]),
    ])

    private let template: Template

    /// - Parameters:
    ///   - text: The pattern.
    ///   - place: Where it stands, for messages: a file, or a file and a key.
    /// - Throws: Every mistake in it.
    package init(_ text: String, place: String) throws(TemplateError) {
        template = try Template(text, file: place)
        try template.check(against: Self.names)
        guard !text.contains(where: \.isNewline) else {
            throw TemplateError(problems: [
                TemplateError.Problem(
                    file: place,
                    line: 1,
                    column: 1,
                    message: "a name stands on one line"
                )
            ])
        }
    }

    /// The name for one ticket.
    package func render(
        key: TicketKey,
        title: String,
        repository: String
    ) throws(TemplateError) -> String {
        try template.render(
            .record([
                "ticket": .record([
                    "key": .text(key.rawValue),
                    "slug": .text(slug(of: title)),
                    "number": .number(key.number),
                ]),
                "repository": .record(["name": .text(repository)]),
            ])
        )
    }
}
