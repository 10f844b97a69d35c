import Domain
import SystemPackage
import WorkflowFile
import YAML

/// The files that one call of `validate` looks at, and what is to be said about them.
struct FileCheck {
    /// One of them, with its keys as they are in force.
    struct File {
        var file: String
        var resolved: [ResolvedKey]
    }

    private(set) var files: [File] = []
    private(set) var diagnostics: [Diagnostic] = []

    private let context = Installation.makeContext()
    /// The configuration that is in force here.
    private let configuration: (path: FilePath, loaded: LoadedFile<ServiceConfiguration>)?
    private var workflows: [WorkflowSet.Member] = []
    private var hasConfiguration = false

    /// - Throws: `UsageError` when the configuration that was named isn't there.
    init(_ option: ConfigurationOption) throws {
        let context = context
        let named = option.config.map { FilePath($0) }
        let found = ConfigurationFile.candidates(named: named, in: context).first {
            Installation.exists(context.currentFolder.pushing($0))
        }
        if let named, found == nil {
            throw UsageError("\(named): no such file; --config names the configuration file")
        }
        configuration = found.map { ($0, ConfigurationFile.load($0, in: context)) }
    }

    /// The configuration and its workflows.
    mutating func all() {
        if let (path, loaded) = configuration { take(path, loaded) }
        let settings = configuration?.loaded.value ?? ConfigurationFile.standard(in: context)
        let found = ConfigurationFile.workflowFiles(of: settings, list: Installation.names)
        for file in found { workflow(Installation.shown(file, from: context.currentFolder)) }
        if found.isEmpty, let path = configuration?.path {
            let places = settings.workflows.map {
                Installation.shown($0, from: context.currentFolder).string
            }
            diagnostics.append(
                Diagnostic(
                    file: path.string,
                    place: nil,
                    severity: .warning,
                    message:
                        "no workflow file is in \(places.joined(separator: ", ")): nothing is polled",
                    hint: "copy workflows/default.yml there and edit it"
                )
            )
        }
    }

    /// A file or a folder.
    ///
    /// - Throws: `UsageError` when it isn't there.
    mutating func named(_ name: String) throws {
        let path = FilePath(name)
        let absolute = context.currentFolder.pushing(path)
        guard Installation.exists(absolute) else {
            throw UsageError("\(name.inOneLine(limit: 200)): no such file")
        }
        guard let names = Installation.names(absolute) else {
            file(path)
            return
        }
        for each in names.sorted()
        where !each.hasPrefix(".") && (each.hasSuffix(".yml") || each.hasSuffix(".yaml")) {
            file(path.appending(each))
        }
    }

    /// What concerns several files, and each thing once.
    mutating func together() {
        diagnostics += WorkflowSet.diagnostics(workflows)
        if !workflows.isEmpty, !hasConfiguration, let (_, loaded) = configuration {
            // Without it the workflows aren't what they would be.
            diagnostics += loaded.diagnostics.filter { $0.severity == .error }
        }
        diagnostics = diagnostics.withoutRepetitions
    }

    private mutating func file(_ path: FilePath) {
        let isNamed = configuration.map {
            context.currentFolder.pushing($0.path).lexicallyNormalized()
                == context.currentFolder.pushing(path).lexicallyNormalized()
        }
        if isNamed == true || path.lastComponent?.stem == "linecook" {
            take(path, ConfigurationFile.load(path, in: context))
        } else {
            workflow(path)
        }
    }

    private mutating func take(_ path: FilePath, _ loaded: LoadedFile<ServiceConfiguration>) {
        hasConfiguration = true
        diagnostics += loaded.diagnostics
        files.append(File(file: path.string, resolved: loaded.resolved))
    }

    private mutating func workflow(_ path: FilePath) {
        let loaded = WorkflowFile.load(
            path,
            in: context,
            defaults: configuration?.loaded.defaults
        )
        workflows.append((path.string, loaded))
        files.append(File(file: path.string, resolved: loaded.resolved))
        diagnostics += loaded.diagnostics
    }
}
