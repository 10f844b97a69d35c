import Setup
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct StarterFilesTests {
    private static let top = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()

    @Test(arguments: [
        ("Config/linecook.yml", ShippedFiles.configuration),
        ("workflows/prompts/ticket.md", ShippedFiles.template),
    ])
    func `the program carries the files that ship`(name: String, carried: String) throws {
        let path = Self.top.pushing(FilePath(name)).string
        #expect(
            String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self) == carried
        )
    }

    @Test func `where the remote isn't GitHub, pull requests are local`() {
        var files = starter()
        #expect(files.configuration == ShippedFiles.configuration)
        files.isOnGitHub = false
        #expect(files.configuration.contains("\nforge: local\n"))
        #expect(!files.configuration.contains("forge: github"))
    }

    @Test(arguments: [
        ("main", "main"), ("feature/x-1", "feature/x-1"), ("../portfolio", "../portfolio"),
        ("..", ".."), ("true", "\"true\""), ("No", "\"No\""), ("1.0", "\"1.0\""), ("", "\"\""),
        ("a: b # c", "\"a: b # c\""), ("-x", "\"-x\""),
        ("x\n  evil: 1", "\"x\\U0000000a  evil: 1\""),
        ("\" }, { run: \"x", "\"\\\" }, { run: \\\"x\""), ("&a", "\"&a\""),
        ("é", "\"\\U000000e9\""),
    ])
    func `what is found becomes one YAML text`(text: String, yaml: String) {
        var files = starter()
        files.base = text
        #expect(files.workflow.contains("\n  base: \(yaml)\n"))
    }

    private func starter() -> StarterFiles {
        StarterFiles(
            name: "site",
            team: "FRE",
            label: "agent",
            repository: "..",
            remote: "origin",
            base: "main",
            isOnGitHub: true,
            tools: nil
        )
    }
}
