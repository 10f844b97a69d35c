internal import Domain
internal import YAML

/// The keys of `tickets:`.
extension WorkflowKeys {
    static var tickets: Table<TicketSelection> {
        Table(
            "Which tickets of Linear are taken up, and where they are moved on the board.",
            [
                .value(
                    "team",
                    \.team,
                    .team,
                    required: true,
                    example: .string("FRE"),
                    "The key of the team in Linear, the letters in front of its tickets' numbers."
                ),
                .optional(
                    "project",
                    \.project,
                    .text(),
                    example: .string("Portfolio"),
                    "Only tickets of the project with this name."
                ),
                .optional(
                    "assignee",
                    \.assignee,
                    .text("an email address or 'me'"),
                    example: .string("me"),
                    "Only tickets assigned to this person: an email address, or 'me' for the owner of the token."
                ),
                .optional(
                    "delegate",
                    \.delegate,
                    .text("the name of an agent or 'me'"),
                    example: .string("me"),
                    "Only tickets delegated to this agent: its name in Linear, or 'me' for the owner of the token."
                ),
                .optional(
                    "cycle",
                    \.cycle,
                    .cycle,
                    example: .string("active"),
                    "Only tickets of this cycle of the team: active, next, its number or its name."
                ),
                .optional(
                    "filter",
                    \.filter,
                    .filter,
                    example: .object([("priority", .object([("lte", .integer(2))]))]),
                    "A part of Linear's IssueFilter that tickets must pass beside all else; it is handed on as it is."
                ),
                .value(
                    "states",
                    \.states,
                    Kind<String>.list(of: .text(), "a list of names of states", minimum: 1),
                    example: .array([.string("Todo")]),
                    "Names of the states that tickets are taken from."
                ),
                .section("labels", \.self, labels),
                .section("batch", \.batch, batch),
                .section("transitions", \.transitions, transitions),
            ]
        )
    }

    static var labels: Table<TicketSelection> {
        Table(
            "Which labels a ticket must and must not have.",
            [
                .value(
                    "all",
                    \.allLabels,
                    Kind<String>.list(of: .text(), "a list of labels"),
                    example: .array([.string("agent")]),
                    "A ticket has all of these labels."
                ),
                .value(
                    "none",
                    \.noLabels,
                    Kind<String>.list(of: .text(), "a list of labels"),
                    example: .array([.string("needs-design")]),
                    "A ticket has none of these labels."
                ),
            ]
        )
    }

    static var transitions: Table<Transitions> {
        let state = Kind<String>.text("the name of a state")
        return Table(
            "Names of the states that a ticket is moved to; none of them may be in 'states'.",
            [
                .value(
                    "started",
                    \.started,
                    state,
                    example: .string("In Progress"),
                    "When an agent starts."
                ),
                .value(
                    "review",
                    \.review,
                    state,
                    example: .string("In Review"),
                    "When the pull request is open."
                ),
                .value(
                    "failed",
                    \.failed,
                    state,
                    example: .string("Backlog"),
                    "When no attempt is left."
                ),
                .value(
                    "done",
                    \.done,
                    state,
                    example: .string("Done"),
                    "When the pull request is merged."
                ),
            ]
        )
    }
}
