import Cron
import Disk
import Domain
import HTTP
import ProcessTree
import Prompt
import RunStore
import Scheduler
import Service
import SystemPackage
import WorkflowFile
import YAML

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The configuration and the workflows that this call of the program is about.
struct Installation {
    let configuration: ServiceConfiguration
    /// The configuration file; `nil` when there is none and the defaults hold.
    let file: FilePath?
    let context: ReadingContext
    /// What the configuration says for all workflows.
    let defaults: WorkflowDefaults?

    /// - Parameters:
    ///   - option: Which configuration is meant.
    ///   - onlyReads: Whether only the state folder is looked at, which mistakes elsewhere in the configuration don't
    ///     keep from: they are told, and that is all.
    ///   - tellsMistakes: Whether mistakes are printed; else only those that leave nothing to go by.
    /// - Throws: `ExitCode` 2 after the diagnostics were printed, or `UsageError`.
    init(
        _ option: ConfigurationOption,
        onlyReads: Bool = false,
        tellsMistakes: Bool = true
    ) throws {
        let context = Self.makeContext()
        self.context = context
        let named = option.config.map { FilePath($0) }
        let candidates = ConfigurationFile.candidates(named: named, in: context)
        let file = candidates.first { Self.exists(context.currentFolder.pushing($0)) }
        if let named, file == nil {
            throw UsageError("\(named): no such file; --config names the configuration file")
        }
        self.file = file
        if let file {
            let loaded = ConfigurationFile.load(file, in: context)
            let usable = onlyReads && !loaded.isWrong("state") ? loaded.salvaged : loaded.value
            if tellsMistakes || usable == nil { Self.show(loaded.diagnostics) }
            guard let usable else { throw Exit.usage }
            if loaded.value == nil, tellsMistakes {
                Console.error("\(file): has errors; what follows is read from \(usable.state)")
            }
            configuration = usable
            defaults = loaded.defaults
        } else {
            configuration = ConfigurationFile.standard(in: context)
            defaults = nil
        }
    }

    /// Why the sandbox that workflows ask for doesn't work here: with such a one every ticket would fail.
    ///
    /// - Returns: A sentence that begins with the file; `nil` where it works, or none asks for it.
    func sandboxObstacle(_ workflows: [LoadedWorkflow]) async -> String? {
        let asking = workflows.first { $0.inForce.workflow.agent.sandbox == .bubblewrap }
        guard let asking else { return nil }
        let obstacle = await Confinement.obstacle(environment: context.environment)
        return obstacle.map { "\(asking.file): 'agent.sandbox' is bubblewrap, but \($0)" }
    }

    var store: RunStore { RunStore(root: configuration.state, disk: LocalFileSystem()) }

    /// The files of the workflows, whether they are good or not.
    var workflowFiles: [FilePath] {
        ConfigurationFile.workflowFiles(of: configuration, list: Self.names)
    }

    /// The workflows in force.
    ///
    /// - Throws: `ExitCode` 2 after the diagnostics were printed, or `UsageError`.
    func workflows() throws -> [LoadedWorkflow] {
        let files = workflowFiles
        guard !files.isEmpty else {
            let places = configuration.workflows.map(\.string).joined(separator: ", ")
            throw UsageError(
                "no workflow files in \(places); 'linecook init' writes a first one"
            )
        }
        var loaded: [LoadedWorkflow] = []
        var members: [WorkflowSet.Member] = []
        var problems: [Diagnostic] = []
        for file in files {
            let (workflow, result) = read(file, defaults)
            let shown = Self.shown(file, from: context.currentFolder).string
            members.append((shown, result))
            problems += result.diagnostics
            if let workflow { loaded.append(workflow) }
        }
        problems += WorkflowSet.diagnostics(members)
        // What the configuration says for all workflows may be wrong in each of them in the same way.
        Self.show(problems.withoutRepetitions)
        if problems.contains(where: { $0.severity == .error }) || loaded.count < files.count {
            throw Exit.usage
        }
        return loaded
    }

    /// One workflow file, with all that came of reading it.
    ///
    /// - Parameters:
    ///   - file: Absolute.
    ///   - defaults: What the configuration says for all workflows.
    /// - Returns: `nil` for the workflow when there are errors.
    func read(
        _ file: FilePath,
        _ defaults: WorkflowDefaults?
    ) -> (workflow: LoadedWorkflow?, result: LoadedFile<Workflow>) {
        let shown = Self.shown(file, from: context.currentFolder)
        let result = WorkflowFile.load(shown, in: context, defaults: defaults)
        guard var workflow = result.value else { return (nil, result) }
        // The clone of an address lies in the state folder, which the workflow file doesn't know.
        workflow.repository.path = configuration.state.pushing(workflow.repository.path)
        do {
            let loaded = LoadedWorkflow(
                inForce: WorkflowInForce(
                    workflow: workflow,
                    cron: try Self.schedule(of: workflow, in: context)
                ),
                file: shown.string,
                source: result.bytes,
                files: result.files
            )
            return (loaded, result)
        } catch {
            // The file's checks have read the same expression and zone.
            Console.error("\(shown): the schedule: \(error)")
            return (nil, result)
        }
    }

    /// The workflows in force, or the one of this name.
    ///
    /// - Throws: As `workflows()`, and `UsageError` when none is called so.
    func workflows(named name: String?) throws -> [LoadedWorkflow] {
        let all = try workflows()
        guard let name else { return all }
        let found = all.filter { $0.name == name }
        guard found.isEmpty else { return found }
        let names = all.map(\.name).joined(separator: ", ")
        throw UsageError("no workflow '\(name.inOneLine(limit: 80))'; there are: \(names)")
    }

    /// The only one of several workflows.
    ///
    /// - Parameters:
    ///   - workflows: Not empty.
    ///   - option: How to choose one.
    /// - Returns: The only one.
    /// - Throws: `UsageError` when there are more.
    static func one(of workflows: [LoadedWorkflow], _ option: String) throws -> LoadedWorkflow {
        guard let first = workflows.first, workflows.count == 1 else {
            let names = workflows.map(\.name).joined(separator: ", ")
            throw UsageError("there are several workflows; choose one with \(option): \(names)")
        }
        return first
    }

    /// Keys of tickets as a person writes them; each once.
    ///
    /// - Throws: `UsageError`.
    static func keys(_ words: [String]) throws -> [TicketKey] {
        var keys: [TicketKey] = []
        for word in words {
            guard let key = TicketKey(word) else {
                throw UsageError(
                    "'\(word.inOneLine(limit: 40))' isn't the key of a ticket, such as FRE-69"
                )
            }
            if !keys.contains(key) { keys.append(key) }
        }
        return keys
    }

    /// The rooms put together for this configuration.
    ///
    /// - Throws: `UsageError` when a token is missing.
    func composition(needsForge: Bool = true) throws -> Composition {
        try composition(
            linearToken: secret(
                configuration.linear.token,
                for: "Linear",
                hint: "make a key in Linear under Settings, Security & access, Personal API keys"
            ),
            needsForge: needsForge
        )
    }

    /// The rooms put together, with Linear or without.
    ///
    /// - Throws: `UsageError` when a token is missing.
    func composition(linearToken: Secret?, needsForge: Bool) throws -> Composition {
        Composition(
            configuration: configuration,
            linearToken: linearToken,
            githubToken: needsForge ? try githubToken() : nil,
            attemptEnvironment: attemptEnvironment,
            environment: context.environment
        )
    }

    /// Linear's token, where one is set and tickets are to be looked up; says so when none is.
    func linearTokenIfAny(for keys: [TicketKey]) -> Secret? {
        guard !keys.isEmpty else { return nil }
        do {
            return try secret(configuration.linear.token, for: "Linear", hint: "")
        } catch {
            Console.error("Linear isn't told of these tickets: its token isn't set")
            return nil
        }
    }

    /// The token of the forge; `nil` where the local forge is used.
    func githubToken() throws -> Secret? {
        guard configuration.forge == .github else { return nil }
        return try secret(
            configuration.github.token,
            for: "GitHub",
            hint: "make a token with read and write access to pull requests, or set 'forge: local'"
        )
    }

    /// What a workflow's `cron:` means in its zone; `nil` for an interval.
    ///
    /// - Throws: `CronError` and `ZoneError`, which a workflow that was read without errors has none of, but for
    ///   the machine's own zone.
    static func schedule(of workflow: Workflow, in context: ReadingContext) throws -> Schedule? {
        guard case .cron(let text, let seconds) = workflow.schedule.trigger else { return nil }
        let zone =
            if let name = workflow.schedule.timezone {
                try Zone.load(name, from: context.zones)
            } else {
                try Zone.local(from: context.zones, environment: context.environment)
            }
        return .cron(try CronExpression(text, seconds: seconds), zone)
    }

    /// The secret that a reference names.
    ///
    /// - Throws: `UsageError` when there is none.
    func secret(_ reference: SecretReference?, for what: String, hint: String) throws -> Secret {
        guard let reference else { throw UsageError("no token for \(what); \(hint)") }
        switch reference {
        case .environment(let name):
            guard let value = context.environment[name]?.trimmed, !value.isEmpty else {
                throw UsageError("$\(name) isn't set, but \(what) needs it; \(hint)")
            }
            return Secret(value)
        case .file(let path):
            do {
                let text = String(decoding: try context.read(path), as: UTF8.self).trimmed
                guard !text.isEmpty else { throw UsageError("\(path): the file is empty; \(hint)") }
                return Secret(text)
            } catch let error as FileReadError {
                throw UsageError("\(path): the token for \(what) can't be read: \(error); \(hint)")
            }
        }
    }

    /// What attempts may see of the environment: everything but the daemon's own tokens.
    var attemptEnvironment: [String: String] {
        var environment = context.environment
        for reference in [configuration.linear.token, configuration.github.token] {
            if case .environment(let name)? = reference { environment[name] = nil }
        }
        return environment
    }

    static func makeContext() -> ReadingContext {
        let environment = ProcessInfo.processInfo.environment
        return ReadingContext(
            environment: environment,
            home: environment["HOME"].map { FilePath($0) },
            currentFolder: FilePath(FileManager.default.currentDirectoryPath),
            zones: ZoneFiles.system(environment: environment),
            now: Int(SystemTime().now().wall.timeIntervalSince1970.rounded(.down)),
            read: FileReadError.readFile,
            resolve: FileReadError.resolve
        )
    }

    static func show(_ diagnostics: [Diagnostic]) {
        for diagnostic in diagnostics {
            Console.error(
                diagnostic.text(
                    colour: Console.errorIsTerminal && Console.wantsColour,
                    width: Console.errorIsTerminal ? Console.width : nil
                )
            )
        }
    }

    static func exists(_ path: FilePath) -> Bool {
        FileManager.default.fileExists(atPath: path.string)
    }

    static func names(_ path: FilePath) -> [String]? {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path.string, isDirectory: &isFolder), isFolder
        else { return nil }
        // A folder that can't be listed has no workflows in it that could be read.
        return (try? FileManager.default.contentsOfDirectory(atPath: path.string)) ?? []
    }

    /// A path as a person in `folder` would write it.
    static func shown(_ path: FilePath, from folder: FilePath) -> FilePath {
        path.shown(from: folder)
    }
}

extension [Diagnostic] {
    /// Each one once, where it comes first.
    var withoutRepetitions: [Diagnostic] {
        var seen: Set<Diagnostic> = []
        return filter { seen.insert($0).inserted }
    }
}

extension String {
    fileprivate var trimmed: String {
        var view = self[...]
        while let first = view.first, first.isWhitespace { view.removeFirst() }
        while let last = view.last, last.isWhitespace { view.removeLast() }
        return String(view)
    }
}
