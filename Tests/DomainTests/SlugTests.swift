import Domain
import Testing

@Suite struct SlugTests {
    @Test(arguments: [
        ("AI Agents: article content", "ai-agents-article-content"),
        ("Don't café Zürich", "dont-cafe-zuerich"),
        ("../../etc/passwd $(touch /tmp/x) `y`; rm -rf", "etc-passwd-touch-tmp-x-y-rm-rf"),
        ("日本語の検索 🔎", "ticket"),
        ("", "ticket"),
        (
            "one two three four five six seven eight nine ten eleven",
            "one-two-three-four-five-six-seven-eight-nine-ten"
        ),
        (String(repeating: "x", count: 100), String(repeating: "x", count: 48)),
        ("rtl \u{202E}txt\u{202C}\u{1B}[31m", "rtl-txt-31m"),
    ])
    func `a slug holds only what is safe in a branch name`(title: String, expected: String) {
        #expect(slug(of: title) == expected)
    }
}
