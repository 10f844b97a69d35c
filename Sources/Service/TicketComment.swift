import Domain

/// The one comment that a run leaves on its ticket; written anew in place as the run goes on.
enum TicketComment {
    /// Markdown, in which what agents and checks said stands in code fences, where nothing is interpreted.
    static func body(for run: Run, folder: String) -> String {
        var parts = ["**Linecook:** \(plain(run.verdict))"]
        if let pullRequest = run.pullRequest, run.state == .inReview {
            parts.append("Pull request: \(pullRequest.url)")
        }
        if let attempt = run.attempts.last, run.state != .inReview {
            if let message = attempt.agent?.lastMessage, !message.isEmpty {
                parts.append("What the agent said last:\n\n\(fenced(message))")
            }
            if let denials = attempt.agent?.denials {
                let list = denials.map { "\($0)" }.joined(separator: "\n")
                parts.append("What it wasn't allowed to do:\n\n\(fenced(list))")
            }
            let failed = attempt.verification.filter { !$0.passed }
            if !failed.isEmpty {
                let lines = failed.map { "- `\($0.check)`: \(plain($0.reason ?? "failed"))" }
                parts.append("Checks that said no:\n\n" + lines.joined(separator: "\n"))
            }
        }
        if run.state == .inReview, let attempt = run.attempts.last, !attempt.verification.isEmpty {
            let checks = attempt.verification.map {
                "`\($0.check)` \($0.passed ? "passed" : "failed")"
            }
            parts.append("Checks: " + checks.joined(separator: ", "))
        }
        parts.append(plain(run.next))
        parts.append("Branch `\(run.branch)`; the whole story: `\(folder)`")
        return parts.joined(separator: "\n\n")
    }

    /// Text from elsewhere as plain words: nothing in it mentions a person, links or formats.
    private static func plain(_ text: String) -> String {
        var result = ""
        for character in text.inOneLine(limit: 600) {
            if "\\`*_{}[]()<>#+!|~@".contains(character) { result.append("\\") }
            result.append(character)
            // A zero-width joiner of words keeps a mention from being one.
            if character == "@" { result.append("\u{2060}") }
        }
        return result
    }

    private static func fenced(_ text: String) -> String {
        let shown = String(text.withHiddenCharactersShown.prefix(4000))
        var longest = 2
        var count = 0
        for character in shown {
            count = character == "`" ? count + 1 : 0
            longest = max(longest, count)
        }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence)text\n\(shown)\n\(fence)"
    }
}
