import Testing
import YAML

@Suite struct DiagnosticTests {
    private func diagnostic(_ text: String, line: Int, column: Int, length: Int = 1) -> Diagnostic {
        Diagnostic(
            file: "a.yml",
            place: SourcePlace(line: line, column: column, length: length),
            message: "no key 'timout' here",
            hint: "did you mean 'timeout'?"
        ).showing(SourceText(Array(text.utf8)))
    }

    @Test func `text shows the line and marks the place`() {
        let found = diagnostic("agent:\n  timout: 45m\n", line: 2, column: 3, length: 6)
        #expect(
            found.text() == """
                a.yml:2:3: error: no key 'timout' here; did you mean 'timeout'?
                    2 |   timout: 45m
                      |   ^~~~~~
                """
        )
        #expect(found.text(colour: true).contains("\u{1B}[1;31merror:\u{1B}[0m"))
    }

    @Test func `hostile characters of a line are shown as harmless ones`() {
        let text = "\u{1B}[2Ja\u{202E}b\u{200B}\u{7F}\t\u{9B}31m: timout"
        let shown = diagnostic(text, line: 1, column: 15).excerpt
        #expect(shown?.line == "\u{FFFD}[2Ja\u{FFFD}b\u{FFFD}\u{FFFD} \u{FFFD}31m: timout")
        #expect(shown?.marker == String(repeating: " ", count: 14) + "^")
    }

    @Test func `the marker stands under wide characters`() {
        let shown = diagnostic("\"日本\": timout", line: 1, column: 7, length: 6).excerpt
        #expect(shown?.marker == "        ^~~~~~")
    }

    @Test func `a long line is cut around the place`() throws {
        let text =
            String(repeating: "x", count: 5000) + "HERE" + String(repeating: "y", count: 5000)
        let shown = try #require(diagnostic(text, line: 1, column: 5001, length: 4).excerpt)
        #expect(shown.line.count == 122)
        #expect(shown.line.hasPrefix("…x") && shown.line.hasSuffix("y…"))
        let offset = shown.marker.prefix { $0 == " " }.count
        #expect(shown.line.dropFirst(offset).hasPrefix("HERE"))
    }

    @Test func `tokens are covered wherever text of the file is shown`() {
        let shown = diagnostic("token: lin_api_0123456789abcdef # mine", line: 1, column: 8).excerpt
        #expect(shown?.line == "token: •••••••••••••••••••••••• # mine")
        #expect(ShownText.quoted("ghp_0123456789abcdef") == "'••••••••••••••••••••'")
        #expect(ShownText.quoted("sk-ip and lin_api_") == "'sk-ip and lin_api_'")
    }

    @Test func `a hidden place is covered in every diagnostic of its line`() {
        var source = SourceText(Array("linear: {token: hunter2, endpont: x}".utf8))
        source.hide(SourcePlace(line: 1, column: 17, length: 7))
        let shown = source.excerpt(at: SourcePlace(line: 1, column: 26, length: 7))
        #expect(shown?.line == "linear: {token: •••••••, endpont: x}")
    }

    @Test func `a GitHub annotation escapes what would end it`() {
        let found = Diagnostic(
            file: "a,b:c.yml",
            place: SourcePlace(line: 3, column: 5, length: 4),
            severity: .warning,
            message: "100%\nsure"
        )
        #expect(
            found.githubAnnotation
                == "::warning file=a%2Cb%3Ac.yml,line=3,col=5,endColumn=8::100%25%0Asure"
        )
    }

    @Test func `JSON keeps the order of its keys`() {
        let found = diagnostic("a: \"\\\u{1}\"", line: 1, column: 4)
        #expect(
            found.json.text == #"""
                {
                  "file": "a.yml",
                  "line": 1,
                  "column": 4,
                  "length": 1,
                  "severity": "error",
                  "message": "no key 'timout' here",
                  "hint": "did you mean 'timeout'?",
                  "source": "a: \"\\\#u{FFFD}\""
                }
                """#
        )
        #expect(JSONValue.array([.number(0.5), .number(2), .bool(true)]).text == "[0.5, 2, true]")
        #expect(JSONValue.string("\u{1}\u{2028}/").text == #""\u0001\u2028/""#)
    }

    @Test func `a long message is broken between words where a person reads it, and only there`() {
        let diagnostic = Diagnostic(
            file: "workflows/a.yml",
            place: nil,
            message:
                "'agent.timeout' is the number 45; it takes a duration from 1s to 7d, such as 45m",
            hint: "add the unit: 45s, 45m or 45h"
        )
        #expect(
            diagnostic.text(width: 60) == """
                workflows/a.yml: error: 'agent.timeout' is the number 45; it
                    takes a duration from 1s to 7d, such as 45m; add the
                    unit: 45s, 45m or 45h
                """
        )
        #expect(!diagnostic.text().contains("\n"))
    }
}
