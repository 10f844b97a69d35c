import Domain
import Service
import SystemPackage
import WorkflowFile
import YAML

/// The files of an installation, as a running service looks at them and reads them again.
struct InstallationFiles: SettingsSource {
    let installation: Installation
    let threshold: LogThreshold

    /// The configuration's file, or where one is looked for when the service was started without.
    var configurationFiles: [FilePath] {
        let context = installation.context
        let files =
            installation.file.map { [$0] } ?? ConfigurationFile.candidates(named: nil, in: context)
        return files.map { context.currentFolder.pushing($0).lexicallyNormalized() }
    }

    func look(at path: FilePath) -> FileLook { FileLook(at: path) }

    func configuration() -> SettingsReading<ServiceConfiguration> {
        let context = installation.context
        let files = configurationFiles
        guard
            let file = installation.file.map({ context.currentFolder.pushing($0) })
                ?? files.first(where: { look(at: $0) != .absent })
        else {
            let standard = ConfigurationFile.standard(in: context)
            return SettingsReading(value: standard, errors: [], files: files)
        }
        let shown = Installation.shown(file, from: context.currentFolder)
        let loaded = ConfigurationFile.load(shown, in: context)
        return SettingsReading(
            value: loaded.value,
            errors: Self.errors(loaded.diagnostics),
            files: loaded.files + files.filter { !loaded.files.contains($0) }
        )
    }

    func workflow(_ file: FilePath) async -> SettingsReading<LoadedWorkflow> {
        let found = configurationFiles
        var defaults: WorkflowDefaults?
        if let path = found.first(where: { look(at: $0) != .absent }) {
            let context = installation.context
            let shown = Installation.shown(path, from: context.currentFolder)
            let loaded = ConfigurationFile.load(shown, in: context)
            // Without it the workflow isn't what it would be.
            guard loaded.value != nil else {
                return SettingsReading(
                    value: nil,
                    errors: Self.errors(loaded.diagnostics),
                    files: [file] + found
                )
            }
            defaults = loaded.defaults
        }
        let (workflow, result) = installation.read(file, defaults)
        let files = result.files + found.filter { !result.files.contains($0) }
        var errors = Self.errors(result.diagnostics)
        guard let workflow else {
            if errors.isEmpty { errors = ["\(file): error: its schedule can't be used"] }
            return SettingsReading(value: nil, errors: errors, files: files)
        }
        if let obstacle = await installation.sandboxObstacle([workflow]) {
            let error = "\(obstacle); save the file again once that works"
            return SettingsReading(value: nil, errors: [error], files: files)
        }
        return SettingsReading(value: workflow, errors: errors, files: files)
    }

    func apply(_ configuration: ServiceConfiguration) {
        threshold.set(configuration.logLevel, configuration.logFormat)
    }

    /// The errors in one line each, as many as a person reads.
    private static func errors(_ diagnostics: [Diagnostic]) -> [String] {
        let errors = diagnostics.filter { $0.severity == .error }.map(\.description)
        let limit = 20
        guard errors.count > limit else { return errors }
        return errors.prefix(limit)
            + ["\(errors.count - limit) more errors; 'linecook validate' shows them all"]
    }
}
