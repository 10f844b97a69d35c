import Planner
import TestSupport
import Testing

@Suite struct PathPatternTests {
    @Test(arguments: [
        ("src/a.ts", "src/a.ts", "src/a.ts"), ("src/*.ts", "src/a.ts", "src/a.ts"),
        ("src/", "src/app/a.ts", "src/app/a.ts"), ("src/app", "src/app/a.ts", "src/app/a.ts"),
        ("src/app", "src/app/", "src/app/"), ("**/*.md", "docs/a/b.md", "docs/a/b.md"),
        ("docs/**/*.md", "docs/a.md", "docs/a.md"), ("docs/**", "docs/a*", "docs/a*"),
        ("src/{a,b}/x.ts", "src/b/x.ts", "src/b/x.ts"),
        ("src/{a,{b,c}}*.ts", "src/?d.ts", "src/?d.ts"),
        ("**", "a/b", "a/b"), ("**/a", "b/**", "b/**"),
        ("src/**/a/", "src/x/a/y.ts", "src/x/a/y.ts"),
        ("app/[slug]/*", "app/[slug]/page.tsx", "app/[slug]/page.tsx"), ("a/?", "a/ä", "a/ä"),
        ("src/*", "src", "src"),
    ])
    func `lists meet on the more exact path`(left: String, right: String, place: String) {
        #expect(TicketText.overlap([left], [right]) == [place])
        #expect(TicketText.overlap([right], [left]) == [place])
    }

    @Test(arguments: [
        ("src/a.ts", "src/b.ts"), ("src/app", "src/application.ts"), ("src/*.ts", "src/a/b.ts"),
        ("src/*.ts", "src/*.md"), ("docs/**", "docs.md"), ("src/{a,b}.ts", "src/c.ts"),
        ("*", "a/b"),
        ("app/[slug]/*", "app/s/page.tsx"), ("a/?", "a/bc"), ("A.md", "a.md"),
        ("src/**/a.ts", "src/b/**/b.ts"),
        ("", "a"), ("/", "a"),
    ])
    func `other lists don't meet`(left: String, right: String) {
        #expect(TicketText.overlap([left], [right]) == [])
        #expect(TicketText.overlap([right], [left]) == [])
    }

    @Test func `each place where lists meet is named once`() {
        let left = ["src/a.ts", "docs/**", "x.md", "src/*.ts"]
        #expect(
            TicketText.overlap(left, ["y.md", "src/a.ts", "docs/b/"]) == ["docs/b/", "src/a.ts"]
        )
    }

    @Test func `a glob of too many words stands for its folder`() {
        let words = "src/" + String(repeating: "{a,b}", count: 30)
        #expect(TicketText.overlap([words], ["src/x/y.ts"]) == ["src/x/y.ts"])
        #expect(TicketText.overlap([words], ["docs/x"]) == [])
    }

    @Test func `globs meet just when some short path matches both`() {
        var generator = SplitMix64(seed: 7)
        let parts = ["a", "b", "*", "?", "/", "/", "**/", "/**", "{a,b}", "{/a,b}", "ab"]
        var patterns: Set<String> = []
        while patterns.count < 70 {
            let count = Int.random(in: 1...3, using: &generator)
            let text = (0..<count).map { _ in parts.randomElement(using: &generator) ?? "a" }
                .joined()
            let isPlain = !text.contains { "*?{".contains($0) }
            // A plain path stands for a folder too: that's in the tables above.
            if isPlain || text.hasPrefix("/") || text.hasSuffix("/") || text.contains("//") {
                continue
            }
            patterns.insert(text)
        }
        let names = Self.names(upTo: 7).map(Self.components)
        let sorted = patterns.sorted()
        let matches = sorted.map { pattern in
            let words = Self.words(Array(pattern)).map { Self.components($0) }
            return names.map { name in words.contains { Self.match($0[...], name[...]) } }
        }
        for left in sorted.indices {
            for right in sorted.indices where left < right {
                let expected = zip(matches[left], matches[right]).contains { $0 && $1 }
                let found = !TicketText.overlap([sorted[left]], [sorted[right]]).isEmpty
                #expect(found == expected, "\(sorted[left]) and \(sorted[right])")
            }
        }
    }

    private static func components(_ text: [Character]) -> [String] {
        text.split(separator: "/").map { String($0) }
    }

    /// All paths of a, b and `/` without empty components.
    private static func names(upTo length: Int) -> [[Character]] {
        var all: [[Character]] = []
        var last: [[Character]] = [[]]
        for _ in 0..<length {
            last = last.flatMap { name in "ab/".map { name + [$0] } }.filter { name in
                name.first != "/" && !(name.count > 1 && name.suffix(2) == ["/", "/"])
            }
            all += last.filter { $0.last != "/" }
        }
        return all
    }

    /// The readings of a glob's braces, which here don't nest.
    private static func words(_ glob: [Character]) -> [[Character]] {
        guard let open = glob.firstIndex(of: "{"), let close = glob.firstIndex(of: "}") else {
            return [glob]
        }
        return glob[(open + 1)..<close].split(separator: ",").flatMap {
            words(Array(glob[..<open]) + $0 + Array(glob[(close + 1)...]))
        }
    }

    /// The meaning of a glob, written down as plainly as can be.
    private static func match(_ glob: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
        guard let first = glob.first else { return path.isEmpty }
        let rest = glob.dropFirst()
        if first.count > 1, first.allSatisfy({ $0 == "*" }) {
            if rest.isEmpty { return !path.isEmpty }
            return (0...path.count).contains { match(rest, path.dropFirst($0)) }
        }
        guard let name = path.first, matchName(first[...], name[...]) else { return false }
        return match(rest, path.dropFirst())
    }

    private static func matchName(_ glob: Substring, _ name: Substring) -> Bool {
        guard let first = glob.first else { return name.isEmpty }
        let rest = glob.dropFirst()
        if first == "*" {
            return (0...name.count).contains { matchName(rest, name.dropFirst($0)) }
        }
        guard let other = name.first, first == "?" || first == other else { return false }
        return matchName(rest, name.dropFirst())
    }
}
