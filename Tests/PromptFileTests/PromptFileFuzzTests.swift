import PromptFile
import TestSupport
import Testing
import YAML

/// Prompt files that slipped, were cut or were never one.
///
/// `LINECOOK_FUZZ=100000 swift test --filter PromptFileFuzzTests` reads that many.
@Suite struct PromptFileFuzzTests {
    private static let small = """
        ---
        phases:
          first: {prompts: [2, 1], parallel: false}
          2:
            prompts: [3]
            depends_on_phases: [first]
        ---
        Before.

        ## Prompt 1: a (FRE-1)

        ### Task

        ```swift
        ## Prompt 9: not one
        ```

        ## Prompt 2: b
        ## Prompt 3: c
        """

    @Test(.timeLimit(.minutes(30)))
    func `no bytes crash the parser, and what is read is written, merged and read again`() throws {
        let whole = try parsed(try portfolio())
        let generated = try generated([[ticket("FRE-1", description: "Do it.")], [ticket("FRE-2")]])
        let context = whole.replacingContext(ofPrompt: 2, with: "### Code\n\ntext\n").file
        let files = [whole, generated, context, try parsed(Self.small)]
        var mutations = Mutations(of: files.map { Array($0.text.utf8) }, seed: 22)
        for number in 0..<Mutations.count() {
            let base = mutations.pick(below: files.count)
            let bytes = mutations.damaged(Array(files[base].text.utf8))
            let result = PromptFile.parse(bytes, file: "p.md")
            let source = SourceText(bytes)
            for diagnostic in result.diagnostics {
                let line = diagnostic.place?.line ?? 1
                #expect((1...source.lineCount).contains(line), "file \(number): \(diagnostic)")
                #expect(!diagnostic.message.isEmpty, "file \(number)")
            }
            guard let file = result.file else {
                #expect(!result.diagnostics.isEmpty, "file \(number)")
                continue
            }
            #expect(PromptFile.parse(file.text, file: "p.md").file == file, "file \(number)")
            #expect(file.order.count == file.prompts.count, "file \(number)")
            // Merging costs a hundred times as much as reading.
            guard number % 10 == 0 else { continue }
            let merged = PromptFile.merge(base: files[base], ours: file, theirs: generated).file
            #expect(
                PromptFile.parse(merged.text, file: "p.md").file != nil,
                "file \(number): \(PromptFile.parse(merged.text, file: "p.md").diagnostics)"
            )
        }
    }
}
