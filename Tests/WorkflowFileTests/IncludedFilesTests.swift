import Domain
import SystemPackage
import Testing
import WorkflowFile
import YAML

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct IncludedFilesTests {
    @Test func `what a template includes is read with the workflow and watched with it`() throws {
        try withFolder { folder in
            try write("{% include \"parts/rules.md\" %}\n", to: folder, "flows/prompts/t.md")
            try write(
                "Rule\n{% include \"../more.md\" %}\n",
                to: folder,
                "flows/prompts/parts/rules.md"
            )
            try write("\u{FEFF}More {{ ticket.key }}", to: folder, "flows/prompts/more.md")
            let loaded = load(folder)
            #expect(loaded.diagnostics.map { $0.text() } == [])
            let prompts = folder.appending("flows").appending("prompts")
            let rules = prompts.appending("parts").appending("rules.md")
            let more = prompts.appending("more.md")
            #expect(
                loaded.files
                    == [folder.appending("flows/a.yml"), prompts.appending("t.md"), rules, more]
            )
            let prompt = try #require(loaded.value?.prompt)
            #expect(
                prompt.includes == [
                    IncludedFile(file: rules, text: "Rule\n{% include \"../more.md\" %}\n"),
                    IncludedFile(file: more, text: "More {{ ticket.key }}"),
                ]
            )
            // A run's copy says the same, and one from before there were includes is still read.
            let copy = try JSONEncoder().encode(prompt)
            #expect(try JSONDecoder().decode(PromptSettings.self, from: copy) == prompt)
            let old = #"{"file":"/t.md","text":"x","context":{}}"#
            let ancient = try? JSONDecoder().decode(PromptSettings.self, from: Data(old.utf8))
            #expect(ancient == nil || ancient?.includes == [])
        }
    }

    @Test func `a mistake is shown with the line of the file that it is in`() throws {
        try withFolder { folder in
            try write(
                "{{ ticket.titel }}\n{% include \"parts/r.md\" %}\n",
                to: folder,
                "flows/prompts/t.md"
            )
            try write("Fine.\nDo {{ tickt.title }}.\n", to: folder, "flows/prompts/parts/r.md")
            let loaded = load(folder)
            #expect(loaded.value == nil)
            #expect(
                loaded.diagnostics.map { $0.text() } == [
                    """
                    flows/prompts/t.md:1:4: error: no name 'ticket.titel' here; did you mean 'ticket.title'? \
                    There are: ticket.description, ticket.estimate, ticket.key, ticket.labels, \
                    ticket.number, ticket.priority, ticket.project, ticket.slug, ticket.state, \
                    ticket.title, ticket.url
                        1 | {{ ticket.titel }}
                          |    ^
                    """,
                    """
                    flows/prompts/parts/r.md:2:7: error: no name 'tickt' here; did you mean 'ticket'? There \
                    are: attempt, blockers, branch, context, repository, slot, ticket, verify
                        2 | Do {{ tickt.title }}.
                          |       ^
                    """,
                ]
            )
        }
    }

    @Test(arguments: ["../../secret.md", "link.md", "folder/secret.md", "../../flows2/secret.md"])
    func `nothing outside the workflow's folder is included, by whatever way`(name: String) throws {
        try withFolder { folder in
            try write("secret", to: folder, "secret.md")
            try write("secret", to: folder, "flows2/secret.md")
            try write("x\n{% include \"\(name)\" %}\n", to: folder, "flows/prompts/t.md")
            let prompts = folder.appending("flows").appending("prompts").string
            try FileManager.default.createSymbolicLink(
                atPath: prompts + "/link.md",
                withDestinationPath: "../../secret.md"
            )
            try FileManager.default.createSymbolicLink(
                atPath: prompts + "/folder",
                withDestinationPath: "../.."
            )
            let loaded = load(folder)
            #expect(loaded.value == nil)
            #expect(
                loaded.diagnostics.map(\.description) == [
                    "flows/prompts/t.md:2:12: error: '\(name)' can't be included: it lies outside "
                        + "'\(folder)/flows', the folder of the workflow file; move it there"
                ]
            )
        }
    }

    @Test func `a link that stays inside is followed, and one that leads nowhere is said`() throws {
        try withFolder { folder in
            try write("real", to: folder, "flows/real.md")
            try write(
                "{% include \"in.md\" %}{% include \"out.md\" %}",
                to: folder,
                "flows/prompts/t.md"
            )
            let prompts = folder.appending("flows").appending("prompts").string
            for (name, target) in [("in.md", "../real.md"), ("out.md", "nowhere.md")] {
                try FileManager.default.createSymbolicLink(
                    atPath: prompts + "/" + name,
                    withDestinationPath: target
                )
            }
            let loaded = load(folder)
            #expect(
                loaded.diagnostics.map(\.description) == [
                    "flows/prompts/t.md:1:33: error: 'out.md' can't be included: there is no such file; the "
                        + "path is relative to this file"
                ]
            )
            // It's watched all the same, for the moment when somebody makes it.
            #expect(loaded.files.last?.lastComponent == "out.md")
        }
    }

    private func load(_ folder: FilePath) -> LoadedFile<Workflow> {
        WorkflowFile.load("flows/a.yml", in: .real(in: folder), defaults: nil)
    }

    private func write(_ text: String, to folder: FilePath, _ name: String) throws {
        let path = folder.pushing(FilePath(name))
        try FileManager.default.createDirectory(
            atPath: path.removingLastComponent().string,
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: URL(filePath: path.string))
    }

    private func withFolder(_ body: (FilePath) throws -> Void) throws {
        let folder = FilePath("/tmp/linecook-includes-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        try write(
            """
            name: a
            tickets: { team: FRE }
            repository: { path: . }
            prompt: { template: prompts/t.md }

            """,
            to: folder,
            "flows/a.yml"
        )
        try body(folder)
    }
}
