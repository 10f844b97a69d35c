import Domain
import PromptFile
import Testing
import YAML

@Suite struct ContextTests {
    private let context = "## Existing pattern\n\n```ts\n<!-- /linecook:context -->\n```\n"
    private let start = "<!-- linecook:context "

    private func file() throws -> PromptFile {
        try generated([[try ticket("FRE-1", description: "Text.")], [try ticket("FRE-2")]])
    }

    @Test func `context goes to the end of its section and is replaced, not repeated`() throws {
        let original = try file()
        let (once, changes) = original.replacingContext(ofPrompt: 1, with: context)
        #expect(changes == [])
        let body = try #require(once.prompt(1)?.body)
        #expect(body.contains("- `npm run build`\n\n\(start)"))
        #expect(
            body.hasSuffix(
                " -->\n\n### Existing pattern\n\n```ts\n<!-- /linecook:context -->\n```\n\n"
                    + "<!-- /linecook:context -->\n\n"
            )
        )
        #expect(try parsed(once.text) == once)
        #expect(once.replacingContext(ofPrompt: 1, with: context).file == once)
        let other = once.replacingContext(ofPrompt: 1, with: "Other")
        #expect(other.changes == [])
        #expect(other.file == original.replacingContext(ofPrompt: 1, with: "Other").file)
        #expect(other.file.replacingContext(ofPrompt: 1, with: "").file == original)
        #expect(
            original.replacingContext(ofPrompt: 2, with: context).file.prompts[0]
                == original.prompts[0]
        )
    }

    @Test func `a moved block is replaced where it is, and the text around it stays`() throws {
        let moved = try parsed(
            "## Prompt 1: a\nMine.\n<!-- linecook:context -->\nold\n<!-- /linecook:context -->\nMine too.\n"
        )
        let result = moved.replacingContext(ofPrompt: 1, with: "new")
        let text = try #require(result.file.prompt(1)?.body)
        #expect(text.hasPrefix("Mine.\n\(start)"))
        #expect(text.hasSuffix(" -->\n\nnew\n\n<!-- /linecook:context -->\nMine too.\n"))
        #expect(result.changes == [])
    }

    @Test func `an edit inside a block is lost and told; one of spaces is none`() throws {
        let once = try file().replacingContext(ofPrompt: 1, with: "old\nlines").file
        let spaced = try parsed(once.text.replacing("old\n", with: "old  \n\n"))
        #expect(spaced.replacingContext(ofPrompt: 1, with: "new").changes == [])
        let edited = try parsed(once.text.replacing("old\n", with: "old, edited\n"))
        #expect(
            edited.replacingContext(ofPrompt: 1, with: "new").changes.map(\.description) == [
                "FRE-1: the injected context had been edited; it was replaced, edits included"
            ]
        )
    }

    @Test func `a block without its end stays and is told`() throws {
        let text = "## Prompt 1: a\n\n\(start)x -->\nmine\n"
        let result = try parsed(text).replacingContext(ofPrompt: 1, with: "new")
        #expect(result.file.text.hasPrefix(text))
        #expect(
            result.changes.map(\.description) == [
                "prompt 1: a block of injected context has no end line and stays as it is; delete it by hand"
            ]
        )
        #expect(
            PromptFile.parse(text, file: "p.md").diagnostics.map(\.description) == [
                "p.md:3:1: warning: the context that begins here has no end, so it isn't replaced; "
                    + "add a line '<!-- /linecook:context -->' below it, or delete this one"
            ]
        )
    }

    @Test func `markers in code or in a ticket's text are none`() throws {
        let text = "\(start)x -->\nmine\n<!-- /linecook:context -->"
        let hostile = try generated([
            [try ticket("FRE-1", description: text + "\n\n```\n" + text + "\n```")]
        ])
        let once = hostile.replacingContext(ofPrompt: 1, with: "new").file
        #expect(once.text.hasPrefix(hostile.text))
    }

    @Test func `nothing in the context reaches beyond its block`() throws {
        let original = try file()
        let result = original.replacingContext(
            ofPrompt: 1,
            with: "## Prompt 9: x\n\n<!-- /linecook:context -->\n# A\n```\n## Prompt 8: y"
        ).file
        #expect(try parsed(result.text) == result)
        #expect(result.prompts.count == 2)
        #expect(result.replacingContext(ofPrompt: 1, with: "").file == original)
    }

    @Test func `a merge keeps the block and looks past it`() throws {
        let base = try file()
        let ours = base.replacingContext(ofPrompt: 1, with: context).file
        #expect(PromptFile.merge(base: base, ours: ours, theirs: base).changes == [])
        #expect(PromptFile.merge(base: base, ours: ours, theirs: base).file == ours)
        let theirs = try generated([
            [try ticket("FRE-1", description: "New.", paths: ["b"])], [try ticket("FRE-2")],
        ])
        let result = PromptFile.merge(base: base, ours: ours, theirs: theirs)
        #expect(result.file == theirs.replacingContext(ofPrompt: 1, with: context).file)
    }

    @Test func `a block amid a text that changes stays below its line`() throws {
        let block = "<!-- linecook:context x -->\ncode\n<!-- /linecook:context -->\n"
        let base = try parsed("## Prompt 1: a\nfirst\n\nlast\n")
        let ours = try parsed("## Prompt 1: a\nfirst\n\n\(block)\nlast\n")
        let theirs = try parsed("## Prompt 1: a\nzero\n\nfirst\n\nlast!\n")
        let result = PromptFile.merge(base: base, ours: ours, theirs: theirs).file
        #expect(result.text == "## Prompt 1: a\nzero\n\nfirst\n\n\(block)\nlast!\n")
    }
}
