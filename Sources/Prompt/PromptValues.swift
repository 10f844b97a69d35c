package import Domain

/// What a prompt's template may ask for, and the values of one attempt.
///
/// Text that strangers wrote (the ticket's, and a failure's output) has what a reader would not see written
/// out, `<U+202E>` for a control that turns the text around, so that nobody can hide words to the agent from
/// the people who read the ticket; and it is cut where it is longer than an agent could use.
package struct PromptValues: Equatable, Sendable {
    /// The longest description and failure, in bytes; the note of the cut is on top of that.
    package static let textLimit = 100_000
    /// The longest of a ticket's other texts, in characters.
    static let lineLimit = 500

    /// All names that a prompt's template may use.
    package static let names = TemplateNames.record([
        "ticket": .record([
            "key": .text, "number": .number, "title": .text, "description": .text, "url": .text,
            "priority": .text, "labels": .list(of: .text), "project": .text, "slug": .text,
            "estimate": .number, "state": .text,
        ]),
        "repository": .record(["name": .text, "base": .text]),
        "branch": .text,
        "attempt": .record([
            "number": .number, "maximum": .number, "last_failure": .text, "story": .text,
            "replies": .list(of: .text),
        ]),
        "verify": .record([
            "steps": .list(of: .record(["name": .text, "run": .text], isPrintable: true))
        ]),
        "slot": .number,
        "context": .text,
        "blockers": .list(
            of: .record([
                "key": .text, "title": .text, "pull_request": .text, "summary": .text,
                "files": .list(of: .text),
            ])
        ),
    ])

    /// For `Template.render`.
    package let value: TemplateValue

    /// - Parameters:
    ///   - ticket: With its description.
    ///   - repository: The workflow's.
    ///   - branch: The ticket's own.
    ///   - attempt: Which one this is, from 1.
    ///   - maximum: How many there may be.
    ///   - lastFailure: What the attempt before this one failed on.
    ///   - steps: The verification's; each prints as its command.
    ///   - slot: From 0.
    ///   - written: What a person wrote for the ticket; it takes the description's place.
    ///   - context: Code and documents of the repository, as Markdown.
    ///   - blockers: What the tickets did that this one waited for.
    ///   - story: What the attempts before this one came to.
    ///   - replies: What people answered on the ticket since the agent stopped.
    package init(
        ticket: Ticket,
        repository: RepositorySettings,
        branch: String,
        attempt: Int,
        maximum: Int,
        lastFailure: String?,
        steps: [VerificationSettings.Step],
        slot: Int,
        written: WrittenPrompt? = nil,
        context: String? = nil,
        blockers: [BlockerWork] = [],
        story: String? = nil,
        replies: [String] = []
    ) {
        var ticket = ticket
        if let written { ticket.description = written.text }
        value = .record([
            "ticket": Self.value(of: ticket),
            "repository": .record(["name": .text(repository.name), "base": .text(repository.base)]),
            "branch": .text(branch),
            "attempt": .record([
                "number": .number(attempt),
                "maximum": .number(maximum),
                "last_failure": .text(lastFailure.map { Self.end(of: $0) }),
                "story": .text(story.map { Self.end(of: $0) }),
                "replies": .list(replies.map { .text(Self.end(of: $0)) }),
            ]),
            "verify": .record([
                "steps": .list(
                    steps.map { step in
                        .record(["name": .text(step.name), "run": .text(step.run)], text: step.run)
                    }
                )
            ]),
            "slot": .number(slot),
            "context": .text(context),
            "blockers": .list(blockers.map(Self.value)),
        ])
    }

    /// The values of `job`, with the code that its prompt holds.
    package init(job: AttemptJob, context: String? = nil, story: String? = nil) {
        self.init(
            ticket: job.ticket,
            repository: job.workflow.repository,
            branch: job.branch,
            attempt: job.attempt,
            maximum: job.workflow.retry.attempts,
            lastFailure: job.lastFailure,
            steps: job.workflow.verify.steps,
            slot: job.slot,
            written: job.written,
            context: context,
            blockers: job.blockers ?? [],
            story: story,
            replies: (job.replies ?? []).map(\.text)
        )
    }

    private static func value(of work: BlockerWork) -> TemplateValue {
        .record([
            "key": .text(work.ticket.rawValue),
            "title": .text(work.title.inOneLine(limit: lineLimit)),
            "pull_request": work.pullRequest.map { .text($0.inOneLine(limit: lineLimit)) } ?? .none,
            "summary": .text(work.summary.map { end(of: $0) }),
            "files": .list(work.paths.map { .text($0.inOneLine(limit: lineLimit)) }),
        ])
    }

    private static func value(of ticket: Ticket) -> TemplateValue {
        func line(_ text: String) -> TemplateValue { .text(text.inOneLine(limit: lineLimit)) }
        return .record([
            "key": .text(ticket.key.rawValue),
            "number": .number(ticket.key.number),
            "title": line(ticket.title),
            "description": .text(ticket.description.map { start(of: $0, url: ticket.url) }),
            "url": line(ticket.url),
            "priority": .text(ticket.priority.word),
            "labels": .list(ticket.labels.map(line)),
            "project": ticket.project.map(line) ?? .none,
            "slug": .text(slug(of: ticket.title)),
            "estimate": ticket.estimate.map { .number($0) } ?? .none,
            "state": line(ticket.state.name),
        ])
    }

    private static func start(of description: String, url: String) -> String {
        let size = description.utf8.count
        guard size > textLimit else { return description.withHiddenCharactersShown }
        var end = description.utf8.index(description.startIndex, offsetBy: textLimit)
        while end.samePosition(in: description.unicodeScalars) == nil {
            end = description.utf8.index(before: end)
        }
        return description[..<end].withHiddenCharactersShown
            + "\n\n[The description is cut here: it has \(size) bytes, and a prompt takes \(textLimit) of "
            + "them. All of it: \(url.inOneLine(limit: lineLimit))]"
    }

    /// A failure says what went wrong at its end.
    private static func end(of failure: String) -> String {
        let size = failure.utf8.count
        guard size > textLimit else { return failure.withHiddenCharactersShown }
        var start = failure.utf8.index(failure.endIndex, offsetBy: -textLimit)
        while start.samePosition(in: failure.unicodeScalars) == nil {
            start = failure.utf8.index(after: start)
        }
        return "[The output is cut here: these are its last \(textLimit) of \(size) bytes.]\n"
            + failure[start...].withHiddenCharactersShown
    }
}

extension Priority {
    /// As Linear shows it.
    fileprivate var word: String {
        switch self {
        case .none: "none"
        case .urgent: "urgent"
        case .high: "high"
        case .medium: "medium"
        case .low: "low"
        }
    }
}
