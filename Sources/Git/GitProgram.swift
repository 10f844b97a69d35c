import Domain
import Subprocess
import SystemPackage

/// How long and how much each kind of call may take.
package struct GitLimits: Equatable, Sendable {
    /// Reads and writes of the repository itself.
    package var local: Duration
    /// Whole working trees written or deleted, and what git-lfs keeps brought to the remote.
    package var checkout: Duration
    /// Talk with the remote.
    package var network: Duration
    /// The first clone of a repository, which brings all of its history.
    package var clone: Duration
    /// The wait for another process of Linecook that adds or removes a worktree.
    package var lock: Duration
    /// The most that a call may put out.
    package var outputInBytes: Int

    package init(
        local: Duration = .seconds(120),
        checkout: Duration = .seconds(900),
        network: Duration = .seconds(300),
        clone: Duration = .seconds(3600),
        lock: Duration = .seconds(120),
        outputInBytes: Int = 32 << 20
    ) {
        self.local = local
        self.checkout = checkout
        self.network = network
        self.clone = clone
        self.lock = lock
        self.outputInBytes = outputInBytes
    }
}

/// What a call of git put out.
struct GitOutput: Sendable {
    var exit: Int
    var bytes: [UInt8]
    var errors: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }
    /// The first line, for calls that answer with one value.
    var line: String { String(text.prefix { $0 != "\n" }) }
    /// Standard error as git wrote it, for finding out what went wrong; not to be shown.
    var reason: String { String(decoding: errors, as: UTF8.self) }
    /// The records of a call with `-z`.
    var records: [String] {
        bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// The program `git`, called with an array of words, never through a shell.
///
/// Each call leads a session of its own, so that nothing under it can ask for a password at a
/// terminal, and is ended with its process group when its time is up or its task is cancelled.
struct GitProgram: Sendable {
    private let environment: [String: String]
    private let time: any TimeSource

    /// What git, ssh and the credential helpers may know of the caller's environment.
    private static let allowed: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR",
        "SSH_AUTH_SOCK", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT",
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
        "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
        "GIT_LFS_SKIP_SMUDGE",
        "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy",
        "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
    ]

    /// Takes from a repository's configuration what would start programs, ask questions or do work
    /// that nobody asked for.
    private static let settings = [
        "core.fsmonitor=", "core.hooksPath=/dev/null", "core.pager=cat", "core.editor=true",
        "core.quotePath=false", "gc.auto=0", "maintenance.auto=false", "submodule.recurse=false",
        "fetch.recurseSubmodules=false", "push.recurseSubmodules=no", "push.followTags=false",
        "push.gpgSign=false", "commit.gpgSign=false", "protocol.ext.allow=never",
        "color.ui=false", "diff.external=", "diff.submodule=short", "log.showSignature=false",
    ].flatMap { ["-c", $0] }

    init(environment: [String: String], time: any TimeSource) {
        var own = environment.filter { Self.allowed.contains($0.key) }
        own["LANG"] = "C"
        own["LC_ALL"] = "C"
        own["GIT_TERMINAL_PROMPT"] = "0"
        // Set and empty: git asks no program for a password either.
        own["GIT_ASKPASS"] = ""
        own["GIT_OPTIONAL_LOCKS"] = "0"
        own["GIT_NO_REPLACE_OBJECTS"] = "1"
        self.environment = own
        self.time = time
    }

    /// - Parameters:
    ///   - command: The words after `git`.
    ///   - place: The repository or worktree that is meant, found by nobody but us.
    ///   - input: Its standard input; nothing when `nil`.
    ///   - timeout: After which the call is ended.
    ///   - limitInBytes: The most that it may put out.
    /// - Returns: Whatever the exit was; the caller knows what it means.
    /// - Throws: `GitError`, or `CancellationError` when the task is cancelled.
    func callAsFunction(
        _ command: [String],
        in place: GitPlace,
        input: [UInt8]? = nil,
        timeout: Duration,
        limitInBytes: Int
    ) async throws -> GitOutput {
        try await withThrowingTaskGroup(of: GitOutput?.self) { group in
            group.addTask {
                try await execute(command, in: place, input: input, limitInBytes: limitInBytes)
            }
            group.addTask {
                try await time.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let output = first else {
                throw GitError.timedOut(command: shown(command), place.folder, after: timeout)
            }
            try Task.checkCancellation()
            return output
        }
    }

    /// Calls git and hands on what it puts out as it comes, without a bound on the whole.
    ///
    /// - Parameters:
    ///   - command: The words after `git`.
    ///   - place: The repository or worktree that is meant.
    ///   - input: Its standard input.
    ///   - timeout: After which the call is ended.
    ///   - body: Is given one piece after the other, never two at once; what it throws ends the
    ///     call.
    /// - Returns: The exit and the errors; nothing of what was handed on.
    /// - Throws: What `body` throws, `GitError`, or `CancellationError`.
    func stream(
        _ command: [String],
        in place: GitPlace,
        input: [UInt8],
        timeout: Duration,
        _ body: ([UInt8]) throws -> Void
    ) async throws -> GitOutput {
        let time = time
        do {
            let result = try await run(
                configuration(command, in: place),
                input: .fileDescriptor(
                    try GitInput(input, in: place.common).descriptor,
                    closeAfterSpawningProcess: true
                ),
                output: .sequence,
                error: .bytes(limit: Self.errorLimit)
            ) { execution in
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        // Cancelled once all is read.
                        guard (try? await time.sleep(for: timeout)) != nil else { return false }
                        try? execution.send(signal: .kill, toProcessGroup: true)
                        return true
                    }
                    for try await piece in execution.standardOutput {
                        try body(piece.withUnsafeBytes { Array($0) })
                    }
                    group.cancelAll()
                    return try await group.next() ?? false
                }
            }
            try Task.checkCancellation()
            if result.closureResult {
                throw GitError.timedOut(command: shown(command), place.folder, after: timeout)
            }
            return GitOutput(
                exit: Self.exit(result.terminationStatus),
                bytes: [],
                errors: result.standardError
            )
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw explained(error, command, in: place, limitInBytes: 0)
        }
    }

    private func execute(
        _ command: [String],
        in place: GitPlace,
        input: [UInt8]?,
        limitInBytes: Int
    ) async throws -> GitOutput {
        let call = configuration(command, in: place)
        let output = BytesOutput.bytes(limit: limitInBytes)
        let errors = BytesOutput.bytes(limit: Self.errorLimit)
        do {
            if let input {
                let result = try await run(
                    call,
                    input: .fileDescriptor(
                        try GitInput(input, in: place.common).descriptor,
                        closeAfterSpawningProcess: true
                    ),
                    output: output,
                    error: errors
                )
                return GitOutput(
                    exit: Self.exit(result.terminationStatus),
                    bytes: result.standardOutput,
                    errors: result.standardError
                )
            }
            let result = try await run(call, output: output, error: errors)
            return GitOutput(
                exit: Self.exit(result.terminationStatus),
                bytes: result.standardOutput,
                errors: result.standardError
            )
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw explained(error, command, in: place, limitInBytes: limitInBytes)
        }
    }

    private static let errorLimit = 4 << 20

    private func configuration(_ command: [String], in place: GitPlace) -> Configuration {
        var variables = environment.merging(place.environment) { $1 }
        variables["PWD"] = place.folder.string
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
        ]
        return Configuration(
            executable: .name("git"),
            arguments: Arguments(Self.settings + command),
            environment: .custom(
                variables.map { name, value in Array("\(name)=\(value)\0".utf8) }
            ),
            workingDirectory: place.folder,
            platformOptions: options
        )
    }

    private static func exit(_ status: TerminationStatus) -> Int {
        switch status {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    }

    /// What a call that couldn't be carried out means.
    private func explained(
        _ error: SubprocessError,
        _ command: [String],
        in place: GitPlace,
        limitInBytes: Int
    ) -> any Error {
        switch error.code {
        case .executableNotFound: GitError.gitNotFound(path: environment["PATH"] ?? "")
        case .failedToChangeWorkingDirectory: GitError.notARepository(place.folder)
        case .outputLimitExceeded:
            GitError.tooMuchOutput(
                command: shown(command),
                place.folder,
                limitInBytes: limitInBytes
            )
        default: error
        }
    }
}

/// The repository or worktree that a call means.
///
/// Named outright, so that git doesn't look for it: the file `.git` of a worktree and the links
/// from there to the repository are an agent's to write.
struct GitPlace: Sendable {
    /// The working directory of the call.
    var folder: FilePath
    /// The folder that all worktrees share.
    var common: FilePath
    var environment: [String: String]

    /// A repository as such; its own working tree is left alone.
    init(repository folder: FilePath, common: FilePath) {
        self.folder = folder
        self.common = common
        environment = ["GIT_DIR": common.string]
    }

    /// No repository at all, for calls that read one file.
    init(nowhere folder: FilePath) {
        self.folder = folder
        common = folder
        environment = ["GIT_DIR": "/dev/null"]
    }

    /// A repository inside of a worktree, whose settings were looked at.
    init(submodule folder: FilePath, own: FilePath) {
        self.folder = folder
        common = own
        environment = ["GIT_DIR": own.string, "GIT_WORK_TREE": folder.string]
    }

    /// The same with a folder in place of the repository's own.
    func inside(_ guarded: FilePath) -> GitPlace {
        var place = self
        if environment["GIT_COMMON_DIR"] != nil || environment["GIT_DIR"] != common.string {
            place.environment["GIT_COMMON_DIR"] = guarded.string
        } else {
            place.environment["GIT_DIR"] = guarded.string
        }
        return place
    }

    /// A worktree, by what the repository knows of it.
    init(worktree folder: FilePath, administration: FilePath, common: FilePath) {
        self.folder = folder
        self.common = common
        environment = [
            "GIT_DIR": administration.string,
            "GIT_COMMON_DIR": common.string,
            "GIT_WORK_TREE": folder.string,
        ]
    }
}

/// The words of a call as they may be shown.
func shown(_ command: [String]) -> [String] {
    command.map { withoutCredentials(harmless($0, limit: 120)) }
}
