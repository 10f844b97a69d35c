import ArgumentParser
import Domain
import Git
import Setup
import SystemPackage
import WorkflowFile

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes a configuration and a first workflow for a repository.",
        discussion: """
            linecook init                                    asks at most five questions
            linecook init --repository ../portfolio --team FRE --yes

            It looks at the repository for its base branch and for what it is built and checked with, and \
            writes into the current folder: Config/linecook.yml, Config/schema, workflows/NAME.yml and \
            workflows/prompts/ticket.md. What is there already is left alone.
            """
    )

    @Option(
        help: ArgumentHelp(
            "A clone of the repository; the one around the current folder by default.",
            valueName: "dir"
        )
    )
    var repository: String?
    @Option(
        help: ArgumentHelp(
            "The key of the team in Linear, the letters in front of its tickets' numbers.",
            valueName: "key"
        )
    )
    var team: String?
    @Option(
        help: ArgumentHelp("Only tickets with this label; '-' takes any.", valueName: "label")
    )
    var label: String?
    @Option(
        help: ArgumentHelp("The branch that work starts from and goes to.", valueName: "branch")
    )
    var base: String?
    @Option(help: ArgumentHelp("The workflow's name, and its file's.", valueName: "name"))
    var name: String?
    @Flag(help: "Ask nothing; take what was found.")
    var yes = false
    @Flag(help: "Add .linecook/, the folder of the state, to .gitignore.")
    var gitignore = false

    func run() async throws {
        let context = Installation.makeContext()
        let questions = InitQuestions(isAsking: !yes && Console.inputIsTerminal)
        let clone = try await clone(context, questions)
        let tools = ProjectTools.find(
            in: ProjectFiles(names: Installation.names(clone.path) ?? []) { name in
                // What can't be read tells nothing.
                try? FileReadError.readFile(clone.path.appending(name))
            }
        )
        let folder = context.currentFolder
        let starter = StarterFiles(
            name: try questions.answer(.name, name, found: InitAnswers.name(of: clone.path)),
            team: try questions.answer(.team, team, found: nil),
            label: try questions.answer(.label, label, found: "agent"),
            repository: try InitAnswers.path(
                to: clone.path,
                from: folder.appending("workflows")
            ),
            remote: clone.remote ?? "origin",
            base: try questions.answer(.base, base, found: clone.base),
            isOnGitHub: clone.isOnGitHub,
            tools: tools
        )
        tell(clone, tools, folder)
        let files = InitFiles(folder: folder)
        try files.write("Config/linecook.yml", starter.configuration)
        for kind in WorkflowFile.SchemaKind.allCases {
            try files.write(
                "Config/schema/\(kind.rawValue).schema.json",
                WorkflowFile.schema(kind)
            )
        }
        try files.write("workflows/prompts/ticket.md", starter.template)
        let workflow = "workflows/\(starter.name).yml"
        try files.write(workflow, starter.workflow)
        if gitignore { try files.ignore(".linecook/") }
        Console.line("")
        let doctor = try Doctor(
            try ConfigurationOption.parse(["--config", "Config/linecook.yml"]),
            limit: .seconds(10)
        )
        DoctorCommand.show(await doctor.findings())
        if doctor.isUnusable { throw Exit.usage }
        next(clone, tools, starter, folder)
    }

    private func clone(
        _ context: ReadingContext,
        _ questions: InitQuestions
    ) async throws -> CloneFacts {
        func find(_ folder: FilePath) async throws -> CloneFacts? {
            try await CloneFacts.find(
                from: folder,
                ignoring: ProjectTools.allMade,
                environment: context.environment,
                time: SystemTime()
            )
        }
        let here = context.currentFolder
        let found = repository == nil ? try await find(here) : nil
        let isAsked = questions.isAsking && repository == nil
        if isAsked { Console.line("Five questions; Enter takes what stands in brackets.") }
        while let text = try questions.repository(repository, found: found?.path) {
            let expanded =
                text.hasPrefix("~/") ? (context.home?.string ?? "~") + text.dropFirst() : text
            let path = here.pushing(FilePath(expanded)).lexicallyNormalized()
            if Installation.names(path) != nil, let named = try await find(path) { return named }
            let shown = text.inOneLine(limit: 200)
            let mistake =
                "'\(shown)' isn't a folder in a git repository; name a clone of it"
            guard isAsked else { throw UsageError(mistake) }
            Console.line("  \(mistake)")
        }
        if let found { return found }
        throw UsageError("\(here) isn't in a git repository; name one with --repository DIR")
    }

    private func tell(_ clone: CloneFacts, _ tools: ProjectTools?, _ folder: FilePath) {
        Console.line("")
        Console.line("The repository: \(clone.path.string.inOneLine(limit: 300))")
        guard let tools else {
            Console.line(
                "  nothing known that it's built with: write 'setup' and 'verify' yourself"
            )
            return
        }
        Console.line("  \(tools.name), by \(tools.files.joined(separator: " and "))")
        let commands = [("setup", tools.setup)] + tools.checks.map { ($0.name, $0.run) }
        for case (let name, let command?) in commands {
            let gap = String(repeating: " ", count: max(1, 11 - name.count))
            Console.line("  \(name)\(gap)\(command)")
        }
        if tools.checks.isEmpty {
            Console.line("  no build, lint or test that is known: write 'verify' yourself")
        }
        Console.line("")
    }

    private func next(
        _ clone: CloneFacts,
        _ tools: ProjectTools?,
        _ starter: StarterFiles,
        _ folder: FilePath
    ) {
        if clone.remote == nil {
            Console.line(
                """

                The repository has no remote that work could be pushed to:
                git remote add origin URL
                """
            )
        }
        let missing = (tools?.makes ?? []).filter(clone.unignored.contains)
        if !missing.isEmpty {
            Console.line(
                """

                Add to the repository's .gitignore, or agents' commits will hold it:
                \(missing.joined(separator: ", "))
                """
            )
        }
        if !gitignore, folder == clone.path, clone.unignored.contains(".linecook/") {
            Console.line(
                """

                The state will lie in .linecook, which git doesn't ignore here; add
                .linecook/ to .gitignore.
                """
            )
        }
        Console.line(
            """

            Next, in this folder:
              export LINEAR_API_KEY=…     # Linear: Settings, Security & access
            \(starter.isOnGitHub ? "  export GITHUB_TOKEN=…       # may read and write pull requests\n" : "")\
              linecook doctor             # until it finds no problem
              linecook validate           # after each change of a file
              linecook plan               # what would start now, and why the rest waits
              linecook run --until-idle
            """
        )
    }
}

extension ProjectTools {
    /// What git is asked about: all that any tool makes, and the folder of the state.
    fileprivate static let allMade = [
        ".build", ".gradle", ".linecook/", ".venv", "bin", "build", "node_modules", "obj", "target",
        "vendor",
    ]
}
