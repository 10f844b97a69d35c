import ArgumentParser

/// The version of this program, as `--version` and `service.json` say it.
let programVersion = "0.1.0"

struct Linecook: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "linecook",
        abstract: "Works a team's Linear tickets in parallel with coding agents.",
        discussion: """
            Try it:           linecook demo
            Set it up:        linecook init
            Check the files:  linecook validate
            Check the rest:   linecook doctor
            One round:        linecook run --until-idle
            Unattended:       linecook run
            What's going on:  linecook status
            What happened:    linecook runs, linecook runs show FRE-69, linecook logs FRE-69
            On one page:      linecook report --open

            Exit codes: 0 done, 1 the work failed, 2 usage or configuration, 3 the service isn't \
            running, 130 interrupted.
            """,
        version: programVersion,
        subcommands: [
            DemoCommand.self, InitCommand.self, DoctorCommand.self, ValidateCommand.self,
            RunCommand.self,
            StatusCommand.self, RetryCommand.self,
            RunsCommand.self, LogsCommand.self, PullsCommand.self, ReportCommand.self,
            PlanCommand.self, ExplainCommand.self, NextCommand.self, PromptsCommand.self,
            ScaffoldCommand.self,
            OrchestrateCommand.self, VerifyCommand.self, WorktreeCommand.self, SchemaCommand.self,
            AttemptCommand.self,
        ]
    )
}

/// What every command that prints takes.
struct FormatOption: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }
    @Option(help: "How to print: text, or one JSON document on standard output.")
    var format = Format.text
}

/// Where the configuration is.
struct ConfigurationOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configuration file.",
            discussion:
                "Without it: ./Config/linecook.yml, then ~/.config/linecook/linecook.yml, then defaults.",
            valueName: "file"
        )
    )
    var config: String?
}
