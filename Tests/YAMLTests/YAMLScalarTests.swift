import Testing
import YAML

@Suite struct YAMLScalarTests {
    @Test(
        arguments: [
            ("", .null), ("~", .null), ("null", .null), ("Null", .null), ("NULL", .null),
            ("true", .boolean(true)), ("True", .boolean(true)), ("FALSE", .boolean(false)),
            ("0", .integer(0)), ("-0", .integer(0)), ("+12", .integer(12)), ("-7", .integer(-7)),
            ("0777", .integer(777)), ("0o17", .integer(15)), ("0x1F", .integer(31)),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .hugeInteger),
            ("0xFFFFFFFFFFFFFFFFFF", .hugeInteger),
            ("1.5", .float(1.5)), ("-.5", .float(-0.5)), ("5.", .float(5)), ("1e3", .float(1000)),
            ("+1.5E-2", .float(0.015)), (".inf", .float(.infinity)), ("-.INF", .float(-.infinity)),
        ] as [(String, YAMLScalar.Value)]
    )
    func `plain text has the value that YAML 1.2 gives it`(text: String, value: YAMLScalar.Value) {
        #expect(YAMLScalar(text: text, isPlain: true).value == value)
    }

    @Test(arguments: [
        "no", "No", "yes", "on", "off", "y", "n", "1_000", "12:30:45", "2026-11-23", "0b101", "0o8",
        "0o", "0x", "0xG", "+0x1F", "-0o7", "+", "-", ".", "1.2.3", "1e", "1e+", "e5", ".e5",
        "nUll",
        "tRUE", "inf", "nan", "infinity", "0x1p3", ".Infinity", "- 1", "1 ", "١", "5m", "$NAME",
    ])
    func `what other versions of YAML take for something else is a string`(text: String) {
        #expect(YAMLScalar(text: text, isPlain: true).value == .string(text))
    }

    @Test(arguments: ["", "null", "true", "12", "1.5"])
    func `quoted text is always a string`(text: String) {
        #expect(YAMLScalar(text: text, isPlain: false).value == .string(text))
    }

    @Test func `an explicit tag decides over the looks`() throws {
        let text = #"{a: !!str 12, b: !!int "12", c: !!float 2, d: ! true, e: !!null ''}"#
        let document = YAMLDocument(Array(text.utf8), file: "a.yml")
        let root = try #require(document.root)
        #expect(document.diagnostics.isEmpty)
        let values = ["a", "b", "c", "d", "e"].map { root[$0]?.scalar }
        #expect(values == [.string("12"), .integer(12), .float(2), .string("true"), .null])
    }
}
