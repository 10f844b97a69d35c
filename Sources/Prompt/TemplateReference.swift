extension Template {
    /// What a prompt's template may hold, as Markdown without a line end at its end.
    package static var reference: String {
        let filters = TemplateFilter.allCases.map { "| `\($0.written)` | \($0.doc) |" }
        let names = names(in: PromptValues.names).map { "`\($0)`" }
        return """
            **Prompt templates** hold `{{ name | filter }}`, `{% if %}` … `{% elif %}` … `{% else %}` … `{% endif %}`, \
            `{% for x in list %}` … `{% endfor %}` (with `loop.index`, `loop.first`, `loop.last`, `loop.length`), \
            `{% include "parts/rules.md" %}` (relative to the file, inside the workflow file's folder), \
            `{% raw %}` … `{% endraw %}` and `{# notes #}`. A tag alone on its line takes the line with it; `{%-` and \
            `-%}` take all white space on their side. Conditions know `and`, `or`, `not`, `in`, `==`, `!=`, `<`, `<=`, \
            `>`, `>=`. Unknown names are errors. What a ticket says is data, whatever stands in it.

            Names: \(names.joined(separator: ", ")).

            | filter | |
            | --- | --- |
            \(filters.joined(separator: "\n"))
            """
    }

    private static func names(in names: TemplateNames, prefix: String = "") -> [String] {
        guard case .record(let fields, _) = names else { return [] }
        return fields.sorted { $0.key < $1.key }.flatMap { name, value -> [String] in
            let path = prefix + name
            return switch value {
            case .text, .number, .truth: [path]
            case .list(let element):
                [path] + Self.names(in: element, prefix: "\(path)[].")
            case .record: Self.names(in: value, prefix: path + ".")
            }
        }
    }
}
