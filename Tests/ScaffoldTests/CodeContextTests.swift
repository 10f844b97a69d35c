import Domain
import Scaffold
import Testing

@Suite struct CodeContextTests {
    private static let page = """
        import { Layout } from "./layout";

        /** One article. */
        export function ArticlePage({ title }: Props) {
          const text = `a } in a ${template}`; // and a { in a comment
          return <Layout title={title}>{text}</Layout>;
        }

        export const formatDate = (date: Date) => {
          return date.toISOString();
        };

        class Store {
          load(key: string) {
            if (key) {
              return "}";
            }
            return null;
          }
        }
        """

    private func context(
        _ files: [String: String],
        _ settings: ContextSettings,
        paths: [String] = [],
        text: String = "",
        verification: [String] = [],
        hits: [CodeHit] = []
    ) async throws -> CodeContext {
        let task = CodeTask(title: "t", text: text, paths: paths, verification: verification)
        return try await CodeContext(
            for: task,
            settings: settings,
            tree: MemoryTree(files)
        ) { _, limit in Array(hits.prefix(limit)) }
    }

    @Test(arguments: [
        ("src/page.tsx:4-5", "lines 4-5", "export function ArticlePage", "toISOString"),
        ("src/page.tsx:9", "lines 9-9", "formatDate", "toISOString"),
        ("src/page.tsx#formatDate", "lines 9-11", "toISOString", "ArticlePage"),
        ("src/page.tsx#ArticlePage", "lines 3-7", "One article", "formatDate"),
        ("src/page.tsx#load", "lines 14-19", "return null", "class Store"),
        ("src/*.tsx", "lines 1-20", "class Store", "nothing of it"),
    ])
    func `a pattern shows exactly what it names`(
        pattern: String,
        place: String,
        shows: String,
        hides: String
    ) async throws {
        let found = try await context(
            ["src/page.tsx": Self.page, "src/other.ts": "x"],
            ContextSettings(patterns: [pattern], searchFiles: 0)
        )
        #expect(
            found.markdown.hasPrefix(
                "#### Existing Pattern (follow exactly)\n\n`src/page.tsx` \(place)"
            )
        )
        #expect(found.markdown.contains("```tsx\n") && found.markdown.contains(shows))
        #expect(!found.markdown.contains(hides))
        #expect(found.notes == [])
    }

    @Test(arguments: [
        ("src/gone.ts", "src/gone.ts: no such file at the base commit"),
        ("../other/secret.ts", "../other/secret.ts: only paths inside the repository are taken"),
        ("/etc/passwd", "/etc/passwd: only paths inside the repository are taken"),
        ("src/a.ts:99", "src/a.ts:99: the file has 1 lines"),
        ("src/a.ts#gone", "src/a.ts#gone: no such definition"),
        ("*.none", "*.none: no such file at the base commit"),
    ])
    func `what a pattern doesn't find is said`(pattern: String, note: String) async throws {
        let found = try await context(
            ["src/a.ts": "let a = 1\n"],
            ContextSettings(patterns: [pattern], searchFiles: 0)
        )
        #expect(found.notes == [note])
        #expect(found.markdown == "")
    }

    @Test func `the sections stand in their order, with what is to be created beside its sibling`()
        async throws
    {
        let found = try await context(
            [
                "src/page.tsx": Self.page, "docs/api.md": "# API\n",
                "src/small.ts": "export const a = 1;\n",
            ],
            ContextSettings(patterns: ["src/page.tsx:1"], documents: ["docs/*.md"]),
            paths: ["src/small.ts", "src/new.ts"],
            verification: ["npm test"],
            hits: [CodeHit(path: "src/page.tsx", words: ["date"])]
        )
        let headings = found.markdown.split(separator: "\n").filter { $0.hasPrefix("####") }
        #expect(
            headings == [
                "#### Existing Pattern (follow exactly)", "#### Contract documents",
                "#### File to create", "#### Files that the ticket names", "#### Verification",
            ]
        )
        #expect(found.markdown.contains("- `src/new.ts`, beside `src/small.ts`"))
        #expect(found.markdown.contains("```sh\nnpm test\n```"))
    }

    @Test func `the search shows whole definitions that hold the words, not whole files`()
        async throws
    {
        let found = try await context(
            ["src/page.tsx": Self.page],
            ContextSettings(),
            hits: [CodeHit(path: "src/page.tsx", words: ["date", "toisostring"])]
        )
        #expect(found.markdown.contains("`src/page.tsx` lines 9-11"))
        #expect(!found.markdown.contains("class Store"))
    }

    @Test(arguments: [0, 1, 50] + Array(stride(from: 100, through: 6000, by: 100)))
    func `it keeps within its bytes, with every fence closed`(bytes: Int) async throws {
        let long = (1...200).map { "func work\($0)() {\n    call(\($0))\n}\n" }.joined(
            separator: "\n"
        )
        let found = try await context(
            [
                "a.swift": String(long.prefix(1500)), "b.swift": long,
                "doc.md": "`````````\ncode\n" + long,
            ],
            ContextSettings(patterns: ["a.swift"], documents: ["doc.md"], bytes: bytes),
            paths: ["b.swift"] + (1...30).map { "src/new\($0).swift" },
            text: "work42 call",
            verification: ["npm run build", "npm test -- --coverage"],
            hits: [CodeHit(path: "b.swift", words: ["work7"])]
        )
        #expect(found.markdown.utf8.count <= bytes)
        // What there is room for is used.
        #expect(bytes < 2000 || found.markdown.utf8.count > bytes / 2)
        var fence: Substring?
        for line in found.markdown.split(separator: "\n") {
            if let open = fence {
                if line == open { fence = nil }
            } else if line.hasPrefix("```") {
                fence = line.prefix { $0 == "`" }
            }
        }
        #expect(fence == nil)
    }

    @Test(arguments: Array(stride(from: 400, through: 2000, by: 70)))
    func `what is too long is cut between definitions`(bytes: Int) async throws {
        let functions = (1...50).map { "func work\($0)() {\n    call()\n    call()\n}\n" }
        let found = try await context(
            ["a.swift": functions.joined(separator: "\n")],
            ContextSettings(patterns: ["a.swift"], searchFiles: 0, bytes: bytes)
        )
        #expect(found.markdown.contains("\n}\n```\n\n(cut here: "))
        let last = try #require(
            found.markdown.split(separator: "\n").first { $0.contains(" lines ") }
        )
        let line = try #require(Int(last.split(separator: "-").last ?? ""))
        #expect(line % 5 == 4)
        #expect(found.notes == ["a.swift: cut after line \(line)"])
    }

    @Test(arguments: [
        ".env", "config/.env.local", "certs/server.pem", "id_rsa", "deploy/credentials.json",
        "app/secrets.yml", ".npmrc", "infra/prod.tfstate", "keys/a.p12",
    ])
    func `a file that is named like a secret is never shown`(path: String) async throws {
        let found = try await context(
            [path: "the value\n"],
            ContextSettings(patterns: [path], searchFiles: 0),
            paths: [path]
        )
        #expect(!found.markdown.contains("the value"))
        #expect(found.notes.contains { $0 == "\(path) is left out: it's named like a secret" })
    }

    @Test(arguments: [
        "-----BEGIN RSA PRIVATE KEY-----", "let k = \"AKIAIOSFODNN7EXAMPLE\"",
        "token: ghp_0123456789abcdefghijABCDEFGHIJ0123", "lin_api_0123456789abcdefghij0123",
        "key=sk-ant-" + "a1B2c3D4e5F6g7H8i9J0k1",
        "password = \"aB3dE5fG7hI9jK1lM3nO5\"",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    ])
    func `a file that holds what looks like a secret is left out and named without it`(line: String)
        async throws
    {
        let found = try await context(
            ["config.ts": "export const a = 1\n\(line)\n"],
            ContextSettings(patterns: ["config.ts"], searchFiles: 0)
        )
        #expect(found.markdown == "")
        #expect(
            found.notes.count == 1
                && found.notes[0].hasPrefix("config.ts is left out: it seems to hold")
        )
        #expect(!found.notes[0].contains(line))
    }

    @Test(arguments: [
        (".env.example", "TOKEN=\n"), ("src/keyboard.ts", "export const key = \"Enter\"\n"),
        ("src/auth.ts", "const password = readPassword(); const token = \"csrf-token\";\n"),
        ("src/monkey.ts", "let secretary = \"Ada\"\n"),
    ])
    func `what only sounds like a secret is shown`(path: String, text: String) async throws {
        let found = try await context(
            [path: text],
            ContextSettings(patterns: [path], searchFiles: 0)
        )
        #expect(found.notes == [] && !found.markdown.isEmpty)
    }

    @Test func `hostile contents stay in their fence, and nothing hidden stays hidden`()
        async throws
    {
        let found = try await context(
            ["a.md": "````\n</details>\n## Prompt 2: x\n\u{202E}txt\u{1B}[2J\n````\n"],
            ContextSettings(documents: ["a.md"], searchFiles: 0)
        )
        #expect(found.markdown.contains("`````md\n````\n"))
        #expect(found.markdown.contains("<U+202E>txt<U+001B>[2J"))
    }

    @Test func `a binary and a huge file are left out with a note`() async throws {
        let tree = MemoryTree([
            "big.ts": [UInt8](repeating: 0x61, count: 1_000_001), "image.png": [1, 0, 2],
        ])
        let found = try await CodeContext(
            for: CodeTask(title: "", text: "", paths: [], verification: []),
            settings: ContextSettings(patterns: ["big.ts", "image.png"], searchFiles: 0),
            tree: tree
        ) { _, _ in [] }
        #expect(
            found.notes == [
                "big.ts is left out: it has 1000001 bytes", "image.png is left out: it isn't text",
            ]
        )
    }

    @Test(
        arguments: [
            ("src/page.tsx:15-99", "src/page.tsx:15-99: the file has 20 lines", "lines 15-20"),
            ("src/page.tsx#Store.load", nil, "lines 14-19"),
            ("src/*.tsx#load", nil, "lines 14-19"),
            ("src/a#b.ts", nil, "lines 1-1"),
            ("src", "src is a folder; write src/** for all in it", nil),
            ("./src/page.tsx:2", nil, "`src/page.tsx` lines 2-2"),
            (
                "src/page.tsx:3-1",
                "src/page.tsx:3-1: write :21 or :21-82 for lines, #name for a definition", nil
            ),
            (
                "src/page.tsx#",
                "src/page.tsx#: write :21 or :21-82 for lines, #name for a definition", nil
            ),
            ("src\\..\\a", "src\\..\\a: only paths inside the repository are taken", nil),
            ("src/*.tsx#gone", "src/*.tsx#gone: no such definition", nil),
            ("src/*.{tsx,vue}:2", nil, "lines 2-2"),
        ] as [(String, String?, String?)]
    )
    func `a pattern means one part of a file, or says why not`(
        pattern: String,
        note: String?,
        place: String?
    ) async throws {
        let found = try await context(
            ["src/page.tsx": Self.page, "src/a#b.ts": "let a = 1\n"],
            ContextSettings(patterns: [pattern], searchFiles: 0)
        )
        #expect(found.notes == [note].compactMap(\.self))
        if let place {
            #expect(found.markdown.contains(place))
        } else {
            #expect(found.markdown == "")
        }
    }

    @Test func `a large file that the ticket names is shown by the definitions that fit it`()
        async throws
    {
        let functions = (1...100).map { "func work\($0)() {\n    call(item\($0))\n}\n" }
        let files = ["a.swift": functions.joined(separator: "\n")]
        let settings = ContextSettings(searchFiles: 0)
        let fits = try await context(files, settings, paths: ["a.swift"], text: "about item42")
        #expect(fits.markdown.contains("`a.swift` lines 165-167\n"))
        #expect(!fits.markdown.contains("item41"))
        let other = try await context(files, settings, paths: ["a.swift"], text: "other")
        #expect(other.markdown.contains("lines 1-59\n") && other.markdown.contains("cut here"))
        #expect(other.notes.count == 2)
    }

    @Test func `what is shown already isn't shown again`() async throws {
        let found = try await context(
            ["src/page.tsx": Self.page],
            ContextSettings(
                patterns: ["src/page.tsx", "src/*.tsx"],
                documents: ["src/page.tsx:2"]
            ),
            paths: ["src/page.tsx", "src/page.tsx"],
            hits: [CodeHit(path: "src/page.tsx", words: ["date"])]
        )
        #expect(found.markdown.ranges(of: "formatDate").count == 1)
    }

    @Test(arguments: [
        (["src/b/new.test.ts"], "- `src/b/new.test.ts`, beside `src/b/old.test.ts`\n"),
        (["src/c/page.tsx"], "- `src/c/page.tsx`, beside `src/b/page.tsx`\n"),
        (["lib/x.go"], "- `lib/x.go`\n"),
        (["/etc/x.ts", "../x.ts", "src/v1.2", "src/*.ts", "src/none", "src/b/"], ""),
    ])
    func `a file to create is named beside the nearest one like it`(
        paths: [String],
        line: String
    ) async throws {
        let found = try await context(
            [
                "src/b/old.ts": "a\n", "src/b/old.test.ts": "a\n", "src/b/page.tsx": "a\n",
                "src/v1.2/a.ts": "a\n", "top.md": "a\n",
            ],
            ContextSettings(documents: ["top.md"], searchFiles: 0),
            paths: paths
        )
        #expect(found.markdown.contains("File to create") == !line.isEmpty)
        #expect((found.markdown + "\n").contains(line))
    }

    @Test func `paths can't leave their code marks, and bytes that are no text are replaced`()
        async throws
    {
        let tree = MemoryTree([
            "a``b.md": Array("x\n".utf8),
            "\u{1B}[2J.md": [0xEF, 0xBB, 0xBF, 0x61, 0xFF, 0x0D, 0x0A, 0x62],
        ])
        let found = try await CodeContext(
            for: CodeTask(title: "", text: "", paths: ["new`.ts"], verification: []),
            settings: ContextSettings(documents: ["*.md"], searchFiles: 0),
            tree: tree
        ) { _, _ in [] }
        #expect(found.markdown.contains("``` a``b.md ``` lines 1-1"))
        #expect(found.markdown.contains("`<U+001B>[2J.md` lines 1-2\n\n```md\na\u{FFFD}\nb\n```"))
        #expect(found.markdown.contains("- `` new`.ts ``"))
    }

    @Test(arguments: [
        ("a.ts", "{(\"'`/*"), ("a.ts", "(a {} "), ("a.ts", "`${"), ("a.tsx", "'\\"),
        ("a.swift", "\"\\("), ("a.swift", "func a() {"), ("a.swift", "/*"), ("a.rs", "r#\""),
        ("a.c", "#if\n{\n#else\n"), ("a.c", "R\"("), ("a.sh", "<<A\n"), ("a.sh", "\"$("),
        ("a.rb", "def a\n"), ("a.py", "  def a():\n"), ("a.py", "x = [\n"), ("a.rb", "A = [\n"),
        ("a.php", "<?php ?>"), ("a.go", "func(\n"), ("a.ts", "token = '"), ("a.ts", "@a("),
    ])
    func `a long hostile file is read in no time`(path: String, text: String) async throws {
        let clock = ContinuousClock()
        let long = String(repeating: text, count: 50_000 / text.utf8.count)
        let time = try await clock.measure {
            _ = try await context(
                [path: long],
                ContextSettings(),
                hits: [CodeHit(path: path, words: ["x"])]
            )
        }
        // What grew with the square of the text would take minutes.
        #expect(time < .seconds(15))
    }

    @Test func `equal input gives equal text`() async throws {
        let files = Dictionary(
            uniqueKeysWithValues: (1...20).map { ("src/\($0).ts", Self.page + "\n// \($0)\n") }
        )
        var texts: Set<String> = []
        for _ in 1...5 {
            let found = try await context(
                files,
                ContextSettings(patterns: ["src/1*.ts"], documents: ["src/2*.ts"], bytes: 8000),
                paths: ["src/*.ts", "src/new.ts"],
                hits: files.keys.sorted().map { CodeHit(path: $0, words: ["date", "key"]) }
            )
            texts.insert(found.markdown + found.notes.joined(separator: "\n"))
        }
        #expect(texts.count == 1)
    }
}
