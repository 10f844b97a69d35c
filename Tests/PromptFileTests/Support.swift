import Domain
import PromptFile
import Testing
import YAML

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The article's file: four phases, nine prompts.
func portfolio() throws -> String {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let url = folder.appending(path: "Fixtures/prompts-portfolio.md")
    return try String(contentsOf: url, encoding: .utf8)
}

func parsed(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> PromptFile
{
    let result = PromptFile.parse(text, file: "p.md")
    return try #require(
        result.file,
        "\(result.diagnostics.map { $0.text() })",
        sourceLocation: sourceLocation
    )
}

func key(_ text: String) throws -> TicketKey { try #require(TicketKey(text)) }

func ticket(
    _ name: String,
    _ title: String = "A title",
    description: String? = nil,
    paths: [String]? = nil
) throws -> Ticket {
    Ticket(
        id: "id-\(name)",
        key: try key(name),
        title: title,
        description: description,
        url: "https://linear.app/fre/issue/\(name)",
        created: Date(timeIntervalSince1970: 0),
        updated: Date(timeIntervalSince1970: 0),
        state: TicketState(id: "s", name: "Todo", type: .unstarted),
        paths: paths
    )
}

/// A file of one phase a list of tickets, each phase after the one before it.
func generated(_ phases: [[Ticket]]) throws -> PromptFile {
    let names = ["A", "B", "C", "D"]
    let planned = zip(names, phases).map {
        Batch.Phase(name: $0, tickets: $1.map(\.key))
    }
    let dependencies = zip(phases, phases.dropFirst()).flatMap { before, after in
        after.map { Batch.Dependency(ticket: $0.key, on: before[0].key, cause: .relation) }
    }
    return PromptFile(
        name: "portfolio",
        phases: planned,
        tickets: phases.flatMap { $0 },
        dependencies: dependencies,
        verification: [VerificationSettings.Step(name: "build", run: "npm run build")]
    )
}
