/// What a newcomer's files say: the answers, put where they belong.
///
/// Whatever comes from a person or a repository is written as a quoted YAML text unless it's a plain word.
package struct StarterFiles: Equatable, Sendable {
    /// The workflow's name, and its file's: letters, digits, `-`, `_` and `.`.
    package var name: String
    /// The key of the team in Linear.
    package var team: String
    /// The label that a ticket must have; `nil` takes any.
    package var label: String?
    /// The clone, relative to the folder of the workflow file, or absolute.
    package var repository: String
    package var remote: String
    package var base: String
    /// Whether pull requests are made on GitHub; else they're records in the state folder.
    package var isOnGitHub: Bool
    package var tools: ProjectTools?

    package init(
        name: String,
        team: String,
        label: String?,
        repository: String,
        remote: String,
        base: String,
        isOnGitHub: Bool,
        tools: ProjectTools?
    ) {
        self.name = name
        self.team = team
        self.label = label
        self.repository = repository
        self.remote = remote
        self.base = base
        self.isOnGitHub = isOnGitHub
        self.tools = tools
    }

    /// `Config/linecook.yml`.
    package var configuration: String {
        guard !isOnGitHub else { return ShippedFiles.configuration }
        let lines = ShippedFiles.configuration.split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        return lines.map { $0 == "forge: github" ? "forge: local" : $0 }.joined(separator: "\n")
    }

    /// `workflows/prompts/ticket.md`.
    package var template: String { ShippedFiles.template }

    /// `workflows/NAME.yml`.
    package var workflow: String {
        """
        # yaml-language-server: $schema=../Config/schema/workflow.schema.json
        # Whatever is left out has its default; all keys: linecook schema workflow --format markdown

        name: \(Self.yaml(name))

        schedule:
          every: 30s                   # or cron: "*/2 8-19 * * MON-FRI"

        tickets:                       # which tickets of Linear are taken up
          team: \(Self.yaml(team))
          states: [Todo]
        \(labels)
          transitions:                 # where they are moved; none of these may be in 'states'
            started: In Progress
            review: In Review
            failed: Backlog
            done: Done

        repository:
          path: \(Self.yaml(repository))
          remote: \(Self.yaml(remote))
          base: \(Self.yaml(base))
          # copy: [.env.local]         # untracked files that each worktree needs
        \(setup)

        slots:
          total: 2                     # tickets at once

        agent:
          kind: claude-code
          max_turns: 50
          timeout: 45m                 # wall clock, the whole attempt
          stall: 10m                   # the longest silence
          # budget: 5.00               # US dollars an attempt
          # environment: [ANTHROPIC_API_KEY]   # where Claude Code isn't logged in
          permission_mode: acceptEdits
          allowed_tools: ["Bash(git *)"]     # add what may run your checks, and so anything

        prompt:
          template: prompts/ticket.md

        verify:                        # what must hold before a person is asked to look
        \(checks)

        deliver:
          pull_request:
            draft: true                # a person marks it ready, and merges

        """
    }

    private var labels: String {
        guard let label else {
            return "  # labels: { all: [agent] }   # only tickets with this label"
        }
        return
            "  labels:\n    all: [\(Self.yaml(label))]               # only tickets with this label"
    }

    private var setup: String {
        guard let command = tools?.setup else {
            return "  # setup: npm ci              # run once in each new worktree"
        }
        return "  setup: \(Self.yaml(command))"
    }

    private var checks: String {
        guard let checks = tools?.checks, !checks.isEmpty else {
            return "  # steps:\n  #   - { name: build, run: npm run build, timeout: 10m }"
        }
        return "  steps:\n"
            + checks.map { check in
                """
                    - name: \(Self.yaml(check.name))
                      run: \(Self.yaml(check.run))
                """
            }.joined(separator: "\n")
    }

    /// A text as a YAML scalar that can't be anything else.
    static func yaml(_ text: String) -> String {
        let isWord = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80
                || "_./ -".utf8.contains(byte)
        }
        let startsAsWord = text.utf8.first.map { (0x41...0x5A).contains($0 & 0xDF) } ?? false
        let isPath = text.hasPrefix("../") || text == ".." || text.hasPrefix("./")
        let isOther = ["true", "false", "null", "y", "n", "yes", "no", "on", "off"].contains(
            text.lowercased()
        )
        if isWord, startsAsWord || isPath, !isOther, !text.hasSuffix(" ") { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case " "..."~": quoted.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            }
        }
        return quoted + "\""
    }
}
