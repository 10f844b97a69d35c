import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Turns an agent's events into lines that a person reads: what it said, its tools and how long they took, its edits
/// as diffs, and what it all cost.
///
/// Whatever the agent wrote, a line holds no control character and is no longer than the width, but for a single word
/// that is longer.
package struct AgentText: Sendable {
    /// What a line is, for its colour.
    package enum Tone: Equatable, Sendable {
        case said
        case tool
        case added
        case removed
        case failed
        case quiet
    }
    package struct Line: Equatable, Sendable {
        package var text: String
        package var tone: Tone

        init(_ text: String, _ tone: Tone) {
            self.text = text
            self.tone = tone
        }
    }
    private struct Call {
        var name: String
        var argument: String
        var start: Date

        func isSame(as name: String, _ argument: String) -> Bool {
            // What ends a call may name it cut.
            self.name == name && self.argument.prefix(500) == argument.prefix(500)
        }
    }

    private let width: Int
    /// The worktree with a slash, which is left out of paths.
    private let folder: String
    private var open: [Call] = []
    /// The call whose line was written last.
    private var shown: Call?
    private var usage = AgentUsage()
    /// What was said of the last denial, which the call's failure repeats.
    private var denial: String?
    /// Whether nothing was written since the line of `shown`.
    private var isBelowCall = false
    /// Why the provider was asked again last.
    private var retryReason: String?
    /// What was told last beside the conversation; an outcome's reason often repeats it.
    private var lastNotice = ""

    /// What takes less than this isn't worth a line.
    private static let shortest = 1.0
    private static let diffLimit = 40
    private static let failureLimit = 6
    private static let commandLimit = 4

    /// - Parameters:
    ///   - width: Columns of a line.
    ///   - worktree: Where the agent works; its files are named without it.
    package init(width: Int, worktree: String) {
        self.width = max(20, width)
        folder = worktree.hasSuffix("/") ? worktree : worktree + "/"
    }

    /// The lines for the next event; none for one that only counts.
    package mutating func lines(for event: AgentEvent, at time: Date) -> [Line] {
        let lines = written(event, at: time)
        if !lines.isEmpty { isBelowCall = if case .tool = event { true } else { false } }
        return lines
    }

    private mutating func written(_ event: AgentEvent, at time: Date) -> [Line] {
        switch event {
        case .started(_, let model):
            return wrapped(
                "session" + (model.map { " with \($0.inOneLine(limit: 80))" } ?? ""),
                .quiet
            )
        case .message(let text): return said(text)
        case .tool(let name, let argument): return begin(name, argument, at: time)
        case .toolEnded(let name, let argument): return end(name, argument, at: time)
        case .edited(let path, let diff): return edit(path, diff)
        case .toolFailed(let text): return text == denial ? [] : failure(text)
        case .denied(let tool, let argument, let text):
            denial = text
            if isBelowCall, shown?.isSame(as: tool, argument) == true {
                return wrapped(
                    "✗ denied: \(text.inOneLine(limit: 300))",
                    .failed,
                    indent: 2,
                    hanging: 2
                )
            }
            let what = argument.isEmpty ? tool : "\(tool) \(relative(argument))"
            return wrapped(
                "✗ denied: \(what.inOneLine(limit: 200))",
                .failed,
                indent: 2,
                hanging: 2
            )
                + wrapped(text.inOneLine(limit: 300), .quiet, indent: 4)
        case .retrying(let retry):
            let wait = retry.seconds > 0 ? " in \(Duration.seconds(retry.seconds).inWords)" : ""
            let word = retry.reason == "unknown" ? "no answer" : retry.reason.inOneLine(limit: 160)
            let reason = word + (retry.status.map { " (HTTP \($0))" } ?? "")
            defer { retryReason = reason }
            return wrapped(
                (reason == retryReason ? "provider" : "provider: \(reason)")
                    + "; try \(retry.attempt) of \(retry.limit)\(wait)",
                .quiet
            )
        case .limited(let date):
            let end = date.map { " until \($0.formatted(.iso8601))" } ?? ""
            return wrapped("the provider's limit is reached\(end)", .failed)
        case .usage(let usage):
            self.usage.update(with: usage)
            return []
        case .outcome(let ending): return outcome(ending)
        case .notice(let text):
            lastNotice = text.inOneLine(limit: 600)
            return wrapped(lastNotice, .quiet)
        case .output(let text):
            return Self.rows(text, atMost: 20).flatMap { wrapped($0, .said) }
        case .skipped(let bytes): return wrapped("a line of \(bytes) bytes was left out", .quiet)
        }
    }

    /// What the agent has used so far, in words; `nil` when nothing is known.
    package var spent: String? {
        var words: [String] = []
        if let turns = usage.turns { words.append("\(turns) turn\(turns == 1 ? "" : "s")") }
        if let cost = usage.cost, cost > 0, cost < 1_000_000 {
            let amount = dollars(cost)
            words.append(amount == "0.00" ? "less than 0.01 USD" : "\(amount) USD")
        }
        if let input = usage.inputTokens, input > 0 {
            let parts = [usage.cacheReadTokens, usage.cacheWriteTokens].compactMap(\.self)
            // A stream may say anything, also what no sum can hold.
            let cached = parts.reduce(0) { min($0, 1 << 60) + min(max($1, 0), 1 << 60) }
            words.append(
                "\(input) tokens in\(cached > 0 ? " (and \(cached) cached)" : ""),"
                    + " \(usage.outputTokens ?? 0) out"
            )
        }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    private func said(_ text: String) -> [Line] {
        Self.rows(text, atMost: 200).flatMap { row in
            // Lists and code keep their indent.
            wrapped(row, .said, indent: min(row.prefix { $0 == " " }.count, width / 2))
        }
    }

    private mutating func begin(_ name: String, _ argument: String, at time: Date) -> [Line] {
        let call = Call(name: name, argument: argument, start: time)
        // A hostile agent may begin what it never ends.
        open = open.suffix(31) + [call]
        shown = call
        let rows = Self.rows(relative(Self.command(argument)), atMost: 40)
        var lines = rows.enumerated().flatMap { index, row in
            wrapped(
                index == 0 ? "→ \(name.inOneLine(limit: 40)) \(row)" : row,
                .tool,
                indent: index == 0 ? 0 : 4,
                hanging: 4
            )
        }
        if rows.isEmpty { lines = [Line("→ \(name.inOneLine(limit: 40))", .tool)] }
        guard lines.count > Self.commandLimit else { return lines }
        return lines.prefix(Self.commandLimit - 1)
            + [Line("    … \(Self.count(lines.count - Self.commandLimit + 1))", .quiet)]
    }

    private mutating func end(_ name: String, _ argument: String, at time: Date) -> [Line] {
        guard let index = open.firstIndex(where: { $0.isSame(as: name, argument) }) else {
            return []
        }
        let call = open.remove(at: index)
        let seconds = time.timeIntervalSince(call.start)
        guard seconds >= Self.shortest else { return [] }
        let duration = Duration.seconds(seconds).inWords
        if shown?.isSame(as: name, argument) == true { return [Line("  \(duration)", .quiet)] }
        let what = "\(name) \(relative(Self.command(argument)))".inOneLine(limit: 60)
        return wrapped("\(duration): \(what)", .quiet, indent: 2, hanging: 2)
    }

    private func edit(_ path: String, _ diff: String) -> [Line] {
        let rows = Self.rows(diff, atMost: Self.diffLimit)
        let total = diff.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        var lines = rows.map { row in
            let tone: Tone =
                row.hasPrefix("+") ? .added : row.hasPrefix("-") ? .removed : .quiet
            let room = width - 2
            return Line("  " + (row.count > room ? row.prefix(room - 1) + "…" : row), tone)
        }
        if total > rows.count {
            lines.append(Line("  … \(Self.count(total - rows.count))", .quiet))
        }
        if shown?.argument == path { return lines }
        return wrapped(relative(path).inOneLine(limit: 200), .quiet, indent: 2) + lines
    }

    private func failure(_ text: String) -> [Line] {
        var text = text[...]
        // Claude Code's own mark around what its tools refuse.
        if text.hasPrefix("<tool_use_error>") { text = text.dropFirst(16) }
        if text.hasSuffix("</tool_use_error>") { text = text.dropLast(17) }
        let rows = Self.rows(String(text), atMost: 400).filter { !$0.isEmpty }
        guard !rows.isEmpty else { return [Line("  ✗ failed without a word", .failed)] }
        // The first line says what failed, the last ones why.
        let isLong = rows.count > Self.failureLimit
        let kept = isLong ? [rows[0]] + rows.suffix(Self.failureLimit - 2) : rows
        var lines = kept.enumerated().flatMap { index, row in
            wrapped(index == 0 ? "✗ \(row)" : row, .failed, indent: index == 0 ? 2 : 4, hanging: 2)
        }
        if isLong {
            let gap = Line("    … \(Self.count(rows.count - kept.count))", .quiet)
            let first = wrapped("✗ \(rows[0])", .failed, indent: 2, hanging: 2).count
            lines.insert(gap, at: min(first, lines.count))
        }
        return lines
    }

    private func outcome(_ ending: AgentEnding) -> [Line] {
        let isGood = ending.outcome == .succeeded
        let words = isGood ? "the agent is done" : ending.outcome.words
        let said = ending.reason?.inOneLine(limit: 300)
        let isRepeated = said.map { lastNotice.hasPrefix($0.prefix(280)) } ?? true
        let reason = isRepeated ? "" : ": \(said ?? "")"
        return wrapped(words + reason, isGood ? .quiet : .failed)
            + (spent.map { wrapped($0, .quiet) } ?? [])
    }

    /// Without the worktree's own path, wherever it stands.
    private func relative(_ text: String) -> String {
        guard folder.utf8.count > 2 else { return text }
        var result = ""
        var rest = text[...]
        while let found = rest.firstRange(of: folder) {
            result += rest[..<found.lowerBound]
            rest = rest[found.upperBound...]
        }
        return result + rest
    }

    private func wrapped(
        _ text: String,
        _ tone: Tone,
        indent: Int = 0,
        hanging: Int = 0
    ) -> [Line] {
        var lines: [Line] = []
        var line = ""
        var margin = String(repeating: " ", count: indent)
        func room() -> Int { width - margin.count }
        for word in text.split(separator: " ") {
            var word = word
            if !line.isEmpty, line.count + 1 + word.count > room() {
                lines.append(Line(margin + line, tone))
                margin = String(repeating: " ", count: indent + hanging)
                line = ""
            }
            // A word that no line can hold is broken: it may be a megabyte.
            while line.isEmpty, word.count > room() {
                lines.append(Line(margin + word.prefix(room()), tone))
                margin = String(repeating: " ", count: indent + hanging)
                word = word.dropFirst(room())
            }
            if !word.isEmpty { line += line.isEmpty ? String(word) : " \(word)" }
        }
        return lines
            + (line.isEmpty ? (lines.isEmpty ? [Line("", tone)] : []) : [Line(margin + line, tone)])
    }

    /// The lines of a text, harmless, tabs as four spaces, without empty ones at its end.
    private static func rows(_ text: String, atMost limit: Int) -> [String] {
        var rows = text.withHiddenCharactersShown
            .split(separator: "\n", maxSplits: limit, omittingEmptySubsequences: false)
            .prefix(limit)
            .map { row in
                row.split(separator: "\t", omittingEmptySubsequences: false).joined(
                    separator: "    "
                )
            }
        while rows.last?.allSatisfy({ $0 == " " }) == true { rows.removeLast() }
        return rows
    }

    private static func count(_ lines: Int) -> String {
        "\(lines) more line\(lines == 1 ? "" : "s")"
    }

    /// The command itself, where a program hands it to a shell: `/bin/bash -lc 'npm test'`.
    private static func command(_ text: String) -> String {
        for shell in [
            "/bin/bash -lc ", "bash -lc ", "/bin/zsh -lc ", "/bin/sh -c ", "/usr/bin/bash -lc ",
        ]
        where text.hasPrefix(shell) {
            return unquoted(text.dropFirst(shell.count)) ?? text
        }
        return text
    }

    /// One word of a POSIX shell without its quotes; `nil` when it's more than one, or isn't ended.
    private static func unquoted(_ text: Substring) -> String? {
        var result = ""
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                // Within double quotes a backslash stands for itself but before these.
                if quote != nil, !"\"\\$`\n".contains(character) { result.append("\\") }
                result.append(character)
                isEscaped = false
            } else if quote == "'" {
                if character == "'" { quote = nil } else { result.append(character) }
            } else if character == "\\" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
            } else if quote == nil, character.isWhitespace {
                return nil
            } else {
                result.append(character)
            }
        }
        return quote == nil && !isEscaped ? result : nil
    }
}
