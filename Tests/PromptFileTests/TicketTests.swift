import Domain
import PromptFile
import TestSupport
import Testing

@Suite struct TicketTests {
    @Test func `tickets become a file that reads as the plan says`() throws {
        let first = try ticket(
            "FRE-61",
            "Article page <layout> #",
            description: """
                Make the page.

                # Notes

                Wide screens too.

                ## Acceptance Criteria:

                - [ ] One `h1`
                - [ ] No shift

                # Later

                Print.
                """,
            paths: ["src/app/page.tsx", "a`b"]
        )
        let file = PromptFile(
            name: "portfolio",
            phases: [
                Batch.Phase(name: "A", tickets: [try key("FRE-61"), try key("FRE-62")]),
                Batch.Phase(name: "B", tickets: [try key("FRE-63")]),
                Batch.Phase(name: "C", tickets: [try key("FRE-64")]),
            ],
            tickets: [
                try ticket("FRE-64"), try ticket("FRE-63"), try ticket("FRE-62"), first,
            ],
            dependencies: [
                Batch.Dependency(
                    ticket: try key("FRE-63"),
                    on: try key("FRE-61"),
                    cause: .relation
                ),
                Batch.Dependency(ticket: try key("FRE-64"), on: try key("FRE-62"), cause: .mention),
                Batch.Dependency(ticket: try key("FRE-64"), on: try key("FRE-99"), cause: .mention),
            ],
            verification: [
                VerificationSettings.Step(name: "build", run: "npm run build"),
                VerificationSettings.Step(name: "lint", run: "npm run lint\nnpm run types\n"),
            ]
        )
        let text = """
            ---
            phases:
              A: { prompts: [1, 2], parallel: true, depends_on_phases: [] }
              B: { prompts: [3], parallel: true, depends_on_phases: [A] }
              C: { prompts: [4], parallel: true, depends_on_phases: [A] }
            ---

            # Prompts: portfolio

            ## Prompt 1: FRE-61 Article page \\<layout> \\#

            Make the page.

            #### Notes

            Wide screens too.

            #### Later

            Print.

            ### Acceptance criteria

            - [ ] One `h1`
            - [ ] No shift

            ### Files

            - `src/app/page.tsx`
            - ``a`b``

            ### Verification

            - `npm run build`
            - lint:

              ```sh
              npm run lint
              npm run types
              ```

            ## Prompt 2: FRE-62 A title

            """
        #expect(file.text.hasPrefix(text))
        #expect(try parsed(file.text) == file)
        #expect(file.prompt(1)?.title == "Article page <layout> #")
        #expect(PromptFile.parse(file.text, file: "p.md").diagnostics.isEmpty)
    }

    @Test(arguments: [
        ("**Done when:**\n- a\n  more\n- b\n\nAfter.", "After.", "- a\n  more\n- b"),
        (
            "Before\n\nAcceptance criteria\n---\n\n1. a\n\n## Next\nx", "Before\n\n#### Next\nx",
            "1. a"
        ),
        (
            "## Definition of done\n```\n## Next\n```\n### Deeper\n- a",
            "_The ticket has no description._",
            "```\n## Next\n```\n#### Deeper\n- a"
        ),
        ("## Done when\n\n## Next\nx", "#### Done when\n\n#### Next\nx", nil),
        ("Done when: it works\n- a", "Done when: it works\n- a", nil),
        ("", "_The ticket has no description._", nil),
    ])
    func `acceptance criteria get a section of their own and are said once`(
        text: String,
        description: String,
        criteria: String?
    ) throws {
        let section = PromptFile.section(
            for: try ticket("FRE-1", description: text),
            verification: []
        )
        let expected = criteria.map { "\n\n### Acceptance criteria\n\n\($0)\n" } ?? "\n"
        #expect(section == description + expected)
    }

    @Test(arguments: [
        ("## Prompt 9: x", "#### Prompt 9: x"),
        ("# One\n### Two\n###### Six", "#### One\n###### Two\n###### Six"),
        ("Title\n===\nText\n---\nEnd", "#### Title\n##### Text\nEnd"),
        ("a\nb\n---\nc\n\nd\ne\n===", "a\nb\n***\nc\n\nd\ne\n\\==="),
        ("- a\n---\n> b\n--", "- a\n***\n> b\n\\--"),
        ("---\nphases: {}\n---", "***\n#### phases: {}"),
        ("<!-- linecook:context x -->", "\\<!-- linecook:context x -->"),
        ("`<!-- a -->` <!-- b -->", "`<!-- a -->` \\<!-- b -->"),
        (
            "a <b title='x'> </b> <https://a.b> x < y",
            "a \\<b title='x'> \\</b> <https://a.b> x < y"
        ),
        ("```\n<!-- a -->\n## b", "```\n<!-- a -->\n## b\n```"),
        ("~~~~ x\n```\n~~~\n", "~~~~ x\n```\n~~~\n~~~~"),
        ("- ```\n  ## a", "- ```\n  ## a\n  ```"),
        ("1. a\n   ```\n   b\n<!-- c", "1. a\n   ```\n   b\n   ```\n\\<!-- c"),
        ("[a]: http://x\n> - [b]: /y\n- [ ] c: d", "\\[a]: http://x\n> - \\[b]: /y\n- [ ] c: d"),
        ("a\u{202E}b\u{0}\r\n## c", "a<U+202E>b<U+0000>\n#### c"),
        ("List<String> in `List<String>`", "List\\<String> in `List<String>`"),
    ])
    func `ticket text stays readable and can't reach beyond its section`(
        text: String,
        shown: String
    ) throws {
        let section = PromptFile.section(
            for: try ticket("FRE-1", description: text),
            verification: []
        )
        #expect(section == shown + "\n")
    }

    @Test func `a huge description is cut with a note, its code block closed`() throws {
        let text = "```\n" + String(repeating: "é\u{202E}x\n", count: 40_000)
        let section = PromptFile.section(
            for: try ticket("FRE-1", description: text),
            verification: []
        )
        #expect(section.utf8.count < 100_400)
        #expect(
            section.hasSuffix(
                "\n```\n\n_The description is cut here: it has 280004 bytes, of which a prompt takes 100000. "
                    + "All of it: `https://linear.app/fre/issue/FRE-1`_\n"
            )
        )
    }

    private static let nasty = [
        "## Prompt 9: x", "## Prompt 1: FRE-61 x", "  ## prompt 2 - y", "# Prompt 3: z", "---",
        "```",
        "````", "~~~", "~~~~~ info", "- ```swift", "  ```", "   ~~~", "1. ```", "```` ` ````",
        "<!-- linecook:context -->", "<!-- /linecook:context -->", "<!-- linecook:changed x -->",
        "<!--",
        "-->", "<!-->", "Title\n===", "Title\n---", "===", "--", "\u{0}", "\u{202E}## Prompt 9: x",
        "\r## Prompt 9: x", "\u{2028}## Prompt 9: x", "### Files", "### Verification",
        "## Done when",
        "- item", "  more", "", "", "[a]: http://x", "<details>", "<pre>", "<![CDATA[", "> ```",
        "    ```",
        "\t## Prompt 9: x", "\\", "`", "``", "phases: {A: {prompts: [9]}}", "...", "\u{FEFF}---",
    ]

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `whatever a ticket says, the file keeps its sections`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        func text(_ count: Int) -> String {
            (0..<count).map { _ in Self.nasty.randomElement(using: &generator) ?? "" }
                .joined(separator: "\n")
        }
        let tickets = [
            try ticket("FRE-1", text(2), description: text(12), paths: [text(1)]),
            try ticket("FRE-2", text(1), description: text(20)),
            try ticket("FRE-3", "Plain", description: "Plain.\n\n## Done when\n\n- done"),
        ]
        let file = try generated([[tickets[0]], [tickets[1], tickets[2]]])
        let result = PromptFile.parse(file.text, file: "p.md")
        #expect(result.diagnostics == [], "\(file.text)")
        #expect(result.file == file, "\(file.text)")
        #expect(result.file?.prompts.map(\.key?.rawValue) == ["FRE-1", "FRE-2", "FRE-3"])
        #expect(
            result.file?.prompt(3)?.body
                == "\nPlain.\n\n### Acceptance criteria\n\n- done\n\n### Verification\n\n- `npm run build`\n"
        )
        let injected = file.replacingContext(ofPrompt: 2, with: text(12)).file
        #expect(PromptFile.parse(injected.text, file: "p.md").file == injected, "\(injected.text)")
        #expect(injected.replacingContext(ofPrompt: 2, with: "").file == file, "\(injected.text)")
        #expect(injected.prompt(1) == file.prompt(1) && injected.prompt(3) == file.prompt(3))
        for prompt in result.file?.prompts ?? [] {
            let own = prompt.body.split(separator: "\n").filter { $0.hasPrefix("### Ver") }
            #expect(own.count >= 1, "\(file.text)")
        }
    }
}
