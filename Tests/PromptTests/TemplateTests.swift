import Prompt
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct TemplateTests {
    private let values = TemplateValue.record([
        "title": .text("Fix the {{ login }} page"),
        "body": .text("one\ntwo ``` three"),
        "empty": .none,
        "count": .number(2),
        "labels": .list([.text("bug"), .text("ui")]),
        "none_of": .list([]),
        "step": .record(["name": .text("build"), "run": .text("make")], text: "make"),
    ])
    private let names = TemplateNames.record([
        "title": .text, "body": .text, "empty": .text, "count": .number, "labels": .list(of: .text),
        "none_of": .list(of: .text),
        "step": .record(["name": .text, "run": .text], isPrintable: true),
    ])

    @Test(arguments: [
        ("{{ title }}", "Fix the {{ login }} page"),
        ("{{title|upper}}", "FIX THE {{ LOGIN }} PAGE"),
        ("{{ title | lower | truncate(7) }}", "fix th…"),
        ("{{ title | slug }}", "fix-the-login-page"),
        ("{{ empty | default(\"nothing\") }}", "nothing"),
        ("{{ title | default('nothing') | truncate(3) }}", "Fi…"),
        ("{{ body | fence }}", "````\none\ntwo ``` three\n````"),
        ("{{ title | fence('swift') }}", "```swift\nFix the {{ login }} page\n```"),
        ("- {{ body | indent(2) }}", "- one\n  two ``` three"),
        ("{{ body | quote }}", "> one\n> two ``` three"),
        ("{{ body | first_line }}", "one"),
        ("{{ body | json }}", #""one\ntwo ``` three""#),
        ("{{ labels | json }}", #"["bug", "ui"]"#),
        ("{{ labels | join }} {{ labels | join(\" and \") }}", "bug, ui bug and ui"),
        ("{{ '  x ' | trim }}", "x"),
        ("{{ count }} {{ 1.5 }}", "2 1.5"),
        ("{{ step }} is {{ step.name }}", "make is build"),
        ("{{ 'it\\'s \"so\"' }}", "it's \"so\""),
        ("a }} b { c % } d", "a }} b { c % } d"),
        ("{# {{ nothing }} #}x", "x"),
        ("{% raw %}{{ title }} {% if %}{% endraw %}", "{{ title }} {% if %}"),
        ("a  {{- count -}}  b", "a2b"),
    ])
    func `a value goes through its filters`(template: String, text: String) throws {
        #expect(try render(template) == text)
    }

    @Test(arguments: [
        ("count > 1 and not empty", true), ("count >= 2", true), ("count < 2 or empty", false),
        ("'bug' in labels", true), ("'x' not in labels", true), ("'login' in title", true),
        ("labels", true), ("none_of", false), ("empty", false), ("empty == none", true),
        ("title != \"x\" and (count == 3 or count <= 2)", true), ("not (true and false)", true),
    ])
    func `a condition says which branch is taken`(condition: String, truth: Bool) throws {
        let template = "{% if \(condition) %}yes{% else %}no{% endif %}"
        #expect(try render(template) == (truth ? "yes" : "no"))
    }

    @Test func `a tag that is alone on its line takes the line with it`() throws {
        let template = """
            Labels:
              {% for label in labels %}
            {{ loop.index }}. {{ label }}{% if loop.last %}!{% endif %}

              {% endfor %}
            {# a note #}
            {% if count == 1 %}
            one
            {% elif count == 2 %}
            two
            {% else %}
            many
            {% endif %}
            End
            """
        #expect(try render(template) == "Labels:\n1. bug\n\n2. ui!\n\ntwo\nEnd")
    }

    @Test func `what a value says is never a template, however often it is filtered`() throws {
        let evil = "{{ title }}{% raw %}{# x #}"
        let template = try Template("{{ v | trim | indent }}{{ v }}", file: "t.md")
        #expect(try template.render(.record(["v": .text(evil)])) == evil + evil)
    }

    @Test(arguments: [
        (
            "a\n {{ titel }}",
            "t.md:2:5: error: no name 'titel' here; did you mean 'title'? There are: body, count, empty, "
                + "labels, none_of, step, title"
        ),
        (
            "{{ step.runs }}",
            "t.md:1:4: error: no name 'step.runs' here; did you mean 'step.run'? There are: step.name, "
                + "step.run"
        ),
        (
            "{{ title | uper }}",
            "t.md:1:12: error: no filter 'uper'; did you mean 'upper'? There are: default, fence, "
                + "first_line, indent, join, json, lower, quote, slug, trim, truncate, upper"
        ),
        (
            "{{ title.x }}", "t.md:1:4: error: 'title' is a text and has no 'x' in it"
        ),
        (
            "{{ labels }}",
            "t.md:1:4: error: this is a list; write it with {% for … %} or with join"
        ),
        (
            "{{ labels | upper }}", "t.md:1:13: error: upper needs a text, and this is a list"
        ),
        (
            "{% for x in title %}{{ x }}{% endfor %}",
            "t.md:1:8: error: for needs a list, and this is a text"
        ),
        (
            "{% if count == \"2\" %}{% endif %}",
            "t.md:1:13: error: a number is never the same as a text"
        ),
        (
            "{% if title > 2 %}{% endif %}",
            "t.md:1:13: error: > needs numbers, and this is a text"
        ),
        (
            "{{ title | truncate }}",
            "t.md:1:12: error: truncate has 0 arguments; write truncate(200), from 1 to 1000000"
        ),
        (
            "{{ title | truncate('9') }}",
            "t.md:1:21: error: this isn't a number; write truncate(200), from 1 to 1000000"
        ),
        (
            "{{ title",
            "t.md:1:1: error: this isn't closed; write }} at its end, or {% raw %} … {% endraw %} around "
                + "text that looks like a template"
        ),
        (
            "x{% if count %}y",
            "t.md:1:5: error: this if isn't closed; write {% endif %} where it ends"
        ),
        (
            "{% endfor %}",
            "t.md:1:4: error: {% endfor %} has no {% for … %} before it; remove it"
        ),
        (
            "{% import 'x' %}",
            "t.md:1:4: error: 'import' isn't a tag; there are if, elif, else, endif, for, endfor, include, raw"
        ),
        (
            "{{ }}",
            "t.md:1:4: error: the end of the tag stands where a name, a text in quotes or a number belongs"
        ),
        (
            "{{ title title }}", "t.md:1:10: error: 'title' doesn't belong here; remove it"
        ),
        (
            "{{ title + 1 }}",
            "t.md:1:10: error: '+' means nothing here; allowed are names, texts in quotes, numbers, | . ( "
                + ") , == != < <= > >= and or not in"
        ),
        (
            "{% raw %} x",
            "t.md:1:1: error: this isn't closed; write {% endraw %} where the raw text ends"
        ),
    ])
    func `a mistake is named with its place and what is allowed`(
        template: String,
        message: String
    ) throws {
        let error = try #require(throws: TemplateError.self) {
            try Template(template, file: "t.md").check(against: names)
        }
        #expect(error.description == message)
    }

    @Test func `all mistakes are said at once, in the order of the text`() throws {
        let syntax = try #require(throws: TemplateError.self) {
            try Template("{{ a | b }}\n{% if %}\n{{ 'x }}\n", file: "t.md")
        }
        #expect(syntax.problems.map(\.line) == [1, 2, 2, 3])
        let unknown = try #require(throws: TemplateError.self) {
            try Template("{{ a }}{{ b }}\n{% for x in c %}{% endfor %}", file: "t.md")
                .check(against: names)
        }
        #expect(unknown.problems.map(\.column) == [4, 11, 13])
    }

    @Test func `what isn't checked beforehand is an error when it is rendered`() throws {
        for text in ["{{ nothing }}", "{{ labels }}", "{% if title > 1 %}{% endif %}"] {
            let template = try Template(text, file: "t.md")
            #expect(throws: TemplateError.self) { try template.render(values) }
        }
    }

    /// How many random templates are tried; LINECOOK_FUZZ=100000 for a long look.
    private static let fuzzCount = Mutations.count(orElse: 3000)

    @Test(.timeLimit(.minutes(10)))
    func `nonsense is refused or rendered, and never ends the program`() throws {
        let parts = [
            "{{", "}}", "{%", "%}", "{#", "#}", " if ", " for x in labels ", " endif ", " endfor ",
            "raw",
            "endraw", " include ", "'a.md'", "'b.md'", "title", ".", "|", "(", ")", "'", "\"", "\\",
            "-", "\n", "é", "\u{0}", "1",
            ",",
            " not ", "else", "truncate(1)",
        ]
        var generator = SplitMix64(seed: 7)
        for _ in 0..<Self.fuzzCount {
            let texts = (0..<3).map { _ in
                (0..<Int.random(in: 1...40, using: &generator))
                    .compactMap { _ in parts.randomElement(using: &generator) }.joined()
            }
            let shown = "\(texts.map(\.debugDescription))"
            do throws(TemplateError) {
                let template = try Template(texts[0], file: "t.md") { path in
                    switch path.string {
                    case "a.md": .text(texts[1])
                    case "b.md": .text(texts[2])
                    default: .refused("there is none")
                    }
                }
                try template.check(against: names)
                // What was checked can be rendered.
                #expect(throws: Never.self, "\(shown)") { try template.render(values) }
            } catch {
                #expect(!error.problems.isEmpty, "\(shown)")
                for problem in error.problems {
                    let file = ["t.md": 0, "a.md": 1, "b.md": 2][problem.file]
                    let text = try #require(file.map { texts[$0] })
                    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                    try #require((1...lines.count).contains(problem.line), "\(problem) \(shown)")
                    let width = lines[problem.line - 1].unicodeScalars.count
                    #expect((1...(width + 1)).contains(problem.column), "\(problem) \(shown)")
                }
            }
        }
        let deep = String(repeating: "{% if title %}", count: 10_000)
        #expect(throws: TemplateError.self) { try Template(deep, file: "t.md") }
        let parentheses = "{{ " + String(repeating: "(", count: 100_000)
        #expect(throws: TemplateError.self) { try Template(parentheses + " }}", file: "t.md") }
    }

    private func render(_ text: String) throws -> String {
        let template = try Template(text, file: "t.md")
        try template.check(against: names)
        return try template.render(values)
    }
}
