import Domain
import Planner
import Testing

@Suite struct TicketTextTests {
    @Test(arguments: [
        ("Depends on FRE-1.", [1]),
        ("This depends on FRE-1, FRE-2 and FRE-3", [1, 2, 3]),
        ("depends on FRE-1 (the schema), FRE-2/FRE-3 & on FRE-4", [1, 2, 3, 4]),
        ("blocked by FRE-2, depends on FRE-1, and on FRE-2", [2, 1]),
        ("**Depends on:** FRE-1", [1]),
        ("**Blocked by** **FRE-1**", [1]),
        ("It is blocked until FRE-1 is merged.", [1]),
        ("Start after FRE-1 is merged and FRE-2 is done.", [1, 2]),
        ("Don't start before FRE-1.", [1]),
        ("Can't be done until FRE-1 lands", [1]),
        ("Once FRE-1 has landed, remove the flag.", [1]),
        ("Requires FRE-1; needs FRE-2 first", [1, 2]),
        ("Depends on the tokens from FRE-1", [1]),
        ("Depends on the new schema (FRE-1)", [1]),
        ("waiting for the completion of FRE-1", [1]),
        ("This builds on top of FRE-1", [1]),
        ("Prerequisites: FRE-1, FRE-2", [1, 2]),
        ("depends on\nFRE-1", [1]),
        ("It's not hard, but depends on FRE-1", [1]),
        ("It not only depends on FRE-1", [1]),
        ("after https://linear.app/acme/issue/FRE-1/build-it#comment-7", [1]),
        ("blocked by <https://linear.app/acme/issue/fre-1>", [1]),
        (
            "depends on [FRE-1: build it](https://linear.app/a/issue/FRE-1/x) and [FRE-2](u)",
            [1, 2]
        ),
        ("depends on [the API](https://linear.app/a/issue/FRE-1/x)", [1]),
        ("depends on <issue id=\"1\">FRE-1</issue>", [1]),
        (
            "Depends on:\n\n- FRE-1 the one\n  with a long title\n- [FRE-2](u)\n\nSee also\n- FRE-3",
            [1, 2]
        ),
        ("## Dependencies\n* FRE-1\n* FRE-2\n\n## Notes\n* FRE-3", [1, 2]),
        (
            "- [ ] FRE-1 a\n- [x] FRE-2 b\n* [ ] **FRE-3** c\n1. [ ] FRE-4\n- [ ] ask about FRE-5",
            [1, 3, 4]
        ),
        ("- [ ] FRE-2 after FRE-1", [2]),
        ("```\nx\n```\ndepends on FRE-1", [1]),
        ("| FRE-2 | depends on FRE-3 |\n\nafter FRE-1", [1]),
    ])
    func `text says what a ticket waits for`(text: String, numbers: [Int]) {
        #expect(TicketText.mentions(in: text) == numbers.map(key))
    }

    @Test(arguments: [
        "FRE-1", "See FRE-1", "blocks FRE-1", "needed by FRE-1", "required for FRE-1",
        "before FRE-1",
        "doesn't depend on FRE-1", "doesn’t depend on FRE-1", "no longer depends on FRE-1",
        "not after FRE-1", "Isn't blocked by FRE-1 or FRE-2", "was blocked by FRE-1",
        "unblocked by FRE-1",
        "If it depends on FRE-1, ask", "Does this depend on FRE-1?", "FRE-2 depends on FRE-1",
        "FRE-2 is blocked by FRE-1", "FRE-2 (which depends on FRE-1)",
        "- FRE-2: t (depends on FRE-1)",
        "Do FRE-2 after FRE-1", "Regression after FRE-1", "> depends on FRE-1",
        "```\ndepends on FRE-1\n```", "~~~~\n```\ndepends on FRE-1", "`depends on FRE-1`",
        "depends on `FRE-1`", "~~depends on FRE-1~~", "<!-- depends on FRE-1 -->",
        "<!--\n\ndepends on FRE-1", "requires UTF-8 and SHA-256", "depends on feature/FRE-1-fix",
        "depends on FRE-1-fix", "depends on FRE-1.md", "depends on FRE-0", "depends on XFRE-",
        "depends on https://example.com/issue/FRE-1", "depends on #FRE-1",
        "requires care, see FRE-1",
        "depends on this. FRE-1 is another", "## Related\n- [ ] FRE-1",
        "This is a prerequisite for FRE-1",
    ])
    func `text that says something else holds nothing up`(text: String) {
        #expect(TicketText.mentions(in: text) == [])
    }

    @Test(arguments: [
        ("Edit src/app/page.tsx, please.", ["src/app/page.tsx"]),
        ("(see ./lint.sh and Package.swift:21-82).", ["lint.sh", "Package.swift"]),
        (
            "`docs/**/*.md` and **src/a.ts** and src/{a,b}.ts,src/c.ts",
            ["docs/**/*.md", "src/a.ts", "src/{a,b}.ts", "src/c.ts"]
        ),
        (
            "`src/app/[slug]/page.tsx#L10-L20` `app/(site)/@modal/page.tsx`",
            ["src/app/[slug]/page.tsx", "app/(site)/@modal/page.tsx"]
        ),
        ("[the page](src/page.tsx) [`x`](./docs/a.md)", ["src/page.tsx", "docs/a.md"]),
        (
            "in `src/app` and `src/lib/` and src/app/articles or docs/",
            ["src/app", "src/lib/", "src/app/articles"]
        ),
        (
            "`.github/workflows/ci.yml` `.gitignore` `Makefile` a.ts a.ts",
            [".github/workflows/ci.yml", ".gitignore", "Makefile", "a.ts"]
        ),
        ("Files:\n```\n- src/a.ts\nsrc/b.ts\n```\n", ["src/a.ts", "src/b.ts"]),
        ("`src/a.ts`, `src/b.ts` and \"src/c.ts\"", ["src/a.ts", "src/b.ts", "src/c.ts"]),
        ("- src/ä.ts\r\n- `Sources/X/Y.swift:12`\r\n", ["src/ä.ts", "Sources/X/Y.swift"]),
    ])
    func `text names paths and globs`(text: String, paths: [String]) {
        #expect(TicketText.paths(in: text) == paths)
    }

    @Test(arguments: [
        "and/or n/a w/o client/server TCP/IP read/write", "1.2.3 2024/01/02 24/7 v1.2 3.5",
        "/etc/passwd ~/x.ts ../x.ts src/../../x.ts a/..", "https://example.com/src/app.ts",
        "example.com/x/y.html www.example.com/a.html", "me@example.com git@github.com:o/r.git",
        "Node.js Next.js TypeScript/Next.js e.g. i.e. etc.",
        "`application/json` `feature/a/b` `origin/main`",
        "`foo.bar()` `console.log` `process.env` `res.json` `user.name`",
        "`npm run src/a.ts` `cat x.ts`",
        "```ts\nimport a from 'src/a.ts'\n```", "> at src/a.ts:12", "<!-- src/a.ts -->",
        "*.ts `**` `*/*` `*` ** /", "@scope/package.js `@/components/Button.tsx` $HOME/a.ts",
        "C:\\a.ts a\\b.ts", "FRE-1/FRE-2 owner/repository `vapor/postgres-nio`",
        "a.ts/b.ts", "docs/ src/", "API: GET /api/users/:id",
    ])
    func `text that names no path is left alone`(text: String) {
        #expect(TicketText.paths(in: text) == [])
    }

    @Test func `no more than two hundred paths are taken`() {
        let text = (1...300).map { "src/\($0).ts" }.joined(separator: " ")
        #expect(TicketText.paths(in: text).count == 200)
    }

    @Test(arguments: [
        "`", "``a", "[", "[a](", "]( ", "depends on ", "FRE-1 ", "FRE-1, ", "(", "<", "<!-- ", "~~",
        "src/a{", "{,", "a/", "\u{2019}", "- [ ] ", "depends on FRE-1 and ", "> ", "*", "_",
        "https://",
        "after (", "{", "aa", "\n- FRE-1", "# ",
    ])
    func `hostile text takes time in proportion to its length`(part: String) {
        func scan(_ count: Int) -> Duration {
            let text = String(repeating: part, count: count / part.utf8.count)
            return ContinuousClock().measure {
                _ = TicketText.mentions(in: text)
                _ = TicketText.paths(in: text)
            }
        }
        // In quadratic time this takes minutes; the bound is loose, so that a busy machine keeps it.
        #expect(scan(100_000) < .seconds(20))
    }
}
