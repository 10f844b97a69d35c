import ArgumentParser
import Disk
import Domain
import Forge
import Git
import RunStore
import SystemPackage
import WorkflowFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct PullsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pulls",
        abstract: "The local forge's pull requests.",
        discussion: """
            linecook pulls               those that are open
            linecook pulls show 3        one, whole
            linecook pulls merge 3       merges the branch into the base on the remote
            linecook pulls close 3       turns it down

            They are for teams and tests without GitHub ('forge: local'). The service sees a decision \
            at its next poll.
            """,
        subcommands: [List.self, Show.self, Merge.self, Close.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "The open pull requests, or all of them."
        )
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: FormatOption
        @Flag(help: "Merged and closed ones too.")
        var all = false

        func run() async throws {
            let listing = try LocalForge.of(Installation(configuration)).list()
            let pulls = listing.pulls.filter { all || $0.state == .open }
            switch output.format {
            case .json: try Console.document(pulls)
            case .text:
                if pulls.isEmpty {
                    Console.line(all ? "No pull requests yet." : "No open pull requests.")
                } else {
                    var table = TextTable(["NUMBER", "STATE", "BRANCH", "TITLE"])
                    for pull in pulls {
                        let state = pull.draft ? "draft" : pull.state.rawValue
                        table.add(["\(pull.number)", state, pull.head, pull.title])
                    }
                    table.show()
                }
            }
            for problem in listing.problems { Console.error("linecook: \(problem)") }
            if !listing.problems.isEmpty { throw Exit.failed }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "One pull request, whole."
        )
        @OptionGroup var configuration: ConfigurationOption
        @OptionGroup var output: FormatOption
        @Argument(help: "Its number.")
        var number: Int

        func run() async throws {
            let pull = try LocalForge.of(Installation(configuration)).record(number)
            switch output.format {
            case .json: try Console.document(pull)
            case .text:
                Console.line(
                    Ink.strong.paint("#\(pull.number) \(pull.title.inOneLine(limit: 300))")
                )
                Console.line(
                    "\(pull.draft ? "draft, " : "")\(pull.state.rawValue): \(pull.head) into \(pull.base)"
                )
                if let merged = pull.merged {
                    Console.line("merged by \(merged.by.inOneLine(limit: 60)) as \(merged.commit)")
                }
                Console.line("")
                Console.line(pull.body.withHiddenCharactersShown)
            }
        }
    }

    struct Merge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "merge",
            abstract: "Merges a pull request's branch into its base on the remote."
        )
        @OptionGroup var configuration: ConfigurationOption
        @Argument(help: "Its number.")
        var number: Int

        func run() async throws {
            let installation = try Installation(configuration)
            let reviewer = LocalReviewer(
                store: installation.store,
                forge: LocalForge.of(installation),
                environment: installation.context.environment,
                time: SystemTime()
            )
            switch try await reviewer.merge(number, by: installation.person) {
            case .merged(let pull, let commit):
                Console.line("Merged \(pull.head) into \(pull.base) as \(commit.prefix(12)).")
            case .conflict(let pull, let files):
                Console.error("linecook: \(pull.head) conflicts with \(pull.base) in:")
                for file in files { Console.error("  \(file.inOneLine(limit: 200))") }
                Console.error(
                    "Nothing was merged. Merge \(pull.base) into the branch in its worktree and push it,"
                        + " or close the pull request."
                )
                throw Exit.failed
            case .stacked(let pull, let first):
                let names = first.map { "#\($0.number) (\($0.head))" }.joined(separator: ", ")
                Console.error(
                    first.isEmpty
                        ? "linecook: #\(pull.number) is still aimed at \(pull.base), which has no open pull"
                            + " request any more; the service aims it anew at its next poll. Merge it then."
                        : "linecook: #\(pull.number) is stacked on \(names); merge that first. The service"
                            + " aims #\(pull.number) anew then."
                )
                throw Exit.failed
            }
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "close",
            abstract: "Turns a pull request down; its branch stays."
        )
        @OptionGroup var configuration: ConfigurationOption
        @Argument(help: "Its number.")
        var number: Int

        func run() async throws {
            let forge = LocalForge.of(try Installation(configuration))
            let pull = try forge.markClosed(number, at: Date())
            Console.line("Closed #\(number); the branch \(pull.head) stays.")
        }
    }
}

extension LocalForge {
    static func of(_ installation: Installation) -> LocalForge {
        LocalForge(
            folder: installation.store.layout.pulls,
            files: LocalFileSystem(),
            time: SystemTime()
        )
    }
}

extension Installation {
    /// Who decides, for the record.
    var person: String {
        context.environment["USER"] ?? context.environment["LOGNAME"] ?? "somebody"
    }
}
