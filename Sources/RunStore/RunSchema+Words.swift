internal import Disk

/// What the schema says of each key of a run record.
extension RunSchema {
    /// One key's sentence, and a value as it may stand there; a record inside the record has none of its own.
    struct Word {
        let description: String
        let example: JSONNode?

        init(_ description: String, _ example: JSONNode? = nil) {
            self.description = description
            self.example = example
        }
    }

    static let summary = "One ticket's whole way through one workflow, the verdict first: run.json."

    /// By the key with those around it, `attempts.agent.exit`.
    static let words: [String: Word] = [
        "schema": Word(
            "The form of this record; a program refuses one that is newer than it knows.",
            .number("1")
        ),
        "summary": Word(
            "The verdict in one sentence.",
            .string("In review: draft pull request #12 after 2 attempts, 14 min, 1.83 USD.")
        ),
        "ticket": Word("The ticket as it was when the run began."),
        "ticket.key": Word("Its short name in Linear.", .string("FRE-69")),
        "ticket.id": Word("Its UUID in Linear.", .string("5c1c2d4e-7a3f-4a58-9d0b-0c2f1e6a9b77")),
        "ticket.title": Word("Its title.", .string("Write the article on agents")),
        "ticket.url": Word(
            "Its address in Linear.",
            .string("https://linear.app/acme/issue/FRE-69")
        ),
        "ticket.paths": Word(
            "The files that its text names; null when nobody has looked.",
            .array([.string("src/app/articles/page.tsx")])
        ),
        "workflow": Word(
            "The name of the workflow; the copy in force lies beside this file as workflow.yml.",
            .string("portfolio")
        ),
        "prompt_file": Word(
            "The prompt file that it was begun from; null for a run of the service.",
            .string("prompts-portfolio.md")
        ),
        "run": Word("How many runs the ticket has had, this one included.", .number("1")),
        "state": Word("Where the run stands.", .string("in_review")),
        "profile": Word(
            "How the ticket's agent differs from the workflow's; null when it doesn't."
        ),
        "profile.overrides": Word(
            "The overrides that were applied, in the workflow's order.",
            .array([.string("label complex: max_turns, timeout")])
        ),
        "profile.model": Word(
            "The model that the ticket's text asked for and got.",
            .string("opus")
        ),
        "profile.note": Word(
            "What the ticket's text asked for and didn't get, and why.",
            .string("the ticket asks for the model opus, which the workflow doesn't allow")
        ),
        "profile.fallback": Word(
            "The fallback that works now, and why; null while it's the workflow's agent.",
            .string("codex, since claude-code's provider asked for a break until 20:00:00 UTC")
        ),
        "reason": Word(
            "What holds or ended the run, in one clause; null when nothing does.",
            .string("lint: exit 1")
        ),
        "next": Word(
            "What happens next, or what a person can do, as a sentence.",
            .string("Waits for a person to review the pull request.")
        ),
        "batch": Word(
            "The batch that its ticket was taken up in.",
            .string("portfolio-20261123-1")
        ),
        "phase": Word("The phase of the batch that its ticket is in.", .string("A")),
        "blocked_by": Word(
            "The tickets that must be merged or built upon first.",
            .array([.string("FRE-61"), .string("FRE-62")])
        ),
        "base": Word("What the branch starts from."),
        "base.branch": Word("The branch that the pull request goes to.", .string("develop")),
        "base.commit": Word(
            "The commit that the first attempt started from; null before that.",
            .string("9fceb02d0ae598e95dc970b74767f19372d61af8")
        ),
        "base.stack": Word(
            "The blockers whose branches this run builds on, until they are merged."
        ),
        "base.stack.ticket": Word("The blocker.", .string("FRE-61")),
        "base.stack.branch": Word("Its branch.", .string("feature/FRE-61-a-title")),
        "base.stack.commit": Word(
            "The commit of its branch that is built upon.",
            .string("9fceb02d0ae598e95dc970b74767f19372d61af8")
        ),
        "base.stack.moved": Word(
            "Where its branch is since, when it was rebased.",
            .string("1f7a7a472abf3dd9643fd615f6da379c4acb3e3a")
        ),
        "base.stack.fate": Word(
            "What became of its pull request; null while that is open.",
            .string("merged")
        ),
        "branch": Word("The ticket's branch.", .string("feature/FRE-69-ai-agents-article-content")),
        "worktree": Word(
            "The ticket's folder, relative to the repository.",
            .string("../portfolio-workspace-FRE-69")
        ),
        "cleanup": Word(
            "What became of the worktree: removed, or kept and why; null as long as it is needed.",
            .string("removed")
        ),
        "started": Word("When the ticket was claimed.", .string("2026-11-23T19:40:02.000Z")),
        "ended": Word(
            "When the run came to its end; null before that.",
            .string("2026-11-23T20:02:11.250Z")
        ),
        "attempts": Word("Every execution of the agent, the oldest first."),
        "attempts.number": Word("From 1; also the number in the folder's name.", .number("1")),
        "attempts.outcome": Word(
            "How it ended; null while it runs.",
            .string("verification_failed")
        ),
        "attempts.reason": Word(
            "Why, in one sentence; null while it runs or when there is nothing to add.",
            .string("lint: exit 1")
        ),
        "attempts.started": Word("When it got its slot.", .string("2026-11-23T19:40:05.125Z")),
        "attempts.ended": Word("When its process ended.", .string("2026-11-23T19:46:57.425Z")),
        "attempts.seconds": Word(
            "How long it took, set-up and verification included.",
            .number("412.3")
        ),
        "replies": Word(
            "What people answered on the ticket when the run needed a person; null when nobody did."
        ),
        "replies.attempt": Word("The attempt that went on with it.", .number("2")),
        "replies.at": Word("When it was written.", .string("2026-11-23T20:12:00.000Z")),
        "replies.author": Word("Who wrote it, by the tracker's name.", .string("Kim Doe")),
        "replies.text": Word("What was written, in Markdown.", .string("Use the second variant.")),
        "replies.comment": Word(
            "The comment's id in Linear.",
            .string("9b2f6a9e-4a51-4c0f-8f6d-2d1b7a3c5e10")
        ),
        "attempts.limit": Word(
            "What it may cost; null when nothing bounds it."
        ),
        "attempts.limit.usd": Word("In US dollars.", .number("2.5")),
        "attempts.limit.tokens": Word(
            "In tokens that it reads, without what the provider's cache spares, and writes.",
            .number("500000")
        ),
        "budget": Word(
            "What a person has raised the ticket's budget to; null while it's the workflow's."
        ),
        "budget.usd": Word("In US dollars.", .number("12.5")),
        "budget.tokens": Word("In tokens, counted like those of an attempt.", .number("3000000")),
        "attempts.agent": Word("What is known of the agent's program after it ended."),
        "attempts.agent.kind": Word("The kind of agent.", .string("claude-code")),
        "attempts.agent.model": Word(
            "The model, as the agent says it; null when it doesn't.",
            .string("claude-opus-5-5")
        ),
        "attempts.agent.exit": Word("Its exit code; null when a signal ended it.", .number("0")),
        "attempts.agent.signal": Word(
            "The signal that ended it; null when it exited.",
            .number("9")
        ),
        "attempts.agent.turns": Word("How many turns it took, as it says itself.", .number("31")),
        "attempts.agent.cost_usd": Word(
            "What it cost in US dollars, as it says itself.",
            .number("0.91")
        ),
        "attempts.agent.input_tokens": Word(
            "Tokens that it read, but for those that went to the provider's cache or came from it.",
            .number("48211")
        ),
        "attempts.agent.cache_write_tokens": Word(
            "Tokens that it read and the provider put into its cache; null when it doesn't say.",
            .number("31007")
        ),
        "attempts.agent.output_tokens": Word("Tokens that it wrote.", .number("9120")),
        "attempts.agent.session": Word(
            "Its session, by which a conversation can be taken up again.",
            .string("0f8fad5b-d9cb-469f-a165-70867728950e")
        ),
        "attempts.agent.denials": Word(
            "What it wasn't allowed to do, each once; null when nothing was denied."
        ),
        "attempts.agent.denials.tool": Word("The tool.", .string("Bash")),
        "attempts.agent.denials.input": Word(
            "What it wanted with the tool, cut to a line.",
            .string("npm install left-pad")
        ),
        "attempts.agent.last_message": Word(
            "What it said last, cut to a few lines.",
            .string("The article is written and the build passes.")
        ),
        "attempts.changes": Word(
            "What the branch holds over its base; null when it holds nothing or nobody looked."
        ),
        "attempts.changes.files": Word("How many files differ.", .number("4")),
        "attempts.changes.insertions": Word("Lines added.", .number("120")),
        "attempts.changes.deletions": Word("Lines removed.", .number("3")),
        "attempts.changes.commits": Word(
            "The commits, full hashes, the oldest first.",
            .array([.string("9fceb02d0ae598e95dc970b74767f19372d61af8")])
        ),
        "attempts.changes.paths": Word(
            "The files, the first few hundred of them.",
            .array([.string("src/app/articles/page.tsx")])
        ),
        "attempts.pushed": Word(
            "The commit that was pushed; null when nothing was.",
            .string("9fceb02d0ae598e95dc970b74767f19372d61af8")
        ),
        "attempts.verification": Word("The checks that were made, in their order."),
        "attempts.verification.check": Word("The check's name.", .string("build")),
        "attempts.verification.passed": Word("Whether it passed.", .bool(true)),
        "attempts.verification.reason": Word(
            "Why it did not pass, in one sentence.",
            .string("exit 1")
        ),
        "attempts.verification.seconds": Word("How long it took.", .number("31.0")),
        "attempts.verification.log": Word(
            "Its output, relative to the run's folder; null for a check that has none.",
            .string("attempt-1/verify-build.log")
        ),
        "attempts.verification.flaky": Word(
            "Whether it passed only when it was run again; null when it didn't have to be.",
            .bool(true)
        ),
        "attempts.verification.note": Word(
            "What a person should know although it changes nothing.",
            .string("2 files were changed that the ticket doesn't name")
        ),
        "attempts.verification.findings": Word(
            "The places that a check of the changes objects to, the first ones; null for steps."
        ),
        "attempts.verification.findings.file": Word(
            "The file, from the root of the repository.",
            .string("src/app/articles/page.tsx")
        ),
        "attempts.verification.findings.line": Word(
            "The line, from 1; null for the whole file.",
            .number("21")
        ),
        "attempts.verification.findings.what": Word(
            "What was found; never a secret itself.",
            .string("console.log")
        ),
        "attempts.hooks": Word(
            "The team's own commands that were run around this attempt; null when there were none."
        ),
        "attempts.hooks.check": Word("The hook's name.", .string("after_run")),
        "attempts.hooks.passed": Word("Whether it exited with 0.", .bool(true)),
        "attempts.hooks.reason": Word("Why it did not pass, in one sentence.", .string("exit 1")),
        "attempts.hooks.seconds": Word("How long it took.", .number("1.5")),
        "attempts.hooks.log": Word(
            "Its output, relative to the run's folder.",
            .string("attempt-1/hook-after_run.log")
        ),
        "attempts.hooks.flaky": Word("Always null: a hook is run once.", .null),
        "attempts.hooks.note": Word(
            "What a person should know although it changes nothing.",
            .string("exit 3")
        ),
        "attempts.hooks.findings": Word("Always null: a hook finds nothing in files."),
        "attempts.hooks.findings.file": Word("A file.", .string("README.md")),
        "attempts.hooks.findings.line": Word("A line of it, from 1.", .number("1")),
        "attempts.hooks.findings.what": Word("What was found.", .string("a debug statement")),
        "attempts.folder": Word(
            "Everything to understand or repeat it by hand, relative to the run's folder.",
            .string("attempt-1")
        ),
        "retry": Word("The attempt to come; null when none is waited for."),
        "retry.attempt": Word("Its number.", .number("2")),
        "retry.at": Word("When it may start.", .string("2026-11-23T19:47:27.425Z")),
        "retry.seconds": Word("How long the wait is in all.", .number("30.0")),
        "pull_request": Word("The pull request; null until it is opened."),
        "pull_request.number": Word("Its number on the forge.", .number("12")),
        "pull_request.url": Word(
            "Its address.",
            .string("https://github.com/acme/portfolio/pull/12")
        ),
        "pull_request.draft": Word("Whether it is a draft.", .bool(true)),
        "pull_request.state": Word("What a person has made of it.", .string("open")),
        "totals": Word("All attempts together."),
        "totals.attempts": Word("How many there were.", .number("2")),
        "totals.seconds": Word("How long they took together.", .number("840.1")),
        "totals.cost_usd": Word("What they cost together in US dollars.", .number("1.83")),
        "hooks": Word(
            "The team's own commands that were run for the whole run; null when there were none."
        ),
        "hooks.check": Word("The hook's name.", .string("on_failure")),
        "hooks.passed": Word("Whether it exited with 0.", .bool(true)),
        "hooks.reason": Word("Why it did not pass, in one sentence.", .string("exit 1")),
        "hooks.seconds": Word("How long it took.", .number("1.5")),
        "hooks.log": Word(
            "Its output, relative to the run's folder.",
            .string("hook-on_failure.log")
        ),
        "hooks.flaky": Word("Always null: a hook is run once.", .null),
        "hooks.note": Word(
            "What a person should know although it changes nothing.",
            .string("exit 3")
        ),
        "hooks.findings": Word("Always null: a hook finds nothing in files."),
        "hooks.findings.file": Word("A file.", .string("README.md")),
        "hooks.findings.line": Word("A line of it, from 1.", .number("1")),
        "hooks.findings.what": Word("What was found.", .string("a debug statement")),
        "tracker": Word(
            "What Linear has been told, so that a restart tells it what is missing and no more."
        ),
        "tracker.comment": Word(
            "The UUID of the run's only comment, made before it is first sent.",
            .string("3d813cbb-47fb-42ba-91df-831e1593ac29")
        ),
        "tracker.told": Word(
            "The last state that Linear has confirmed; null before the first.",
            .string("in_review")
        ),
        "tracker.asked": Word(
            "When it first got the comment that a person is needed, by Linear's clock; null before.",
            .null
        ),
        "timeline": Word("Every change of state, the oldest first."),
        "timeline.at": Word("When.", .string("2026-11-23T19:40:02.000Z")),
        "timeline.state": Word("The state from then on.", .string("queued")),
        "timeline.why": Word("Why, in one clause.", .string("ready in Todo")),
    ]
}
