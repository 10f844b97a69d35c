import Testing
import YAML

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct YAMLDocumentTests {
    private func fixture(_ name: String) throws -> YAMLDocument {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Fixtures/\(name)"))
        return YAMLDocument(Array(data), file: name)
    }

    private func messages(_ text: String) -> [String] {
        YAMLDocument(Array(text.utf8), file: "a.yml").diagnostics.map(\.description)
    }

    @Test func `every key and value knows its line and column`() throws {
        let document = try fixture("places.yml")
        let root = try #require(document.root)
        guard case .mapping(let entries) = root.content else {
            Issue.record("the root is no mapping")
            return
        }
        #expect(document.diagnostics.isEmpty)
        let places = entries.map { "\($0.key) \($0.keyPlace) \($0.value.place)" }
        #expect(
            places == [
                "name 2:1 2:7", "tickets 3:1 4:3", "steps 7:1 8:3", "empty 14:1 14:7",
                "last 15:1 15:7", "again 16:1 16:8",
            ]
        )
        #expect(root["tickets"]?["team"]?.place == SourcePlace(line: 4, column: 9, length: 5))
        #expect(root["tickets"]?["labels"]?["all"]?.place.description == "6:17")
        guard case .sequence(let steps) = root["steps"]?.content else {
            Issue.record("steps is no list")
            return
        }
        #expect(steps[0]["run"]?.scalar == .string("npm ci\nnpm run build\n"))
        #expect(steps[1]["name"]?.scalar == .string("größe 🚀"))
        #expect(steps[1]["run"]?.place.description == "13:10")
        #expect(root["again"]?["a"]?.place.description == "15:17")
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "\u{FEFF}"])
    func `an empty file has no value and no mistake`(text: String) {
        let document = YAMLDocument(Array(text.utf8), file: "a.yml")
        #expect(document.root == nil || document.root?.scalar == .null)
        #expect(document.diagnostics.isEmpty)
    }

    @Test(arguments: [
        (
            "a: 1\nb: 2\na: 3\n",
            "3:1: error: the key 'a' is set a second time; it is first set in line 1; keep one of the two"
        ),
        (
            "a: 1\n---\nb: 2\n",
            "2:1: error: a second document starts here; a file holds one; remove the '---' line, or"
                + " move what follows it to a file of its own"
        ),
        (
            "a: !env HOME\n",
            "1:4: error: the tag '!env' isn't known here; known are !!str, !!int, !!float, !!bool,"
                + " !!null, !!seq and !!map; remove the tag, or put the text in quotes"
        ),
        (
            "a: !!int x\n",
            "1:4: error: 'x' isn't what its tag !!int says; remove the tag"
        ),
        (
            "a: !!map [x]\n",
            "1:4: error: a list isn't what its tag !!map says; remove the tag"
        ),
        (
            "a: !!seq x\n",
            "1:4: error: 'x' isn't what its tag !!seq says; remove the tag"
        ),
        (
            "größe: [a, {b: 1, \"b\": 2}]\n",
            "1:19: error: the key 'b' is set a second time; it is first set in line 1; keep one of the two"
        ),
        (
            "a: 1\n...\n---\nb: 2\n",
            "3:1: error: a second document starts here; a file holds one; remove the '---' line, or"
                + " move what follows it to a file of its own"
        ),
        (
            "a:\n\tb: 1\n",
            "2:1: error: a tab stands where YAML wants spaces; indent with spaces, two for each level"
        ),
        (
            "a:\n  - b\n \t- c\n",
            "3:2: error: a tab stands where YAML wants spaces; indent with spaces, two for each level"
        ),
        (
            "a: *b\n",
            "1:4: error: no anchor '&b' stands before this alias; set the anchor where the value is"
                + " first written, or put the text in quotes"
        ),
        (
            "a: &a [*a]\n",
            "1:8: error: the alias '*a' stands inside what it refers to; write the value out"
        ),
        (
            "branch: {{ ticket.key }}\n",
            "1:9: error: '{{' without quotes starts a mapping in YAML; put the whole template in quotes:"
                + " \"{{ ticket.key }}\""
        ),
        (
            "branch: {{ ticket.key }}-x\nb: 1\n",
            "1:9: error: '{{' without quotes starts a mapping in YAML; put the whole template in quotes:"
                + " \"{{ ticket.key }}\""
        ),
        (
            "[a, b]: c\n",
            "1:1: error: a list or mapping stands where a key is expected; a key is plain text, such as"
                + " 'name: value'"
        ),
        (
            "a: [1, ",
            "1:8: error: a value is missing here; write one, or '' for empty text"
        ),
        (
            "a: \"x\n",
            "1:4: error: the quote that opens here is never closed; close it"
        ),
        (
            "a: b: c\n",
            "1:5: error: a second ':' stands in this line, or the line is indented too far; put a value"
                + " with ': ' in it in quotes; keys of one mapping start in the same column"
        ),
        (
            "a: 1\nb\nc: 2\n",
            "2:1: error: this line has no ':' after its key; write 'key: value', or put text of several"
                + " lines in quotes"
        ),
        (
            "a: @x\n",
            "1:4: error: '@' can't start a value; put the value in quotes"
        ),
        (
            "a: - b\n",
            "1:4: error: a list can't start in the line of its key; start the list in the next line, or"
                + " write it as [one, two]"
        ),
        (
            "a:\n   b: 1\n  c: 2\n",
            "3:3: error: this line doesn't fit the mapping that starts in line 1; keys of one mapping"
                + " start in the same column, and a quoted value ends with its quote"
        ),
        (
            "a: [1, 2\nb: 3\n",
            "1:4: error: the list that opens here isn't closed or lacks a comma; separate its values"
                + " with ', ' and end it with ']'"
        ),
        (
            "a: {b: 1\n",
            "1:4: error: the mapping that opens here isn't closed or lacks a comma; separate its entries"
                + " with ', ' and end it with '}'"
        ),
        (
            "a: \"\\d\"\n",
            "1:5: error: this escape isn't known in double quotes; use single quotes, or double the"
                + " backslash"
        ),
        (
            "a: |x\n  b\n",
            "1:5: error: text stands behind the '|' or '>' that starts a block of text; start the text"
                + " in the next line"
        ),
        (
            "a: *\n",
            "1:5: error: '&' and '*' start the name of an anchor, and none stands here; put the value in"
                + " quotes"
        ),
        (
            "a: 1 # x\u{2028}b: 2\n",
            "1:9: error: a line separator of Unicode (NEL, LS or PS) stands here; YAML 1.2 ends lines"
                + " with LF or CRLF only; remove it, or write it as \\u2028 in double quotes"
        ),
        (
            "a: x\u{1B}[31m\n",
            "1:5: error: a control character stands here; remove it, or write it as an escape such as"
                + " \\x1b in double quotes"
        ),
        (
            "%YAML 1.1\n---\na: 1\n...\n%FOO\n",
            "5:1: error: a line that starts with '%' is an order to YAML; remove the line"
        ),
    ])
    func `a mistake is named with its place and its mend`(text: String, expected: String) {
        #expect(messages(text) == ["a.yml:" + expected])
    }

    @Test func `a mapping as a key is reported at the very start of a line too`() {
        #expect(
            messages("{\n{{a: 1}: 2}: 3}\n") == [
                "a.yml:2:1: error: '{{' without quotes starts a mapping in YAML; put the whole template"
                    + " in quotes: \"{{ ticket.key }}\"",
                "a.yml:2:1: error: a list or mapping stands where a key is expected; a key is plain text,"
                    + " such as 'name: value'",
            ]
        )
    }

    @Test func `what is left out at the end of a file stands in its last line`() {
        guard
            case .mapping(let entries) = YAMLDocument(Array("a: 1\n? b".utf8), file: "a.yml").root?
                .content
        else {
            Issue.record("the root is no mapping")
            return
        }
        #expect(entries.map { "\($0.keyPlace) \($0.value.place)" } == ["1:1 1:4", "2:3 2:4"])
    }

    @Test func `bytes that are not UTF-8 are found where they stand`() {
        let bytes = Array("ä: 1\nb: größ".utf8) + [0xFF, 0x0A]
        let found = YAMLDocument(bytes, file: "a.yml").diagnostics
        #expect(
            found.map(\.description) == [
                "a.yml:2:8: error: these bytes aren't UTF-8; save the file as UTF-8"
            ]
        )
        #expect(found.first?.excerpt?.line == "b: größ\u{FFFD}")
        #expect(found.first?.excerpt?.marker == "       ^")
        let wide: [UInt8] = [0xFF, 0xFE, 0x61, 0x00]
        #expect(
            YAMLDocument(wide, file: "a.yml").diagnostics.map(\.description) == [
                "a.yml:1:1: error: the file isn't text in UTF-8; save it as UTF-8"
            ]
        )
    }

    @Test func `all mistakes that can be read past are reported together`() {
        let found = messages("a: !x 1\na: 2\nb: *c\nd: {e: 1, e: 2}\n")
        #expect(found.count == 4)
        #expect(
            found.map { $0.prefix(11) } == [
                "a.yml:1:4: ", "a.yml:2:1: ", "a.yml:3:4: ", "a.yml:4:11:",
            ]
        )
    }

    @Test func `a key is found twice among many, and merged keys still give way`() {
        let keys = (0..<40).map { "k\($0): \($0)" }.joined(separator: "\n")
        #expect(messages(keys + "\nk3: 1\nk39: 2\n").count == 2)
        let merged = keys.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        let document = YAMLDocument(
            Array("a: &a\n\(merged)\nb:\n  <<: *a\n  k3: mine\n".utf8),
            file: "a.yml"
        )
        #expect(document.root?["b"]?["k3"]?.scalar == .string("mine"))
        #expect(document.root?["b"]?["k39"]?.scalar == .integer(39))
    }

    /// How soon, and in how much memory, is measured by `Tests/Benchmarks/yaml-speed.py`.
    @Test func `a billion laughs are refused where they go beyond the budget`() throws {
        let document = try fixture("laughs.yml")
        #expect(document.root == nil)
        #expect(
            document.diagnostics.map(\.description) == [
                "laughs.yml:6:8: error: the aliases of this file stand for more than 100000 values;"
                    + " write out what is needed, or use fewer aliases inside one another"
            ]
        )
    }

    @Test func `nesting ends at its bound, by brackets and by aliases`() {
        let brackets = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(messages(brackets).isEmpty)
        let expected =
            "lists and mappings stand more than 100 deep inside one another; look for brackets that"
            + " are never closed"
        #expect(messages("[" + brackets + "]") == ["a.yml:1:101: error: " + expected])
        #expect(messages(String(repeating: "[", count: 100_000)).count == 1)
        let aliases = (1...150).map { "- &a\($0) [*a\($0 - 1)]" }.joined(separator: "\n")
        #expect(messages("- &a0 []\n" + aliases) == ["a.yml:100:9: error: " + expected])
    }

    @Test func `a file beyond the bound of its size is not read`() {
        var limits = YAMLDocument.Limits()
        limits.bytes = 4
        let document = YAMLDocument(Array("a: 12".utf8), file: "a.yml", limits: limits)
        #expect(
            document.diagnostics.map(\.description) == [
                "a.yml: error: the file has 5 bytes; at most 4 are allowed; split it"
            ]
        )
    }
}
