package import SystemPackage

/// One tree of processes to start: what runs, where, with what, and for how long.
package struct ProcessRequest: Sendable {
    /// What the process reads from its standard input; never a terminal.
    package enum Input: Hashable, Sendable {
        /// The end of the input at once.
        case nothing
        /// The bytes of this file.
        case file(FilePath)
    }

    /// The program and its arguments.
    ///
    /// A name without a slash is looked for along the `PATH` of
    /// `environment`, one with a slash counts from `directory`.
    package var command: [String]
    /// The whole environment: nothing is inherited.
    package var environment: [String: String]
    /// Where the process starts; an absolute path.
    package var directory: FilePath
    /// What the process reads.
    package var input: Input
    /// After so long the tree is ended.
    ///
    /// Time in which the machine was suspended, or stood still, does not count.
    package var timeout: Duration?
    /// After so long without a byte of output the tree is ended.
    package var silence: Duration?
    /// How long the tree may go on after the polite signal.
    package var grace: Duration
    /// What all processes of the tree together may hold of memory, in bytes; more ends the tree at once.
    package var memoryInBytes: Int?
    /// The most files that each process of the tree may have open; a lower limit of the user's stays.
    package var openFiles: Int
    /// Put into the environment as `LINECOOK_ATTEMPT`, so that `sweep(marker:)` finds the tree.
    package var marker: String?
    /// What of the machine the tree sees; all that its user sees when `nil`.
    package var confinement: Confinement?

    /// A request; the defaults are no input, no bound of time or memory, and ten seconds of grace.
    package init(
        command: [String],
        environment: [String: String],
        directory: FilePath,
        input: Input = .nothing,
        timeout: Duration? = nil,
        silence: Duration? = nil,
        grace: Duration = .seconds(10),
        memoryInBytes: Int? = nil,
        openFiles: Int = 65_536,
        marker: String? = nil,
        confinement: Confinement? = nil
    ) {
        self.command = command
        self.environment = environment
        self.directory = directory
        self.input = input
        self.timeout = timeout
        self.silence = silence
        self.grace = grace
        self.memoryInBytes = memoryInBytes
        self.openFiles = openFiles
        self.marker = marker
        self.confinement = confinement
    }
}

/// The variable that tells to which attempt a process belongs.
package let attemptVariable = "LINECOOK_ATTEMPT"

extension ProcessRequest {
    /// The file that is run and the words that it's given, its name first: of the program itself, or of what makes the
    /// view that it runs in.
    ///
    /// - Throws: `ProcessTreeError` when there is no such program.
    package func resolved() throws(ProcessTreeError) -> (program: FilePath, command: [String]) {
        guard let name = command.first else { throw .emptyCommand }
        let search = ExecutableSearch(environment: environment, directory: directory)
        let program = try search.find(name)
        guard let confinement else { return (program, command) }
        let bubblewrap: FilePath
        do throws(ProcessTreeError) {
            bubblewrap = try search.find(Confinement.program)
        } catch {
            throw .noConfinement
        }
        let words = confinement.command(
            bubblewrap: bubblewrap,
            program: program,
            arguments: Array(command.dropFirst()),
            directory: directory
        )
        return (bubblewrap, words)
    }

    /// The environment as the process sees it, as `NAME=value` in the order of the names.
    var environmentEntries: [String] {
        get throws {
            var environment = environment
            if let marker { environment[attemptVariable] = marker }
            for name in environment.keys where name.isEmpty || name.contains("=") {
                throw ProcessTreeError.invalidText("the environment variable '\(name)'")
            }
            return environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        }
    }
}

extension Duration {
    /// Rounded up, so that a wait is never shorter than was asked for; never below 0.
    var milliseconds: Int64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
        guard !isTooLong, whole < Int64.max / 4 else { return Int64.max / 4 }
        return whole + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
