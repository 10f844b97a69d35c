/// What a sandbox's workspace holds when it opens.
package struct LinearSeed: Equatable, Sendable {
    /// A team with Linear's usual states, from Triage to Duplicate.
    package struct Team: Equatable, Sendable {
        package var key: String
        package var name: String
        /// Numbered from 1 in this order.
        package var cycles: [Cycle]

        package init(key: String, name: String, cycles: [Cycle] = []) {
            self.key = key
            self.name = name
            self.cycles = cycles
        }
    }

    /// Two weeks of a team.
    package struct Cycle: Equatable, Sendable {
        /// Linear shows the number where there is none.
        package var name: String?
        /// Negative when it has begun.
        package var startsInDays: Int

        package init(name: String? = nil, startsInDays: Int) {
            self.name = name
            self.startsInDays = startsInDays
        }
    }

    /// Somebody with an account, and perhaps with a credential.
    package struct User: Equatable, Sendable {
        package var name: String
        /// Sent bare, as `Authorization: KEY`.
        package var apiKey: String?
        /// Sent as `Authorization: Bearer TOKEN`; makes the user an app.
        package var oauthToken: String?

        package init(name: String, apiKey: String? = nil, oauthToken: String? = nil) {
            self.name = name
            self.apiKey = apiKey
            self.oauthToken = oauthToken
        }
    }

    /// Markdown that hangs on a ticket.
    package struct Document: Equatable, Sendable {
        package var title: String
        package var content: String

        package init(title: String, content: String) {
            self.title = title
            self.content = content
        }
    }

    /// A link, or a file that was uploaded, on a ticket.
    package struct Attachment: Equatable, Sendable {
        package var title: String
        package var url: String

        package init(title: String, url: String) {
            self.title = title
            self.url = url
        }
    }

    /// A ticket; all references are by name or key.
    package struct Issue: Equatable, Sendable {
        package var title: String
        package var description: String?
        /// The first team when `nil`.
        package var team: String?
        /// The team's next one when `nil`.
        package var number: Int?
        package var state: String
        package var priority: Int
        package var estimate: Int?
        /// A label that isn't there yet is made.
        package var labels: [String]
        package var project: String?
        package var assignee: String?
        /// The name of an app.
        package var delegate: String?
        /// The number of a cycle of its team.
        package var cycle: Int?
        /// Keys of tickets that are there already.
        package var blockedBy: [String]
        /// The key of a ticket that is there already; makes this one its sub-issue.
        package var parent: String?
        package var documents: [Document]
        package var attachments: [Attachment]

        package init(
            title: String,
            description: String? = nil,
            team: String? = nil,
            number: Int? = nil,
            state: String = "Todo",
            priority: Int = 0,
            estimate: Int? = nil,
            labels: [String] = [],
            project: String? = nil,
            assignee: String? = nil,
            delegate: String? = nil,
            cycle: Int? = nil,
            blockedBy: [String] = [],
            parent: String? = nil,
            documents: [Document] = [],
            attachments: [Attachment] = []
        ) {
            self.title = title
            self.description = description
            self.team = team
            self.number = number
            self.state = state
            self.priority = priority
            self.estimate = estimate
            self.labels = labels
            self.project = project
            self.assignee = assignee
            self.delegate = delegate
            self.cycle = cycle
            self.blockedBy = blockedBy
            self.parent = parent
            self.documents = documents
            self.attachments = attachments
        }
    }

    package var teams: [Team]
    /// The first one does what people do.
    package var users: [User]
    package var labels: [String]
    package var projects: [String]
    package var issues: [Issue]

    package init(
        teams: [Team] = [Team(key: "ENG", name: "Engineering")],
        users: [User] = [
            User(name: "Ada Human"), User(name: "Runner Bot", apiKey: "lin_api_test"),
            User(name: "Agent", oauthToken: "lin_oauth_test"),
        ],
        labels: [String] = ["bug", "feature", "improvement"],
        projects: [String] = [],
        issues: [Issue] = []
    ) {
        self.teams = teams
        self.users = users
        self.labels = labels
        self.projects = projects
        self.issues = issues
    }
}
