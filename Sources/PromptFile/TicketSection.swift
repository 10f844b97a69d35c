package import Domain

/// What a ticket's section holds: its description, and below it what is to be met, touched and checked.
struct TicketSection {
    /// The longest description, in bytes; the note of the cut is on top of that.
    static let descriptionLimit = 100_000
    private static let criteriaTitles: Set<String> = [
        "acceptance criteria", "acceptance criterion", "acceptance", "done when",
        "definition of done",
    ]

    let description: String
    let criteria: String?

    init(_ ticket: Ticket) {
        let (text, note) = Self.cut(ticket.description ?? "", url: ticket.url)
        let (rest, criteria) = Self.split(ContainedText(text))
        let described =
            rest.isEmpty ? "_The ticket has no description._" : rest.text(highest: 4)
        description = described + note
        self.criteria = criteria.map { $0.text(highest: 4) }
    }

    /// The first part of a text with what is hidden in it shown, and a note when that isn't all.
    private static func cut(_ text: String, url: String) -> (text: String, note: String) {
        let shown = prefix(text).withHiddenCharactersShown
        let cut = prefix(shown)
        guard text.utf8.count > descriptionLimit || cut.utf8.count < shown.utf8.count else {
            return (shown, "")
        }
        let place = ContainedText.code(url.inOneLine(limit: 300))
        return (
            cut,
            "\n\n_The description is cut here: it has \(text.utf8.count) bytes, of which a prompt takes"
                + " \(descriptionLimit). All of it: \(place)_"
        )
    }

    private static func prefix(_ text: String) -> String {
        guard text.utf8.count > descriptionLimit else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: descriptionLimit)
        while end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }

    /// Takes the acceptance criteria out of a description that has them under a title of their own.
    private static func split(
        _ text: ContainedText
    ) -> (rest: ContainedText, criteria: ContainedText?) {
        let items = text.items
        for (index, item) in items.enumerated() {
            let end: Int
            switch item {
            case .heading(let level, let title) where isCriteria(title):
                end =
                    items[(index + 1)...].firstIndex {
                        if case .heading(let next, _) = $0 { next <= level } else { false }
                    } ?? items.count
            case .text(let line) where isCriteria(line): end = endOfList(in: items, from: index + 1)
            case .heading, .text, .code, .rule, .blank: continue
            }
            let criteria = ContainedText(items: Array(items[(index + 1)..<end]))
            guard !criteria.isEmpty else { continue }
            return (ContainedText(items: Array(items[..<index] + items[end...])), criteria)
        }
        return (text, nil)
    }

    /// Whether a line is the title of acceptance criteria, `**Done when:**` for example.
    private static func isCriteria(_ line: Substring) -> Bool {
        guard line.utf8.count < 80 else { return false }
        let words = line.filter { $0.isLetter || $0 == " " }.split(separator: " ")
        return criteriaTitles.contains(words.joined(separator: " ").lowercased())
    }

    /// Where the list ends that begins at `start` or below a blank line; `start` when there is none.
    private static func endOfList(in items: [ContainedText.Item], from start: Int) -> Int {
        var end = start
        var isAfterBlank = true
        for index in items.indices.dropFirst(start) {
            switch items[index] {
            case .blank:
                isAfterBlank = true
                continue
            case .heading, .rule: return end
            case .code(let line), .text(let line):
                let isItem = MarkdownScanner.markerLength(line.trimmed.utf8) > 0
                let continues = end > start && (line.indentation > 0 || !isAfterBlank)
                guard isItem || continues else { return end }
                end = index + 1
                isAfterBlank = false
            }
        }
        return end
    }

    /// The section below its heading, with one line end at its end.
    func body(paths: [String], verification steps: [VerificationSettings.Step]) -> String {
        var parts = [description]
        if let criteria { parts.append("### Acceptance criteria\n\n" + criteria) }
        if !paths.isEmpty {
            let list = paths.map { "- " + ContainedText.code($0.inOneLine(limit: 500)) }
            parts.append("### Files\n\n" + list.joined(separator: "\n"))
        }
        if !steps.isEmpty {
            let list = steps.map(Self.line)
            parts.append("### Verification\n\n" + list.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func line(_ step: VerificationSettings.Step) -> String {
        let lines = Lines.split(step.run.withHiddenCharactersShown).map { String($0.content) }
            .filter { !$0[...].isBlankLine }
        if lines.count == 1 { return "- " + ContainedText.code(String(lines[0][...].trimmed)) }
        var fence = "```"
        while lines.contains(where: { $0.contains(fence) }) { fence += "`" }
        return (["- \(step.name):", "", "  \(fence)sh"] + lines.map { "  " + $0 } + ["  \(fence)"])
            .joined(separator: "\n")
    }
}

extension PromptFile {
    /// A ticket's section without its heading: description, acceptance criteria, files, verification.
    ///
    /// Nothing in the ticket's text can reach beyond the section.
    ///
    /// - Parameters:
    ///   - ticket: With its description.
    ///   - verification: The steps that its work must pass.
    /// - Returns: Markdown with one line end at its end.
    package static func section(
        for ticket: Ticket,
        verification: [VerificationSettings.Step]
    ) -> String {
        TicketSection(ticket).body(paths: ticket.paths ?? [], verification: verification)
    }

    /// Makes a prompt file of tickets.
    ///
    /// Prompts are numbered phase by phase. A phase depends on those before it that hold what one of its
    /// tickets waits for. A ticket in no phase gets a prompt after all others, in no phase either.
    ///
    /// - Parameters:
    ///   - name: For the title.
    ///   - planned: The plan; phases of which no ticket is given are left out.
    ///   - tickets: With their descriptions, each once, at least one.
    ///   - dependencies: Between them.
    ///   - verification: The steps that all work must pass.
    package init(
        name: String,
        phases planned: [Batch.Phase],
        tickets: [Ticket],
        dependencies: [Batch.Dependency],
        verification: [VerificationSettings.Step]
    ) {
        let byKey = Dictionary(tickets.map { ($0.key, $0) }) { first, _ in first }
        let waiting = Dictionary(grouping: dependencies, by: \.ticket)
        var numbers: [TicketKey: Int] = [:]
        var ordered: [Ticket] = []
        var phases: [Phase] = []
        var phaseOf: [TicketKey: String] = [:]
        func number(_ key: TicketKey) -> Int? {
            guard numbers[key] == nil, let ticket = byKey[key] else { return nil }
            ordered.append(ticket)
            numbers[key] = ordered.count
            return ordered.count
        }
        for plan in planned {
            let prompts = plan.tickets.compactMap(number)
            guard !prompts.isEmpty else { continue }
            let blockers = Set(
                plan.tickets.flatMap { waiting[$0] ?? [] }.compactMap { phaseOf[$0.on] }
            )
            let before = phases.map(\.name).filter(blockers.contains)
            phases.append(Phase(name: plan.name, prompts: prompts, dependsOn: before))
            for key in plan.tickets { phaseOf[key] = plan.name }
        }
        for ticket in tickets { _ = number(ticket.key) }
        hasByteOrderMark = false
        frontMatter = phases.isEmpty ? FrontMatter(text: "") : FrontMatter(phases)
        let title = ContainedText.escaped(name.inOneLine(limit: 200)[...])
        preamble = (phases.isEmpty ? "" : "\n") + "# Prompts: \(title)\n\n"
        namedPhases = phases.isEmpty ? nil : phases
        prompts = ordered.enumerated().map { index, ticket in
            let body = Self.section(for: ticket, verification: verification)
            return Prompt(
                number: index + 1,
                key: ticket.key,
                title: ticket.title,
                body: "\n" + body + (index + 1 < ordered.count ? "\n" : "")
            )
        }
    }
}

extension PromptFile.Prompt {
    /// A prompt with the heading that it gets when nobody has written one.
    init(number: Int, key: TicketKey?, title: String, body: String, lineEnd: String = "\n") {
        let line = PromptHeading.line(number: number, key: key, title: title)
        var shown = title
        if case .heading(_, let text) = MarkdownScanner().heading(of: line),
            case .prompt(_, _, let title) = PromptHeading.read(text)
        {
            shown = title
        }
        self.number = number
        self.key = key
        self.title = shown
        self.body = body
        heading = line + lineEnd
    }
}

extension MarkdownScanner {
    /// What a single line is when nothing stands above it.
    fileprivate func heading(of line: String) -> Kind {
        var scanner = self
        return scanner.kind(of: line[...])
    }
}
