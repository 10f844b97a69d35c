package import Domain

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One thing that pruning does, or would do.
package struct PruneStep: Equatable, Sendable, Encodable {
    package enum Action: String, Equatable, Sendable, Encodable {
        /// The folder of the run goes, and its line in the history.
        case removeRun = "remove_run"
        case removeLogs = "remove_logs"
        case compressLogs = "compress_logs"

        package var words: String {
            switch self {
            case .removeRun: "remove run"
            case .removeLogs: "remove logs"
            case .compressLogs: "compress"
            }
        }
    }
    package var action: Action
    package var ticket: TicketKey
    package var run: Int
    package var state: RunState
    package var ended: Date
    /// In the run's folder; none where the folder goes whole.
    package var files: [String]
    /// How much they take now.
    package var bytes: Int

    package var id: RunID { RunID(ticket: ticket, number: run) }

    init(_ action: Action, _ run: FinishedRun, files: [String], bytes: Int) {
        self.action = action
        ticket = run.id.ticket
        self.run = run.id.number
        state = run.state
        ended = run.ended
        self.files = files
        self.bytes = bytes
    }
}

/// What there is to be pruned, and what stays although its age or its number says otherwise.
package struct PruneList: Equatable, Sendable {
    package var steps: [PruneStep] = []
    /// One sentence each.
    package var kept: [String] = []
}

/// What came of pruning.
package struct PruneResult: Equatable, Sendable {
    /// What was done, in the order of the list.
    package var steps: [PruneStep] = []
    package var freedBytes = 0
    /// What couldn't be done, one sentence each; it's tried again the next time.
    package var problems: [String] = []
}

/// `prune.json`: the runs that pruning takes away, written before the first goes and removed behind the last.
///
/// After a crash in between, who finds it goes on with it, so that the history and the folders agree again.
struct PruneIntent: Codable, Equatable {
    var schema = 1
    var removed: [TicketKey: [Int]]

    private enum CodingKeys: String, CodingKey {
        case schema
        case removed
    }

    init(_ runs: [RunID]) {
        removed = Dictionary(grouping: runs, by: \.ticket).mapValues { $0.map(\.number) }
    }

    var runs: Set<RunID> {
        Set(
            removed.flatMap { ticket, numbers in numbers.map { RunID(ticket: ticket, number: $0) } }
        )
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(Int.self, forKey: .schema)
        let named = try container.decode([String: [Int]].self, forKey: .removed)
        removed = [:]
        for (name, numbers) in named {
            guard let ticket = TicketKey(name) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .removed,
                    in: container,
                    debugDescription: "'\(name.debugDescription)' isn't a ticket key such as FRE-69"
                )
            }
            removed[ticket] = numbers
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schema, forKey: .schema)
        let named = removed.map { ($0.rawValue, $1.sorted()) }
        try container.encode(Dictionary(uniqueKeysWithValues: named), forKey: .removed)
    }
}

/// `pruned.json`: when pruning was last done, and what came of it.
package struct PruneNote: Codable, Equatable, Sendable {
    package var schema = 1
    package var at: Date
    package var summary: String

    package init(at: Date, summary: String) {
        self.at = at
        self.summary = summary
    }
}

extension RunStore {
    package func save(_ note: PruneNote) throws(RunStoreError) {
        try write(note, to: layout.pruneNote)
    }

    /// Whether it's time to prune: a day has passed since that was last done, or it wasn't brought to its end.
    package func isPruningDue(by settings: RetentionSettings, at now: Date) -> Bool {
        // What can't be read is made anew by pruning.
        if (try? bytes(at: layout.pruneIntent)) ?? nil != nil { return true }
        guard !settings.isOff else { return false }
        let last = try? value(PruneNote.self, at: layout.pruneNote)
        guard let last else { return true }
        // A clock that was set back isn't waited for.
        return abs(now.timeIntervalSince(last.at)) >= Self.pruneInterval.inSeconds
    }

    private static var pruneInterval: Duration { .seconds(86_400) }
}
