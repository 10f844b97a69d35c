import Domain
import Git
import Testing

@testable import Verification

@Suite(.serialized, .timeLimit(.minutes(5))) struct ChangeChecksTests {
    /// Runs all checks over an agent's work.
    private func check(
        _ script: String,
        seed: String = "",
        settings: VerificationSettings = VerificationSettings(),
        limits: DiffLimits = DiffLimits(),
        described: DescribedFiles? = nil,
        readingLimit: Int? = nil,
        _ body: (Verification.Report) throws -> Void
    ) async throws {
        try await Yard.run(seed) { yard in
            let head = try await yard.work(script)
            var checks = ChangeChecks(
                yard.repository,
                settings: settings,
                limits: LimitSettings(diff: limits)
            )
            if let readingLimit { checks.readingLimit = readingLimit }
            let report = try await checks.run(
                from: yard.base,
                to: head,
                history: head,
                described: described,
                folder: yard.worktree.path
            )
            try body(report)
        }
    }

    private func findings(_ report: Verification.Report, _ check: String) -> [String]? {
        report.results.first { $0.check == check }.map { ($0.findings ?? []).map(\.description) }
    }

    @Test func `debug statements count in new lines of new and changed files only`() async throws {
        let seed = "printf 'console.log(1)\\na()\\nb()\\n' > src/old.ts"
        let script = """
            printf 'console.log(1)\\na()\\nconsole.log(2)\\nb()\\n' > src/old.ts
            printf 'x()\\ndebugger\\n' > 'src/new file.ts' && printf 'console.log(3)\\n' > notes.txt
            """
        try await check(script, seed: seed) { report in
            let expected = ["src/new file.ts:2: debugger", "src/old.ts:3: console.log"]
            #expect(findings(report, "debug_statements") == expected)
            #expect(report.failure?.check == "debug_statements")
            #expect(
                report.failure?.reason
                    == "2 debug statements added: src/new file.ts:2: debugger, src/old.ts:3: console.log"
            )
            #expect(
                report.failureOutput?.contains("  src/old.ts:3: console.log\nTake them out.")
                    == true
            )
            #expect(!report.withholdsPush)
        }
    }

    @Test func `debug statements in a string that began in an old line don't count`() async throws {
        let seed = "printf 'const a = `\\n1\\n`\\n' > src/text.ts"
        let script =
            "printf 'const a = `\\n1\\nconsole.log(2)\\n`\\nconsole.log(3)\\n' > src/text.ts"
        try await check(script, seed: seed) { report in
            #expect(findings(report, "debug_statements") == ["src/text.ts:5: console.log"])
        }
    }

    @Test func `a debug statement that only an earlier commit holds is none`() async throws {
        let script = """
            echo debugger > src/b.ts && git add . && git commit -qm One
            echo 'b()' > src/b.ts
            """
        try await check(script) { #expect(findings($0, "debug_statements") == []) }
    }

    @Test func `an agent's attributes hide nothing`() async throws {
        let script = """
            printf '* binary\\n*.ts -diff\\n' > .gitattributes && printf 'debugger\\n' > src/a.ts
            info=$(git rev-parse --git-common-dir)/info && mkdir -p "$info"
            printf '* binary\\n' > "$info/attributes"
            """
        try await check(script) { report in
            #expect(findings(report, "debug_statements") == ["src/a.ts:1: debugger"])
        }
    }

    @Test func `files may be let off, and checks switched off`() async throws {
        let settings = VerificationSettings(
            debugStatements: DebugStatementSettings(allow: ["src/"]),
            touch: .any,
            forbidPaths: [],
            secrets: SecretSearchSettings(isOn: false)
        )
        try await check("echo debugger > src/b.ts", settings: settings) { report in
            #expect(report.passed)
            #expect(report.results.map(\.check) == ["debug_statements"])
        }
        var off = settings
        off.debugStatements = DebugStatementSettings(statements: [])
        try await check("echo debugger > src/b.ts", settings: off) { #expect($0.results.isEmpty) }
    }

    @Test func `a secret withholds the push and is never shown`() async throws {
        let token = "ghp_" + String(repeating: "a1B2", count: 9)
        try await check("printf 'x\\nconst t = \"\(token)\"\\n' > src/b.ts") { report in
            #expect(findings(report, "secrets") == ["src/b.ts:2: a GitHub token"])
            #expect(report.withholdsPush)
            let said = "\(report.results) \(report.failureOutput ?? "")"
            #expect(!said.contains("a1B2"))
            #expect(report.failure?.reason == "src/b.ts:2: a GitHub token; the branch isn't pushed")
        }
    }

    @Test func `a secret that only an earlier commit holds is found too`() async throws {
        let token = "ghp_" + String(repeating: "a1B2", count: 9)
        let script = """
            echo '\(token)' > src/b.ts && git add . && git commit -qm One
            echo 1 > src/b.ts && git add . && git commit -qm Two
            echo '\(token)' >> run.sh && git commit -qam Three && git revert --no-edit HEAD
            """
        try await check(script) { report in
            #expect(
                findings(report, "secrets") == [
                    "run.sh:2: a GitHub token in an earlier commit",
                    "src/b.ts:1: a GitHub token in an earlier commit",
                ]
            )
            #expect(report.withholdsPush)
            #expect(report.failure?.reason?.contains("git reset --soft") == true)
        }
    }

    @Test func `in a document what only might be a secret doesn't count`() async throws {
        let script = """
            echo 'token = "ab12cd34ef56gh78ij90"' > guide.md
            echo 'token = "ab12cd34ef56gh78ij90"' > src/b.ts
            """
        try await check(script) { report in
            let files = report.results.first { $0.check == "secrets" }?.findings?.map(\.file)
            #expect(files == ["src/b.ts"])
        }
    }

    @Test func `a secret that is still there is told once, and what is too long is noted`()
        async throws
    {
        let token = "ghp_" + String(repeating: "a1B2", count: 9)
        let script = """
            echo '\(token)' > src/b.ts && git add . && git commit -qm One
            printf 'x\\n\(token)\\n' > src/b.ts && head -c 5000000 /dev/zero | tr '\\0' x > long.txt
            """
        try await check(script) { report in
            #expect(findings(report, "secrets") == ["src/b.ts:2: a GitHub token"])
            let note = report.results.first { $0.check == "secrets" }?.note
            #expect(note == "too long to be looked into: long.txt")
        }
    }

    @Test func `of files that are too much together each that isn't looked into is noted`()
        async throws
    {
        let script = "for name in a b c; do echo debugger > src/$name.ts; done"
        try await check(script, readingLimit: 20) { report in
            let debug = report.results.first { $0.check == "debug_statements" }
            #expect(debug?.findings?.map(\.file) == ["src/a.ts", "src/b.ts"])
            #expect(debug?.note == "too long to be looked into: src/c.ts")
        }
    }

    @Test func `beside a file of the base that is too long to be compared all is new`() async throws
    {
        let token = "ghp_" + String(repeating: "a1B2", count: 9)
        let seed = """
            echo '\(token)' > src/c.ts && head -c 5000000 /dev/zero | tr '\\0' x >> src/c.ts
            """
        let script = "sed -i 1q src/c.ts"
        try await check(script, seed: seed) { report in
            #expect(findings(report, "secrets") == ["src/c.ts:1: a GitHub token"])
        }
    }

    @Test func `a secret whose name stands in the line before it is found`() async throws {
        let script = "printf 'a\\nconst token =\\n  \"ab12cd34ef56gh78ij90\"\\n' > src/b.ts"
        try await check(script) { report in
            #expect(findings(report, "secrets") == ["src/b.ts:1: a literal token"])
        }
    }

    @Test func `a statement that a comment allows is noted in the record`() async throws {
        try await check("echo 'debugger // linecook:allow' > src/b.ts") { report in
            let debug = report.results.first { $0.check == "debug_statements" }
            #expect(debug?.passed == true)
            #expect(debug?.note == "allowed by a comment: src/b.ts:1")
        }
    }

    @Test func `what checks and steps object to is told together`() {
        let checks = Verification.Report(results: [], failureOutput: "checks")
        let steps = Verification.Report(results: [], failureOutput: "steps")
        let silent = Verification.Report(results: [], failureOutput: nil)
        #expect(checks.followed(by: steps).failureOutput == "checks\n\nsteps")
        #expect(silent.followed(by: steps).failureOutput == "steps")
        #expect(silent.followed(by: silent).failureOutput == nil)
    }

    @Test func `a secret of the base isn't new where a commit and its revert touched the file`()
        async throws
    {
        let token = "ghp_" + String(repeating: "a1B2", count: 9)
        let script = """
            echo more >> old.txt && git commit -qam One && git revert --no-edit HEAD && touch new
            """
        try await check(script, seed: "echo '\(token)' > old.txt") { report in
            #expect(findings(report, "secrets") == [])
        }
    }

    @Test func `what looks like a secret in old lines and in allowed files doesn't count`()
        async throws
    {
        let token = "ghp_" + String(repeating: "a1B2", count: 9)
        let settings = VerificationSettings(secrets: SecretSearchSettings(allow: ["fixtures"]))
        let script = """
            printf '\(token)\\nmore\\n' > old.txt && mkdir -p web/fixtures
            echo '\(token)' > web/fixtures/a && echo 'token = "ab12cd34ef56gh78ij90"' > a.test.js
            """
        try await check(script, seed: "echo '\(token)' > old.txt", settings: settings) { report in
            #expect(findings(report, "secrets") == [])
        }
    }

    @Test func `paths that must stay are named with their rule`() async throws {
        let settings = VerificationSettings(
            forbidPaths: [".github/workflows/**", "package-lock.json", "infra/", "src/*.lock"]
        )
        let script = """
            mkdir -p .github/workflows web infra/a src/x
            touch .github/workflows/ci.yml web/package-lock.json infra/a/b src/x/a.lock
            """
        try await check(script, settings: settings) { report in
            #expect(
                findings(report, "forbid_paths") == [
                    ".github/workflows/ci.yml: verify.forbid_paths has .github/workflows/**",
                    "infra/a/b: verify.forbid_paths has infra/",
                    "web/package-lock.json: verify.forbid_paths has package-lock.json",
                ]
            )
            #expect(report.withholdsPush)
        }
        let removal = VerificationSettings(forbidPaths: ["run.sh"])
        try await check("rm run.sh", settings: removal) { report in
            #expect(findings(report, "forbid_paths")?.count == 1)
        }
    }

    @Test func `a path may be written from the top`() async throws {
        let settings = VerificationSettings(forbidPaths: ["./run.sh", "/a.py"])
        try await check("echo >> run.sh; rm a.py", settings: settings) { report in
            #expect(
                findings(report, "forbid_paths") == [
                    "a.py: verify.forbid_paths has /a.py",
                    "run.sh: verify.forbid_paths has ./run.sh",
                ]
            )
        }
    }

    @Test func `of many findings the record holds fifty and the prompt twenty`() async throws {
        let settings = VerificationSettings(forbidPaths: ["many"])
        let script = "mkdir many && cd many && touch $(seq 101 160)"
        try await check(script, settings: settings) { report in
            #expect(findings(report, "forbid_paths")?.count == 50)
            let said = report.failureOutput ?? ""
            #expect(said.contains("many/120: ") && !said.contains("many/121: "))
            #expect(said.contains("\n  and 30 more\nPut these files back"))
            #expect(report.failure?.reason?.hasPrefix("60 files that must stay") == true)
        }
    }

    @Test func `by default the workflows of GitHub must stay`() async throws {
        try await check("mkdir -p .github/workflows && touch .github/workflows/a.yml") { report in
            #expect(report.failure?.check == "forbid_paths")
        }
    }

    @Test func `a difference has a size, without its lock files`() async throws {
        let script = "seq 10 > a && seq 10 > b && seq 1000 > yarn.lock && rm run.sh"
        let within = DiffLimits(lines: 21, files: 4)
        try await check(script, limits: within) { #expect($0.passed) }
        try await check(script, limits: DiffLimits(lines: 20, files: 3)) { report in
            #expect(
                report.failure?.reason == "the change has 21 lines, and limits.diff.lines is 20;"
                    + " 4 files, and limits.diff.files is 3"
            )
            #expect(findings(report, "limits.diff")?.first == "yarn.lock: +1000 -0")
        }
    }

    @Test func `what the ticket lists has to be touched, what it mentions is noted`() async throws {
        let described = DescribedFiles(
            required: ["src/a.ts", "src/b.ts", "app/", "a.log", "deep/page.tsx", "gone/*.md"],
            named: ["src/a.ts", "README.md"]
        )
        let script = """
            echo 1 > src/a.ts && mkdir -p app/x web/deep && touch app/x/y web/deep/page.tsx a.log
            """
        try await check(script, described: described) { report in
            let touch = report.results.first { $0.check == "touch" }
            #expect(touch?.findings?.map(\.file) == ["src/b.ts", "gone/*.md"])
            #expect(
                touch?.reason
                    == "2 of 6 files that the ticket lists weren't touched: src/b.ts, gone/*.md"
            )
            #expect(touch?.note == "named in the ticket and not touched: README.md")
            #expect(!report.withholdsPush)
        }
        let merely = DescribedFiles(required: [], named: ["README.md"])
        try await check("echo 1 > new", described: merely) { #expect($0.passed) }
        try await check("echo 1 > new") { report in
            let note = report.results.first { $0.check == "touch" }?.note
            #expect(report.passed && note == "there is no ticket's text")
        }
        let none = DescribedFiles(required: [], named: [])
        try await check("echo 1 > new", described: none) { report in
            #expect(
                report.results.first { $0.check == "touch" }?.note == "the ticket names no files"
            )
        }
    }

    @Test func `of each glob of 'touch' a file has to be touched`() async throws {
        let settings = VerificationSettings(touch: .globs(["src/**", "tests/**", "*.md"]))
        try await check("echo 1 > src/a.ts && mkdir d && touch d/a.md", settings: settings) {
            report in
            #expect(report.failure?.reason == "nothing was changed in tests/**")
        }
    }

    @Test func `hostile names and contents neither break nor slow anything`() async throws {
        let script = """
            printf 'debugger\\n' > 'src/a
            b.ts' && printf 'debugger\\n' > "$(printf 'src/\\377"\\t.ts')"
            head -c 20000000 /dev/zero | tr '\\0' x > src/long.ts
            head -c 3000000 /dev/zero > src/zero.ts
            printf '\\377\\376\\ndebugger\\r\\n' > src/invalid.ts
            printf 'debugger' > src/end.ts && ln -s /etc/passwd src/link.ts && ln -s debugger src/name.ts
            printf 'a\\0\\ndebugger\\n' > src/binary.ts
            mkdir -p 'src/{a,b}' && printf 'debugger\\n' > 'src/{a,b}/@@ -1 +1 @@.ts'
            printf -- '--- a\\n+++ b\\n@@ -1,9 +1,9 @@\\ndebugger\\ndiff --git a/7 b/7\\n' > src/diff.ts
            """
        try await check(script) { report in
            let debug = try #require(report.results.first { $0.check == "debug_statements" })
            let lines = debug.findings?.map { "\($0.file):\($0.line ?? 0)" } ?? []
            #expect(lines.count == 6)
            #expect(lines.contains("src/diff.ts:4"))
            #expect(lines.contains("src/end.ts:1"))
            #expect(lines.contains("src/invalid.ts:2"))
            #expect(lines.contains("src/{a,b}/@@ -1 +1 @@.ts:1"))
            #expect(lines.allSatisfy { !$0.contains("\n") && !$0.contains("\t") })
            #expect(debug.note == "too long to be looked into: src/long.ts")
        }
    }
}
