import Domain
import PromptFile
import Testing
import YAML

@Suite struct ParsingTests {
    @Test func `the article's file is read: nine prompts in four phases`() throws {
        let result = PromptFile.parse(try portfolio(), file: "p.md")
        let file = try #require(result.file)
        #expect(result.diagnostics.map(\.description) == [])
        #expect(file.phases.map(\.name) == ["A", "B", "C", "D"])
        #expect(file.phases.map(\.prompts) == [[1, 2, 3, 4], [5, 6, 7], [8], [9]])
        #expect(file.phases.map(\.parallel) == [true, true, true, false])
        #expect(file.phases.map(\.dependsOn) == [[], ["A"], ["B"], ["C"]])
        #expect(file.prompts.map(\.number) == Array(1...9))
        #expect(file.prompts.compactMap(\.key?.number) == Array(61...68))
        #expect(file.prompt(5)?.title == "Feed")
        #expect(file.prompt(6)?.title == "Search")
        #expect(file.prompt(9)?.key == nil)
        #expect(file.prompt(9)?.title == "Read all pages aloud once")
        #expect(file.prompt(3)?.body.contains("## Prompt 2: not a prompt\n") == true)
        #expect(file.order[4] == [])
        #expect(file.order[8] == [1, 2, 3, 4, 5, 6, 7])
        #expect(file.order[9] == Array(1...8))
    }

    @Test func `block style and defaults are read as flow style is`() throws {
        let file = try parsed(
            """
            ---
            phases:
              first:
                prompts:
                  - 2
                  - 1
                parallel: false
              2:
                prompts: [3]
                depends_on_phases: [first]
            ---
            ## Prompt 1: a
            ## Prompt 2: b
            ## Prompt 3: c
            """
        )
        #expect(
            file.phases == [
                PromptFile.Phase(name: "first", prompts: [2, 1], parallel: false),
                PromptFile.Phase(name: "2", prompts: [3], dependsOn: ["first"]),
            ]
        )
        #expect(file.order == [1: [2], 2: [], 3: [2, 1]])
    }

    @Test func `a file without front matter is one phase, and a stray prompt runs at the end`()
        throws
    {
        let plain = PromptFile.parse("## Prompt 1: a\n## Prompt 4: b\n", file: "p.md")
        #expect(plain.file?.phases == [PromptFile.Phase(name: "A", prompts: [1, 4])])
        #expect(plain.diagnostics.map(\.severity) == [.warning])
        let stray = PromptFile.parse(
            "---\nphases: {A: {prompts: [1]}}\n---\n## Prompt 1: a\n## Prompt 4: b\n",
            file: "p.md"
        )
        #expect(
            stray.file?.phases == [
                PromptFile.Phase(name: "A", prompts: [1]),
                PromptFile.Phase(name: "B", prompts: [4], dependsOn: ["A"]),
            ]
        )
        #expect(
            stray.diagnostics.map(\.description) == [
                "p.md:5:1: warning: prompt 4 is in no phase and runs by itself after all others; "
                    + "add 4 to the 'prompts' of a phase"
            ]
        )
    }

    @Test(arguments: [
        "## Prompt 1: a",
        "\u{FEFF}---\r\nphases: {A: {prompts: [1]}}\r\n---\r\n\r\n## Prompt 1: a\r\n\r\n\r\ntext  \r\n",
        "\u{FEFF}## prompt 1 - FRE-1\n",
        "---\nproject: x\n---\npreamble\n\n  ## Prompt 07: Cafe\u{301} ##\nx\u{0}\n\n\n",
        "## Prompt 1: a\n- ```\n  ## Prompt 2: no\n  ```\n~~~\n## Prompt 3: no\n```\n~~~~\n",
    ])
    func `what is read is written again byte for byte`(text: String) throws {
        let file = try parsed(text)
        #expect(file.prompts.count == 1)
        #expect(Array(file.text.utf8) == Array(text.utf8))
        #expect(try parsed(file.text) == file)
    }

    @Test func `the article's file is written again byte for byte`() throws {
        let text = try portfolio()
        #expect(Array(try parsed(text).text.utf8) == Array(text.utf8))
    }

    @Test(arguments: [
        (
            "---\nphases:\n  A: { prompts: [1, 7] }\n---\n## Prompt 1: a\n",
            "p.md:3:21: error: there is no prompt 7; add a section '## Prompt 7: …' or take the number out"
        ),
        (
            "---\nphases:\n  A: { prompts: [1] }\n  B: { prompts: [1] }\n---\n## Prompt 1: a\n",
            "p.md:4:18: error: prompt 1 is in phase 'A' already; name it once"
        ),
        (
            "---\nphases:\n  A: { prompts: [1], depends_on_phases: [C] }\n---\n## Prompt 1: a\n",
            "p.md:3:42: error: there is no phase 'C'; take it out"
        ),
        (
            "---\nphases:\n  A: { prompts: [1], depends_on_phases: [B] }\n"
                + "  B: { prompts: [2], depends_on_phases: [A] }\n---\n## Prompt 1: a\n## Prompt 2: b\n",
            "p.md:3:3: error: phase 'A' waits for itself: 'A' after 'B' after 'A'; "
                + "take one of these out of 'depends_on_phases'"
        ),
        (
            "---\nphases:\n  A: { prompts: [1], depends_on: [B] }\n---\n## Prompt 1: a\n",
            "p.md:3:22: error: a phase has no key 'depends_on'; did you mean 'depends_on_phases'?"
        ),
        (
            "---\nphases:\n  A: { prompts: [1], color: red }\n---\n## Prompt 1: a\n",
            "p.md:3:22: warning: a phase has no key 'color'; "
                + "it has 'prompts', 'parallel' and 'depends_on_phases'"
        ),
        (
            "---\nphases:\n  A: { prompts: [1], parallel: no }\n---\n## Prompt 1: a\n",
            "p.md:3:32: error: 'parallel' takes true or false"
        ),
        (
            "---\nphases:\n  A: { prompts: 1 }\n---\n## Prompt 1: a\n",
            "p.md:3:17: error: 'prompts' takes a list of numbers, such as [1, 2]"
        ),
        (
            "---\nphase:\n  A: { prompts: [1] }\n---\n## Prompt 1: a\n",
            "p.md:2:1: error: no key 'phase' is read here; did you mean 'phases'?"
        ),
        (
            "---\nphases: {}\n## Prompt 1: a\n",
            "p.md:1:1: error: the front matter that begins here has no end; add a line '---' below it"
        ),
        (
            "## Prompt 1: a\n\n## Prompt 1: b\n",
            "p.md:3:1: error: there are two prompts 1, the first one in line 1; give one of them another number"
        ),
        (
            "## Prompt 1: FRE-1 a\n## Prompt 2: FRE-1 b\n",
            "p.md:2:1: error: FRE-1 has two prompts, 1 and 2; "
                + "make one of them, or leave the ticket out of one heading"
        ),
        (
            "## Prompt 1: a\n## Prompt 2 b\n",
            "p.md:2:1: error: 'Prompt 2 b' isn't the heading of a prompt; write '## Prompt 3: FRE-61 What "
                + "to do' or '## Prompt 3: What to do', with a number from 1 to 999999"
        ),
        (
            "## Prompt 1: a\n## Prompt x\n",
            "p.md:2:1: warning: 'Prompt x' has no number and is part of what stands above it; if it begins "
                + "a prompt, write '## Prompt 3: FRE-61 What to do' or '## Prompt 3: What to do'"
        ),
        (
            "## Prompt 1: a\n### Prompt 2: b\n",
            "p.md:2:1: warning: this heading has three '#' and is part of what stands above it; "
                + "if it begins a prompt, write it with two"
        ),
        (
            "## Prompt 1: a\n```\n## Prompt 2: b\n",
            "p.md:2:1: error: the code block that begins here has no end, so the prompt below is part of "
                + "it; end it with a line of as many of the same characters"
        ),
        (
            "# Nothing\n",
            "p.md: error: the file holds no prompt; "
                + "add a section with the heading '## Prompt 1: FRE-61 What to do'"
        ),
    ])
    func `a mistake is told with its place and how to mend it`(text: String, told: String) {
        let result = PromptFile.parse(text, file: "p.md")
        #expect(result.diagnostics.map(\.description).contains(told))
        #expect((result.file == nil) == told.contains(": error: "))
    }

    @Test func `a syntax error in the front matter shows the file's line`() throws {
        let text = "---\nproject: x\nphases:\n  A: { prompts: [1, 2 }\n---\n## Prompt 1: a\n"
        let found = PromptFile.parse(text, file: "p.md").diagnostics
        #expect(found.first?.place?.line == 4)
        #expect(found.first?.excerpt?.line == "  A: { prompts: [1, 2 }")
    }

    @Test func `bytes that are not UTF-8 are an error with their place`() {
        let bytes = Array("## Prompt 1: a\nx".utf8) + [0xFF]
        let found = PromptFile.parse(bytes, file: "p.md")
        #expect(found.file == nil)
        #expect(
            found.diagnostics.map(\.description)
                == ["p.md:2:2: error: here are bytes that aren't UTF-8; save the file as UTF-8"]
        )
    }
}
