import Domain
import Prompt
import SystemPackage
import Testing
import WorkflowFile
import YAML

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct ShippedFilesTests {
    private let context = ReadingContext.real(in: Place.repository)

    @Test func `the default workflow holds what is the default anyway`() throws {
        let loaded = WorkflowFile.load("workflows/default.yml", in: context, defaults: nil)
        #expect(loaded.diagnostics.map { $0.text() } == [])
        let template = Place.repository.appending("workflows/prompts/ticket.md")
        #expect(loaded.files == [Place.repository.appending("workflows/default.yml"), template])
        let workflow = try #require(loaded.value)
        #expect(
            workflow
                == Workflow(
                    name: "default",
                    tickets: TicketSelection(team: "FRE"),
                    repository: RepositorySettings(path: Place.repository),
                    agent: AgentSettings(),
                    prompt: PromptSettings(
                        file: template,
                        text: String(decoding: try FileReadError.readFile(template), as: UTF8.self)
                    )
                )
        )
    }

    @Test(arguments: ["default", "demo", "portfolio"])
    func `every workflow that ships is without a mistake`(name: String) {
        let loaded = WorkflowFile.load(
            FilePath("workflows/\(name).yml"),
            in: context,
            defaults: nil
        )
        #expect(loaded.diagnostics.map { $0.text() } == [])
        #expect(loaded.value?.name == name)
    }

    @Test func `the default workflow names every key in its place, with its default`() throws {
        let text = String(
            decoding: try FileReadError.readFile(
                Place.repository.appending("workflows/default.yml")
            ),
            as: UTF8.self
        )
        let written = CommentedKeys(text)
        let schema = WorkflowFile.schema(.workflow)
        let root = try #require(YAMLDocument(Array(schema.utf8), file: "schema").root)
        var wrong: [String] = []
        func look(_ node: YAMLNode, _ prefix: String) {
            guard case .mapping(let keys) = node["properties"]?.content else { return }
            for key in keys {
                let path = prefix + key.key
                guard let found = written.values[path] else {
                    wrong.append("\(path) isn't there")
                    continue
                }
                if let standard = key.value["default"] {
                    let values = found.map { YAMLDocument(Array($0.utf8), file: "value").root }
                    if !values.contains(where: { $0.map(shape) == shape(standard) }) {
                        wrong.append("\(path) is \(found), not \(shape(standard))")
                    }
                }
                look(key.value, path + ".")
            }
        }
        look(root, "")
        #expect(wrong == [])
    }

    /// A value without its place and its way of writing.
    private func shape(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let scalar):
            if case .float(let number) = scalar.value, let whole = Int(exactly: number) {
                return "\(whole)"
            }
            return scalar.text
        case .sequence(let items): return "[\(items.map(shape).joined(separator: ", "))]"
        case .mapping(let entries):
            return "{\(entries.map { "\($0.key): \(shape($0.value))" }.joined(separator: ", "))}"
        }
    }

    @Test func `the README's reference of the workflow file is the one that the keys make`() throws
    {
        let readme = String(
            decoding: try FileReadError.readFile(Place.repository.appending("README.md")),
            as: UTF8.self
        )
        let begin = "<!-- linecook schema workflow --format markdown -->\n"
        let start = try #require(readme.firstRange(of: begin)).upperBound
        let end = try #require(readme.firstRange(of: "<!-- end -->\n")).lowerBound
        #expect(
            readme[start..<end] == "\n" + WorkflowFile.reference + "\n",
            "write it anew: linecook schema workflow --format markdown"
        )
    }

    @Test func `the prompt that ships uses known names only and fences what strangers wrote`()
        throws
    {
        let path = Place.repository.appending("workflows/prompts/ticket.md")
        let text = String(decoding: try FileReadError.readFile(path), as: UTF8.self)
        try Template(text, file: path.string).check(against: PromptValues.names)
        for name in ["ticket.title", "ticket.description", "attempt.last_failure"] {
            let uses = text.split(separator: "{{").filter { $0.hasPrefix(" \(name) ") }
            #expect(!uses.isEmpty)
            #expect(uses.allSatisfy { $0.prefix { $0 != "}" }.contains("| fence") }, "\(name)")
        }
    }

    @Test func `the configuration holds what is the default anyway`() throws {
        let loaded = ConfigurationFile.load("Config/linecook.yml", in: context)
        #expect(loaded.diagnostics.map { $0.text() } == [])
        #expect(loaded.value == ConfigurationFile.standard(in: context))
    }

    @Test(arguments: WorkflowFile.SchemaKind.allCases)
    func `the schema that ships is the one that the keys make`(kind: WorkflowFile.SchemaKind) throws
    {
        let path = Place.repository.appending("Config/schema/\(kind.rawValue).schema.json")
        let text = String(decoding: try FileReadError.readFile(path), as: UTF8.self)
        #expect(
            text == WorkflowFile.schema(kind),
            "write it anew: linecook schema --write Config/schema"
        )
        #expect(YAMLDocument(Array(text.utf8), file: "schema").diagnostics.isEmpty)
    }
}

/// The keys of a commented YAML file by their places, whether they're commented out or not.
private struct CommentedKeys {
    /// Every way in which a key is written, without the words behind it.
    var values: [String: [String]] = [:]

    init(_ text: String) {
        var open: [(indent: Int, key: String)] = []
        for line in text.split(separator: "\n") {
            let indent = line.prefix { $0 == " " }.count
            var rest = line.dropFirst(indent)
            if rest.hasPrefix("# ") { rest = rest.dropFirst(2) }
            let key = rest.prefix { $0.isASCII && ($0.isLetter || $0 == "_") }
            let after = rest.dropFirst(key.count)
            guard !key.isEmpty, after.hasPrefix(":"), after.count == 1 || after.hasPrefix(": ")
            else { continue }
            while let last = open.last, last.indent >= indent { open.removeLast() }
            open.append((indent, String(key)))
            let value = after.dropFirst(2)
            let end = value.firstRange(of: " #")?.lowerBound ?? value.endIndex
            values[open.map(\.key).joined(separator: "."), default: []]
                .append(String(value[..<end]))
        }
    }
}
