package import SystemPackage

/// `Config/linecook.yml`, parsed: what holds for the whole service.
package struct ServiceConfiguration: Equatable, Sendable {
    package enum ForgeKind: String, Sendable, CaseIterable {
        case github
        case local
    }
    package struct API: Equatable, Sendable {
        package var endpoint: String
        package var token: SecretReference?

        package init(endpoint: String, token: SecretReference?) {
            self.endpoint = endpoint
            self.token = token
        }
    }
    package enum LogLevel: String, Sendable, CaseIterable {
        case debug
        case info
        case warning
        case error
    }
    package enum LogFormat: String, Sendable, CaseIterable {
        case text
        case json
    }
    /// Absolute path of the state folder.
    package var state: FilePath
    /// Absolute paths of workflow files, and of folders whose `*.yml` and `*.yaml` are workflow files.
    package var workflows: [FilePath]
    /// How many attempts this machine may run at once, over all workflows.
    package var slots: Int
    package var breaker: BreakerSettings
    /// What has to be free on the disks of the state folder and the repositories for another attempt to be
    /// started, in bytes; they aren't looked at when `nil`.
    package var disk: Int?

    package var retention: RetentionSettings

    package static let standardDisk = 2_000_000_000

    package var linear: API
    package var github: API
    package var forge: ForgeKind
    package var logLevel: LogLevel
    package var logFormat: LogFormat

    package init(
        state: FilePath,
        workflows: [FilePath],
        slots: Int = 8,
        breaker: BreakerSettings = BreakerSettings(),
        disk: Int? = standardDisk,
        retention: RetentionSettings = RetentionSettings(),
        linear: API = API(
            endpoint: "https://api.linear.app/graphql",
            token: .environment("LINEAR_API_KEY")
        ),
        github: API = API(
            endpoint: "https://api.github.com",
            token: .environment("GITHUB_TOKEN")
        ),
        forge: ForgeKind = .github,
        logLevel: LogLevel = .info,
        logFormat: LogFormat = .text
    ) {
        self.state = state
        self.workflows = workflows
        self.slots = slots
        self.breaker = breaker
        self.disk = disk
        self.retention = retention
        self.linear = linear
        self.github = github
        self.forge = forge
        self.logLevel = logLevel
        self.logFormat = logFormat
    }
}

/// Where a secret is to be found; never the secret.
package enum SecretReference: Equatable, Sendable, CustomStringConvertible {
    /// `$NAME`
    case environment(String)
    /// `file:PATH`, absolute once parsed.
    case file(FilePath)

    package var description: String {
        switch self {
        case .environment(let name): "$\(name)"
        case .file(let path): "file:\(path)"
        }
    }
}
