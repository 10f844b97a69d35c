import Domain
import PromptFile
import TestSupport
import Testing
import YAML

@Suite struct MergeTests {
    /// Two phases of three tickets, as generated.
    private func file(
        _ first: String = "One.\n\nTwo.\n\nThree.\n\n## Done when\n\n- a\n- b",
        title: String = "Layout",
        phases: [[String]] = [["FRE-1", "FRE-2"], ["FRE-3"]]
    ) throws -> PromptFile {
        try generated(
            phases.map { phase in
                try phase.map {
                    try $0 == "FRE-1"
                        ? ticket($0, title, description: first, paths: ["a.ts"])
                        : ticket($0, "Other", description: "Text of \($0).")
                }
            }
        )
    }

    private func edited(_ file: PromptFile, _ old: String, _ new: String) throws -> PromptFile {
        try #require(file.text.contains(old))
        return try parsed(file.text.replacing(old, with: new))
    }

    private func merged(
        _ base: PromptFile?,
        _ ours: PromptFile,
        _ theirs: PromptFile,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> (file: PromptFile, told: [String]) {
        let (file, changes) = PromptFile.merge(base: base, ours: ours, theirs: theirs)
        #expect(try parsed(file.text) == file, sourceLocation: sourceLocation)
        return (file, changes.map(\.description))
    }

    @Test func `what changed in Linear is taken over where nobody has edited`() throws {
        let base = try file()
        let theirs = try file("One!\n\n## Done when\n\n- a", title: "New layout")
        let result = try merged(base, base, theirs)
        #expect(result.file == theirs)
        #expect(
            result.told == [
                "FRE-1: the title changed in Linear and was taken over",
                "FRE-1: the description changed in Linear and was taken over",
                "FRE-1: Acceptance criteria changed in Linear and was taken over",
            ]
        )
    }

    @Test func `a person's edits stay, and other lines are merged around them`() throws {
        let base = try file()
        let ours = try edited(base, "Three.\n", "Three, as discussed.\n")
        let same = try merged(base, ours, base)
        #expect(same.file == ours)
        #expect(same.told == ["FRE-1: kept your edit of the description"])
        let theirs = try file("One!\n\nTwo.\n\nThree.\n\n## Done when\n\n- a\n- b")
        let result = try merged(base, ours, theirs)
        #expect(result.file == (try edited(ours, "One.\n", "One!\n")))
        #expect(
            result.told == [
                "FRE-1: the description changed in Linear and was merged with your edits"
            ]
        )
    }

    @Test func `where both changed the same lines, the new text stands marked below the person's`()
        throws
    {
        let base = try file()
        let ours = try edited(base, "- a\n- b\n", "- a\n- b, mine\n")
        let theirs = try file("One.\n\nTwo.\n\nThree.\n\n## Done when\n\n- a\n- b, theirs")
        let block = """
            - a
            - b, mine

            <!-- linecook:changed what is new in Linear, where you edited the text above: keep what holds, then \
            delete these two lines -->

            - a
            - b, theirs

            <!-- /linecook:changed -->

            ### Files

            """
        let result = try merged(base, ours, theirs)
        #expect(result.file == (try edited(ours, "- a\n- b, mine\n\n### Files\n", block)))
        #expect(
            result.told == [
                "FRE-1: Acceptance criteria changed in Linear where you edited it: yours stays, the new text is "
                    + "below it, marked"
            ]
        )
        let found = PromptFile.parse(result.file.text, file: "p.md").diagnostics
        #expect(
            found.map(\.message) == ["here is a change from Linear that nobody has decided on"]
        )
        // Undecided, it stays as it is; when Linear changes again, the newest text takes its place.
        #expect(try merged(theirs, result.file, theirs).file == result.file)
        let later = try file("One.\n\nTwo.\n\nThree.\n\n## Done when\n\n- a\n- b, later")
        #expect(
            try merged(theirs, result.file, later).file
                == (try edited(result.file, "- b, theirs", "- b, later"))
        )
    }

    @Test func `own sub-sections, own prompts and removed parts stay as the person left them`()
        throws
    {
        let base = try file()
        var ours = try edited(base, "### Files\n\n- `a.ts`\n\n", "### Hints\n\nAsk Ada.\n\n")
        ours = try edited(ours, "## Prompt 3:", "## Prompt 7: Own\n\nMine.\n\n## Prompt 3:")
        let result = try merged(base, ours, try file("New."))
        #expect(result.file.prompts.map(\.number) == [1, 2, 7, 3])
        #expect(
            result.file.prompt(1)?.body
                == "\nNew.\n\n### Hints\n\nAsk Ada.\n\n### Verification\n\n- `npm run build`\n\n"
        )
        #expect(
            result.told == [
                "FRE-1: the description changed in Linear and was taken over",
                "FRE-1: Acceptance criteria is gone from the ticket and was removed",
            ]
        )
    }

    @Test func `a sub-section that is new comes where it belongs`() throws {
        let base = try file("One.")
        let result = try merged(base, base, try file("One.\n\n## Done when\n\n- a"))
        #expect(result.file == (try file("One.\n\n## Done when\n\n- a")))
    }

    @Test func `new tickets get the next numbers and their phases, others stay and are named`()
        throws
    {
        let base = try file()
        let theirs = try file(phases: [["FRE-9", "FRE-1"], ["FRE-3"], ["FRE-8"]])
        let result = try merged(base, base, theirs)
        #expect(
            result.file.prompts.map(\.key?.rawValue) == [
                "FRE-1", "FRE-2", "FRE-3", "FRE-9", "FRE-8",
            ]
        )
        #expect(
            result.file.phases == [
                PromptFile.Phase(name: "A", prompts: [4, 1, 2]),
                PromptFile.Phase(name: "B", prompts: [3], dependsOn: ["A"]),
                PromptFile.Phase(name: "C", prompts: [5], dependsOn: ["B"]),
            ]
        )
        #expect(
            result.told == [
                "FRE-2: no longer among the tickets; its prompt stays",
                "FRE-9: new, added as prompt 4 in phase A",
                "FRE-8: new, added as prompt 5 in phase C",
            ]
        )
    }

    @Test func `phases that nobody edited are taken over, own prompts keep their place`() throws {
        let base = try file()
        let ours = try parsed(
            base.text.replacing("[3]", with: "[3, 4]") + "\n## Prompt 4: Own\n```\nmine\n"
        )
        let theirs = try file(phases: [["FRE-1"], ["FRE-2", "FRE-3"], ["FRE-4"]])
        let result = try merged(base, ours, theirs)
        #expect(result.file.phases.map(\.prompts) == [[1], [2, 3, 4], [5]])
        #expect(result.file.prompt(4)?.body == "```\nmine\n```\n\n")
        #expect(
            result.told == [
                "FRE-4: new, added as prompt 5 in phase C",
                "phases: changed with the tickets and were taken over",
            ]
        )
    }

    @Test func `a prompt that a person took out stays out`() throws {
        let base = try file()
        let second = try #require(base.prompt(2)?.body)
        let text = base.text.replacing("## Prompt 2: FRE-2 Other\n" + second, with: "")
        let ours = try parsed(text.replacing("[1, 2]", with: "[1]"))
        let result = try merged(base, ours, try file("New."))
        #expect(result.file.prompts.map(\.number) == [1, 3])
        #expect(result.told.first == "FRE-1: the description changed in Linear and was taken over")
        #expect(result.told.last == "FRE-2: its prompt stays out, as you removed it")
        #expect(result.file.phases == ours.phases)
    }

    @Test(arguments: [
        "\nphases:\n  # Ada first\n  A: {prompts: [1], note: x}\n  Z:\n    prompts:\n      - 2\n      - 3 # last\nmore: x\n",
        "\nphases: {A: {prompts: [1]}, Z: {prompts: [2, 3], parallel: false}}\n",
    ])
    func `phases that a person edited win, and new tickets are put into them`(phases: String) throws
    {
        let base = try file()
        let rest = base.text.split(separator: "\n# ", maxSplits: 1)[1]
        let ours = try parsed("---\(phases)---\n\n# \(rest)")
        let theirs = try file(phases: [["FRE-1", "FRE-2", "FRE-4"], ["FRE-3", "FRE-5"]])
        let result = try merged(base, ours, theirs)
        #expect(result.file.phases.map(\.name) == ["A", "Z", "B"])
        #expect(result.file.phases.map(\.prompts) == [[1, 4], [2, 3], [5]])
        #expect(result.file.phases[2].dependsOn == ["A"])
        #expect(result.told.last == "phases: changed with the tickets; kept as you edited them")
        for line in ["# Ada first", "note: x", "- 3 # last", "more: x"] where phases.contains(line)
        {
            #expect(result.file.text.contains(line))
        }
    }

    @Test func `without the last generation the person's text wins, and new tickets are added`()
        throws
    {
        let ours = try edited(try file(), "One.", "Uno.")
        let theirs = try file(phases: [["FRE-1", "FRE-2"], ["FRE-3", "FRE-4"]])
        let result = try merged(nil, ours, theirs)
        #expect(result.file.prompts.prefix(2) == ours.prompts.prefix(2))
        #expect(result.file.phases.map(\.prompts) == [[1, 2], [3, 4]])
        #expect(
            result.told == [
                "FRE-1: kept your edit of the description",
                "FRE-4: new, added as prompt 4 in phase B",
            ]
        )
    }

    @Test func `a file with Windows line ends keeps them`() throws {
        let base = try file()
        let ours = try parsed(base.text.replacing("\n", with: "\r\n"))
        let theirs = try file("One!", phases: [["FRE-1", "FRE-2"], ["FRE-3", "FRE-4"]])
        let result = try merged(base, ours, theirs)
        #expect(result.file.text == theirs.text.replacing("\n", with: "\r\n"))
        #expect(try merged(base, ours, base).file == ours)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `merging with what didn't change gives the other side`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let words = ["one", "two", "- item", "", "### Own", "```\ncode\n```", "| a |", "> quote"]
        func text() -> String {
            (0..<8).compactMap { _ in words.randomElement(using: &generator) }.joined(
                separator: "\n"
            )
        }
        let base = try file(text())
        let theirs = try file(
            text(),
            title: "T\(seed % 2)",
            phases: [["FRE-1", "FRE-2"], ["FRE-3", "FRE-4"]]
        )
        #expect(try merged(base, base, theirs).file == theirs)
        var lines = base.text.split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init
        )
        let first = try #require(lines.firstIndex { $0.hasPrefix("## Prompt") })
        for _ in 0..<4 {
            let place = Int.random(in: (first + 1)..<lines.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: lines.insert(words.randomElement(using: &generator) ?? "", at: place)
            case 1 where !lines[place].hasPrefix("## ") && !lines[place].hasPrefix("```"):
                lines.remove(at: place)
            default: if !lines[place].hasPrefix("#") { lines[place] += " more" }
            }
        }
        guard let edited = PromptFile.parse(lines.joined(separator: "\n"), file: "p.md").file else {
            return
        }
        let result = try merged(base, edited, base)
        #expect(Array(result.file.text.utf8) == Array(edited.text.utf8))
        let both = PromptFile.merge(base: base, ours: edited, theirs: theirs).file
        #expect(PromptFile.parse(both.text, file: "p.md").file == both, "\(both.text)")
    }
}
