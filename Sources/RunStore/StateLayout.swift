package import Domain
package import SystemPackage

/// Where everything lies in the state folder; the only place that joins these paths.
package struct StateLayout: Sendable, Equatable {
    package let root: FilePath

    package init(root: FilePath) { self.root = root }

    package var readme: FilePath { root.appending("README.txt") }
    /// Held by the daemon for as long as it lives.
    package var lock: FilePath { root.appending("daemon.lock") }
    package var service: FilePath { root.appending("service.json") }
    package var log: FilePath { root.appending("linecook.log") }
    package var report: FilePath { root.appending("report.html") }
    package var open: FilePath { root.appending("open") }
    package var runs: FilePath { root.appending("runs") }
    package var history: FilePath { root.appending("history") }
    package var pulls: FilePath { root.appending("forge").appending("pulls") }
    package var requests: FilePath { root.appending("requests") }
    /// What may be deleted at any time.
    package var cache: FilePath { root.appending("cache") }

    package func open(_ ticket: TicketKey) -> FilePath {
        open.appending("\(ticket).json")
    }

    package func ticket(_ ticket: TicketKey) -> FilePath { runs.appending(ticket.rawValue) }

    package func latest(_ ticket: TicketKey) -> FilePath {
        self.ticket(ticket).appending("latest")
    }

    package func run(_ run: RunID) -> FilePath {
        ticket(run.ticket).appending(String(run.number))
    }

    package func record(_ run: RunID) -> FilePath { self.run(run).appending("run.json") }

    package func workflow(_ run: RunID) -> FilePath { self.run(run).appending("workflow.yml") }

    package func settings(_ run: RunID) -> FilePath { self.run(run).appending("workflow.json") }

    package func attempt(_ run: RunID, _ number: Int) -> FilePath {
        self.run(run).appending("attempt-\(number)")
    }
}

/// Names of the files in an attempt's folder.
package enum AttemptFile {
    package static let lock = "lock"
    package static let job = "job.json"
    package static let process = "process.json"
    package static let hooks = "hooks.json"
    package static let prompt = "prompt.md"
    package static let events = "events.jsonl"
    package static let agentOutput = "agent.jsonl"
    package static let agentErrors = "agent.stderr.log"
    package static let errors = "attempt.log"
    package static let changes = "changes.diff"
    package static let result = "result.json"
    package static let rerun = "rerun.sh"
}
