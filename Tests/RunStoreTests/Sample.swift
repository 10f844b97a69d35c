import Domain
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the suites of this room put into their state folders.
enum Sample {
    static let now = Date(timeIntervalSince1970: 1_795_462_802)
    static let workflow = Workflow(
        name: "portfolio",
        tickets: TicketSelection(team: "FRE"),
        repository: RepositorySettings(path: "/repositories/portfolio"),
        agent: AgentSettings(kind: .command, command: "agent"),
        prompt: PromptSettings(file: "/workflows/prompts/ticket.md", text: "{{ ticket.title }}")
    )
    /// The text that `workflow` was read from, as far as a copy of it is concerned.
    static let source = Array("name: portfolio\n".utf8)

    static func ticket(_ key: String, at date: Date = now) throws -> Ticket {
        Ticket(
            id: "id-\(key)",
            key: try #require(TicketKey(key)),
            title: "A title",
            url: "https://linear.app/x",
            created: date,
            updated: date,
            state: TicketState(id: "s", name: "Todo", type: .unstarted)
        )
    }

    /// A run of `workflow` that nothing has happened to.
    static func run(_ key: String, _ number: Int = 1, at date: Date = now) throws -> Run {
        Run(
            ticket: try ticket(key, at: date),
            workflow: workflow,
            number: number,
            branch: "feature/\(key)",
            worktree: "../\(key)",
            comment: "c",
            at: date
        )
    }
}
