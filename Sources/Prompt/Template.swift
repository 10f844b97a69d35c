package import Domain
package import SystemPackage

/// A text with places for values: `{{ ticket.title | truncate(60) }}`, `{% if %}` with `{% elif %}` and
/// `{% else %}`, `{% for x in list %}`, `{% include "parts/rules.md" %}`, `{% raw %}`, `{# comment #}`.
///
/// It is strict: a name or filter that doesn't exist is an error with its place, never an empty space. A
/// value is data, never template: what stands in it isn't looked at. An included file is template like the
/// one that includes it, knows the same names, and is in its place as soon as the template is read.
package struct Template: Equatable, Sendable {
    private let source: TemplateSource
    private let nodes: [TemplateNode]

    /// - Parameters:
    ///   - text: The template.
    ///   - file: Where it comes from, for messages; what it includes is relative to it.
    ///   - load: Where the texts of included files come from; without it there are none.
    /// - Throws: Every mistake that shows without knowing the names.
    package init(
        _ text: String,
        file: String,
        load: @escaping TemplateLoader = { _ in .refused("there are no other files here") }
    ) throws(TemplateError) {
        var parser = TemplateParser(text: text, file: file, load: load)
        nodes = parser.parse()
        guard parser.problems.isEmpty else { throw parser.problems.error }
        source = parser.source
    }

    /// The template of a workflow, with what it includes as it was when the workflow was read.
    ///
    /// - Throws: Every mistake that shows without knowing the names.
    package init(_ settings: PromptSettings) throws(TemplateError) {
        let included = settings.includes
        try self.init(settings.text, file: settings.file.string) { path in
            included.first { $0.file == path }.map { .text($0.text) }
                ?? .refused("the workflow was read without it")
        }
    }

    /// Checks that every name exists and is used as what it is, so that `render` with values of these names
    /// can't go wrong later.
    ///
    /// - Parameter names: A record of all names.
    /// - Throws: Every mistake, in the order of the text.
    package func check(against names: TemplateNames) throws(TemplateError) {
        var check = TemplateCheck(
            names: names,
            problems: TemplateProblems(source)
        )
        check.visit(nodes)
        guard check.problems.isEmpty else { throw check.problems.error }
    }

    /// The text with the values in their places.
    ///
    /// - Parameter values: A record of all names.
    /// - Returns: The text.
    /// - Throws: The first mistake; none when `check` passed for the names of these values.
    package func render(_ values: TemplateValue) throws(TemplateError) -> String {
        var rendering = TemplateRendering(
            values: values,
            problems: TemplateProblems(source)
        )
        do {
            try rendering.write(nodes)
        } catch {
            throw rendering.problems.error
        }
        return rendering.text
    }
}

/// Where an included file's text comes from; asked for a path that is the including file's folder and the name
/// in the tag put together, without `..` in its middle.
package typealias TemplateLoader = (FilePath) -> IncludedText

/// What came of the wish to include a file.
package enum IncludedText: Equatable, Sendable {
    case text(String)
    /// There is no text, for this reason.
    case refused(String)
}
