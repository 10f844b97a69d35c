import Domain
import Testing

@testable import Verification

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct DebugSearchTests {
    private let search = DebugSearch([DebugStatementSettings.byLanguage])

    private func fixture(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return Array(try Data(contentsOf: folder.appending(path: "Fixtures/Debug/\(name).txt")))
    }

    /// What a search finds when all lines are new.
    private func all(_ text: String, _ path: String, _ search: DebugSearch? = nil) -> [String] {
        let lines = 1..<(text.split(separator: "\n", omittingEmptySubsequences: false).count + 1)
        return (search ?? self.search).found(in: Array(text.utf8), path: path, lines: [lines])
            .findings.map(\.what)
    }

    @Test(arguments: [
        "Cart.cs", "Cart.java", "Cart.kt", "Cart.m", "Cart.php", "Cart.swift", "cart.c", "cart.cpp",
        "cart.go", "cart.rb", "cart.rs", "cart.ts", "main.go", "main.rs", "orders.py", "view.jsx",
    ])
    func `each language's statements are found, but not in strings and comments`(
        name: String
    ) throws {
        let bytes = try fixture(name)
        let text = String(decoding: bytes, as: UTF8.self)
        var expected: [CheckFinding] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            guard let mark = line.firstRange(of: "FOUND ") else { continue }
            let what = String(line[mark.upperBound...])
            expected.append(CheckFinding(file: name, line: index + 1, what: what))
        }
        #expect(!expected.isEmpty)
        let found = search.found(in: bytes, path: name, lines: [1..<(lines.count + 1)])
        #expect(found.findings.map(\.description) == expected.map(\.description))
    }

    @Test func `only lines that are new count`() {
        let text = "console.log(1)\nconsole.log(2)\n\nconsole.log(3)\nconsole.log(4)\n"
        let found = search.found(in: Array(text.utf8), path: "a.js", lines: [2..<4, 5..<6])
        #expect(found.findings.map(\.line) == [2, 5])
    }

    @Test func `a comment allows a statement in its line or in the one below it, and is noted`() {
        let text = """
            console.log(1) // linecook:allow
            console.log(2)
            // linecook:allow
            console.log(3)
            console.log("linecook:allow")
            """
        let found = search.found(in: Array(text.utf8), path: "a.js", lines: [1..<6])
        #expect(found.findings.map(\.line) == [2, 5])
        #expect(found.allowed == [1, 4])
    }

    @Test(arguments: [
        ("scripts/report.js", "console.log(1)"), ("bin/report.ts", "console.log(1)"),
        ("report.js", "#!/usr/bin/env node\nconsole.log(1)"),
        ("tool.mjs", "const file = process.argv[2]\nconsole.log(file)"),
        ("manage.py", "print(1)"), ("report.py", "import argparse\nprint(1)"),
        ("cmd/report/run.go", "package report\nfmt.Println(1)"),
        ("build.rs", "println!(\"cargo:\")"),
        ("Report.java", "static void main(String[] a) { System.out.println(1); }"),
        ("ReportCommand.swift", "print(1)"), ("lib/tasks/report.rake", "puts 1"),
        ("Program.cs", "Console.WriteLine(1);"), ("db_cli.py", "print(1)"),
    ])
    func `what a program prints for those who run it doesn't count`(path: String, text: String) {
        #expect(all(text, path) == (path.hasSuffix(".rake") ? ["puts"] : []))
    }

    @Test func `what stops a program counts everywhere`() {
        #expect(all("debugger;", "scripts/report.js") == ["debugger"])
        #expect(all("breakpoint()", "bin/report.py") == ["breakpoint"])
        #expect(all("dbg!(1);", "build.rs") == ["dbg!"])
    }

    @Test func `a list of one's own replaces what is known of the languages, or is added to it`() {
        let text = "trace(1)\nconsole.log(2)\nretrace(3)\nx.trace(4)\n// trace(5)\ntrace"
        #expect(all(text, "a.js", DebugSearch(["trace("])) == ["trace"])
        #expect(all(text, "a.js", DebugSearch(["default", "trace("])) == ["trace", "console.log"])
        #expect(
            all("x NOCOMMIT y\nNOCOMMITs", "notes.unknown", DebugSearch(["NOCOMMIT"])) == [
                "NOCOMMIT"
            ]
        )
    }

    @Test(arguments: ["vendor/a.js", "web/node_modules/a/b.js", "dist/a.min.js", "a.txt", "a"])
    func `nothing is looked for in others' code and in what is no code`(path: String) {
        #expect(!search.concerns(path))
    }

    @Test func `hostile contents are read once and break nothing`() {
        let quote = String(repeating: "\"'`/*", count: 200_000)
        #expect(all(quote + "\nconsole.log(1)", "a.ts").count <= 1)
        let open = String(repeating: "R\"x(", count: 200_000)
        #expect(all(open, "a.cpp") == [])
        let long = "console.log(1);" + String(repeating: "a", count: 1 << 20)
        #expect(all(long, "a.js") == [])
        let invalid: [UInt8] =
            [0xFF, 0xFE, 0x0A] + Array("console.log(1)".utf8) + [0x80, 0x0D, 0x0A]
        let found = search.found(in: invalid, path: "a.js", lines: [1..<9, 40..<50])
        #expect(found.findings.map(\.line) == [2])
        #expect(search.found(in: [], path: "a.js", lines: [1..<3]).findings == [])
    }
}
