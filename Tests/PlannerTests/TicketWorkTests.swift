import Planner
import Testing

@Suite struct TicketWorkTests {
    @Test(arguments: [
        "## Files to create\n\n`src/a.ts`", "### File to Create:\n`src/a.ts`",
        "## Files to modify\n- `src/a.ts`: as in `src/b.ts`", "File to create: `src/a.ts`",
        "**File to create:** src/a.ts", "**Files to change**:\n\n- [ ] `src/a.ts`, see `src/b.ts`",
        "## New files\n```\nsrc/a.ts\n```", "- Create: `src/a.ts`\n- See: `src/b.ts`",
        "- Modify: `src/a.ts:10-20`", "Files that must be changed:\n1. src/a.ts (the header)",
        "## Files to add\n* [src/a.ts](https://example.com/src/b.ts) is new",
        "## Files to create\n- `src/a.ts`\n## Files to read\n- `src/b.ts`",
        "## Files to create\n`src/a.ts`\n\nIt is like `src/b.ts`.",
        "Files to edit:\n- src/a.ts\n\nLook at src/b.ts too.",
    ])
    func `what is listed as the files to work on is the work`(text: String) {
        #expect(TicketText.work(in: text) == ["src/a.ts"])
    }

    @Test(arguments: [
        "Change `src/a.ts` so that it works.", "See `src/a.ts`.", "## Files\n- `src/a.ts`",
        "## Relevant files\n- `src/a.ts`", "## Files to read\n- `src/a.ts`",
        "## Files not to change\n- `src/a.ts`", "Don't change these files: `src/a.ts`",
        "## Files to change (if needed)\n- `src/a.ts`", "Related: `src/a.ts`",
        "## Files to change\nThe ones like `src/a.ts`.",
        "## Add file upload\n- `src/a.ts` has a form",
        "> ## Files to create\n> - `src/a.ts`", "```\n## Files to create\nsrc/a.ts\n```",
        "Files to create: none; `src/a.ts` stays", "The error is in create: `src/a.ts`", "",
    ])
    func `what is merely mentioned is not`(text: String) {
        #expect(TicketText.work(in: text) == [])
    }

    @Test func `several are joined by commas and "and"`() {
        let text = """
            Files to create: `src/a.ts`, `src/b.ts` and src/c.ts for `src/d.ts`

            ### Files to modify
            - `src/[slug]/page.tsx` and `styles/*.css`
            - docs/api/
            """
        #expect(
            TicketText.work(in: text) == [
                "src/a.ts", "src/b.ts", "src/c.ts", "src/[slug]/page.tsx", "styles/*.css",
                "docs/api/",
            ]
        )
    }
}
