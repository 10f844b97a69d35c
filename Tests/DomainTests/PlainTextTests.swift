import Domain
import Testing

@Suite struct PlainTextTests {
    @Test(arguments: [
        ("plain text, tab\tand\nline", "plain text, tab\tand\nline"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\u{1B}[31mred\u{1B}]8;;http://x\u{07}", "<U+001B>[31mred<U+001B>]8;;http://x<U+0007>"),
        ("\u{9B}31m\u{0}", "<U+009B>31m<U+0000>"),
        ("user\u{202E}txt.exe", "user<U+202E>txt.exe"),
        ("in\u{200B}visible\u{200D}", "in<U+200B>visible<U+200D>"),
        ("\u{E0041}\u{E0042}", "<U+E0041><U+E0042>"),
        ("👩\u{200D}💻 ❤\u{FE0F} می\u{200C}خواهم", "👩\u{200D}💻 ❤\u{FE0F} می\u{200C}خواهم"),
        ("Grüße, 東京", "Grüße, 東京"),
    ])
    func `what a reader would not see is written out`(text: String, shown: String) {
        #expect(Array(text.withHiddenCharactersShown.unicodeScalars) == Array(shown.unicodeScalars))
    }

    @Test(arguments: [
        ("one\n  two\tthree", 40, "one two three"), ("0123456789", 10, "0123456789"),
        ("0123456789a", 10, "012345678…"), ("", 10, ""),
        (String(repeating: "x", count: 1_000_000), 5, "xxxx…"),
    ])
    func `a text fits on one line of a given width`(text: String, limit: Int, line: String) {
        #expect(text.inOneLine(limit: limit) == line)
    }
}
