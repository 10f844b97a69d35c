/// What of finished runs is kept; all of it where nothing is set.
package struct RetentionSettings: Equatable, Sendable {
    /// What is older goes, and what more there is than the newest so many; `nil` is no bound.
    package struct Bound: Equatable, Sendable {
        package var age: Duration?
        package var count: Int?

        package init(age: Duration? = nil, count: Int? = nil) {
            self.age = age
            self.count = count
        }

        package var isOff: Bool { age == nil && count == nil }
    }
    /// How long runs are kept, with all that is in their folders; a ticket's newest run always is.
    package var runs: Bound
    /// How long the logs of runs are kept.
    package var logs: Bound
    /// How old runs are whose logs are compressed.
    package var compress: Duration?

    package init(runs: Bound = Bound(), logs: Bound = Bound(), compress: Duration? = nil) {
        self.runs = runs
        self.logs = logs
        self.compress = compress
    }

    /// Whether all is kept as it is.
    package var isOff: Bool { runs.isOff && logs.isOff && compress == nil }
}
