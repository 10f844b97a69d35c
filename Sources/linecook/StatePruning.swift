import Domain
import ProcessTree
import SystemPackage
import WorkflowFile

/// Prunes the daemon's state folder in a process of its own: what that reads of a long history doesn't stay in the
/// daemon's memory, and a daemon that leaves ends it as any crash would, which the next one goes on from.
struct StatePruning {
    let state: FilePath
    let environment: [String: String]

    /// - Returns: What was done, in one sentence.
    /// - Throws: `StatePruningError`, `ProcessTreeError`, and `CancellationError`.
    func run(_ settings: RetentionSettings) async throws -> String {
        var command = [
            DetachedProcess.ownExecutable.string, "runs", "prune", "--state", state.string,
        ]
        func add(_ option: String, _ value: String?) {
            if let value { command += [option, value] }
        }
        add("--older-than", settings.runs.age.map(DurationText.text))
        add("--keep", settings.runs.count.map(String.init))
        add("--logs-older-than", settings.logs.age.map(DurationText.text))
        add("--keep-logs", settings.logs.count.map(String.init))
        add("--compress-older-than", settings.compress.map(DurationText.text))
        let request = ProcessRequest(
            command: command,
            environment: environment.filter { $0.key == "PATH" },
            directory: state
        )
        var output: [UInt8] = []
        let end = try await runTree(request) { chunk in
            output += chunk.bytes.prefix(max(0, 4000 - output.count))
        }
        try Task.checkCancellation()
        let words = String(decoding: output, as: UTF8.self).inOneLine(limit: 400)
        guard end.termination == .exited(code: 0) else {
            throw StatePruningError(words: words.isEmpty ? "\(end.termination)" : words)
        }
        return words
    }
}

/// What pruning said when it couldn't do all of its work.
struct StatePruningError: Error, CustomStringConvertible {
    var words: String

    var description: String { words }
}
