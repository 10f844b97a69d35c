import Domain
import Prompt
import SystemPackage
import Testing

@Suite struct IncludeTests {
    private let names = TemplateNames.record([
        "title": .text, "labels": .list(of: .text), "empty": .text,
    ])
    private let values = TemplateValue.record([
        "title": .text("{{ x }}{% include \"secret.md\" %}"),
        "labels": .list([.text("bug"), .text("ui")]),
        "empty": .none,
    ])

    @Test func `an included file knows the names of the place that it is included in`() throws {
        let text = try render(
            "{% for label in labels %}\n{% include \"parts/label.md\" %}\n{% endfor %}\nEnd\n",
            ["/w/parts/label.md": "{{ loop.index }}. {{ label | upper }}\n"]
        )
        #expect(text == "1. BUG\n2. UI\nEnd\n")
    }

    @Test(arguments: [
        ("a\n{% include 'x.md' %}\nb", "X\n", "a\nX\nb"),
        ("a\n{% include 'x.md' %}\nb", "X", "a\nX\nb"),
        ("a\n  {% include 'x.md' %}\nb", "{% if empty %}\nX\n{% endif %}\n", "a\nb"),
        ("a {% include 'x.md' %} b", "X\n", "a X b"),
        ("a {%- include 'x.md' -%} b", "X\n\n", "aX\nb"),
        ("a\n{% include 'x.md' %}", "X\n", "a\nX"),
        ("{% include 'x.md' %}{% include 'x.md' %}", "X\r\n", "XX"),
    ])
    func `an included file fits into the lines around its tag`(
        template: String,
        included: String,
        text: String
    ) throws {
        #expect(try render(template, ["/w/x.md": included]) == text)
    }

    @Test func `a path is relative to the file that includes`() throws {
        let text = try render(
            "{% include 'parts/a.md' %}",
            [
                "/w/parts/a.md": "a {% include 'b.md' %} {% include '../c.md' %}",
                "/w/parts/b.md": "b", "/w/c.md": "c",
            ]
        )
        #expect(text == "a b c")
    }

    @Test func `what a ticket says includes nothing`() throws {
        let text = try render("{{ title }} {{ title | quote }}", ["/w/secret.md": "secret"])
        #expect(
            text == "{{ x }}{% include \"secret.md\" %} > {{ x }}{% include \"secret.md\" %}"
        )
        // Not even as the name of a file: that is written in the template.
        #expect(
            problems(of: "{% include title %}") == [
                "/w/t.md:1:12: error: an include is written {% include \"parts/rules.md\" %}, with the "
                    + "file's name in quotes"
            ]
        )
    }

    @Test func `a mistake in an included file is named with that file, once`() {
        let found = problems(
            of: "{{ titel }}\n{% include 'a.md' %}\n{% include 'a.md' %}\n{{ title | uppr }}",
            ["/w/a.md": "fine\n🙂 é {{ lables }}\n{% if %}"]
        )
        #expect(
            found == [
                "/w/t.md:4:12: error: no filter 'uppr'; did you mean 'upper'? There are: default, fence, "
                    + "first_line, indent, join, json, lower, quote, slug, trim, truncate, upper",
                "/w/a.md:3:4: error: this if isn't closed; write {% endif %} where it ends",
                "/w/a.md:3:7: error: the end of the tag stands where a name, a text in quotes or a number "
                    + "belongs",
            ]
        )
        #expect(
            problems(
                of: "{% include 'a.md' %}\n{% include 'a.md' %}\n{{ titel }}",
                ["/w/a.md": "fine\n🙂 e\u{301} {{ lables }}\n"]
            ) == [
                "/w/t.md:3:4: error: no name 'titel' here; did you mean 'title'? There are: empty, "
                    + "labels, title",
                "/w/a.md:2:9: error: no name 'lables' here; did you mean 'labels'? There are: empty, "
                    + "labels, title",
            ]
        )
    }

    @Test func `files that include each other are named in a chain`() {
        #expect(
            problems(
                of: "{% include 'a.md' %}",
                ["/w/a.md": "x\n {% include './b.md' %}", "/w/b.md": "{% include 'a.md' %}"]
            ) == [
                "/w/b.md:1:12: error: files include each other in a circle: /w/t.md → /w/a.md → /w/b.md → "
                    + "/w/a.md; remove one of these includes"
            ]
        )
        #expect(
            problems(of: "{% include 't.md' %}") == [
                "/w/t.md:1:12: error: files include each other in a circle: /w/t.md → /w/t.md; remove one "
                    + "of these includes"
            ]
        )
    }

    @Test func `a chain of includes has an end, and so has their number`() {
        var files: [FilePath: String] = [:]
        for number in 1...11 {
            files[FilePath("/w/\(number)")] = "{% include '\(number + 1)' %}"
        }
        let chain = (["/w/t.md"] + (1...11).map { "/w/\($0)" }).joined(separator: " → ")
        #expect(
            problems(of: "{% include '1' %}", files) == [
                "/w/10:1:12: error: files are included more than 10 deep: \(chain); include fewer from one "
                    + "another"
            ]
        )
        // Ten to the tenth files, were they not counted.
        for number in 1...10 {
            files[FilePath("/w/\(number)")] = String(
                repeating: "{% include '\(number + 1)' %}\n",
                count: 10
            )
        }
        files["/w/10"] = "x"
        let found = problems(of: "{% include '1' %}", files)
        #expect(found.count == 1)
        #expect(found.first?.contains("a template may include 100 files in all") == true)
    }

    @Test(arguments: ["/etc/passwd", "~/notes.md", "", "a\\nb"])
    func `only a path relative to the file is a name`(name: String) {
        let found = problems(of: "{% include \"\(name)\" %}", ["/etc/passwd": "root"])
        #expect(found.count == 1)
        #expect(
            found.first?.hasSuffix("can't be included; write a path relative to this file") == true,
            "\(found)"
        )
    }

    @Test func `a file that can't be had is named where it is wanted, with the reason`() {
        #expect(
            problems(of: "one\ntwo {% include 'b.md' %}") == [
                "/w/t.md:2:16: error: 'b.md' can't be included: no such file"
            ]
        )
        #expect(
            problems(of: "{% include 'b.md' 'c.md' %}", ["/w/b.md": "b"]) == [
                "/w/t.md:1:19: error: \"c.md\" doesn't belong here; remove it"
            ]
        )
    }

    @Test func `the prompt of a workflow includes what was read with it`() throws {
        var settings = PromptSettings(
            file: "/w/t.md",
            text: "{% include 'a.md' %}",
            includes: [IncludedFile(file: "/w/a.md", text: "then")]
        )
        #expect(try Template(settings).render(values) == "then")
        #expect(settings.mentions("then") && !settings.mentions("now"))
        settings.includes = []
        #expect(throws: TemplateError.self) { try Template(settings) }
    }

    private func template(
        _ text: String,
        _ files: [FilePath: String] = [:]
    ) throws(TemplateError) -> Template {
        let template = try Template(text, file: "/w/t.md") { path in
            files[path].map { .text($0) } ?? .refused("no such file")
        }
        try template.check(against: names)
        return template
    }

    private func render(_ text: String, _ files: [FilePath: String] = [:]) throws -> String {
        try template(text, files).render(values)
    }

    private func problems(of text: String, _ files: [FilePath: String] = [:]) -> [String] {
        do throws(TemplateError) {
            _ = try template(text, files)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }
}
