import ArgumentParser
import Service

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "The daemon: polls Linear and works what is ready.",
        discussion: """
            linecook run                  until it's told to stop
            linecook run --until-idle     until nothing can go on without a person, then says what waits
            linecook run --once           one poll and its runs

            Workflows, templates and the configuration are read again when they are saved; a broken file leaves \
            its last good version in force and is shown in linecook status. At the start it's an error. \
            --once reads them once.

            SIGTERM: it leaves at once; agents go on by themselves, and the next start adopts them.
            Ctrl-C: it takes up nothing new and waits for the agents that work; once more: it stops \
            them, keeps their work, and the next start goes on.
            """
    )

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var output: FormatOption

    @Flag(help: "Poll once, work what is ready, then end.")
    var once = false

    @Flag(help: "End when nothing can go on without a person.")
    var untilIdle = false

    func validate() throws {
        if once && untilIdle {
            throw ValidationError("--once and --until-idle exclude each other")
        }
    }

    func run() async throws {
        let installation = try Installation(configuration)
        let workflows = try installation.workflows()
        try await ServiceRun(
            installation: installation,
            composition: try installation.composition(),
            mode: once ? .once : untilIdle ? .untilIdle : .forever,
            format: output.format
        ).run(workflows)
    }
}
