import Domain
import Sandbox
import Setup
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an agent, a check and a file's name say reaches people and other agents as text alone.
@Suite(.serialized, .inTurn) struct HostileOutputTests {
    /// Colours, clears the screen, links, fills the clipboard, turns the text around, hides words, comes out
    /// of a line, a fence, a page's markup and a template.
    private static let said =
        "gone\rHOSTILE \u{1B}[41mred\u{1B}[2J \u{1B}]8;;https://evil.example\u{1B}\\link\u{1B}]8;;\u{1B}\\"
        + " \u{1B}]52;c;aGk=\u{7} \u{9B}31m \u{202E}abc\u{2066}d\u{200B}e\u{E0041} \u{2028}x"
        + " <script>alert(1)</script><img src=x onerror=y> ' \" @everyone [click](javascript:x)"
        + " {{ ticket.url }} {% include \"/etc/passwd\" %} {{ 1 | nosuch }}\n````\n~~~~\n# HOSTILE heading\n"

    /// A stand-in for Claude Code: fails, then is refused by the check, then is done; ENG-2 never is.
    private static let agent = #"""
        cat > /dev/null
        flag= id=
        for word; do
            case "$flag" in --session-id|--resume) id=$word;; esac
            flag=$word
        done
        how="$LINECOOK_TICKET $LINECOOK_ATTEMPT_NUMBER"
        echo "$how" > how
        cat "$HOME/said" >&2
        printf 'console.log(1)\n' > "$(cat "$HOME/name").js"
        [ "$how" = "ENG-1 3" ] && rm *.js
        git add -A; git -c user.name=A -c user.email=a@b commit -qm "$(cat "$HOME/name")"
        sed "s/SESSION/$id/" "$HOME/lines"
        [ "$how" = "ENG-1 1" ] && { sed "s/SESSION/$id/" "$HOME/failed"; exit 1; }
        sed "s/SESSION/$id/" "$HOME/done"
        """#
    private static let check = """
        verify: { steps: [{ name: check, run: 'cat "$HOME/said"; printf "\\377\\376"; grep -q "ENG-1 3" how' }] }
        """

    @Test(.timeLimit(.minutes(5)))
    func
        `what agents and checks say steers no terminal, no page, no comment and no other agent's prompt`()
        async throws
    {
        let tickets = [
            LinearSeed.Issue(title: "One"), LinearSeed.Issue(title: "Two", blockedBy: ["ENG-1"]),
        ]
        try await Site.with(
            tickets,
            agent: Self.agent,
            workflow: Self.check,
            kind: "claude-code"
        ) { site in
            try site.write("workflows/prompt.md", ShippedFiles.template)
            try site.write("said", Self.said)
            try site.write("name", "HOSTILE \u{1B}[41m<b>`@everyone\u{202E}{{ x }}")
            for (file, lines) in try Self.stream { try site.write(file, lines) }
            let seen = [
                try await site.onTerminal("run", "--until-idle"),
                try await site.linecook("pulls", "show", "1").text,
                try await site.onTerminal("pulls", "merge", "1"),
                try await site.onTerminal("run", "--until-idle"),
            ]
            #expect(
                try (1...2).map { try site.run(of: $0).attempts.map(\.outcome) } == [
                    [.agentFailed, .verificationFailed, .succeeded],
                    [.verificationFailed, .verificationFailed, .verificationFailed],
                ]
            )
            for text in seen { Self.expectPlain(text) }

            for key in ["ENG-1", "ENG-2"] {
                for attempt in ["1", "2", "3"] {
                    let log = try await site.onTerminal("logs", key, "--attempt", attempt)
                    Self.expectPlain(log)
                    #expect(log.contains("HOSTILE <U+001B>[41mred"), "\(log)")
                    Self.expectFenced(
                        try site.text("state/runs/\(key)/1/attempt-\(attempt)/prompt.md")
                    )
                }
                let story = try await site.onTerminal("runs", "show", key)
                Self.expectPlain(story)
                #expect(story.contains("HOSTILE"), "\(story)")
                let comment = try #require(try await site.linear.issue(key).comments.last)
                // A mention is kept from being one by a sign that can't be seen.
                Self.expectPlain(comment.replacing("\\@\u{2060}", with: "@"))
                Self.expectFenced(comment)
            }
            // Each of these was told of it.
            for prompt in [
                "ENG-1/1/attempt-2", "ENG-1/1/attempt-3", "ENG-2/1/attempt-1", "ENG-2/1/attempt-3",
            ] {
                let text = try site.text("state/runs/\(prompt)/prompt.md")
                Self.expectPlain(text)
                #expect(text.contains("{{ ticket.url }} {% include"), "\(prompt): \(text)")
            }
            for command in [
                ["runs"], ["runs", "--format", "json"], ["status"], ["status", "--format", "json"],
                ["explain", "ENG-2"], ["plan"], ["doctor"], ["pulls", "list", "--all"],
                ["logs", "ENG-2", "--format", "json"],
                ["runs", "show", "ENG-1", "--format", "json"],
                ["report", "--format", "json"], ["verify", "wt/ENG-2"], ["worktree", "prune"],
            ] {
                Self.expectPlain(try await site.onTerminal(command), "\(command)")
            }

            _ = try await site.linecook("report")
            let page = try site.text("state/report.html")
            Self.expectPlain(page)
            #expect(page.contains("HOSTILE &lt;U+001B&gt;[41mred"), "\(page)")
            for markup in ["<script", "<img", "<b>`", "javascript:x\"", "href=\"https://evil"] {
                #expect(!page.contains(markup), "\(markup)")
            }
        }
    }

    /// What the stand-in prints, line by line as the program does it.
    private static var stream: [(file: String, lines: String)] {
        get throws {
            struct Line: Encodable {
                var type: String
                var subtype: String?
                var message: Message?
                var session = "SESSION"
                var model: String?
                var toolName: String?
                var toolUse: String?
                var isError: Bool?
                var turns: Int?
                var cost: Double?
                var result: String?
                var errors: [String]?

                enum CodingKeys: String, CodingKey {
                    case type, subtype, message, model, result, errors
                    case session = "session_id"
                    case toolName = "tool_name"
                    case toolUse = "tool_use_id"
                    case isError = "is_error"
                    case turns = "num_turns"
                    case cost = "total_cost_usd"
                }
            }
            struct Message: Encodable {
                var id = "a"
                var content: [Content]
            }
            struct Content: Encodable {
                var type: String
                var text: String?
                var id: String?
                var name: String?
                var input: [String: String]?
            }
            func text(_ lines: [Line]) throws -> String {
                try lines.map {
                    String(decoding: try JSONEncoder().encode($0), as: UTF8.self) + "\n"
                }
                .joined()
            }
            let edit = ["file_path": said, "old_string": said, "new_string": said + said]
            let message = Message(content: [
                Content(type: "text", text: said),
                Content(type: "tool_use", id: "t", name: "Bash", input: ["command": said]),
                Content(type: "tool_use", id: "u", name: said, input: ["path": said]),
                Content(type: "tool_use", id: "v", name: "Edit", input: edit),
            ])
            return [
                (
                    "lines",
                    try text([
                        Line(type: "system", subtype: "init", model: said),
                        Line(type: "assistant", message: message),
                        Line(
                            type: "system",
                            subtype: "permission_denied",
                            toolName: "Bash",
                            toolUse: "t"
                        ),
                    ])
                ),
                (
                    "failed",
                    try text([
                        Line(
                            type: "result",
                            subtype: "error_during_execution",
                            isError: true,
                            turns: 1,
                            cost: 0.1,
                            errors: [said]
                        )
                    ])
                ),
                (
                    "done",
                    try text([
                        Line(
                            type: "result",
                            subtype: "success",
                            isError: false,
                            turns: 1,
                            cost: 0.1,
                            result: said
                        )
                    ])
                ),
            ]
        }
    }

    /// Nothing but visible characters and line ends, and the few colours that Linecook has itself.
    private static func expectPlain(
        _ text: String,
        _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var rest = text.replacing("\r\n", with: "\n")
        for ink in ["0", "1", "2", "31", "32", "33"] {
            rest = rest.replacing("\u{1B}[\(ink)m", with: "")
        }
        let hidden = rest.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: scalar != "\n"
            default: false
            }
        }
        #expect(
            hidden.isEmpty,
            "\(Set(hidden.map(\.value))) in \(comment?.rawValue ?? ""): \(rest)",
            sourceLocation: sourceLocation
        )
    }

    /// Nothing of it stands outside of Markdown's code fences, but for words that mean nothing there.
    private static func expectFenced(
        _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var fence: Int?
        for line in text.split(separator: "\n") {
            let ticks = line.prefix { $0 == "`" }.count
            if let open = fence {
                if ticks >= open, line.count == ticks { fence = nil }
                continue
            }
            if ticks >= 3 {
                fence = ticks
                continue
            }
            for sign in [" <script", " @everyone", "[click](", "# HOSTILE", "{{", "````", "~~~~"] {
                #expect(!line.contains(sign), "\(sign) in \(line)", sourceLocation: sourceLocation)
            }
        }
        #expect(fence == nil, "\(text)", sourceLocation: sourceLocation)
    }
}
