internal import Domain
internal import SystemPackage
internal import YAML

/// Every key of a workflow file, with its kind, its example and its sentence; defaults are those of `Domain`.
enum WorkflowKeys {
    /// What a file's keys are written into, and where the defaults are.
    static var prototype: Workflow {
        Workflow(
            name: "",
            tickets: TicketSelection(team: ""),
            repository: RepositorySettings(path: ""),
            agent: AgentSettings(),
            prompt: PromptSettings(file: "", text: "")
        )
    }

    static var table: Table<Workflow> {
        Table(
            "One workflow of Linecook: which tickets, in which repository, by which agent, under which limits.",
            [
                .value(
                    "name",
                    \.name,
                    .name,
                    required: true,
                    example: .string("portfolio"),
                    "Unique among the workflows of a service; letters, digits, '-', '_' and '.'."
                )
            ] + sections
        )
    }

    /// What the configuration may say for all workflows: everything but the name.
    static var defaults: Table<Workflow> {
        Table(
            "What holds for every workflow that doesn't say otherwise: its keys without 'name'. Mappings are merged key by key, lists and values replaced; relative paths are relative to this file.",
            sections
        )
    }

    private static var sections: [Key<Workflow>] {
        [
            .section("schedule", \.schedule.draft, schedule),
            .section("tickets", \.tickets, tickets),
            .section("repository", \.repository, repository, required: true),
            .section("plan", \.plan, plan),
            .section("slots", \.slots, slots),
            .section("agent", \.agent, agent),
            .section("prompt", \.prompt, prompt),
            .section("retry", \.retry, retry),
            .section("verify", \.verify, verify),
            .section("limits", \.limits, limits),
            .section("budget", \.budget, budget),
            .section("deliver", \.deliver, deliver),
            .section("hooks", \.hooks, hooks),
        ]
    }

    private static var schedule: Table<ScheduleDraft> {
        Table(
            "When new tickets are taken up; free slots are refilled at once, whatever the schedule.",
            [
                .optional(
                    "cron",
                    \.cron,
                    .text("a cron expression"),
                    example: .string("*/2 8-19 * * MON-FRI"),
                    "A cron expression of five fields (six with 'seconds: true') or @hourly, @daily …; instead of 'every'."
                ),
                .value(
                    "seconds",
                    \.seconds,
                    .boolean,
                    example: .bool(true),
                    "Whether 'cron' starts with a field for the second."
                ).idle(when: { $0.cron == nil }),
                .value(
                    "every",
                    \.every,
                    .duration(.seconds(1)...(.seconds(366 * 86_400))),
                    example: .string("2m"),
                    "The time between two polls, in whole seconds; instead of 'cron'."
                ).idle(when: { $0.cron != nil }),
                .optional(
                    "timezone",
                    \.timezone,
                    .text("the name of a time zone"),
                    example: .string("Europe/Berlin"),
                    "The IANA time zone that 'cron' is meant in; the machine's own when left out."
                ),
                .value(
                    "jitter",
                    \.jitter,
                    .duration(.zero...(.seconds(3600))),
                    example: .string("10s"),
                    "The most by which a poll comes later than its time, so that many workflows don't poll at once; the same each time for one name, and never past the next poll."
                ),
                .value(
                    "missed",
                    \.missed,
                    .choice,
                    example: .string("skip"),
                    "What becomes of ticks of 'cron' that passed while the service was down or the machine slept: once (one poll stands for all), skip, or all (one after the other, the newest 10)."
                ).idle(when: { $0.cron == nil }),
            ]
        )
    }

    static var slots: Table<SlotLimits> {
        let count = Kind<Int>.integer(1...1000)
        return Table(
            "How many attempts of this workflow may run at once.",
            [
                .value(
                    "total",
                    \.total,
                    count,
                    example: .integer(4),
                    "Over all tickets of this workflow."
                ),
                .value(
                    "by_label",
                    \.byLabel,
                    Kind<Int>.dictionary(of: count, "a mapping from labels to numbers"),
                    example: .object([("frontend", .integer(2))]),
                    "At most so many attempts of tickets with this label."
                ),
                .value(
                    "by_state",
                    \.byState,
                    Kind<Int>.dictionary(of: count, "a mapping from states to numbers"),
                    example: .object([("Todo", .integer(3))]),
                    "At most so many attempts of tickets taken from this state."
                ),
            ]
        )
    }
}

/// `schedule:` as it is written, before its keys become one trigger.
struct ScheduleDraft {
    var cron: String?
    var seconds: Bool
    var every: Duration
    var timezone: String?
    var jitter: Duration
    var missed: MissedTickPolicy
}

extension ScheduleSettings {
    /// The settings by their keys; `cron` wins over `every`, which has a default.
    fileprivate var draft: ScheduleDraft {
        get {
            var draft = ScheduleDraft(
                cron: nil,
                seconds: false,
                every: .seconds(30),
                timezone: timezone,
                jitter: jitter,
                missed: missed
            )
            switch trigger {
            case .cron(let text, let seconds):
                draft.cron = text
                draft.seconds = seconds
            case .every(let duration): draft.every = duration
            }
            return draft
        }
        set {
            trigger =
                newValue.cron.map { .cron($0, seconds: newValue.seconds) } ?? .every(newValue.every)
            timezone = newValue.timezone
            jitter = newValue.jitter
            missed = newValue.missed
        }
    }
}
