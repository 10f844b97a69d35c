/// What a project builds and checks itself with, as far as its files tell: commands for `setup` and `verify`.
///
/// The commands come out of a table; of a project's own text only known names are looked for in it, and none
/// of it becomes part of a command.
package struct ProjectTools: Equatable, Sendable {
    /// One check: a verification step.
    package struct Check: Equatable, Sendable {
        package var name: String
        package var run: String

        package init(name: String, run: String) {
            self.name = name
            self.run = run
        }
    }
    /// What it's called, for a person: `npm`.
    package var name: String
    /// The files that told it.
    package var files: [String]
    /// What makes a fresh worktree ready; `nil` when nothing has to be done.
    package var setup: String?
    package var checks: [Check]
    /// Folders that `setup` or a check makes and that git must ignore, or agents' commits would hold them.
    package var makes: [String]

    package init(
        name: String,
        files: [String],
        setup: String?,
        checks: [Check],
        makes: [String] = []
    ) {
        self.name = name
        self.files = files
        self.setup = setup
        self.checks = checks
        self.makes = makes
    }

    /// What the files at a project's top tell.
    ///
    /// - Parameter project: The files.
    /// - Returns: The first rule of the table that fits, or `nil`.
    package static func find(in project: ProjectFiles) -> ProjectTools? {
        for rule in ToolRule.table where rule.markers.allSatisfy(project.has) {
            var checks: [Check] = []
            for check in rule.checks
            where check.needs.allSatisfy({ $0.holds(in: project) })
                && !checks.contains(where: { $0.name == check.name })
            {
                checks.append(Check(name: check.name, run: check.run))
            }
            return ProjectTools(
                name: rule.name,
                files: rule.markers,
                setup: rule.setup,
                checks: checks,
                makes: rule.makes
            )
        }
        return nil
    }
}

/// The files at the top of a project, whose texts are hostile.
package struct ProjectFiles {
    /// What lies in its top folder.
    let names: Set<String>
    private let readFile: (String) -> [UInt8]?

    /// - Parameters:
    ///   - names: What lies in the folder.
    ///   - read: The bytes of one of them; `nil` when it can't be read.
    package init(names: some Sequence<String>, read: @escaping (String) -> [UInt8]?) {
        self.names = Set(names)
        readFile = read
    }

    /// Whether there is a file of this name; `*.csproj` is one with this ending.
    func has(_ name: String) -> Bool {
        guard name.hasPrefix("*") else { return names.contains(name) }
        return names.contains { $0.hasSuffix(name.dropFirst()) && $0.count >= name.count }
    }

    /// The text of a file, at most a megabyte of it; `nil` when it isn't there or isn't text.
    func text(of name: String) -> String? {
        guard names.contains(name), let bytes = readFile(name), bytes.count <= 1 << 20 else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
