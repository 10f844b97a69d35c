import Testing

@testable import Scaffold

@Suite struct GlobTests {
    @Test(arguments: [
        ("docs/*.md", "docs/a.md", true),
        ("docs/*.md", "docs/a/b.md", false),
        ("docs/*.md", "docs", false),
        ("docs/**", "docs/a/b.md", true),
        ("docs/**", "docs2/b.md", false),
        ("**/*.md", "a.md", true),
        ("**/*.md", "a/b/c.md", true),
        ("src/**/test/*.ts", "src/test/a.ts", true),
        ("src/**/test/*.ts", "src/a/test/b/test/c.ts", true),
        ("src/**/test/*.ts", "src/a/c.ts", false),
        ("src/?.ts", "src/é.ts", true),
        ("src/?.ts", "src/ab.ts", false),
        ("src/*.{ts,tsx}", "src/a.tsx", true),
        ("src/{a,b/{c,d}}.ts", "src/b/d.ts", true),
        ("src/{a,b/{c,d}}.ts", "src/b.ts", false),
        ("src/[slug]/*.ts", "src/[slug]/a.ts", true),
        ("src/[slug]/*.ts", "src/s/a.ts", false),
        ("SRC/*.ts", "src/a.ts", false),
        ("a*b*c", "aXbYbc", true),
        ("a*b*c", "aXbYb", false),
        ("*", ".env", true),
        ("src/a.ts", "src/a.ts", true),
    ])
    func `a glob stands for whole paths`(pattern: String, path: String, isMatch: Bool) {
        #expect(Glob(pattern).matches(path) == isMatch)
    }

    @Test func `a hostile glob takes no time`() {
        let braces = String(repeating: "{a,b}", count: 100)
        #expect(!Glob(braces + "*").matches("aaa"))
        let stars = String(repeating: "*a", count: 400)
        #expect(!Glob(stars).matches(String(repeating: "a", count: 4000) + "b"))
        let components = String(repeating: "**/a/", count: 180) + "b"
        #expect(!Glob(components).matches(String(repeating: "a/", count: 500) + "c"))
    }
}
