package import Domain
package import SystemPackage
package import WorkflowFile

/// What came of reading one file of the settings.
package struct SettingsReading<Value: Sendable>: Sendable {
    /// `nil` when there are errors.
    package var value: Value?
    /// Its errors as `file:line:column: error: …`, one line each, at least one when there is no value.
    package var errors: [String]
    /// All files that it was read from, absolute, also those that couldn't be read.
    package var files: [FilePath]

    package init(value: Value?, errors: [String], files: [FilePath]) {
        self.value = value
        self.errors = errors
        self.files = files
    }
}

/// Where the configuration and the workflows come from: the only door to their files while the service runs.
package protocol SettingsSource: Sendable {
    func look(at path: FilePath) -> FileLook

    /// Reads the configuration, or takes the defaults where the service was started without one and there
    /// is none still.
    func configuration() -> SettingsReading<ServiceConfiguration>

    /// Reads a workflow, and finds out whether what it asks of the machine is there.
    func workflow(_ file: FilePath) async -> SettingsReading<LoadedWorkflow>

    /// Puts those parts of a changed configuration in force that the service itself has no hand in.
    func apply(_ configuration: ServiceConfiguration)
}
