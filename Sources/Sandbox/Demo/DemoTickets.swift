/// The nine tickets of the demo: a portfolio site in four phases.
package enum DemoTickets {
    /// How a ticket's agent behaves.
    package enum Story: Equatable, Sendable {
        case succeeds
        /// Its first attempt exits with an error, its second succeeds.
        case failsOnce
        /// Every attempt goes silent over a child that ignores the polite signal.
        case hangs
        /// What it asks for is there already.
        case changesNothing
    }

    /// What is to come of each ticket.
    package static let stories: [String: Story] = [
        "FRE-61": .succeeds, "FRE-62": .failsOnce, "FRE-63": .succeeds, "FRE-64": .hangs,
        "FRE-65": .succeeds, "FRE-66": .succeeds, "FRE-67": .changesNothing, "FRE-68": .succeeds,
        "FRE-69": .succeeds,
    ]

    /// The workspace: the team FRE with the project Portfolio.
    ///
    /// - Parameter apiKey: what the runner sends as `Authorization`.
    /// - Returns: A seed with all tickets in Todo.
    package static func seed(apiKey: String) -> LinearSeed {
        LinearSeed(
            teams: [.init(key: "FRE", name: "Frontend")],
            users: [.init(name: "Ada Human"), .init(name: "Linecook", apiKey: apiKey)],
            labels: ["agent", "frontend", "content"],
            projects: ["Portfolio"],
            issues: issues
        )
    }

    private static let issues: [LinearSeed.Issue] = [
        ticket(
            61,
            "Article page layout",
            priority: 1,
            "Add `pages/article.html`, the page that a single article is read on.",
            [
                "It has a heading, a line for author and date, and a body",
                "It links back to the home page",
            ]
        ),
        ticket(
            62,
            "Projects section",
            priority: 2,
            "Add `pages/projects.html` with one entry for each project.",
            ["Three projects with a name and a sentence", "The page has its own title"]
        ),
        ticket(
            63,
            "Newsletter sign-up form",
            priority: 2,
            "Add `pages/newsletter.html` with a form that posts an email address.",
            ["The field is of type email and required", "The form goes to `thanks.html`"]
        ),
        ticket(
            64,
            "Dark mode colours",
            priority: 2,
            "Let `styles/site.css` follow the reader's colour scheme.",
            ["Uses `prefers-color-scheme`", "Text keeps a contrast of at least 7:1"]
        ),
        ticket(
            65,
            "List all articles on one page",
            priority: 1,
            "Add `pages/articles.html`, which links to the article page.",
            ["Each entry has a title and a date", "Newest first"],
            after: [61]
        ),
        ticket(
            66,
            "Project detail page",
            priority: 3,
            "Add `pages/project.html` and link to it from `pages/projects.html`.",
            ["It says what was built, when and with what"],
            after: [62]
        ),
        ticket(
            67,
            "Thank-you page after the newsletter sign-up",
            priority: 4,
            "Readers who signed up should land on `pages/thanks.html`.",
            ["The page says that a mail is on its way"],
            after: [63]
        ),
        ticket(
            68,
            "RSS feed",
            priority: 2,
            "Write the articles into `pages/feed.html` and announce it in `layout/head.html`.",
            ["`layout/head.html` has a link with rel=alternate", "One entry for each article"],
            after: [65]
        ),
        ticket(
            69,
            "AI agents article content",
            priority: 1,
            "Write the article on working tickets with agents into `pages/ai-agents.html`.",
            ["Three sections", "It links to the list of all articles"],
            after: [66, 68]
        ),
    ]

    private static func ticket(
        _ number: Int,
        _ title: String,
        priority: Int,
        _ goal: String,
        _ criteria: [String],
        after blockers: [Int] = []
    ) -> LinearSeed.Issue {
        LinearSeed.Issue(
            title: title,
            description: "\(goal)\n\n## Acceptance criteria\n\n"
                + criteria.map { "- [ ] \($0)\n" }.joined(),
            number: number,
            priority: priority,
            labels: ["agent", number == 69 ? "content" : "frontend"],
            project: "Portfolio",
            blockedBy: blockers.map { "FRE-\($0)" }
        )
    }
}
