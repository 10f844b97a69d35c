import Domain
import Testing

@testable import Agent

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Nothing that a terminal would obey, and nothing that leaves the page.
func expectHarmless(_ line: AgentText.Line) {
    #expect(line.text.count <= 60, "\(line.text)")
    for scalar in line.text.unicodeScalars {
        #expect(scalar.properties.generalCategory != .control, "\(line.text.debugDescription)")
    }
}

@Suite struct AgentTextTests {
    /// The lines for events a second apart.
    private func lines(_ events: [AgentEvent], seconds: Double = 0.2, width: Int = 60) -> [String] {
        var text = AgentText(width: width, worktree: "/repo")
        let start = Date(timeIntervalSince1970: 1_795_000_000)
        return events.enumerated().flatMap { index, event in
            text.lines(for: event, at: start.addingTimeInterval(Double(index) * seconds)).map(
                \.text
            )
        }
    }

    private func events(of sample: String, _ kind: AgentSettings.Kind) throws -> [AgentEvent] {
        var stream = AgentStream(kind: kind)
        return stream.read(try Fixture.bytes(sample)) + stream.finish()
    }

    @Test func `a run reads like a conversation`() throws {
        let found = lines(try events(of: "claude-code/read-edit-commit.jsonl", .claudeCode))
        #expect(
            found == [
                "session with claude-opus-5-5",
                "→ Read README.md",
                "→ Edit README.md",
                "  @@ -1,1 +1,1 @@",
                "  -scratch",
                "  +scratch, edited",
                "→ Bash git add -A && git -c user.name=Fake -c",
                "    user.email=fake@localhost commit -q -m 'Edit README for",
                "    T-7' && git log --oneline -1",
                "Edited README.md.",
                "the agent is done",
                "4 turns, 0.03 USD, 48 tokens in (and 18896 cached), 165 out",
            ]
        )
    }

    @Test func `why a provider is asked again, and what ended the run, is told once`() throws {
        let found = lines(try events(of: "codex/error-503-overloaded.jsonl", .codex), width: 200)
        #expect(found.count { $0.contains("503 Service Unavailable") } == 2, "\(found)")
        #expect(found.contains("provider; try 5 of 5"))
        #expect(found.last == "the provider is overloaded")
    }

    @Test func `a denial is told once`() throws {
        let found = lines(try events(of: "claude-code/permission-denied.jsonl", .claudeCode))
        #expect(found.count { $0.contains("requested permissions") } == 1, "\(found)")
        #expect(found.contains { $0.hasPrefix("  ✗ denied: Claude requested") }, "\(found)")
    }

    @Test func `a tool that took its time has it below, and its name where others came between`() {
        let found = lines(
            [
                .tool(name: "Bash", argument: "npm test"),
                .tool(name: "Read", argument: "/repo/src/a b.ts"),
                .toolEnded(name: "Read", argument: "/repo/src/a b.ts"),
                .toolEnded(name: "Bash", argument: "npm test"),
                .tool(name: "Bash", argument: "sleep"), .toolEnded(name: "Bash", argument: "sleep"),
                .toolEnded(name: "Bash", argument: "never began"),
            ],
            seconds: 70
        )
        #expect(
            found == [
                "→ Bash npm test", "→ Read src/a b.ts", "  70 s", "  4 min: Bash npm test",
                "→ Bash sleep", "  70 s",
            ]
        )
    }

    @Test func `a command is shown as it was meant, without the shell that Codex puts around it`() {
        #expect(
            lines([
                .tool(
                    name: "command",
                    argument: #"/bin/bash -lc 'printf %s '"'"'a b'"'"' > "x y"'"#
                ),
                .tool(name: "command", argument: "/bin/bash -lc ls -l"),
                .tool(name: "command", argument: "bash -lc \"echo \\\"hi\\\"\""),
            ]) == [
                #"→ command printf %s 'a b' > "x y""#, "→ command /bin/bash -lc ls -l",
                #"→ command echo "hi""#,
            ]
        )
    }

    @Test func `long commands, diffs and failures are cut with a word on how much is missing`() {
        let many = (1...100).map { "line \($0)" }.joined(separator: "\n")
        let command = lines([.tool(name: "Bash", argument: many)])
        #expect(command.count == 4 && command.last == "    … 37 more lines", "\(command)")
        let edit = lines([.edited(path: "/repo/a.ts", diff: many)])
        #expect(edit.first == "  a.ts" && edit.last == "  … 60 more lines", "\(edit)")
        let failure = lines([.toolFailed("<tool_use_error>\(many)</tool_use_error>")])
        #expect(
            failure == [
                "  ✗ line 1", "    … 95 more lines", "    line 97", "    line 98", "    line 99",
                "    line 100",
            ]
        )
    }

    @Test func `a diff keeps its indent, and tabs don't leave the page`() {
        let found = lines([.edited(path: "a.go", diff: "-\tif x {\n+    if y {\n \u{1B}[2J")])
        #expect(found == ["  a.go", "  -    if x {", "  +    if y {", "   <U+001B>[2J"])
    }

    @Test func `a file that a shell command or a new file brought is an edit`() throws {
        let shell = lines(try events(of: "claude-code/bare.jsonl", .claudeCode))
        #expect(shell.contains("  T-7.txt") && shell.contains("  +done: T-7"), "\(shell)")
        let new = lines(try events(of: "claude-code/api-error-529-midway.jsonl", .claudeCode))
        #expect(new.contains("→ Write T-7.txt") && new.contains("  +done: T-7"), "\(new)")
    }

    @Test func `every recorded run fits the page and holds nothing that a terminal obeys`() throws {
        for (folder, kind) in [
            ("claude-code", AgentSettings.Kind.claudeCode), ("codex", .codex),
        ] {
            for name in try Fixture.names(in: folder) where name.hasSuffix(".jsonl") {
                var text = AgentText(width: 60, worktree: "/repo")
                let events = try events(of: "\(folder)/\(name)", kind)
                let found = events.flatMap { text.lines(for: $0, at: .distantPast) }
                #expect(!found.isEmpty, "\(name)")
                for line in found { expectHarmless(line) }
            }
        }
    }

    @Test(arguments: [
        AgentEvent.message("\u{1B}[31mred\u{202E} \u{7} \u{9B}2J"),
        .tool(name: "\u{1B}]0;x\u{7}", argument: "a\u{1B}[2Jb\r\nc"),
        .toolFailed("\u{8}\u{8}\u{8}x"), .edited(path: "\u{1B}c/..", diff: "+\u{1B}[2J"),
        .denied(tool: "\u{1B}c", argument: "\u{1B}c", text: "\u{1B}c"),
        .notice("\u{1B}c"), .output(String(repeating: "\u{1B}c", count: 5000)),
        .outcome(AgentEnding(.agentFailed, reason: "\u{1B}c")),
        .started(session: nil, model: "\u{1B}c"),
        .retrying(AgentRetry(attempt: 1, limit: 2, seconds: 0, status: nil, reason: "\u{1B}c")),
    ])
    func `hostile bytes are written out wherever they stand`(event: AgentEvent) {
        var text = AgentText(width: 60, worktree: "/repo")
        for line in text.lines(for: event, at: .distantPast) { expectHarmless(line) }
    }

    @Test func `events of tools and edits survive their JSON`() throws {
        for event in [
            AgentEvent.toolEnded(name: "Bash", argument: "ls"),
            .edited(path: "a.ts", diff: "-a\n+b"),
        ] {
            let data = try JSONEncoder().encode(event)
            #expect(try JSONDecoder().decode(AgentEvent.self, from: data) == event)
        }
    }
}
