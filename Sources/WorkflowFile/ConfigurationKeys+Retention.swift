import Domain
internal import YAML

extension ConfigurationKeys {
    /// What finished runs leave behind, and how long.
    static var retention: Table<RetentionSettings> {
        Table(
            "What is kept of finished runs: all, where nothing is set. The daemon looks once a day, 'linecook runs prune' at once. Runs that are open, such as those in review, and a ticket's newest run are never removed.",
            [
                .section(
                    "runs",
                    \.self,
                    Table(
                        "Runs with all that is in their folders, and their lines in the history.",
                        bound(
                            \.runs,
                            age: "365d",
                            "A run that ended longer ago is removed.",
                            count: 10_000,
                            "So many finished runs are kept, the newest; one of the last day always is."
                        )
                    )
                ),
                .section("logs", \.self, logs),
            ]
        )
    }

    private static var logs: Table<RetentionSettings> {
        let compress = Key<RetentionSettings>.optional(
            "compress",
            \.compress,
            .duration(.seconds(3600)...longest),
            example: .string("1d"),
            "The logs of a run that ended longer ago are compressed with gzip; 'linecook logs' reads them all the same."
        )
        return Table(
            "What agents, checks and hooks have put out; the record of the run, its prompts, changes and results stay.",
            bound(
                \.logs,
                age: "30d",
                "The logs of a run that ended longer ago are removed.",
                count: 500,
                "So many finished runs keep their logs, the newest."
            ) + [compress]
        )
    }

    private static func bound(
        _ path: WritableKeyPath<RetentionSettings, RetentionSettings.Bound>,
        age: String,
        _ ageWords: String,
        count: Int,
        _ countWords: String
    ) -> [Key<RetentionSettings>] {
        [
            .optional(
                "age",
                path.appending(path: \.age),
                .duration(.seconds(86_400)...longest),
                example: .string(age),
                ageWords
            ),
            .optional(
                "count",
                path.appending(path: \.count),
                .integer(1...10_000_000),
                example: .integer(count),
                countWords
            ),
        ]
    }

    private static let longest = Duration.seconds(86_400 * 3660)
}
