/// A text with places for values: `{{ ticket.title | truncate(60) }}`, `{% if %}` with `{% elif %}` and
/// `{% else %}`, `{% for x in list %}`, `{% raw %}`, `{# comment #}`.
///
/// It is strict: a name or filter that doesn't exist is an error with its place, never an empty space. A
/// value is data, never template: what stands in it isn't looked at.
package struct Template: Equatable, Sendable {
    /// For messages.
    package let file: String
    private let nodes: [TemplateNode]
    private let lineStarts: [TemplateOffset]

    /// - Parameters:
    ///   - text: The template.
    ///   - file: Where it comes from, for messages.
    /// - Throws: Every mistake that shows without knowing the names.
    package init(_ text: String, file: String) throws(TemplateError) {
        var parser = TemplateParser(text: text, file: file)
        nodes = parser.parse()
        guard parser.problems.isEmpty else { throw parser.problems.error }
        self.file = file
        lineStarts = TemplateScanner.lineStarts(of: Array(text))
    }

    /// Checks that every name exists and is used as what it is, so that `render` with values of these names
    /// can't go wrong later.
    ///
    /// - Parameter names: A record of all names.
    /// - Throws: Every mistake, in the order of the text.
    package func check(against names: TemplateNames) throws(TemplateError) {
        var check = TemplateCheck(
            names: names,
            problems: TemplateProblems(file: file, lineStarts: lineStarts)
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
            problems: TemplateProblems(file: file, lineStarts: lineStarts)
        )
        do {
            try rendering.write(nodes)
        } catch {
            throw rendering.problems.error
        }
        return rendering.text
    }
}
