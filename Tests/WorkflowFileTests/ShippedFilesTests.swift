import Domain
import Prompt
import SystemPackage
import Testing
import WorkflowFile
import YAML

@Suite struct ShippedFilesTests {
    private let context = ReadingContext.real(in: Place.repository)

    @Test func `the default workflow holds what is the default anyway`() throws {
        let loaded = WorkflowFile.load("workflows/default.yml", in: context)
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
        let loaded = WorkflowFile.load(FilePath("workflows/\(name).yml"), in: context)
        #expect(loaded.diagnostics.map { $0.text() } == [])
        #expect(loaded.value?.name == name)
    }

    @Test func `the default workflow names every key`() throws {
        let text = String(
            decoding: try FileReadError.readFile(
                Place.repository.appending("workflows/default.yml")
            ),
            as: UTF8.self
        )
        let schema = WorkflowFile.schema(.workflow)
        let root = try #require(YAMLDocument(Array(schema.utf8), file: "schema").root)
        var missing: [String] = []
        func look(_ node: YAMLNode) {
            guard case .mapping(let keys) = node["properties"]?.content else { return }
            for key in keys {
                if !text.contains("\(key.key):") { missing.append(key.key) }
                look(key.value)
            }
        }
        look(root)
        #expect(missing == [])
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
            "write it anew: linecook schema \(kind.rawValue) > Config/schema/\(kind.rawValue).schema.json"
        )
        #expect(YAMLDocument(Array(text.utf8), file: "schema").diagnostics.isEmpty)
    }
}
