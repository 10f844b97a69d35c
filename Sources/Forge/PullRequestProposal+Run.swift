package import Domain

extension PullRequestProposal {
    /// What a run offers for review: the ticket, what the agent says it did, what was checked, what it took.
    ///
    /// Whatever a stranger or the agent wrote in it is made harmless, and the whole stays under 60 KB (GitHub
    /// takes 65,536 characters).
    ///
    /// - Parameters:
    ///   - run: its last attempt is the one that succeeded.
    ///   - delivery: how the workflow wants it offered.
    ///   - headCommit: the commit that was pushed.
    package init(run: Run, delivery: DeliverySettings, headCommit: String) {
        let title = UntrustedText.line(run.ticket.title, limit: 200)
        self.init(
            title: title.isEmpty ? "\(run.ticket.key)" : "\(run.ticket.key): \(title)",
            body: Self.body(run, headCommit: headCommit),
            head: run.branch,
            headCommit: headCommit,
            base: run.base.branch,
            ticket: run.ticket.key,
            draft: delivery.draft,
            labels: delivery.labels,
            reviewers: delivery.reviewers
        )
    }

    private static func body(_ run: Run, headCommit: String) -> String {
        let last = run.attempts.last
        var parts = [stack(of: run), link(run.ticket)].compactMap { $0 }
        if let message = last?.agent?.lastMessage, !message.allSatisfy(\.isWhitespace) {
            parts += [
                "## What the agent says it did",
                UntrustedText.quotation(message, limit: 30_000),
            ]
        }
        if let denials = last?.agent?.denials, !denials.isEmpty {
            let list = denials.map { "\($0)" }.joined(separator: "\n")
            parts += ["It wasn't allowed to do this:", UntrustedText.quotation(list, limit: 6_000)]
        }
        if let changes = last?.changes {
            parts += ["## Changes", sentence(on: changes, headCommit: headCommit)]
        }
        if let checks = last?.verification {
            parts += ["## Checks", table(of: checks)]
        }
        parts += [
            "## Attempts", table(of: run.attempts), "---",
            "Made by Linecook, workflow \(UntrustedText.cell(run.workflow, limit: 40)), run \(run.run) of this ticket:"
                + " \(run.effort). Please read it as you would a stranger's work.",
        ]
        return parts.joined(separator: "\n\n")
    }

    /// What has to be merged before this one; `nil` when nothing has.
    private static func stack(of run: Run) -> String? {
        let below = (run.base.stack ?? []).filter { $0.fate != .merged }
        guard !below.isEmpty else { return nil }
        let names = below.map { other in
            // In code; the hyphens of a branch's name are to be copied as they are.
            let branch = other.branch.filter { $0 != "`" && !$0.isNewline }
            return "\(other.ticket) (branch `\(branch)`)"
        }
        let list =
            names.count == 1
            ? names[0] : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
        return "**Stacked on \(list)**: review and merge \(names.count == 1 ? "that" : "those")"
            + " first; this one is rebased and retargeted by itself."
    }

    private static func link(_ ticket: Run.TicketNote) -> String {
        let title = UntrustedText.cell(ticket.title, limit: 200)
        guard let url = address(ticket.url) else { return "Ticket: **\(ticket.key)** \(title)" }
        return "Ticket: [\(ticket.key)](\(url)) \(title)"
    }

    /// A web address that can't end its link before its time.
    private static func address(_ url: String) -> String? {
        let isPlain = url.utf8.allSatisfy { byte in
            0x21...0x7E ~= byte && !#"()<>[]\"'`"#.utf8.contains(byte)
        }
        guard isPlain, url.utf8.count <= 500,
            url.hasPrefix("https://") || url.hasPrefix("http://")
        else { return nil }
        return url
    }

    private static func sentence(on changes: ChangeSummary, headCommit: String) -> String {
        let files = changes.files == 1 ? "1 file" : "\(changes.files) files"
        let commits = changes.commits.count == 1 ? "1 commit" : "\(changes.commits.count) commits"
        return "\(files), +\(changes.insertions) −\(changes.deletions), in \(commits) up to"
            + " \(headCommit.prefix(12))."
    }

    private static func table(of checks: [CheckResult]) -> String {
        guard !checks.isEmpty else { return "The workflow has no checks." }
        let rows = checks.prefix(30).map { check in
            let note = check.note.map { " (\(UntrustedText.cell($0, limit: 200)))" } ?? ""
            let result =
                check.passed
                ? "passed\(note)"
                : "**failed**\(check.reason.map { ": \(UntrustedText.cell($0, limit: 120))" } ?? "")"
            return "| \(UntrustedText.cell(check.check, limit: 40)) | \(result)"
                + " | \(Duration(inSeconds: check.seconds).inWords) |"
        }
        return (["| check | result | time |", "| --- | --- | --- |"] + rows)
            .joined(separator: "\n")
    }

    /// The last ten.
    private static func table(of attempts: [Attempt]) -> String {
        let rows = attempts.suffix(10).map { attempt in
            let outcome = attempt.outcome?.rawValue.split(separator: "_").joined(separator: " ")
            let why = attempt.reason.map { UntrustedText.cell($0, limit: 120) }
            let time = attempt.seconds.map { Duration(inSeconds: $0).inWords }
            return "| \(attempt.number) | \(outcome ?? "running") | \(why ?? "") | \(time ?? "") |"
        }
        return (["| attempt | outcome | why | time |", "| ---: | --- | --- | --- |"] + rows)
            .joined(separator: "\n")
    }
}
