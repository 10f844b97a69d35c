import Domain
import Scheduler
import Service
import Synchronization
import SystemPackage
import WorkflowFile

/// Files that are only made up.
///
/// A workflow is a line `NAME LABEL [TEMPLATE]`, or `broken WHY`; a configuration is
/// lines `KEY VALUE`.
final class FakeFiles: SettingsSource {
    private struct State {
        var files: [FilePath: (text: String, version: Int64)] = [:]
        var folders: Set<FilePath> = ["/c", "/w"]
        var version: Int64 = 0
        /// Half of a file, which is read while a writer is at it, and what the file holds then.
        var halves: [FilePath: (half: String, whole: String)] = [:]
        var readings: [FilePath] = []
        var applied: [ServiceConfiguration] = []
    }
    private let state = Mutex(State())

    static let configuration = FilePath("/c/linecook.yml")

    func write(_ path: FilePath, _ text: String) {
        state.withLock { state in
            state.version += 1
            state.files[path] = (text, state.version)
        }
    }

    func remove(_ path: FilePath) {
        state.withLock { state in
            state.files[path] = nil
            state.folders.remove(path)
        }
    }

    func makeFolder(_ path: FilePath) { state.withLock { _ = $0.folders.insert(path) } }

    /// Lets the next reading of a file meet a writer: it sees half of what the file holds just after.
    func interrupt(readingOf path: FilePath, with half: String, then whole: String) {
        state.withLock { $0.halves[path] = (half, whole) }
    }

    /// The files that were read since this was asked last.
    func takeReadings() -> [FilePath] {
        state.withLock { state in
            defer { state.readings = [] }
            return state.readings
        }
    }

    var applied: [ServiceConfiguration] { state.withLock(\.applied) }

    func look(at path: FilePath) -> FileLook {
        state.withLock { state in
            if state.folders.contains(path) {
                let names = state.files.keys.filter {
                    $0.removingLastComponent() == path
                        && ConfigurationFile.isWorkflowFile($0.lastComponent?.string ?? "")
                }
                return .folder(names.compactMap { $0.lastComponent?.string }.sorted())
            }
            guard let file = state.files[path] else { return .absent }
            let size = Int64(file.text.utf8.count)
            return .file(
                FileStamp(inode: 1, size: size, modified: file.version, changed: file.version)
            )
        }
    }

    private func read(_ path: FilePath) -> String? {
        state.withLock { state in
            state.readings.append(path)
            if let (half, whole) = state.halves.removeValue(forKey: path) {
                state.version += 1
                state.files[path] = (whole, state.version)
                return half
            }
            return state.files[path]?.text
        }
    }

    static func standard(_ change: (inout ServiceConfiguration) -> Void = { _ in })
        -> ServiceConfiguration
    {
        var configuration = ServiceConfiguration(state: "/s", workflows: ["/w"])
        change(&configuration)
        return configuration
    }

    func configuration() -> SettingsReading<ServiceConfiguration> {
        let file = Self.configuration
        guard let text = read(file) else {
            return SettingsReading(value: nil, errors: ["\(file): gone"], files: [file])
        }
        var configuration = Self.standard()
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            switch words[0] {
            case "slots": configuration.slots = Int(words[1]) ?? 0
            case "state": configuration.state = FilePath(words[1])
            case "workflows": configuration.workflows = words.dropFirst().map { FilePath($0) }
            default: return SettingsReading(value: nil, errors: ["\(file): \(line)"], files: [file])
            }
        }
        return SettingsReading(value: configuration, errors: [], files: [file])
    }

    func workflow(_ file: FilePath) -> SettingsReading<LoadedWorkflow> {
        guard let text = read(file) else {
            return SettingsReading(value: nil, errors: ["\(file): gone"], files: [file])
        }
        let words = text.split(separator: " ").map(String.init)
        guard words.count >= 2, words[0] != "broken" else {
            return SettingsReading(value: nil, errors: ["\(file):1:1: \(text)"], files: [file])
        }
        var files = [file]
        var prompt = "x"
        if words.count == 3 {
            files.append(FilePath(words[2]))
            guard let template = read(files[1]) else {
                return SettingsReading(value: nil, errors: ["\(file): no template"], files: files)
            }
            prompt = template
        }
        let workflow = Workflow(
            name: words[0],
            tickets: TicketSelection(team: "FRE", allLabels: [words[1]]),
            repository: RepositorySettings(path: "/repository"),
            agent: AgentSettings(kind: .command, command: "agent"),
            prompt: PromptSettings(file: "/w/t.md", text: prompt)
        )
        let loaded = LoadedWorkflow(
            inForce: WorkflowInForce(workflow: workflow, cron: nil),
            file: file.string,
            source: Array(text.utf8),
            files: files
        )
        return SettingsReading(value: loaded, errors: [], files: files)
    }

    func apply(_ configuration: ServiceConfiguration) {
        state.withLock { $0.applied.append(configuration) }
    }
}
