package import Domain
package import SystemPackage

/// Where everything lies in the state folder; the only place that joins these paths.
package struct StateLayout: Sendable, Equatable {
    package let root: FilePath
    package let readme: FilePath
    /// Held by the daemon for as long as it lives.
    package let lock: FilePath
    package let service: FilePath
    package let log: FilePath
    package let report: FilePath
    package let open: FilePath
    package let runs: FilePath
    package let history: FilePath
    package let pulls: FilePath
    package let requests: FilePath
    /// What may be deleted at any time.
    package let cache: FilePath

    package init(root: FilePath) {
        self.root = root
        // Joined once: a daemon that is at work asks for them every second.
        readme = root.appending("README.txt")
        lock = root.appending("daemon.lock")
        service = root.appending("service.json")
        log = root.appending("linecook.log")
        report = root.appending("report.html")
        open = root.appending("open")
        runs = root.appending("runs")
        history = root.appending("history")
        pulls = root.appending("forge/pulls")
        requests = root.appending("requests")
        cache = root.appending("cache")
    }

    package func open(_ ticket: TicketKey) -> FilePath {
        open.appending("\(ticket).json")
    }

    package func ticket(_ ticket: TicketKey) -> FilePath { runs.appending(ticket.rawValue) }

    package func latest(_ ticket: TicketKey) -> FilePath {
        runs.appending("\(ticket)/latest")
    }

    package func run(_ run: RunID) -> FilePath {
        runs.appending("\(run.ticket)/\(run.number)")
    }

    package func record(_ run: RunID) -> FilePath { file("run.json", of: run) }

    package func workflow(_ run: RunID) -> FilePath { file("workflow.yml", of: run) }

    package func settings(_ run: RunID) -> FilePath { file("workflow.json", of: run) }

    package func attempt(_ run: RunID, _ number: Int) -> FilePath {
        file("attempt-\(number)", of: run)
    }

    private func file(_ name: String, of run: RunID) -> FilePath {
        runs.appending("\(run.ticket)/\(run.number)/\(name)")
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
